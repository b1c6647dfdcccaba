"""Multiplicity: adjusted p-values, graphical procedures, the largest of correlated statistics."""

from trialwright.stats.multiplicity.graphs import (
    Graph,
    SequentialRejection,
    sequential_rejection,
)
from trialwright.stats.multiplicity.p_values import (
    AdjustedPValues,
    AdjustmentMethod,
    adjust,
    fallback_graph,
)

__all__ = [
    "AdjustedPValues",
    "AdjustmentMethod",
    "Graph",
    "SequentialRejection",
    "adjust",
    "fallback_graph",
    "sequential_rejection",
]
