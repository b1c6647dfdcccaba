"""Compiled loops for unstructured covariances, whose parameters are their elements.

The elements are those on and below the diagonal, row by row, of one group after the other. Arrays
are as in `kernels`.
"""

import numpy as np
from numba import njit

from trialwright.stats.mmrm.kernels import REASSOCIATE, evaluate
from trialwright.stats.results import Floats, Integers


@njit(cache=True)
def pad(
    blocks: Floats, seen: Integers, seen_start: Integers, block_start: Integers, visits: int
) -> Floats:  # pragma: no cover (compiled)
    """Blocks among all visits, zero where a visit is missing, shape (patterns, visits²)."""
    out = np.zeros((len(block_start) - 1, visits * visits))
    for g in range(len(block_start) - 1):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        for i in range(v):
            for j in range(v):
                value = blocks[block_start[g] + i * v + j]
                out[g, seen[at + i] * visits + seen[at + j]] = value
    return out


@njit(cache=True)
def element_products(
    left: Floats,
    right: Floats,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
    groups: int,
    visits: int,
) -> Floats:  # pragma: no cover (compiled)
    """As `direction_products`, by the elements in the order of `element_weights`."""
    each = visits * (visits + 1) // 2
    out = np.empty((groups, each, each))
    one = pad(left, seen, seen_start, block_start, visits)
    other = pad(right, seen, seen_start, block_start, visits)
    for h in range(groups):
        mine = group == h
        sums = np.dot(one[mine].T, other[mine])  # left[b, c] right[a, d]
        k = 0
        for a in range(visits):
            for b in range(a + 1):
                m = 0
                for c in range(visits):
                    for d in range(c + 1):
                        value = (
                            sums[b * visits + c, a * visits + d]
                            + sums[a * visits + c, b * visits + d]
                            + sums[b * visits + d, a * visits + c]
                            + sums[a * visits + d, b * visits + c]
                        )
                        if a == b:
                            value *= 0.5
                        if c == d:
                            value *= 0.5
                        out[h, k, m] = value
                        m += 1
                k += 1
    return out


@njit(cache=True)
def element_weights(
    inverse: Floats,
    first: Integers,
    row_pattern: Integers,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
    groups: int,
    visits: int,
) -> Floats:  # pragma: no cover (compiled)
    """W D W at the rows of the table, for D the derivative by each element of each covariance.

    The elements are those on and below the diagonal, row by row, of one group after the other.
    Returns shape (rows, elements).
    """
    each = visits * (visits + 1) // 2
    out = np.zeros((len(first), groups * each))
    for row in range(len(first)):
        g = row_pattern[row]
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        place = first[row] - block_start[g]
        c = block_start[g] + (place // v) * v
        d = block_start[g] + (place % v) * v
        for a in range(v):
            i = seen[at + a]
            base = group[g] * each + i * (i + 1) // 2
            for b in range(a):
                value = inverse[c + a] * inverse[d + b] + inverse[c + b] * inverse[d + a]
                out[row, base + seen[at + b]] = value
            out[row, base + i] = inverse[c + a] * inverse[d + a]
    return out


@njit(cache=True, fastmath=REASSOCIATE)
def solve_positive(
    matrix: Floats, right: Floats
) -> tuple[Floats, bool]:  # pragma: no cover (compiled)
    """Solution of a system with a symmetric matrix, and whether that is positive definite."""
    k = len(matrix)
    root = np.zeros((k, k))
    out = right.copy()
    for i in range(k):
        for j in range(i + 1):
            value = matrix[i, j]
            for n in range(j):
                value -= root[i, n] * root[j, n]
            if i > j:
                root[i, j] = value / root[j, j]
            elif value > 1e-14 * matrix[i, i]:
                root[i, i] = np.sqrt(value)
            else:
                return out, False
    for i in range(k):
        for n in range(i):
            out[i] -= root[i, n] * out[n]
        out[i] /= root[i, i]
    for i in range(k - 1, -1, -1):
        out[i] /= root[i, i]
        for n in range(i):
            out[n] -= root[i, n] * out[i]
    return out, True


@njit(cache=True)
def approach(
    covariance: Floats,
    restricted: bool,
    stop: float,
    size: Floats,
    table: Floats,
    pairs: Integers,
    pair_start: Integers,
    slots: Integers,
    first: Integers,
    second: Integers,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
) -> tuple[Floats, int, bool]:  # pragma: no cover (compiled)
    """The first steps of `maximum.maximize`, with scoring and then rough curvature.

    Returns the covariance reached, the steps, and whether the slope is below `stop`.
    """
    groups, visits = covariance.shape[:2]
    each = visits * (visits + 1) // 2
    at = covariance
    _, value, _, _, inverse, scatter, pull = evaluate(
        at, restricted, size, table, pairs, pair_start, slots,
        first, second, seen, seen_start, block_start, group,
    )  # fmt: skip
    counted = np.empty(len(inverse))
    slope = np.empty(each)
    rough = False
    before = np.inf
    for steps in range(200):
        largest = 0.0
        for h in range(groups):
            for a in range(visits):
                for b in range(a):
                    largest = max(largest, 2 * abs(pull[h, a, b]))
                largest = max(largest, abs(pull[h, a, a]))
        if largest < stop:
            return at, steps, True
        if rough and largest > 0.1 * before:
            return at, steps, False
        for g in range(len(group)):
            for k in range(block_start[g], block_start[g + 1]):
                counted[k] = size[g] * inverse[k]
        right = 2 * scatter - counted if rough else counted
        products = element_products(
            inverse, right, seen, seen_start, block_start, group, groups, visits
        )
        along = np.zeros_like(at)
        gain = 0.0
        for h in range(groups):
            k = 0
            for a in range(visits):
                for b in range(a + 1):
                    slope[k] = pull[h, a, b] if a == b else 2 * pull[h, a, b]
                    k += 1
            direction, positive = solve_positive(0.5 * products[h], -slope)
            if not positive:
                return at, steps, False
            gain -= np.dot(slope, direction)
            k = 0
            for a in range(visits):
                for b in range(a + 1):
                    along[h, a, b] = direction[k]
                    along[h, b, a] = direction[k]
                    k += 1
        length = 1.0
        while True:
            following = at + length * along
            found = evaluate(
                following, restricted, size, table, pairs, pair_start, slots,
                first, second, seen, seen_start, block_start, group,
            )  # fmt: skip
            if found[0] and found[1] <= value + 1e-12 * (1 + abs(value)):
                break
            length /= 2
            if length < 1e-12:
                return at, steps, False
        at = following
        _, value, _, _, inverse, scatter, pull = found
        before = largest if rough else np.inf
        rough = rough or gain < 1
    return at, 200, False
