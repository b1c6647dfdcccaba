"""What a rule is about: the type of an item, and the value that a participant has for it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["number", "boolean", "code", "date"]
Number = Decimal | float | int
Value = Number | bool | str | dt.date


@dataclass(frozen=True, slots=True)
class ItemType:
    """The type of an item, and of any part of a rule.

    Attributes:
        kind: number, boolean, code or date.
        unit: the UCUM unit of a number; None if it has none or it is not known.
        codes: the codes that a code item allows; empty if any text is allowed.
    """

    kind: Kind
    unit: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One participant's value of one item; None means asked for and not assessed.

    Attributes:
        value: what was found.
        date: the day that it holds for.
        source: where it was found, such as "visit screening".
        lower_limit: the lower limit of normal of the laboratory that measured it.
        upper_limit: the upper limit of normal of that laboratory.
    """

    value: Value | None
    date: dt.date | None = None
    source: str = ""
    lower_limit: Number | None = None
    upper_limit: Number | None = None
