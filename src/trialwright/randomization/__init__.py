"""Randomization schemes as pure functions of a scheme and a seed."""

from trialwright.randomization.permuted_blocks import (
    Allocation,
    AllocationList,
    allocation_list,
    next_allocation,
    read_list,
    replay,
    write_list,
)
from trialwright.randomization.scheme import Scheme, StratificationFactor

__all__ = [
    "Allocation",
    "AllocationList",
    "Scheme",
    "StratificationFactor",
    "allocation_list",
    "next_allocation",
    "read_list",
    "replay",
    "write_list",
]
