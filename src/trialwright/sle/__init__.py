"""Lupus instruments over whole visit tables: score, explain and check."""

from trialwright.sle import (
    hybrid_selena_sledai,
    selena_sledai,
    sledai_2k,
    sledai_2k_30d,
    sledai_1992,
)
from trialwright.sle.library import INSTRUMENTS, check, explain, instrument, score

__all__ = [
    "INSTRUMENTS",
    "check",
    "explain",
    "hybrid_selena_sledai",
    "instrument",
    "score",
    "selena_sledai",
    "sledai_2k",
    "sledai_2k_30d",
    "sledai_1992",
]
