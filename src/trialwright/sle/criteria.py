"""Criteria of which some are unknown: how many are met at least and at most, and which are."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add, or_
from typing import Any

import polars as pl

from trialwright.sle.instrument import Item


def by_group(items: Iterable[Item]) -> dict[str, pl.Expr]:
    """Group to whether any of its items is present; unknown if none is and one is unassessed."""
    groups: dict[str, list[pl.Expr]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(pl.col(item.key) == 1)
    return {group: reduce(or_, present) for group, present in groups.items()}


def counted(met: Iterable[pl.Expr], *, unknown: bool) -> pl.Expr:
    """How many are met, with every unknown one taken as met or as not met."""
    return reduce(add, (one.fill_null(unknown).cast(pl.Int8) for one in met))


def decided(at_least: pl.Expr, at_most: pl.Expr) -> pl.Expr:
    """Yes if it holds with nothing unknown present, no if not even with all of it, else empty."""
    return pl.when(at_least).then(True).when(~at_most).then(False)


def names(met: Mapping[str, pl.Expr]) -> pl.Expr:
    """The names of those met for certain."""
    named = [pl.when(one).then(pl.lit(name)) for name, one in met.items()]
    return pl.concat_str(named, separator=", ", ignore_nulls=True)


def group_lines(items: Sequence[Item], cells: Mapping[str, Any]) -> list[str]:
    """For an explanation: each group with the items present, or those that leave it open."""
    lines = []
    for group in dict.fromkeys(item.group for item in items):
        members = [item for item in items if item.group == group]
        present = [item.label for item in members if cells[item.key] == 1]
        unassessed = [item.label for item in members if cells[item.key] is None]
        if present:
            lines.append(f"  {group}: {', '.join(present)}")
        elif unassessed:
            lines.append(f"  {group}: open, not assessed: {', '.join(unassessed)}")
    return lines


def verdict_word(verdict: bool | None) -> str:
    """A three-valued verdict in a word."""
    return {True: "yes", False: "no", None: "open"}[verdict]
