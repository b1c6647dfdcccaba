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
    """The names of those met for certain.

    Eight at a time are looked up in the 256 texts that they can make: writing each row's text
    takes longer than all the rest of a score.
    """
    pairs = list(met.items())
    eights = [pairs[start : start + 8] for start in range(0, len(pairs), 8)]
    texts = [_names_of_eight(eight) for eight in eights]
    return pl.concat_str(texts, separator=", ", ignore_nulls=True)


def _names_of_eight(met: Sequence[tuple[str, pl.Expr]]) -> pl.Expr:
    """The names of those met, looked up by a number with a bit for each; null if none is."""
    bits = (
        one.fill_null(False).cast(pl.UInt16) * pl.lit(1 << place, dtype=pl.UInt16)
        for place, (_, one) in enumerate(met)
    )
    texts = [
        ", ".join(name for place, (name, _) in enumerate(met) if number >> place & 1) or None
        for number in range(1 << len(met))
    ]
    return pl.lit(pl.Series(texts, dtype=pl.String)).gather(reduce(add, bits))


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
