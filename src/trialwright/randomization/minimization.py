"""Minimization: how uneven the arms would become, and with what odds each is assigned.

Pocock and Simon, Biometrics 1975; 31:103-115: for each factor, count the participants per arm who
share the newcomer's level, add the newcomer to an arm in thought, measure how uneven the counts
are, and sum over the factors by weight.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Measure = Literal["range", "variance", "pairwise"]


def _pairwise(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the absolute differences of all pairs of arms, along the last axis."""
    differences = np.abs(counts[..., :, None] - counts[..., None, :])
    return np.asarray(differences.sum(axis=(-2, -1)) / 2)


MEASURES: Final[Mapping[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]]] = {
    "range": lambda counts: np.ptp(counts, axis=-1),
    "variance": lambda counts: np.var(counts, axis=-1, ddof=1),
    "pairwise": _pairwise,
}


def imbalance(
    allocated: ArrayLike,
    levels: ArrayLike,
    new_levels: ArrayLike,
    *,
    arms: int,
    weights: ArrayLike,
    measure: Measure = "range",
) -> NDArray[np.float64]:
    """The weighted imbalance if the newcomer went to each arm.

    Args:
        allocated: arm of each earlier participant, from 0, shape (participants,).
        levels: their factor levels, shape (participants, factors).
        new_levels: the newcomer's levels, shape (factors,).
        arms: the number of arms.
        weights: one per factor.
        measure: `range`, `variance` (over the arms, with n - 1) or `pairwise` differences.

    Returns:
        One score per arm; the smallest is the most balanced.
    """
    newcomer = np.asarray(new_levels)
    same = np.asarray(levels).reshape(-1, newcomer.size) == newcomer
    in_arm = np.asarray(allocated, dtype=np.intp)[:, None] == np.arange(arms)
    counts = same.T.astype(np.float64) @ in_arm.astype(np.float64)  # factors x arms
    if_added = counts[None] + np.eye(arms)[:, None, :]  # choice x factors x arms
    per_factor = MEASURES[measure](if_added)
    return np.asarray(per_factor @ np.asarray(weights, dtype=np.float64))


def assignment_odds(scores: ArrayLike, best_share: float) -> NDArray[np.float64]:
    """The probability of each arm: the best arms share `best_share`, the rest what is left.

    Scores within 1e-9 of the smallest tie. If all tie, each has the same probability.
    """
    values = np.asarray(scores, dtype=np.float64)
    best = values <= values.min() + 1e-9
    if best.all():
        return np.full(values.size, 1 / values.size)
    odds: NDArray[np.float64] = np.where(
        best, best_share / best.sum(), (1 - best_share) / (~best).sum()
    )
    return odds
