"""Measured values compared as the decimals written down, not as their binary neighbors."""

from typing import Final

import polars as pl

_PLACES: Final = 1_000_000


def millionths(value: float | pl.Expr) -> pl.Expr:
    """The value in whole millionths, so that 0.7 is 0.7 and 2.3 − 2.0 is 0.3."""
    expression = value if isinstance(value, pl.Expr) else pl.lit(float(value))
    return (expression * _PLACES).round().cast(pl.Int64)
