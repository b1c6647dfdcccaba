"""BILAG-2004 flare: systems whose activity is new or worse, and grades that rose since last visit.

Each system is asked two questions. Is its grade due to something new or worse (3 or 4), so that it
counts at A, B or C? And against the previous visit, is it a new A or a new B? Both are answered at
least and at most, since unassessed items may leave them open.
"""

from functools import reduce
from operator import add
from typing import Any, Final

import polars as pl

from trialwright.sle.bilag_2004.items import ITEMS, OTHERS, SETS, SYSTEMS
from trialwright.sle.bilag_2004.score import EVER
from trialwright.sle.bilag_2004.score import OPTIONS as BILAG_OPTIONS
from trialwright.sle.bilag_2004.score import score as bilag
from trialwright.sle.bilag_2004.severity import A, B, C, any_of
from trialwright.sle.history import first_row, previous
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.sri.bilag import Change
from trialwright.sle.visits import KEYS, VisitTable, in_visit_order, read_visits

OPTIONS: Final = tuple(option for option in BILAG_OPTIONS if option.name == "previous_missing")
FLARES: Final = ("none", "mild", "moderate", "severe")
_ENDS: Final = tuple(f"{system}_{end}" for system in SYSTEMS for end in ("best", "worst"))


def score(frame: Frame, **options: Any) -> Frame:
    """The flare of each visit, and new A and B against the participant's previous visit."""
    settled(OPTIONS, options)
    visits = read_visits(frame, (*ITEMS, *EVER))
    grades = bilag(frame.lazy(), **options).select(_ENDS)
    both = VisitTable(pl.concat([visits.frame, grades], how="horizontal"), visits.in_order)
    return same_kind(frame, in_visit_order(both, _flares))


def _flares(frame: pl.LazyFrame) -> pl.LazyFrame:
    before = frame.with_columns(previous(pl.col(end)).alias(f"_before_{end}") for end in _ENDS)
    least, most = ({grade: _count(grade, sure) for grade in (A, B, C)} for sure in (True, False))
    changes = [
        Change(
            pl.col(f"_before_{system}_best"),
            pl.col(f"_before_{system}_worst"),
            pl.col(f"{system}_best"),
            pl.col(f"{system}_worst"),
        )
        for system in SYSTEMS
    ]
    new = {
        "a_most": [change.new_a_possible() for change in changes],
        "b_most": [change.new_b_possible() for change in changes],
        "a_least": [change.event_certain() & ~change.new_b_possible() for change in changes],
        "b_least": [change.event_certain() & ~change.new_a_possible() for change in changes],
        "any_least": [change.event_certain() for change in changes],
    }
    counted = before.with_columns(
        _level(least).alias("_level_least"),
        _level(most).alias("_level_most"),
        *(_sum(flags).alias(f"_{name}") for name, flags in new.items()),
    )
    a_most, b_most, a_least, b_least, any_least = (pl.col(f"_{name}") for name in new)
    level = pl.when(pl.col("_level_least") == pl.col("_level_most")).then(pl.col("_level_most"))
    compared = ~first_row()
    return counted.select(
        *KEYS,
        level.cast(pl.UInt8).cat.to(pl.Enum(FLARES)).alias("bilag_2004_flare"),
        _known(compared, a_least, a_most).alias("bilag_2004_new_a"),
        _known(compared, b_least, b_most).alias("bilag_2004_new_b"),
        _decided(compared, any_least > 0, (a_most > 0) | (b_most > 0)).alias("new_a_or_new_b"),
        _decided(compared, (a_least > 0) | (b_least > 1), (a_most > 0) | (b_most > 1)).alias(
            "new_a_or_two_new_b"
        ),
    )


def _level(counts: dict[int, pl.Expr]) -> pl.Expr:
    return (
        pl.when(counts[A] >= 1)
        .then(3)
        .when(counts[B] >= 2)
        .then(2)
        .when((counts[B] == 1) | (counts[C] >= 3))
        .then(1)
        .otherwise(0)
        .cast(pl.Int8)
    )


def _count(grade: int, sure: bool) -> pl.Expr:
    """Systems at this grade by something new or worse: those that must be, or those that may be."""
    return _sum([_at(system, grade, sure) & _due(system, grade, sure) for system in SYSTEMS])


def _at(system: str, grade: int, sure: bool) -> pl.Expr:
    best, worst = pl.col(f"{system}_best"), pl.col(f"{system}_worst")
    if sure:
        return (best == grade) & (worst == grade)
    return (best <= grade) & (worst >= grade)


def _due(system: str, grade: int, sure: bool) -> pl.Expr:
    """Whether the grade rests on an item scored 3 or 4; without such items it must have risen."""
    if system in SETS:
        keys = SETS[system]["cba"[grade - C]]
    elif system == "constitutional":
        keys = OTHERS if grade == C else ("pyrexia", *OTHERS)
    else:
        ends = ("best", "worst") if sure else ("worst", "best")
        rise = pl.col(f"{system}_{ends[0]}") > pl.col(f"_before_{system}_{ends[1]}")
        return rise.fill_null(not sure)
    if not keys:
        return pl.lit(False)
    return any_of([pl.col(key) >= 3 for key in keys]).fill_null(not sure)


def _known(compared: pl.Expr, least: pl.Expr, most: pl.Expr) -> pl.Expr:
    return pl.when(compared & (least == most)).then(most)


def _decided(compared: pl.Expr, sure: pl.Expr, possible: pl.Expr) -> pl.Expr:
    return pl.when(compared & (sure | ~possible)).then(sure)


def _sum(flags: list[pl.Expr]) -> pl.Expr:
    return reduce(add, (flag.cast(pl.Int8) for flag in flags))
