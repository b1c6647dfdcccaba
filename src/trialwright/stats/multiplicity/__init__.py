"""Multiplicity: adjusted p-values, graphical procedures, the joint law of correlated statistics."""

from trialwright.stats.multiplicity.closures import (
    Closure,
    IntersectionTest,
    closed_test,
    intersection_weights,
)
from trialwright.stats.multiplicity.graphs import (
    Graph,
    SequentialRejection,
    sequential_rejection,
)
from trialwright.stats.multiplicity.joint_law import JointLaw
from trialwright.stats.multiplicity.p_values import (
    AdjustedPValues,
    AdjustmentMethod,
    adjust,
    fallback_graph,
)

__all__ = [
    "AdjustedPValues",
    "AdjustmentMethod",
    "Closure",
    "Graph",
    "IntersectionTest",
    "JointLaw",
    "SequentialRejection",
    "adjust",
    "closed_test",
    "fallback_graph",
    "intersection_weights",
    "sequential_rejection",
]
