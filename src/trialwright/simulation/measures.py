"""What is measured: laboratory values, vital signs, lymphocyte subsets, virus titers.

`measures.yaml` holds them; a tied measure crosses the limit of its SLEDAI item exactly when the
manifestation is active, so scores and laboratory values never disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np

from trialwright.protocol.capture import Item
from trialwright.simulation.draws import Draws, Floats, wandering
from trialwright.simulation.manifestations import position
from trialwright.simulation.parameters import number, read_data

CLEAR_OF_LIMIT: Final = 0.05  # so that rounding does not carry a value across its limit


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure; the data file explains each field."""

    key: str
    kind: Literal["tied", "free"]
    items: tuple[str, ...]
    unit: str
    source: str = ""
    verified: bool = False
    assumed: bool = False
    reason: str = ""
    cdisc: str = ""
    minimum: float = 0.0
    manifestation: str = ""
    slope: float = 0.0
    scale: Literal["log", "identity"] = "log"
    limit: float | Literal["lower", "upper"] = 0.0
    usual_limit: float = 0.0
    median: float = 0.0
    log_sd: float = 0.0
    trait: float = 0.0
    immune: float = 0.0
    part_of: str = ""
    usual: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What measures depend on, (participants, visits): days, levels and the immune effect."""

    days: Floats
    level: Floats  # (participants, visits, manifestations)
    immune: Floats


@cache
def measures() -> Mapping[str, Measure]:
    """Every measure by its key."""
    entries = read_data("measures.yaml")
    return {
        key: Measure(key=key, **{**entry, "items": tuple(entry["items"])})
        for key, entry in entries.items()
    }


def find_measure(item: Item) -> Measure | None:
    """The measure that an item collects, by its CDISC name or its own."""
    name = f"{item.cdisc.domain}.{item.cdisc.name}" if item.cdisc else ""
    for measure in measures().values():
        if item.id in measure.items or (name and name == measure.cdisc):
            return measure
    return None


def values(
    measure: Measure,
    draws: Draws,
    state: State,
    limits: tuple[float | None, float | None] = (None, None),
) -> Floats:
    """The measure of each participant at each visit, in its own unit.

    Args:
        measure: what is measured.
        draws: the participants' streams.
        state: their course.
        limits: the laboratory's lower and upper limit, where the study states them.
    """
    if measure.kind == "tied":
        return _tied(measure, state, limits)
    found = measure.median * np.exp(
        measure.log_sd * _course(measure, draws, state.days) + measure.immune * state.immune
    )
    if measure.part_of:
        found = found * values(measures()[measure.part_of], draws, state)
    return np.asarray(np.maximum(found, measure.minimum))


def _tied(measure: Measure, state: State, limits: tuple[float | None, float | None]) -> Floats:
    level = state.level[:, :, position(measure.manifestation)]
    limit = _limit(measure, limits)
    sign = 1 if measure.slope > 0 else -1
    if measure.scale == "identity":
        found = limit + measure.slope * level
        beyond, within = limit + 2 * CLEAR_OF_LIMIT * sign, limit
    else:
        found = limit * np.exp(measure.slope * level)
        beyond, within = limit * (1 + CLEAR_OF_LIMIT * sign), limit * (1 - CLEAR_OF_LIMIT * sign)
    clear = np.where(
        level > 0,
        np.maximum(sign * found, sign * beyond),
        np.minimum(sign * found, sign * within),
    )
    return np.asarray(np.maximum(sign * clear, measure.minimum))


def _limit(measure: Measure, limits: tuple[float | None, float | None]) -> float:
    if not isinstance(measure.limit, str):
        return measure.limit
    given = limits[0] if measure.limit == "lower" else limits[1]
    return measure.usual_limit if given is None else given


def _course(measure: Measure, draws: Draws, days: Floats) -> Floats:
    """A standard normal course with the measure's lasting share."""
    trait = draws.normal(f"trait of {measure.key}")
    steps = draws.normal(f"course of {measure.key}", len(days))
    course = wandering(steps, days, number("activity.half_life"))
    return np.asarray(np.sqrt(measure.trait) * trait + np.sqrt(1 - measure.trait) * course)
