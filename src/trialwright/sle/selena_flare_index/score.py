"""SELENA-SLEDAI flare index: each criterion against the participant's previous visit."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import names
from trialwright.sle.decimals import millionths
from trialwright.sle.explanation import history_of, one_visit
from trialwright.sle.history import first_row, last_known, previous
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.selena_flare_index.items import ITEMS, MILD, REQUIRES, SEVERE
from trialwright.sle.visits import KEYS, in_visit_order, read_visits

FLARES: Final = ("none", "mild or moderate", "severe")
_TO_ABOVE_12: Final = "SELENA-SLEDAI rises to above 12"
_CHANGING: Final = ("selena_sledai", "pga", "prednisone")


def score(frame: Frame, **options: Any) -> Frame:
    """The classic and the modified flare of each visit, and the criteria met."""
    settled((), options)
    return same_kind(frame, in_visit_order(read_visits(frame, ITEMS), _flares))


def _flares(frame: pl.LazyFrame) -> pl.LazyFrame:
    compared = frame.with_columns(
        previous(last_known(pl.col(key), nothing=-1)).alias(f"_before_{key}") for key in _CHANGING
    )
    mild, severe = _mild(), _severe()
    modified = {name: met for name, met in severe.items() if name != _TO_ABOVE_12}
    later = ~first_row()
    return compared.select(
        *KEYS,
        pl.when(later).then(_level(mild, severe)).alias("sfi"),
        pl.when(later).then(_level(mild, modified)).alias("sfi_modified"),
        pl.when(later).then(names(mild)).alias("sfi_mild_criteria"),
        pl.when(later).then(names(severe)).alias("sfi_severe_criteria"),
    )


def _change(key: str) -> pl.Expr:
    """The rise since the last assessment, in millionths."""
    return millionths(pl.col(key)) - millionths(pl.col(f"_before_{key}"))


def _mild() -> dict[str, pl.Expr]:
    """Criteria of a mild or moderate flare; one that is severe as well is so by its own rule."""
    return {
        "SELENA-SLEDAI rises by 3 or more": _change("selena_sledai") >= millionths(3),
        **{item.label: pl.col(item.key) == 1 for item in MILD},
        "prednisone is increased": _change("prednisone") > 0,
        "nonsteroidal drug or hydroxychloroquine added": pl.col("added_nsaid_or_hydroxychloroquine")
        == 1,
        "PGA rises by 1.0 or more": _change("pga") >= millionths(1),
    }


def _severe() -> dict[str, pl.Expr]:
    required = pl.col(REQUIRES.key) == 1
    twice_the_dose = millionths(pl.col("prednisone")) * 2
    return {
        _TO_ABOVE_12: (_change("selena_sledai") > 0) & (pl.col("selena_sledai") > 12),
        **{item.label: (pl.col(item.key) == 1) & required for item in SEVERE},
        "prednisone is increased to above 0.5 mg/kg": (_change("prednisone") > 0)
        & (twice_the_dose > millionths(pl.col("weight"))),
        "immunosuppressant added": pl.col("added_immunosuppressant") == 1,
        "hospitalized": pl.col("hospitalized") == 1,
        "PGA rises to above 2.5": (_change("pga") > 0)
        & (millionths(pl.col("pga")) > millionths(2.5)),
    }


def _level(mild: Mapping[str, pl.Expr], severe: Mapping[str, pl.Expr]) -> pl.Expr:
    """The worst level that is certain, if none above it is possible."""
    any_mild, any_severe = (reduce(or_, criteria.values()) for criteria in (mild, severe))
    none, some, worst = (pl.lit(flare) for flare in FLARES)
    return (
        pl.when(any_severe)
        .then(worst)
        .when(any_severe.is_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(any_mild)
        .then(some)
        .when(~any_mild)
        .then(none)
        .cast(pl.Enum(FLARES))
    )


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The flare of one visit, the criteria met, and the values before and now."""
    history = history_of(frame, participant)
    visits = read_visits(history, ITEMS)
    before = in_visit_order(
        visits,
        lambda rows: rows.select(
            *KEYS, *(previous(last_known(pl.col(key), nothing=-1)) for key in _CHANGING)
        ),
    )
    cells, then = (one_visit(table, participant, visit) for table in (visits.frame, before))
    found = one_visit(score(history, **options).lazy(), participant, visit)
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"flare: {found['sfi'] or 'open'}, modified index: {found['sfi_modified'] or 'open'}",
    ]
    lines += [f"  {key}: {_shown(then[key])} to {_shown(cells[key])}" for key in _CHANGING]
    for kind in ("mild", "severe"):
        if found[f"sfi_{kind}_criteria"]:
            lines.append(f"  {kind} by: {found[f'sfi_{kind}_criteria']}")
    unassessed = [item.label for item in ITEMS if cells[item.key] is None]
    if unassessed:
        lines.append(f"  not assessed: {', '.join(unassessed)}")
    return "\n".join(lines)


def _shown(value: float | None) -> str:
    return "not assessed" if value is None else f"{value:g}"
