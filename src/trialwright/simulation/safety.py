"""Adverse events: rates that depend on dose, prednisone, antimalarials and the scenario."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl

from trialwright.simulation.course import END_REASONS, Course
from trialwright.simulation.draws import Draws, Floats, pick
from trialwright.simulation.parameters import read_data
from trialwright.simulation.scenarios import Scenario
from trialwright.trialdata import TABLES

MOST_EVENTS: Final = 12  # of one kind in one participant
PREDNISONE_LIMIT: Final = 7.5  # mg a day, Prata 2022
_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of adverse event; the data file explains each field."""

    term: str
    category: str
    rate: float
    grades: tuple[float, ...]
    serious: float
    related: float
    days: float
    per_dose: float = 0.0
    prednisone: float = 1.0
    antimalarial: float = 1.0
    infection: bool = False
    on_injection: bool = False
    special_interest: bool = False
    source: str = ""
    verified: bool = False
    assumed: bool = False
    reason: str = ""


@cache
def events() -> tuple[Event, ...]:
    """Every kind of adverse event."""
    entries: Mapping[str, Mapping[str, Any]] = read_data("events.yaml")
    return tuple(
        Event(term=term, **{**entry, "grades": tuple(entry["grades"])})
        for term, entry in entries.items()
    )


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the rates depend on, per participant.

    Attributes:
        days: study days at which doses and effects are known, rising, (times,).
        doses: dose an injection due on and after each of them, (participants, times).
        injected: whether injections, placebo or not, are due, (participants, times).
        treatment_ends: study day of the end of treatment, (participants,).
        ends: study day of the end of participation, (participants,).
        antimalarial: whether one is taken, (participants,).
    """

    days: Floats
    doses: Floats
    injected: Floats
    treatment_ends: Floats
    ends: Floats
    antimalarial: np.ndarray[Any, np.dtype[np.bool_]]


def adverse_events(
    draws: Draws,
    participants: Sequence[str],
    course: Course,
    exposure: Exposure,
    first_dose: np.ndarray[Any, np.dtype[np.datetime64]],
    scenario: Scenario,
) -> pl.DataFrame:
    """All adverse events from the first dose to the end of participation, in order of their start.

    Each kind comes at random at its highest possible rate; then of those each is kept with the
    share that the rate at its day has of the highest.
    """
    parts = [_of_one_kind(event, draws, course, exposure, scenario) for event in events()]
    parts.append(_that_ended_it(draws, course, exposure))
    everything = pl.concat(parts).sort("row", "day", "term", maintain_order=True)
    names = pl.Series(participants, dtype=pl.String)
    start = pl.Series(first_dose).cast(pl.Date)[everything["row"]]
    table = everything.with_columns(
        participant=names[everything["row"]],
        number=pl.int_range(1, pl.len() + 1).over("row"),
        started_on=start + pl.duration(days=pl.col("day") - 1),
    ).with_columns(ended_on=pl.col("started_on") + pl.duration(days="duration"))
    schema = TABLES["adverse_events"].columns
    return table.select(list(schema)).cast(pl.Schema(schema))


def _of_one_kind(
    event: Event, draws: Draws, course: Course, exposure: Exposure, scenario: Scenario
) -> pl.DataFrame:
    highest = (
        event.rate * max(1, event.prednisone) * max(1, event.antimalarial)
        + event.per_dose * exposure.doses.max(initial=0)
    ) * (np.exp(max(0.0, scenario.infection)) if event.infection else 1)
    # Six uniforms for each possible event: its gap, whether it is kept, and what it is like.
    luck = draws.uniform(f"adverse event {event.term}", MOST_EVENTS * 6)
    luck = luck.reshape(draws.count, MOST_EVENTS, 6)
    day = 1 + np.cumsum(-np.log(luck[:, :, 0]) / highest * _YEAR, axis=1)
    kept = (luck[:, :, 1] * highest < _rate(event, day, course, exposure, scenario)) & (
        day < exposure.ends[:, None]
    )
    row, slot = np.nonzero(kept)
    chosen = luck[row, slot]
    grade = 1 + pick(chosen[:, 2], event.grades)
    return _rows(
        row,
        day[row, slot],
        event.term,
        event.category,
        grade,
        (chosen[:, 3] < event.serious) & (grade >= 3),
        chosen[:, 4] < event.related,
        event.special_interest,
        np.maximum(1, np.round(-event.days * np.log(chosen[:, 5]))),
    )


def _rate(
    event: Event, day: Floats, course: Course, exposure: Exposure, scenario: Scenario
) -> Floats:
    """Per year, at each event's day."""
    people = np.arange(len(day))[:, None]
    time = np.clip(np.searchsorted(exposure.days, day, side="right") - 1, 0, None)
    visit = np.clip(np.searchsorted(course.days, day, side="right") - 1, 0, None)
    treated = day <= exposure.treatment_ends[:, None]
    rate = np.where(course.prednisone_after[people, visit] >= PREDNISONE_LIMIT, event.prednisone, 1)
    rate = rate * np.where(exposure.antimalarial[:, None], event.antimalarial, 1) * event.rate
    if event.on_injection:
        rate = rate * np.where(treated, exposure.injected[people, time], 0)
    rate = rate + event.per_dose * exposure.doses[people, time] * treated
    if event.infection:
        rate = rate * np.exp(scenario.infection * course.effect[people, visit])
    return np.asarray(rate)


def _that_ended_it(draws: Draws, course: Course, exposure: Exposure) -> pl.DataFrame:
    """The event behind each end of treatment for an adverse event, and behind each death."""
    died = course.end_reason == END_REASONS.index("death")
    row = np.flatnonzero(died | (course.end_reason == END_REASONS.index("adverse event")))
    related = draws.one("event that ended treatment")[row] < 0.5
    terms = np.where(died[row], "sepsis", "hypersensitivity")
    categories = np.where(died[row], "infection", "other")
    day = np.maximum(1, exposure.treatment_ends[row] - 1)
    grade, nobody = np.where(died[row], 5, 3), np.zeros(len(row), dtype=bool)
    return _rows(row, day, terms, categories, grade, died[row], related & ~died[row], nobody, 7.0)


def _rows(
    row: Any,
    day: Any,
    term: Any,
    category: Any,
    grade: Any,
    serious: Any,
    related: Any,
    special_interest: Any,
    duration: Any,
) -> pl.DataFrame:
    shape = len(row)
    return pl.DataFrame(
        {
            "row": np.asarray(row, dtype=np.int64),
            "day": np.floor(day).astype(np.int64),
            "term": np.broadcast_to(term, shape).tolist(),
            "category": np.broadcast_to(category, shape).tolist(),
            "grade": np.asarray(grade, dtype=np.int64),
            "serious": np.asarray(serious, dtype=bool),
            "related": np.asarray(related, dtype=bool),
            "special_interest": np.broadcast_to(special_interest, shape).astype(bool),
            "duration": np.broadcast_to(duration, shape).astype(np.int64),
        },
        schema_overrides={"term": pl.String, "category": pl.String},
    )
