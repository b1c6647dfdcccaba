"""A rule: one text, one parse, two uses."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import localcontext
from typing import Final, Literal

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.rules.check import check
from trialwright.rules.describe import limited
from trialwright.rules.evaluate import Evaluation
from trialwright.rules.numbers import DECIMAL
from trialwright.rules.parse import parse
from trialwright.rules.syntax import Node, item_names
from trialwright.rules.table import Compilation, day, limit_column
from trialwright.rules.types import Input, ItemType, Kind

VerdictKind = Literal["met", "not met", "unknown"]
_KINDS: Final[Mapping[bool | None, VerdictKind]] = {True: "met", False: "not met", None: "unknown"}
_WANTED: Final = {
    "number": "a number",
    "boolean": "true or false",
    "code": "a code",
    "date": "a date",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule is met by one participant, and why.

    Attributes:
        kind: met, not met or unknown.
        deciding: the inputs that decided it, by item; they alone give the same verdict. Empty if
            the verdict is unknown.
        collect: what to collect next if the verdict is unknown: an item, or `uln(item)` or
            `lln(item)` for a limit of the laboratory.
        reason: the verdict explained in a sentence.
    """

    kind: VerdictKind
    deciding: Mapping[str, Input]
    collect: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over the items of a study, checked against their types. Made by `parse_rule`.

    Attributes:
        text: the rule as it was written.
        items: the items that it speaks of.
        limits: those of which it uses the laboratory's limits.
        columns: the columns that `expression` reads.
    """

    text: str
    syntax: Node = field(repr=False)
    types: Mapping[str, ItemType] = field(repr=False)  # of the items that it speaks of
    items: frozenset[str]
    limits: frozenset[str]
    columns: frozenset[str] = field(repr=False)

    def evaluate(self, inputs: Mapping[str, Input], on: dt.date) -> Verdict:
        """Whether one participant meets the rule on the day `on`.

        Items that are not in `inputs` are unknown; inputs that the rule does not use are ignored.
        Raises UnusableInputError if a value is not of its item's kind.
        """
        used = {name: given for name, given in inputs.items() if name in self.items}
        for name, given in used.items():
            _check_kind(name, given, self.types[name].kind)
        with localcontext(DECIMAL):
            truth = Evaluation(used, self.types, on).truth(self.syntax)
        return Verdict(
            kind=_KINDS[truth.value],
            deciding={name: used[name] for name in truth.deciding},
            collect=truth.missing,
            reason="; ".join(truth.clauses),
        )

    def expression(self, on: pl.Expr | dt.date) -> pl.Expr:
        """The rule over a table, as nullable Boolean; null is unknown.

        The table has one row per participant and a column per item, named as the item, and
        `item__upper_limit` and `item__lower_limit` where the rule uses them; see `columns`.
        """
        return Compilation(self.types, day(on)).expression(self.syntax)


def parse_rule(text: str, items: Mapping[str, ItemType]) -> Rule:
    """Read a rule over `items`; raise RuleError, with column and remedy, if it is not sound."""
    syntax = parse(text)
    check(syntax, items, text)
    names = item_names(syntax)
    limits = limited(syntax)
    limit_columns = {
        limit_column(function, name) for name, functions in limits.items() for function in functions
    }
    return Rule(
        text=text,
        syntax=syntax,
        types={name: items[name] for name in names},
        items=frozenset(names),
        limits=frozenset(limits),
        columns=frozenset(names) | limit_columns,
    )


def _check_kind(name: str, given: Input, kind: Kind) -> None:
    value = given.value
    if value is None:
        return
    fits = {
        "boolean": isinstance(value, bool),
        "code": isinstance(value, str),
        "date": isinstance(value, dt.date) and not isinstance(value, dt.datetime),
        "number": not isinstance(value, bool | str | dt.date),
    }
    if not fits[kind]:
        raise UnusableInputError(f"{name} is {value!r}, not {_WANTED[kind]}", where=f"item {name}")
