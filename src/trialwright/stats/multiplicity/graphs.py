"""Graphical multiple test procedures: graphs of hypotheses and their sequential rejection."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats

BoolArray = npt.NDArray[np.bool_]

SLACK = 1e-9  # thirds written with fifteen digits must still sum to one


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Hypotheses as nodes that share a level and pass it on when rejected.

    Attributes:
        weights: shape (m,): the share of the level at each hypothesis, summing to at most one.
        transitions: shape (m, m): row j says what part of its level hypothesis j passes to each
            other hypothesis once it is rejected; rows sum to at most one, the diagonal is zero.

    Raises:
        UnusableInputError: shapes that do not fit, negative or missing numbers, sums above one,
            or a hypothesis that passes level to itself.

    Source: Bretz, Maurer, Brannath, Posch, Stat Med 2009;28:586.
    """

    weights: Floats
    transitions: Floats

    def __post_init__(self) -> None:
        weights = np.asarray(self.weights, dtype=float)
        transitions = np.asarray(self.transitions, dtype=float)
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "transitions", transitions)
        if weights.ndim != 1 or weights.size == 0:
            raise UnusableInputError("A graph needs one weight per hypothesis")
        if transitions.shape != (weights.size, weights.size):
            raise UnusableInputError(
                f"{weights.size} weights, but transitions of shape {transitions.shape}",
                remedy="Give one row and one column per hypothesis.",
            )
        for name, shares in (("weights", weights), ("a row of transitions", transitions)):
            if not np.all(shares >= 0) or np.any(shares.sum(axis=-1) > 1 + SLACK):
                raise UnusableInputError(
                    f"The {name} of a graph must be non-negative and sum to at most one"
                )
        if np.any(np.diag(transitions) != 0):
            raise UnusableInputError("A hypothesis cannot pass level to itself")


@dataclass(frozen=True, slots=True, eq=False)
class SequentialRejection:
    """What the sequentially rejective Bonferroni test of a graph found.

    Attributes:
        adjusted: shape (..., m): adjusted p-values.
        rejected: shape (..., m): rejected at `alpha`.
        weights_left: shape (..., m): the weights once the rejected hypotheses are removed.
        transitions_left: shape (..., m, m): the transitions then.
        alpha: the familywise level.
    """

    adjusted: Floats
    rejected: BoolArray
    weights_left: Floats
    transitions_left: Floats
    alpha: float


def sequential_rejection(
    graph: Graph, p_values: npt.ArrayLike, *, alpha: float
) -> SequentialRejection:
    """Test a graph by rejecting, one after another, the hypothesis with the smallest p / weight.

    Args:
        graph: the hypotheses.
        p_values: shape (..., m): any number of trials at once.
        alpha: familywise level.

    Raises:
        UnusableInputError: p-values that do not fit the graph, or those or a level that are missing
            or outside 0 to 1.

    Source: Bretz, Maurer, Brannath, Posch, Stat Med 2009;28:586, algorithms 1 and 2.

    >>> holm = Graph([1 / 2, 1 / 2], [[0, 1], [1, 0]])
    >>> sequential_rejection(holm, [0.01, 0.03], alpha=0.025).adjusted.tolist()
    [0.02, 0.03]
    """
    p = p_values_of(graph, p_values)
    check_level(alpha)
    rows = p.reshape(-1, p.shape[-1])
    trials, count = rows.shape
    trial = np.arange(trials)
    weights = np.broadcast_to(graph.weights, (trials, count)).copy()
    transitions = np.broadcast_to(graph.transitions, (trials, count, count)).copy()
    weights_left, transitions_left = weights, transitions
    adjusted = np.ones((trials, count))
    waiting = np.ones((trials, count), dtype=bool)
    level = np.zeros(trials)
    for _ in range(count):
        ratio = weighted(rows, weights, waiting)
        next_one = ratio.argmin(axis=1)
        next_one = np.where(waiting[trial, next_one], next_one, waiting.argmax(axis=1))
        level = np.maximum(level, np.minimum(ratio[trial, next_one], 1))
        adjusted[trial, next_one] = level
        waiting[trial, next_one] = False
        weights, transitions = without(weights, transitions, next_one)
        gone = level <= alpha
        weights_left = np.where(gone[:, None], weights, weights_left)
        transitions_left = np.where(gone[:, None, None], transitions, transitions_left)
    return SequentialRejection(
        adjusted=adjusted.reshape(p.shape),
        rejected=(adjusted <= alpha).reshape(p.shape),
        weights_left=weights_left.reshape(p.shape),
        transitions_left=transitions_left.reshape(*p.shape, count),
        alpha=alpha,
    )


def without(
    weights: Floats, transitions: Floats, removed: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Remove one hypothesis from each of a stack of graphs, passing its level and paths on.

    Shapes: weights (s, m), transitions (s, m, m), removed (s,).
    """
    each = np.arange(len(removed))
    from_removed = transitions[each, removed]  # what the removed one passes to k
    to_removed = transitions[each, :, removed]  # what l passes to the removed one
    weights = weights + weights[each, removed][:, None] * from_removed
    returning = to_removed * from_removed  # l to the removed one and back to l
    through = transitions + to_removed[:, :, None] * from_removed[:, None, :]
    kept = 1 - returning
    closed = kept <= SLACK
    scale = np.where(closed, 0, 1 / np.where(closed, 1, kept))
    transitions = through * scale[:, :, None]
    diagonal = np.arange(weights.shape[1])
    transitions[:, diagonal, diagonal] = 0
    transitions[each, removed] = 0
    transitions[each, :, removed] = 0
    weights[each, removed] = 0
    return weights, transitions


def weighted(p: Floats, weights: Floats, among: BoolArray) -> Floats:
    """Give p / weight, infinite where there is no weight to test at."""
    usable = among & (weights > 0)
    return np.where(usable, p / np.where(usable, weights, 1), np.inf)


def p_values_of(graph: Graph, p_values: npt.ArrayLike) -> Floats:
    """Give p-values that fit a graph, or say what is wrong with them."""
    p = checked_p_values(p_values)
    count = graph.weights.size
    if p.shape[-1] != count:
        raise UnusableInputError(f"{p.shape[-1]} p-values for a graph of {count} hypotheses")
    return p


def check_level(alpha: float) -> None:
    """Raise `UnusableInputError` unless the level lies between 0 and 1."""
    if not 0 <= alpha <= 1:
        raise UnusableInputError("The familywise level must lie between 0 and 1")


def checked_p_values(p_values: npt.ArrayLike) -> Floats:
    """Give the p-values as floats, or say what is wrong with them."""
    p = np.asarray(p_values, dtype=float)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise UnusableInputError("No p-values to adjust")
    if not np.all((p >= 0) & (p <= 1)):
        raise UnusableInputError(
            "A p-value is missing or outside 0 to 1",
            remedy="Leave out hypotheses that were not tested, or give them p = 1.",
        )
    return p
