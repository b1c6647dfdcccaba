"""How numbers compare: as the decimals that people wrote, in both uses alike.

A PGA of 2.3 is 0.3 above one of 2.0, though in binary 2.3 - 2.0 is 0.2999…98. For one participant
the arithmetic is decimal; for a table it is binary, whose error stays below 1e-12 of the numbers
at hand. In both, numbers are *equal* if they differ by at most 1e-9 + 1e-12 (|a| + |b|), and less
or greater only beyond that. So both give one answer, unless a rule's numbers differ by a billionth.

Numbers of 10^15 and more, infinite ones and NaN are unknown, as is a quotient whose divisor
equals zero.
"""

from decimal import Context, Decimal
from typing import Final

import polars as pl

BEYOND: Final = Decimal("1e15")
DECIMAL: Final = Context(
    prec=40
)  # enough for products of three numbers of 10^15 with their decimals
_ABSOLUTE: Final = Decimal("1e-9")
_RELATIVE: Final = Decimal("1e-12")


def compare(operator: str, left: Decimal, right: Decimal) -> bool:
    """Whether `left operator right` holds for two numbers."""
    difference = left - right
    if abs(difference) <= _ABSOLUTE + _RELATIVE * (abs(left) + abs(right)):
        return operator in ("==", "<=", ">=")
    return operator == "!=" or (operator[0] == ("<" if difference < 0 else ">"))


def compare_columns(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Whether `left operator right` holds in each row; null where either is null."""
    difference = left - right
    slack = (left.abs() + right.abs()) * float(_RELATIVE) + float(_ABSOLUTE)
    match operator:
        case "==":
            return difference.abs() <= slack
        case "!=":
            return difference.abs() > slack
        case "<":
            return difference < -slack
        case "<=":
            return difference <= slack
        case ">":
            return difference > slack
        case _:
            return difference >= -slack


def within_reach(number: Decimal) -> bool:
    """Whether a number is finite and below 10^15."""
    return number.is_finite() and abs(number) < BEYOND


def column_within_reach(column: pl.Expr) -> pl.Expr:
    """The column, null where it is NaN, infinite or beyond 10^15."""
    return pl.when(column.abs() < float(BEYOND)).then(column)
