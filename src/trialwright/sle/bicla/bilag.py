"""The BILAG clauses of BICLA on letters that may be intervals.

Every system at A must fall to B or lower, every system at B to C or lower; beside that there may be
no new A and at most one new B. The two clauses share letters, so they are decided together: a
system ends well, with a new B, or badly, and what it can end with follows from its two intervals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add, and_, or_

import polars as pl

from trialwright.sle.bilag_2004.severity import A, B


@dataclass(frozen=True, slots=True)
class Course:
    """A system at baseline and at the visit: severities at best and at worst."""

    base_best: pl.Expr
    base_worst: pl.Expr
    best: pl.Expr
    worst: pl.Expr

    def can_end_badly(self) -> pl.Expr:
        """A at the visit, or B without improvement."""
        return (self.worst == A) | (self._is_b_possible() & self._was_b_possible())

    def can_end_with_new_b(self) -> pl.Expr:
        """B at the visit after C, D or E."""
        return self._is_b_possible() & (self.base_best < B)

    def can_end_well(self) -> pl.Expr:
        """C or lower at the visit, or B after A."""
        return (self.best < B) | (self._is_b_possible() & (self.base_worst == A))

    def can_improve(self) -> pl.Expr:
        """A or B at baseline that becomes less."""
        from_a = (self.base_worst == A) & (self.best < A)
        return from_a | (self._was_b_possible() & (self.best < B))

    def can_stay_active(self) -> pl.Expr:
        """A or B at baseline that does not become less."""
        stays_a = (self.base_worst == A) & (self.worst == A)
        return stays_a | (self._was_b_possible() & (self.worst >= B))

    def stays_active(self) -> pl.Expr:
        """Every completion has A or B at baseline that does not become less."""
        return ~((self.base_best < B) | self.can_improve())

    def was_active(self) -> pl.Expr:
        """A or B at baseline for certain."""
        return self.base_best >= B

    def may_have_been_active(self) -> pl.Expr:
        """A or B at baseline in some completion."""
        return self.base_worst >= B

    def _is_b_possible(self) -> pl.Expr:
        return (self.best <= B) & (self.worst >= B)

    def _was_b_possible(self) -> pl.Expr:
        return (self.base_best <= B) & (self.base_worst >= B)


def improved(courses: Sequence[Course]) -> pl.Expr:
    """Whether all A and B of baseline improved; null where completions disagree."""
    may_fail = any_of(course.can_stay_active() for course in courses)
    fails = any_of(course.stays_active() for course in courses)
    return pl.when(~may_fail).then(True).when(fails).then(False)


def evaluable(courses: Sequence[Course]) -> pl.Expr:
    """Whether any system was at A or B at baseline; null where that is open."""
    certain = any_of(course.was_active() for course in courses)
    possible = any_of(course.may_have_been_active() for course in courses)
    return pl.when(certain).then(True).when(~possible).then(False)


def both_clauses(courses: Sequence[Course], *, activity_needed: bool) -> pl.Expr:
    """Improvement without worsening, decided together; null where completions disagree.

    With `activity_needed` a baseline without A and B does not pass.
    """
    no_end_but_b = [~course.can_end_well() for course in courses]
    may_pass = _all_of(c.can_end_well() | c.can_end_with_new_b() for c in courses)
    may_pass &= count(no_end_but_b) <= 1
    may_fail = any_of(course.can_end_badly() for course in courses)
    may_fail |= count([course.can_end_with_new_b() for course in courses]) > 1
    if activity_needed:
        may_pass &= any_of(course.can_improve() for course in courses)
        may_fail |= ~any_of(course.was_active() for course in courses)
    return pl.when(~may_fail).then(True).when(~may_pass).then(False)


def any_of(flags: Iterable[pl.Expr]) -> pl.Expr:
    """Whether one of the flags is true."""
    return reduce(or_, flags)


def count(flags: Iterable[pl.Expr]) -> pl.Expr:
    """How many of the flags are true."""
    return reduce(add, (flag.cast(pl.Int8) for flag in flags))


def _all_of(flags: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(and_, flags)
