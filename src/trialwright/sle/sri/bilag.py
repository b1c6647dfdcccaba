"""The BILAG clause of SRI on letters that may be intervals: new A and new B against baseline.

A new A is a visit at A after any other letter; a new B is a visit at B after C, D or E; a fall
from A
to B is an improvement. A system gives at most one event. Where intervals leave letters open, the
clause
is met only if every completion meets it and failed only if every completion fails it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Literal

import polars as pl

from trialwright.sle.bilag_2004.severity import A, B


@dataclass(frozen=True, slots=True)
class Change:
    """A system at baseline and at the visit: severities at best and at worst."""

    base_best: pl.Expr
    base_worst: pl.Expr
    best: pl.Expr
    worst: pl.Expr

    def new_a_possible(self) -> pl.Expr:
        """Some completion is a new A."""
        return (self.base_best < A) & (self.worst == A)

    def new_b_possible(self) -> pl.Expr:
        """Some completion is a new B."""
        return (self.base_best < B) & self._may_be_b()

    def event_certain(self) -> pl.Expr:
        """Every completion is a new A or a new B."""
        stays_b = self._may_be_b() & (self.base_worst >= B)
        stays_a = (self.worst == A) & (self.base_worst == A)
        return ~((self.best < B) | stays_b | stays_a)

    def _may_be_b(self) -> pl.Expr:
        return (self.best <= B) & (self.worst >= B)


def counts(
    possible_a: Sequence[pl.Expr], possible_b: Sequence[pl.Expr], certain: Sequence[pl.Expr]
) -> dict[str, pl.Expr]:
    """How many systems may be, and must be, new A, new B, or either."""
    only_a = [sure & ~b for sure, b in zip(certain, possible_b, strict=True)]
    only_b = [sure & ~a for sure, a in zip(certain, possible_a, strict=True)]
    either = [a | b for a, b in zip(possible_a, possible_b, strict=True)]
    return {
        "a_most": _count(possible_a),
        "b_most": _count(possible_b),
        "either_most": _count(either),
        "a_least": _count(only_a),
        "b_least": _count(only_b),
        "either_least": _count(certain),
    }


def clause(clauses: Literal["and", "or"]) -> pl.Expr:
    """Whether the clause is met, from the columns of `counts`; null where completions disagree."""
    a_most, b_most, either_most, a_least, b_least, either_least = (
        pl.col(f"_{name}")
        for name in ("a_most", "b_most", "either_most", "a_least", "b_least", "either_least")
    )
    if clauses == "and":
        may_fail = (a_most > 0) | (b_most > 1)
        may_pass = (a_least == 0) & (either_least <= 1)
    else:  # failing takes one new A and two new B in three different systems
        may_fail = (a_most > 0) & (b_most > 1) & (either_most > 2)
        may_pass = (a_least == 0) | (b_least <= 1)
    return pl.when(~may_fail).then(True).when(~may_pass).then(False)


def _count(flags: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(add, (flag.cast(pl.Int8) for flag in flags))
