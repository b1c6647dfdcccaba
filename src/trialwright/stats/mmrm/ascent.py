"""The maximum of a likelihood over unstructured covariances, compiled as one.

The steps are those of `maximum.maximize`, with the elements of the covariances as parameters.
"""

from typing import Final

import numpy as np
from numba import njit

from trialwright.stats.mmrm.elements import (
    element_products,
    element_weights,
    exact_curvature,
    solve_positive,
)
from trialwright.stats.mmrm.kernels import evaluate
from trialwright.stats.results import Floats, Integers

MOST_STEPS: Final = 200
SCORING: Final = 0
ROUGH: Final = 1
EXACT: Final = 2


Found = tuple[bool, float, Floats, Floats, Floats, Floats, Floats]
"""What `kernels.evaluate` returns."""


@njit(cache=True)
def climb(
    covariance: Floats,
    restricted: bool,
    slope: float,
    stop: float,
    arrays: tuple[Floats | Integers, ...],
    row_pattern: Integers,
) -> tuple[Floats, Found, int, bool]:  # pragma: no cover (compiled)
    """The covariances reached, the likelihood there, the steps, and whether it is the maximum.

    Args:
        covariance: to start from, positive definite, shape (groups, visits, visits).
        restricted: REML, else ML.
        slope: the largest at a maximum.
        stop: the slope at which no further step is tried.
        arrays: of the data, as `kernels.evaluate` takes them.
        row_pattern: pattern of each row of the table.
    """
    at, found = covariance, evaluate(covariance, restricted, *arrays)
    if not found[0]:
        return at, found, 0, False
    hessian = np.empty((0, 0))
    kind, before = SCORING, np.inf
    for steps in range(MOST_STEPS):
        steep = by_element(found[6])
        largest = np.abs(steep).max()
        if largest < stop or (largest < slope and largest > 0.5 * before):
            return at, found, steps, True
        slow = largest > 0.1 * before
        if kind == ROUGH and slow:
            kind = EXACT
        if kind != EXACT or slow:
            hessian = curvature(kind, found, restricted, arrays, row_pattern)[0]
        direction, positive = solve_positive(hessian, -steep, 1e-14)
        if not positive:
            return at, found, steps, False
        gain = -np.dot(steep, direction)
        at, found, moved = _step(at, found, direction, restricted, arrays)
        if not moved:
            return at, found, steps, largest < slope
        before = np.inf if kind == SCORING else largest
        if kind == SCORING and gain < 1:
            kind = ROUGH
    return at, found, MOST_STEPS, False


@njit(cache=True)
def curvature(
    kind: int,
    found: Found,
    restricted: bool,
    arrays: tuple[Floats | Integers, ...],
    row_pattern: Integers,
) -> tuple[Floats, Floats]:  # pragma: no cover (compiled)
    """Curvature by the elements, shape (K, K), and if exact, the derivatives P of X'WX."""
    size, table, pairs, pair_start, slots, first, _, seen, seen_start, block_start, group = arrays
    _, _, coefficients, phi, inverse, scatter, pull = found
    groups, visits = pull.shape[:2]
    right = np.empty(len(inverse))
    for g in range(len(group)):
        for k in range(block_start[g], block_start[g + 1]):
            right[k] = size[g] * inverse[k]
    if kind != SCORING:
        right = 2 * scatter - right
    products = element_products(
        inverse, right, seen, seen_start, block_start, group, groups, visits
    )
    each = products.shape[1]
    hessian = np.zeros((groups * each, groups * each))
    for h in range(groups):
        hessian[h * each : (h + 1) * each, h * each : (h + 1) * each] = 0.5 * products[h]
    if kind != EXACT:
        return hessian, np.empty((0, 0, 0))
    weights = element_weights(
        inverse, first, row_pattern, seen, seen_start, block_start, group, groups, visits
    )
    exact, inner = exact_curvature(
        hessian, weights, restricted, coefficients, phi, table, pairs, pair_start, slots
    )
    return exact, inner


@njit(cache=True)
def by_element(pull: Floats) -> Floats:  # pragma: no cover (compiled)
    """The slope by each element from that by symmetric matrices, shape (groups, m, m)."""
    groups, visits = pull.shape[:2]
    out = np.empty(groups * (visits * (visits + 1) // 2))
    k = 0
    for h in range(groups):
        for a in range(visits):
            for b in range(a + 1):
                out[k] = pull[h, a, b] if a == b else 2 * pull[h, a, b]
                k += 1
    return out


@njit(cache=True)
def _step(
    at: Floats,
    found: Found,
    direction: Floats,
    restricted: bool,
    arrays: tuple[Floats | Integers, ...],
) -> tuple[Floats, Found, bool]:  # pragma: no cover (compiled)
    """A step in the direction, halved until f falls but for rounding; whether it ever did."""
    along = np.empty_like(at)
    k = 0
    for h in range(at.shape[0]):
        for a in range(at.shape[1]):
            for b in range(a + 1):
                along[h, a, b] = direction[k]
                along[h, b, a] = direction[k]
                k += 1
    length = 1.0
    for _ in range(40):
        following = at + length * along
        reached = evaluate(following, restricted, *arrays)
        if reached[0] and reached[1] <= found[1] + 1e-12 * (1 + abs(found[1])):
            return following, reached, True
        length /= 2
    return at, found, False
