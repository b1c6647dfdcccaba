"""The functions of the language: what each takes and how many arguments."""

from dataclasses import dataclass
from typing import Final, Literal

from trialwright.rules.types import Kind


@dataclass(frozen=True, slots=True)
class Function:
    """What a function takes.

    Attributes:
        takes: the kind of each argument; None if any kind will do.
        item_only: whether the argument must be the bare name of an item.
        gives: the kind of the result.
        most: the largest number of arguments; None if there is no limit.
        unit: the unit of the result; "same" if it is that of the arguments.
        logic: the operator that the function is another way of writing, if it is one.
    """

    takes: Kind | None
    gives: Kind
    item_only: bool = False
    most: int | None = 1
    unit: str | None = None
    logic: Literal["and", "or"] | None = None


FUNCTIONS: Final = {
    "days_since": Function("date", "number", item_only=True, unit="d"),
    "months_since": Function("date", "number", item_only=True, unit="mo"),
    "years_since": Function("date", "number", item_only=True, unit="a"),
    "uln": Function("number", "number", item_only=True, unit="same"),
    "lln": Function("number", "number", item_only=True, unit="same"),
    "abs": Function("number", "number", unit="same"),
    "min": Function("number", "number", most=None, unit="same"),
    "max": Function("number", "number", most=None, unit="same"),
    "count": Function("boolean", "number", most=None),
    "any": Function("boolean", "boolean", most=None, logic="or"),
    "all": Function("boolean", "boolean", most=None, logic="and"),
    "assessed": Function(None, "boolean", item_only=True),
}
