"""What an instrument is: items, score columns, options, and where each fact comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

import polars as pl

from trialwright.errors import UnusableInputError

Kind = Literal["yes/no", "grade", "number", "code"]
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of an instrument.

    Attributes:
        key: its column in a visit table.
        kind: yes/no (0 or 1), grade (a whole number from `low` to `high`), number, or code.
        group: the system or domain it belongs to.
        weight: its points, where the instrument adds points.
        unit: the unit that the rules use; `units` maps others to (multiply by, divide by).
        unit_needed: a table must state the unit in `<key>_unit`, because two are plausible.
        low, high: the range outside which a value is a mistake.
        absent: the value that means nothing counts, taken where `<key>_attributed` says no.
        required: a table without the column cannot be scored.
        source: where the definition was read; `verified` is false for what is from memory.
    """

    key: str
    label: str
    kind: Kind = "yes/no"
    group: str = ""
    weight: int = 0
    unit: str = ""
    units: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unit_needed: bool = False
    low: float = 0
    high: float = 1
    codes: tuple[str, ...] = ()
    absent: float | str = 0
    required: bool = True
    help: str = ""
    source: str = ""
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One argument of a score function: its name, what it may be, and what it decides."""

    name: str
    default: Any
    allowed: tuple[Any, ...] = ()
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One contradiction that a central reader would ask about.

    Attributes:
        code: its stable name.
        needs: the columns that it reads (items, scores, others); without them it is left out.
        when: where it is found.
        finding: what is found, in one sentence.
        reads: items of other instruments among `needs`, so that they are read like any item.
    """

    code: str
    needs: tuple[str, ...]
    when: pl.Expr
    finding: str
    reads: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instrument:
    """One version of one instrument.

    Attributes:
        folder: the folder under `trialwright/sle` that holds `cases.yaml` and `sources.yaml`.
        raw: values from which items can be derived where a table has them.
        columns: the score columns and what each holds.
        rules: how the score comes about, in sentences.
        missing: what happens to what was not assessed, in sentences.
        left_out: what is not implemented, and why.
        score: visit table and options in, a table of participant, visit and scores out.
        explain: visit table, participant, visit and options in, text out.
        checks: what a central reader would ask about, on the items and scores of one visit.
    """

    key: str
    folder: str
    title: str
    version: str
    measures: str
    items: tuple[Item, ...]
    columns: Mapping[str, str]
    rules: tuple[str, ...]
    missing: tuple[str, ...]
    score: Callable[..., Any]
    explain: Callable[..., str]
    checks: tuple[Check, ...] = ()
    options: tuple[Option, ...] = ()
    raw: tuple[Item, ...] = ()
    left_out: tuple[str, ...] = ()

    def item(self, key: str) -> Item:
        """The item with this key; KeyError if there is none."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(key)


def same_kind(frame: Frame, scored: pl.LazyFrame) -> Frame:
    """`scored` as the kind of table that the caller gave."""
    if isinstance(frame, pl.DataFrame):
        return scored.collect()
    return scored


def settled(options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every option with its value: as given, else its default.

    Raises UnusableInputError for an unknown option or a value that is not allowed.
    """
    names = [option.name for option in options]
    for name in given:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            raise UnusableInputError(
                f"there is no option {name}",
                where=f"option {name}",
                remedy=f"did you mean {near[0]}?"
                if near
                else f"the options are {', '.join(names)}",
            )
    for option in options:
        value = given.get(option.name, option.default)
        if option.allowed and value not in option.allowed:
            allowed = ", ".join("nothing" if one is None else str(one) for one in option.allowed)
            raise UnusableInputError(
                f"{value!r} is no choice of {option.name}",
                where=f"option {option.name}",
                remedy=f"choose one of {allowed}",
            )
    return {option.name: given.get(option.name, option.default) for option in options}
