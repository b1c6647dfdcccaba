"""Lupus instruments over whole visit tables: score, explain and check."""

from trialwright.sle import (
    acr_1997,
    bilag_2004,
    bilag_2004_flare,
    hybrid_selena_sledai,
    pga,
    selena_sledai,
    sledai_2k,
    sledai_2k_30d,
    sledai_1992,
)
from trialwright.sle.library import INSTRUMENTS, check, explain, instrument, score

__all__ = [
    "INSTRUMENTS",
    "acr_1997",
    "bilag_2004",
    "bilag_2004_flare",
    "check",
    "explain",
    "hybrid_selena_sledai",
    "instrument",
    "pga",
    "score",
    "selena_sledai",
    "sledai_2k",
    "sledai_2k_30d",
    "sledai_1992",
]
