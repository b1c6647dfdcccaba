"""How severe a system is by its items alone, before its history: A, B, C or none.

Each system is graded twice: at its best, with every item that was not assessed taken as absent, and
at its worst, with it taken as present and new. Codes are those of `Severity`, as Int8.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Final

import polars as pl

from trialwright.sle.bilag_2004.items import OTHERS, SETS

E, D, C, B, A = range(5)
LETTERS: Final = "EDCBA"
"""Letter of each severity: 0 is E, 4 is A."""

Bounds = tuple[pl.Expr, pl.Expr]
"""Severity at best and at worst."""


def severity(a: pl.Expr, b: pl.Expr, c: pl.Expr) -> pl.Expr:
    """The code of the first letter that holds, 0 if none does."""
    letter = pl.when(a).then(A).when(b).then(B).when(c).then(C).otherwise(0)
    return letter.cast(pl.Int8)


def bounds_of(a: pl.Expr, b: pl.Expr, c: pl.Expr) -> Bounds:
    """Severity from conditions that may be unknown: unknown is not met at best, met at worst."""
    at_best, at_worst = (
        severity(*(condition.fill_null(unknown) for condition in (a, b, c)))
        for unknown in (False, True)
    )
    return at_best, at_worst


def clinical(system: str) -> Bounds:
    """The pattern of six systems: an item of set a present and not improving is A, and so on."""

    def graded(unassessed: int) -> pl.Expr:
        a, b, c = (_worst(SETS[system][name], unassessed) for name in ("a", "b", "c"))
        return severity(a >= 2, (a == 1) | (b >= 2), (b == 1) | (c > 0))

    return graded(0), graded(4)


def constitutional() -> Bounds:
    """Pyrexia together with two of the other three items is A; either alone is B."""

    def graded(unassessed: int) -> pl.Expr:
        fever = pl.col("pyrexia").fill_null(unassessed)
        others = [pl.col(key).fill_null(unassessed) for key in OTHERS]
        two_others = sum((other >= 2).cast(pl.Int8) for other in others) >= 2
        any_other = any_of([other > 0 for other in others])
        return severity(
            (fever >= 2) & two_others, (fever >= 2) | two_others, (fever == 1) | any_other
        )

    return graded(0), graded(4)


def haematological() -> Bounds:
    """Blood counts below their limits; the ranges printed with gaps are read as half-open."""
    hb, wcc, neutrophils, lymphocytes, platelets, ttp = (
        pl.col(key)
        for key in ("haemoglobin", "wcc", "neutrophils", "lymphocytes", "platelets", "ttp")
    )
    a = any_of([ttp >= 2, hb < 8, wcc < 1, neutrophils < 0.5, platelets < 25])
    b = any_of(
        [
            ttp == 1,
            hb < 9,
            wcc < 2,
            neutrophils < 1,
            platelets < 50,
            pl.col("active_haemolysis") == 1,
        ]
    )
    c = any_of(
        [
            hb < 11,
            wcc < 4,
            neutrophils < 2,
            lymphocytes < 1,
            platelets < 150,
            pl.col("coombs_isolated") == 1,
        ]
    )
    return bounds_of(a, b, c)


def any_of(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Kleene or: met if one is, not met if none is, else unknown."""
    return reduce(or_, conditions)


def _worst(keys: Sequence[str], unassessed: int) -> pl.Expr:
    if not keys:
        return pl.lit(0, dtype=pl.Int8)
    return pl.max_horizontal([pl.col(key).fill_null(unassessed) for key in keys])
