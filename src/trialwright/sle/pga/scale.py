"""The scales of the PGA, compared exactly.

In binary arithmetic 2.3 − 2.0 is less than 0.3, and a rule decided at 0.30 goes wrong. Assessments
are
therefore compared as whole ten-thousandths of the unit in which they were recorded.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

SCALES: Final[Mapping[str, int]] = {"0-3": 3, "0-10": 10, "0-100": 100}
"""Name of a scale to its highest value."""

_STEPS: Final = 10_000


def in_steps(assessment: pl.Expr) -> pl.Expr:
    """The assessment in whole ten-thousandths of its own unit."""
    return (assessment * _STEPS).round().cast(pl.Int32)


def change_in_steps(before: pl.Expr, after: pl.Expr) -> pl.Expr:
    """The rise from `before` to `after`, in ten-thousandths."""
    return in_steps(after) - in_steps(before)


def worsening_steps(scale: str) -> int:
    """The rise that counts as worse: 0.3 on 0 to 3, so a tenth of any scale; in ten-thousandths."""
    return SCALES[scale] * _STEPS // 10


def on_0_3(steps: pl.Expr, scale: str) -> pl.Expr:
    """Ten-thousandths on `scale` as a number on the scale of 0 to 3."""
    return (steps.cast(pl.Float64) * 3 / (_STEPS * SCALES[scale])).round(6)
