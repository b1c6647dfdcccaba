"""P-values adjusted for multiplicity: one call for every procedure that needs only the p-values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity.graphs import Graph, checked_p_values, sequential_rejection
from trialwright.stats.results import Floats

BoolArray = npt.NDArray[np.bool_]

AdjustmentMethod = Literal[
    "bonferroni",
    "holm",
    "hochberg",
    "hommel",
    "sidak",
    "holm-sidak",
    "benjamini-hochberg",
    "benjamini-yekutieli",
    "fixed-sequence",
    "fallback",
]
"""The procedures of `adjust`. The two Benjamini procedures control the false discovery rate, the
others the familywise error rate: Hochberg and Hommel need independent or positively dependent
statistics, Šidák and Holm–Šidák independent or positive orthant dependent ones."""


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedPValues:
    """P-values before and after adjustment; the last axis runs over the hypotheses of a family."""

    raw: Floats
    adjusted: Floats
    method: AdjustmentMethod

    def rejected(self, alpha: float) -> BoolArray:
        """Tell which hypotheses are rejected at familywise level, or discovery rate, alpha."""
        return self.adjusted <= alpha


def adjust(
    p_values: npt.ArrayLike, method: AdjustmentMethod, *, weights: npt.ArrayLike | None = None
) -> AdjustedPValues:
    """Adjust p-values for multiplicity.

    Args:
        p_values: shape (..., m): m hypotheses along the last axis, any number of trials before.
            For `fixed-sequence` and `fallback` the hypotheses come in the order of testing.
        method: the procedure.
        weights: shape (m,), the shares of the level that `fallback` starts from, summing to at
            most one; equal shares if absent. Other procedures take none.

    Returns:
        The raw and adjusted p-values, of the shape given.

    Raises:
        UnusableInputError: no hypothesis, a p-value outside 0 to 1 or missing, an unknown
            method, or weights where none are used.

    Sources: Holm, Scand J Stat 1979;6:65. Hochberg, Biometrika 1988;75:800. Hommel, Biometrika
    1988;75:383. Šidák, JASA 1967;62:626. Benjamini and Hochberg, JRSS B 1995;57:289. Benjamini
    and Yekutieli, Ann Stat 2001;29:1165. Wiens and Dmitrienko, J Biopharm Stat 2005;15:929.

    >>> adjust([0.0123, 0.0321, 0.0049], "holm").adjusted.round(4).tolist()
    [0.0246, 0.0321, 0.0147]
    """
    p = checked_p_values(p_values)
    if method not in get_args(AdjustmentMethod):
        raise UnusableInputError(
            f"Unknown multiplicity method {method!r}",
            remedy=f"Choose one of {', '.join(get_args(AdjustmentMethod))}.",
        )
    if method == "fallback":
        chain = fallback_graph(
            np.full(p.shape[-1], 1 / p.shape[-1]) if weights is None else weights
        )
        return AdjustedPValues(p, sequential_rejection(chain, p, alpha=0).adjusted, method)
    if weights is not None:
        raise UnusableInputError(f"The {method} procedure takes no weights")
    if method in UNORDERED:
        return AdjustedPValues(p, UNORDERED[method](p), method)
    order = np.argsort(p, axis=-1, kind="stable")
    adjusted = np.empty_like(p)
    ascending = np.take_along_axis(p, order, axis=-1)
    np.put_along_axis(adjusted, order, ORDERED[method](ascending), axis=-1)
    return AdjustedPValues(p, adjusted, method)


def fallback_graph(weights: npt.ArrayLike) -> Graph:
    """Give the chain of the fallback procedure: each hypothesis passes its level to the next.

    >>> fallback_graph([0.5, 0.3, 0.2]).transitions.tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """
    shares = np.asarray(weights, dtype=float)
    return Graph(shares, np.eye(shares.size, k=1))


# Each function below takes p-values of shape (..., m); "ascending" ones are sorted.


def _bonferroni(p: Floats) -> Floats:
    adjusted: Floats = np.minimum(p * p.shape[-1], 1)
    return adjusted


def _sidak(p: Floats) -> Floats:
    return _at_least_one(p, p.shape[-1])


def _fixed_sequence(p: Floats) -> Floats:
    adjusted: Floats = np.maximum.accumulate(p, axis=-1)
    return adjusted


def _holm(ascending: Floats) -> Floats:
    adjusted: Floats = np.maximum.accumulate(ascending * _left(ascending), axis=-1)
    return np.minimum(adjusted, 1)


def _holm_sidak(ascending: Floats) -> Floats:
    chances = _at_least_one(ascending, _left(ascending))
    adjusted: Floats = np.maximum.accumulate(chances, axis=-1)
    return adjusted


def _hochberg(ascending: Floats) -> Floats:
    return _step_up(ascending * _left(ascending))


def _benjamini_hochberg(ascending: Floats) -> Floats:
    return _step_up(ascending * ascending.shape[-1] / _rank(ascending))


def _benjamini_yekutieli(ascending: Floats) -> Floats:
    return _step_up(
        ascending * ascending.shape[-1] / _rank(ascending) * np.sum(1 / _rank(ascending))
    )


def _hommel(ascending: Floats) -> Floats:
    """Close Simes' test: the hardest intersection of a size holds the largest other p-values."""
    count = ascending.shape[-1]
    adjusted = ascending.copy()
    for size in range(2, count + 1):
        largest = ascending[..., count - size :]
        others = (size * largest[..., 1:] / np.arange(2, size + 1)).min(axis=-1, keepdims=True)
        smallest = size * np.minimum(ascending, largest[..., :1])
        adjusted = np.maximum(adjusted, np.minimum(smallest, others))
    return adjusted


def _rank(ascending: Floats) -> Floats:
    return np.arange(1, ascending.shape[-1] + 1, dtype=float)


def _left(ascending: Floats) -> Floats:
    """Count the hypotheses not yet rejected when each has its turn: m, m − 1, ..., 1."""
    return np.arange(ascending.shape[-1], 0, -1, dtype=float)


def _step_up(scaled: Floats) -> Floats:
    smallest: Floats = np.minimum.accumulate(scaled[..., ::-1], axis=-1)
    return np.minimum(smallest[..., ::-1], 1)


def _at_least_one(p: Floats, count: Floats | int) -> Floats:
    """Give the chance that the smallest of `count` independent p-values is at most p."""
    with np.errstate(divide="ignore"):  # p = 1 gives log 0, and then 1 again
        chance: Floats = -np.expm1(count * np.log1p(-p))
    return chance


UNORDERED: dict[str, Callable[[Floats], Floats]] = {
    "bonferroni": _bonferroni,
    "sidak": _sidak,
    "fixed-sequence": _fixed_sequence,
}
ORDERED: dict[str, Callable[[Floats], Floats]] = {
    "holm": _holm,
    "holm-sidak": _holm_sidak,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "benjamini-hochberg": _benjamini_hochberg,
    "benjamini-yekutieli": _benjamini_yekutieli,
}
