"""BILAG-2004 over a visit table: severity by items, then history, then letters and numbers."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import polars as pl

from trialwright.sle.bilag_2004.items import ITEMS, SETS, SYSTEMS
from trialwright.sle.bilag_2004.renal import CRITERIA, criteria, renal, with_previous
from trialwright.sle.bilag_2004.severity import (
    LETTERS,
    Bounds,
    D,
    E,
    clinical,
    constitutional,
    haematological,
)
from trialwright.sle.history import ever_before, last_known
from trialwright.sle.instrument import Frame, Item, Option, same_kind, settled
from trialwright.sle.visits import KEYS, in_visit_order, read_visits

EVER: Final = tuple(
    Item(
        key=f"{system}_ever",
        label=f"{system} system ever affected before this visit",
        required=False,
        help="no: never; empty: not known, so that D and E stay open. Without the column, the "
        "visits "
        "of the table are the whole history.",
    )
    for system in SYSTEMS
)

GRADES: Final = (
    *LETTERS,
    *(f"{high}..{low}" for i, low in enumerate(LETTERS) for high in reversed(LETTERS[i + 1 :])),
)
"""What a system can be: a letter, or an interval from its worst to its best letter."""

SCHEMES: Final[Mapping[str, tuple[int, ...]]] = {
    "12-8-1": (0, 0, 1, 8, 12),
    "9-3-1": (0, 0, 1, 3, 9),
    "12-5-1": (0, 0, 1, 5, 12),
}
"""Scheme to the points of each severity, E first."""

OPTIONS: Final = (
    Option(
        name="previous_missing",
        default="as written",
        allowed=("as written", "met", "not met", "unknown"),
        meaning="how a renal criterion that compares with the previous visit is taken without "
        "one; as "
        "written: not having fallen is met, a rise or fall is not, GFR below 50 is",
    ),
    Option(
        name="scheme",
        default="12-8-1",
        allowed=tuple(SCHEMES),
        meaning="points for A, B and C; D and E have none",
    ),
)


def score(frame: Frame, **options: Any) -> Frame:
    """Grade the nine systems at each visit; the options are those of the instrument.

    `frame` has the 97 items, and optionally `<system>_ever`: whether the system was affected before
    the visit. Each system becomes a letter, or an interval such as `A..C` if items that were not
    assessed leave it open, with its severity at best and at worst (E 0 to A 4).
    """
    given = settled(OPTIONS, options)
    visits = read_visits(frame, (*ITEMS, *EVER))
    return same_kind(frame, in_visit_order(visits, partial(_grade, given)))


def _grade(given: Mapping[str, Any], frame: pl.LazyFrame) -> pl.LazyFrame:
    columns = frame.collect_schema().names()
    severe = by_items(frame, given["previous_missing"])
    known = severe.with_columns(
        expression for system in SYSTEMS for expression in _with_history(system, columns)
    )
    best, worst = ([f"{system}_{end}" for system in SYSTEMS] for end in ("best", "worst"))
    lowest, highest = (_points(names, SCHEMES[given["scheme"]]) for names in (best, worst))
    return known.select(
        *KEYS,
        *(_letter(system).alias(system) for system in SYSTEMS),
        *(column for pair in zip(best, worst, strict=True) for column in pair),
        pl.when(lowest == highest).then(lowest).alias("bilag_2004"),
        lowest.alias("bilag_2004_lowest"),
        highest.alias("bilag_2004_highest"),
    )


def by_items(frame: pl.LazyFrame, previous_missing: Any) -> pl.LazyFrame:
    """Rows in visit order with `_<system>_best` and `_<system>_worst`, before their history."""
    compared = with_previous(frame).with_columns(
        condition.alias(CRITERIA[name]) for name, condition in criteria(previous_missing).items()
    )
    bounds: dict[str, Bounds] = {system: clinical(system) for system in SETS}
    bounds |= {
        "constitutional": constitutional(),
        "renal": renal(),
        "haematological": haematological(),
    }
    return compared.with_columns(
        expression.alias(f"_{system}_{end}")
        for system, pair in bounds.items()
        for end, expression in zip(("best", "worst"), pair, strict=True)
    )


def _with_history(system: str, columns: list[str]) -> tuple[pl.Expr, pl.Expr]:
    """A system without activity is D if ever affected, else E; unknown history leaves both."""
    best, worst = pl.col(f"_{system}_best"), pl.col(f"_{system}_worst")
    certain, possible = ever_before(best > 0), ever_before(worst > 0)
    if f"{system}_ever" in columns:
        stated = last_known(pl.col(f"{system}_ever"), nothing=-1)
        certain |= (stated == 1).fill_null(False) | ever_before(pl.col(f"{system}_ever") == 1)
        possible |= certain | stated.is_null()
    inactive_best = pl.when(certain).then(D).otherwise(E)
    inactive_worst = pl.when(possible).then(D).otherwise(E)
    return (
        pl.when(best > 0).then(best).otherwise(inactive_best).cast(pl.Int8).alias(f"{system}_best"),
        pl.when(worst > 0)
        .then(worst)
        .otherwise(inactive_worst)
        .cast(pl.Int8)
        .alias(f"{system}_worst"),
    )


def _letter(system: str) -> pl.Expr:
    """The grade as text: both ends coded in one number, then named."""
    best, worst = pl.col(f"{system}_best"), pl.col(f"{system}_worst")
    return (
        pl.when(best == worst)
        .then(best)
        .otherwise(pl.lit(5, dtype=pl.Int8) + _pair(best, worst))
        .cast(pl.UInt8)
        .cat.to(pl.Enum(GRADES))
    )


def _pair(best: pl.Expr, worst: pl.Expr) -> pl.Expr:
    """The position of an interval in `GRADES`: by its best letter, then by its worst."""
    before = pl.lit(0, dtype=pl.Int8)
    for i, start in enumerate((0, 4, 7, 9)):
        before = pl.when(best == i).then(pl.lit(start, dtype=pl.Int8)).otherwise(before)
    return before + (4 - worst)


def _points(names: list[str], points: tuple[int, ...]) -> pl.Expr:
    def of(name: str) -> pl.Expr:
        value = pl.lit(0, dtype=pl.Int8)
        for severity in (2, 3, 4):
            value = (
                pl.when(pl.col(name) >= severity)
                .then(pl.lit(points[severity], dtype=pl.Int8))
                .otherwise(value)
            )
        return value

    total = of(names[0])
    for name in names[1:]:
        total = total + of(name)
    return total
