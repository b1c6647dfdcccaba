"""The words in which a verdict is explained.

The words hold for inclusion and exclusion criteria alike: they say what was found and whether it
stands in the relation that the rule names, "selena_sledai is 6 (2026-01-04, visit screening),
not >= 8", and leave it to the criterion what follows from it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trialwright.rules.syntax import Call, Item, Literal, Node, item_names, text_of, walk
from trialwright.rules.types import Input, ItemType, Value

# UCUM units whose code people would stumble over; any other stands as it is.
_UNITS: Final = {
    "1": "",
    "a": " years",
    "mo": " months",
    "d": " days",
    "mm[Hg]": " mmHg",
    "Cel": " °C",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison and its value; a count that is partly unknown has two."""

    node: Node
    low: Value | None
    high: Value | None


class Describer:
    """Puts one participant's inputs into words."""

    def __init__(self, inputs: Mapping[str, Input], items: Mapping[str, ItemType]) -> None:
        self._inputs = inputs
        self._items = items

    def flag(self, name: str) -> str:
        """What a yes-or-no item says."""
        return f"{name} is {written(self._inputs[name].value)}{self._notes(Item(name), [name])}"

    def assessed(self, name: str, known: bool) -> str:
        """Whether an item was assessed."""
        where = self._notes(Item(name), [name]) if name in self._inputs else ""
        return f"{name} was {'' if known else 'not '}assessed{where}"

    def options(self, options: Iterable[Literal]) -> str:
        """The list that a value is looked up in."""
        return f"[{', '.join(map(text_of, options))}]"

    def comparison(
        self, holds: bool, relation: str, left: Side, right: Side | None, deciding: tuple[str, ...]
    ) -> str:
        """What was compared with what, and how it came out."""
        names = item_names(left.node)
        own = [name for name in deciding if name in names]
        subject = self._subject(left) + self._notes(left.node, own)
        relation = relation if holds else f"not {relation}"
        if right is None:
            return f"{subject}, {relation}"
        if isinstance(right.node, Literal):
            if relation.removeprefix("not ") in ("==", "!=") and left.low == right.low:
                return subject
            return f"{subject}, {relation} {text_of(right.node)}"
        others = [name for name in deciding if name not in own or name in limited(right.node)]
        notes = self._notes(right.node, others, told=own)
        return f"{subject}, {relation} {text_of(right.node)}, which is {_span(right)}{notes}"

    def _subject(self, side: Side) -> str:
        if isinstance(side.node, Call) and side.node.function == "count":
            return f"{_span(side)} of {len(side.node.arguments)} hold"
        unit = self._items[side.node.name].unit if isinstance(side.node, Item) else None
        unit = _UNITS.get(unit or "1", f" {unit}")
        return f"{text_of(side.node)} is {_span(side)}{unit}"

    def _notes(self, node: Node, names: Iterable[str], told: Iterable[str] = ()) -> str:
        """Value, date and source of each input in brackets, unless the words say them already."""
        limits = limited(node)
        notes = []
        for name in names:
            given = self._inputs[name]
            parts = []
            if not isinstance(node, Item) and name not in limits:
                parts.append(f"{name} {written(given.value)}")
            if "uln" in limits.get(name, ()):
                parts.append(f"{name} upper limit {written(given.upper_limit)}")
            if "lln" in limits.get(name, ()):
                parts.append(f"{name} lower limit {written(given.lower_limit)}")
            if name not in told:
                parts += [str(given.date)] if given.date else []
                parts += [given.source] if given.source else []
            notes.append(", ".join(parts))
        listed = "; ".join(note for note in notes if note)
        return f" ({listed})" if listed else ""


def limited(node: Node) -> dict[str, set[str]]:
    """The items below `node` whose laboratory limits are used, and which: uln or lln."""
    limits: dict[str, set[str]] = {}
    for part in walk(node):
        if isinstance(part, Call) and part.function in ("uln", "lln"):
            limits.setdefault(item_names(part)[0], set()).add(part.function)
    return limits


def written(value: Value | None) -> str:
    """A value as people write it: numbers without trailing zeros, at most nine decimals."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | dt.date):
        return str(value)
    number = Decimal(str(value))
    if number == number.to_integral_value():
        return f"{number + 0:.0f}"  # + 0 turns -0 into 0
    return f"{round(number, 9) + 0:f}".rstrip("0").rstrip(".")


def _span(side: Side) -> str:
    low, high = written(side.low), written(side.high)
    return low if low == high else f"{low} to {high}"
