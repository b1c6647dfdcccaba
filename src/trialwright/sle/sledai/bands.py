"""Words for a SLEDAI total. Authors differ, so each set of bands has a name."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from trialwright.errors import UnusableInputError

BANDS: Final[Mapping[str, tuple[tuple[int, str], ...]]] = {
    "eular2019": ((0, "remission"), (4, "low"), (10, "moderate"), (105, "high")),
    "bsr2018": ((5, "mild"), (12, "moderate"), (105, "severe")),
    "cook": ((0, "none"), (5, "mild"), (10, "moderate"), (19, "high"), (105, "very high")),
}
"""Preset to its bands: the highest total of each, and its name."""


def band(total: pl.Expr, preset: str) -> pl.Expr:
    """The name of the band in which the total lies; null without a total."""
    if preset not in BANDS:
        raise UnusableInputError(
            f"no bands are called {preset}",
            where="option bands",
            remedy=f"choose one of {', '.join(BANDS)}",
        )
    named = pl.lit(None, dtype=pl.String)
    for highest, name in reversed(BANDS[preset]):
        named = pl.when(total <= highest).then(pl.lit(name)).otherwise(named)
    return named


def change_word(before: pl.Expr, after: pl.Expr) -> pl.Expr:
    """Flare above +3, improved below −3, stable from −3 to +3."""
    change = after.cast(pl.Int16) - before.cast(pl.Int16)
    return (
        pl.when(change > 3)
        .then(pl.lit("flare"))
        .when(change < -3)
        .then(pl.lit("improved"))
        .when(change.is_not_null())
        .then(pl.lit("stable"))
    )
