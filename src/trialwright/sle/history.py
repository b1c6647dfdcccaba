"""Looking back: the previous value of a participant, in rows that stand in visit order.

Every expression here reads neighboring rows only, so that long tables stay fast: no grouping, one
shift, and a fill that stops at the first row of each participant.
"""

import polars as pl


def first_row() -> pl.Expr:
    """True in the first row of each participant."""
    participant = pl.col("participant")
    return (participant != participant.shift(1)).fill_null(True)


def previous(value: pl.Expr) -> pl.Expr:
    """The value of the participant's preceding row; null in the first."""
    return pl.when(~first_row()).then(value.shift(1))


def last_known(value: pl.Expr, *, nothing: float) -> pl.Expr:
    """The last value given up to and with this row; `nothing` is a value that never occurs."""
    filled = pl.when(value.is_not_null()).then(value).when(first_row()).then(nothing).forward_fill()
    return pl.when(filled != nothing).then(filled)


def first_known(value: pl.Expr, *, nothing: float) -> pl.Expr:
    """The participant's first value given up to and with this row."""
    earlier = previous(last_known(value, nothing=nothing))
    opening = pl.when(earlier.is_null()).then(value)
    return last_known(opening, nothing=nothing)


def ever_before(flag: pl.Expr) -> pl.Expr:
    """True if `flag` was true in an earlier row of the participant; null counts as false."""
    true, false = pl.lit(1, dtype=pl.Int8), pl.lit(0, dtype=pl.Int8)
    so_far = pl.when(flag).then(true).when(first_row()).then(false).forward_fill()
    return (so_far.shift(1) == 1) & ~first_row()
