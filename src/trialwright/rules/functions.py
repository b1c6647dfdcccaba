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
        keeps_unit: whether the result has the unit of the arguments.
        logic: the operator that the function is another way of writing, if it is one.
    """

    takes: Kind | None
    gives: Kind
    item_only: bool = False
    most: int | None = 1
    keeps_unit: bool = False
    logic: Literal["and", "or"] | None = None


FUNCTIONS: Final = {
    "days_since": Function("date", "number", item_only=True),
    "months_since": Function("date", "number", item_only=True),
    "years_since": Function("date", "number", item_only=True),
    "uln": Function("number", "number", item_only=True, keeps_unit=True),
    "lln": Function("number", "number", item_only=True, keeps_unit=True),
    "abs": Function("number", "number", keeps_unit=True),
    "min": Function("number", "number", most=None, keeps_unit=True),
    "max": Function("number", "number", most=None, keeps_unit=True),
    "count": Function("boolean", "number", most=None),
    "any": Function("boolean", "boolean", most=None, logic="or"),
    "all": Function("boolean", "boolean", most=None, logic="and"),
    "assessed": Function(None, "boolean", item_only=True),
}
