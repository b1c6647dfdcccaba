"""A rule for a whole table: the same truths as one Polars expression."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import add, and_, or_
from typing import Final

import polars as pl

from trialwright.rules.calendar import elapsed_columns
from trialwright.rules.check import kind_of
from trialwright.rules.numbers import column_within_reach, compare_columns
from trialwright.rules.syntax import (
    Arithmetic,
    Call,
    Comparison,
    Item,
    Literal,
    Logic,
    Membership,
    Negative,
    Node,
    Not,
    item_names,
)
from trialwright.rules.types import ItemType, Kind

LIMIT_COLUMN: Final = {"uln": "upper_limit", "lln": "lower_limit"}
_TYPES: Final[Mapping[Kind, pl.DataType]] = {
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "code": pl.String(),
    "date": pl.Date(),
}


def limit_column(function: str, item: str) -> str:
    """The column that holds the laboratory's limit which `uln` or `lln` of an item asks for."""
    return f"{item}__{LIMIT_COLUMN[function]}"


class Compilation:
    """Turns the nodes of checked rules into expressions; null stands for unknown.

    The `&` and `|` of Polars are Kleene's: null | true is true, null & false is false.
    """

    def __init__(self, items: Mapping[str, ItemType], on: pl.Expr) -> None:
        self._items = items
        self._on = on

    def expression(self, node: Node) -> pl.Expr:
        """The expression of a node of any kind."""
        match node:
            case Literal(kind, value):
                constant = float(value) if isinstance(value, Decimal) else value
                return pl.lit(constant, dtype=_TYPES[kind])
            case Item(name):
                column = pl.col(name).cast(_TYPES[self._items[name].kind])
                return column_within_reach(column) if self._kind(node) == "number" else column
            case Negative(operand):
                return -self.expression(operand)
            case Arithmetic(operator, left, right):
                return _arithmetic(operator, self.expression(left), self.expression(right))
            case Comparison(operator, left, right):
                return self._related(operator, left, right)
            case Membership(subject, options):
                return _folded(or_, [self._related("==", subject, each) for each in options])
            case Not(operand):
                return ~self.expression(operand)
            case Logic(operator, operands):
                return _folded(
                    and_ if operator == "and" else or_, [*map(self.expression, operands)]
                )
            case Call(function, arguments):
                return self._call(function, arguments)

    def _related(self, operator: str, left: Node, right: Node) -> pl.Expr:
        kind = self._kind(left)
        if kind != "number":
            return _compared(operator, self.expression(left), self.expression(right))
        (low, high), (least, most) = self._bounds(left), self._bounds(right)
        if low is high and least is most:
            return compare_columns(operator, low, least)
        return _ranges_compared(operator, (low, high), (least, most))

    def _bounds(self, node: Node) -> tuple[pl.Expr, pl.Expr]:
        """The least and the greatest number that a node can still turn out to be."""
        if isinstance(node, Call) and node.function == "count":
            return self._counts(node.arguments)
        number = self.expression(node)
        return number, number

    def _counts(self, arguments: tuple[Node, ...]) -> tuple[pl.Expr, pl.Expr]:
        truths = [self.expression(argument) for argument in arguments]
        surely, possibly = (
            _folded(add, [truth.fill_null(unknown).cast(pl.Float64) for truth in truths])
            for unknown in (False, True)
        )
        return surely, possibly

    def _call(self, function: str, arguments: tuple[Node, ...]) -> pl.Expr:
        match function:
            case "uln" | "lln":
                column = pl.col(limit_column(function, item_names(*arguments)[0]))
                return column_within_reach(column.cast(pl.Float64))
            case "days_since" | "months_since" | "years_since":
                return elapsed_columns(function, self.expression(arguments[0]), self._on)
            case "count":
                low, high = self._counts(arguments)
                return pl.when(low == high).then(low)
            case "assessed":
                return self.expression(arguments[0]).is_not_null()
            case "abs":
                return self.expression(arguments[0]).abs()
        numbers = [self.expression(argument) for argument in arguments]
        known = pl.all_horizontal(number.is_not_null() for number in numbers)
        extreme = pl.min_horizontal if function == "min" else pl.max_horizontal
        return pl.when(known).then(extreme(numbers))

    def _kind(self, node: Node) -> Kind:
        return kind_of(node, self._items)


def _folded(operator: Callable[[pl.Expr, pl.Expr], pl.Expr], parts: list[pl.Expr]) -> pl.Expr:
    """Join the parts in halves of halves: Polars takes quadratic time over a deep chain."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return operator(_folded(operator, parts[:middle]), _folded(operator, parts[middle:]))


def _arithmetic(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return column_within_reach(left * right)
        case _:
            nonzero = compare_columns("!=", right, pl.lit(0.0))
            return column_within_reach(pl.when(nonzero).then(left / right))


def _compared(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _ranges_compared(
    operator: str, left: tuple[pl.Expr, pl.Expr], right: tuple[pl.Expr, pl.Expr]
) -> pl.Expr:
    """True or false where all numbers within the bounds agree, else null."""
    (low, high), (least, most) = left, right
    match operator:
        case "<" | "<=":
            surely = compare_columns(operator, high, least)
            possibly = compare_columns(operator, low, most)
        case ">" | ">=":
            surely = compare_columns(operator, low, most)
            possibly = compare_columns(operator, high, least)
        case "==":
            surely = compare_columns("<=", high, least) & compare_columns(">=", low, most)
            possibly = compare_columns("<=", low, most) & compare_columns(">=", high, least)
            # A count, the only one with two bounds, cannot equal a number that is not whole.
            possibly &= ~_counted_and_fixed(low, high, least, most)
            possibly &= ~_counted_and_fixed(least, most, low, high)
        case _:
            return ~_ranges_compared("==", left, right)
    return pl.when(surely).then(True).when(~possibly).then(False)


def _counted_and_fixed(low: pl.Expr, high: pl.Expr, least: pl.Expr, most: pl.Expr) -> pl.Expr:
    """Whether the first is a count with two bounds and the second one number, not a whole one."""
    return (low != high) & (least == most) & (least != least.round())


def day(on: pl.Expr | dt.date) -> pl.Expr:
    """The day of assessment as an expression."""
    return on if isinstance(on, pl.Expr) else pl.lit(on, dtype=pl.Date)
