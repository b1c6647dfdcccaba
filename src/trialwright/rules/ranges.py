"""Values that may be unknown, and counts that are known within bounds."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from trialwright.rules.numbers import compare


@dataclass(frozen=True, slots=True)
class Found:
    """A value other than a truth, or None, and the items that it rests on."""

    value: Decimal | bool | str | dt.date | None
    items: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A number that lies between two bounds; they differ for a count that is partly unknown."""

    low: Found
    high: Found


@dataclass(frozen=True, slots=True)
class Related:
    """Whether two ranges stand in a relation, and the bounds that settle it or leave it open."""

    value: bool | None
    bounds: tuple[Found, ...]


def related(operator: str, left: Range, right: Range) -> Related:
    """A comparison of two ranges: settled only if all numbers within them agree."""
    every = (left.low, left.high, right.low, right.high)
    if any(bound.value is None for bound in every):
        return Related(None, every)
    below, above = (left.high, right.low), (left.low, right.high)
    match operator:
        case "<" | "<=":
            surely, possibly = below, above
        case ">" | ">=":
            surely, possibly = above, below
        case _:
            for apart, bounds in (("<", below), (">", above)):
                if _holds(apart, *bounds):
                    return Related(operator == "!=", bounds)
            if _cannot_be_whole(left, right):
                return Related(operator == "!=", every)
            one_each = left.low.value == left.high.value and right.low.value == right.high.value
            return Related(operator == "==" if one_each else None, every)
    if _holds(operator, *surely):
        return Related(True, surely)
    if not _holds(operator, *possibly):
        return Related(False, possibly)
    return Related(None, every)


def _cannot_be_whole(left: Range, right: Range) -> bool:
    """Whether a count is compared with a number that no count can be."""
    for count, other in ((left, right), (right, left)):
        value = other.low.value
        counted = count.low.value != count.high.value
        if counted and isinstance(value, Decimal) and value == other.high.value:
            return value != value.to_integral_value()
    return False


def _holds(operator: str, left: Found, right: Found) -> bool:
    one, other = left.value, right.value
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return compare(operator, one, other)
    order = (one > other) - (one < other)  # type: ignore[operator]  # both dates or both codes
    return compare(operator, Decimal(order), Decimal(0))
