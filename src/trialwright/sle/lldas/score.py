"""LLDAS: five components, of which one looks back to the previous visit.

An unassessed item weighs on each component in the same direction, so that the verdict is known as
soon as the components, joined by the logic of unknowns, tell it.
"""

from collections.abc import Mapping
from functools import partial, reduce
from operator import or_
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.criteria import decided, names, verdict_word
from trialwright.sle.decimals import millionths
from trialwright.sle.explanation import history_of, one_visit
from trialwright.sle.history import first_row, previous
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.lldas.items import (
    BESIDE,
    ITEMS,
    MAJOR_ORGANS,
    NEW_FEATURE_ITEMS,
    OPTIONS,
    SLEDAI,
)
from trialwright.sle.visits import KEYS, in_visit_order, read_visits

COMPONENTS: Final = ("activity", "new_feature", "pga", "prednisone", "treatment")


def score(frame: Frame, **options: Any) -> Frame:
    """LLDAS at each visit, each component, and what failed."""
    given = settled(OPTIONS, options)
    if given["new_feature"] == "stated" and "new_feature" not in frame.collect_schema():
        raise UnusableInputError(
            "column new_feature is missing",
            remedy="add it, or choose what a new feature is with the option new_feature",
        )
    visits = read_visits(frame, ITEMS)
    return same_kind(frame, in_visit_order(visits, partial(_judge, given)))


def _judge(given: Mapping[str, Any], frame: pl.LazyFrame) -> pl.LazyFrame:
    least, most = (
        pl.sum_horizontal(pl.col(item.key).fill_null(unassessed) * item.weight for item in SLEDAI)
        for unassessed in (0, 1)
    )
    major = _any([pl.col(key) == 1 for key in (*MAJOR_ORGANS, *BESIDE)])
    components = {
        "activity": decided(most <= 4, least <= 4) & ~major,
        "new_feature": ~_new_feature(given),
        "pga": millionths(pl.col("pga")) <= millionths(1),
        "prednisone": millionths(pl.col("prednisone")) <= millionths(7.5),
        "treatment": pl.col("treatment_allowed") == 1,
    }
    return frame.with_columns(
        met.alias(f"lldas_{name}") for name, met in components.items()
    ).select(
        *KEYS,
        pl.all_horizontal(f"lldas_{name}" for name in COMPONENTS).alias("lldas"),
        *(f"lldas_{name}" for name in COMPONENTS),
        names({name: ~pl.col(f"lldas_{name}") for name in COMPONENTS}).alias("lldas_failed"),
    )


def _new_feature(given: Mapping[str, Any]) -> pl.Expr:
    if given["new_feature"] == "stated":
        return pl.col("new_feature") == 1
    keys = NEW_FEATURE_ITEMS[given["new_feature"]]
    new = _any([(pl.col(key) == 1) & (previous(pl.col(key)) == 0) for key in keys])
    if given["first_visit"] == "met":
        return pl.when(first_row()).then(False).otherwise(new)
    return pl.when(~first_row()).then(new)


def _any(conditions: list[pl.Expr]) -> pl.Expr:
    return reduce(or_, conditions)


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each component with what it rests on."""
    history = history_of(frame, participant)
    cells = one_visit(read_visits(history, ITEMS).frame, participant, visit)
    scores = one_visit(score(history, **options).lazy(), participant, visit)
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"low lupus disease activity state: {verdict_word(scores['lldas'])}",
    ]
    shown = {"pga": "pga", "prednisone": "prednisone", "treatment": "treatment_allowed"}
    needed = {"pga": "1 or less", "prednisone": "7.5 mg/day or less", "treatment": "yes"}
    for name in COMPONENTS:
        met = verdict_word(scores[f"lldas_{name}"])
        if name in shown:
            value = cells[shown[name]]
            said = "not assessed" if value is None else f"{value:g}"
            lines.append(f"  {name}: {met}, {said}, needed {needed[name]}")
        else:
            lines.append(f"  {'no ' if name == 'new_feature' else ''}{name}: {met}")
    weights = {item.key: item.weight for item in SLEDAI}
    for item in ITEMS[: len(SLEDAI) + len(BESIDE)]:
        if cells[item.key] == 1:
            major = ", major organ" if item.key in (*MAJOR_ORGANS, *BESIDE) else ""
            lines.append(f"    {item.label}, {weights.get(item.key, 0)} points{major}")
        elif cells[item.key] is None:
            lines.append(f"    {item.label}: not assessed")
    return "\n".join(lines)
