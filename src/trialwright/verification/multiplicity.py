"""Cases of multiplicity: adjusted p-values and graphical procedures.

Settings: `p`; of a graph `weights` (or `hypotheses`) and `transitions`, else it is Holm's; `alpha`;
`correlation` or `rho`; `groups` of hypotheses, counted from one as R does, or from zero if one of
them is 0. Values may stand in a list, or by the names of their hypotheses.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from trialwright.stats.multiplicity import (
    AdjustmentMethod,
    Closure,
    Graph,
    IntersectionTest,
    SequentialRejection,
    adjust,
    closed_test,
    intersection_weights,
    sequential_rejection,
)
from trialwright.stats.results import Floats
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Method

LEVEL: Final = 0.025
SAMPLED: Final = 1e-5
"""The error of graphicalMCP's joint probabilities, which average over a random lattice."""

ROUNDED: Final = 5.1e-11
"""graphicalMCP rounds the p-values of a closed test to ten decimals."""

PROCEDURES: Final[Mapping[str, AdjustmentMethod]] = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "hochberg",
    "hommel": "hommel",
    "BH": "benjamini-hochberg",
    "fdr": "benjamini-hochberg",
    "BY": "benjamini-yekutieli",
    "sidak": "sidak",
    "holm_sidak": "holm-sidak",
    "fixed_sequence": "fixed-sequence",
    "fixed_sequence_in_given_order": "fixed-sequence",
    "fallback": "fallback",
    "fallback_in_given_order": "fallback",
}


def _values(found: Any) -> Any:
    """In order, without the names of their hypotheses."""
    return [_values(each) for each in found.values()] if isinstance(found, Mapping) else found


def _adjust_p(case: Case) -> Mapping[str, Any]:
    p_values = _values(case.setting("p"))
    weights = _values(case.first("weights", "hypotheses"))

    def adjusted(method: AdjustmentMethod) -> Callable[[], Any]:
        shares = weights if method == "fallback" else None
        return lambda: adjust(p_values, method, weights=shares).adjusted

    return {name: adjusted(method) for name, method in PROCEDURES.items()}


def _graphical_procedure(case: Case) -> Mapping[str, Any]:
    p_values = _values(case.setting("p"))
    alpha = float(case.first("alpha", default=LEVEL))
    graph = _graph(case, len(p_values))

    def closed(test: IntersectionTest) -> Closure:
        return closed_test(
            graph,
            p_values,
            alpha=alpha,
            test=test,
            groups=_groups(case),
            correlation=_correlation(case, len(p_values)) if test == "parametric" else None,
        )

    def parametric() -> Mapping[str, Any]:
        found = closed("parametric")
        return {
            "adjusted_p": [Approximate(float(p), SAMPLED) for p in found.adjusted],
            "rejected": found.rejected,
        }

    return {
        "shortcut": lambda: _shortcut(sequential_rejection(graph, p_values, alpha=alpha)),
        "closure_bonferroni": lambda: _closure(closed("bonferroni")),
        "closure_simes": lambda: _closure(closed("simes")),
        "closure_parametric": parametric,
        "intersection_weights": lambda: np.hstack(intersection_weights(graph)),
        "adjusted_p": lambda: parametric()["adjusted_p"],
        "rejected": lambda: parametric()["rejected"],
    }


def _groups(case: Case) -> list[list[int]] | None:
    """Counted from zero."""
    groups = _values(case.first("groups", "test_groups"))
    if groups is None:
        return None
    rows = [each if isinstance(each, list) else [each] for each in groups]
    first = 0 if any(0 in row for row in rows) else 1
    return [[int(place) - first for place in row] for row in rows]


def _graph(case: Case, count: int) -> Graph:
    """Give the graph of the spec, or Holm's, if the spec has none."""
    weights = _values(case.first("weights", "hypotheses"))
    if weights is not None:
        return Graph(weights, _values(case.setting("transitions")))
    paths = (1 - np.eye(count)) / max(count - 1, 1)
    return Graph(np.full(count, 1 / count), paths)


def _correlation(case: Case, count: int) -> Floats:
    matrix = _values(case.first("correlation", "corr"))
    if matrix is not None:
        return np.asarray(matrix, dtype=float)
    rho = float(case.setting("rho"))
    return np.full((count, count), rho) + (1 - rho) * np.eye(count)


def _shortcut(found: SequentialRejection) -> Mapping[str, Any]:
    return {
        "adjusted_p": found.adjusted,
        "rejected": found.rejected,
        "weights_left": found.weights_left,
        "transitions_left": found.transitions_left,
    }


def _closure(found: Closure) -> Mapping[str, Any]:
    rounded = [Approximate(float(p), ROUNDED) for p in found.adjusted]
    return {"adjusted_p": rounded, "rejected": found.rejected}


METHODS: Final[Mapping[str, Method]] = {
    "adjust_p": _adjust_p,
    "graphical_procedure": _graphical_procedure,
}
