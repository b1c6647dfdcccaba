"""Compiled loops for unstructured covariances, whose parameters are their elements.

The elements are those on and below the diagonal, row by row, of one group after the other. Arrays
are as in `kernels`.
"""

import numpy as np
from numba import njit

from trialwright.stats.mmrm.kernels import REASSOCIATE, weigh
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
    matrix: Floats, right: Floats, least: float
) -> tuple[Floats, bool]:  # pragma: no cover (compiled)
    """Solution of a system with a symmetric matrix, and whether that is positive definite.

    A pivot counts as positive if above `least` times its element of the diagonal.
    """
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
            elif value > least * matrix[i, i]:
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
def exact_curvature(
    rough: Floats,
    row_weights: Floats,
    restricted: bool,
    coefficients: Floats,
    phi: Floats,
    table: Floats,
    pairs: Integers,
    pair_start: Integers,
    slots: Integers,
) -> tuple[Floats, Floats]:  # pragma: no cover (compiled)
    """The rough curvature with the mean's share taken off, and P = X'WDWX for each parameter.

    `row_weights` are W D W at the rows of the table, shape (rows, K). Shapes (K, K), (K, p, p).
    """
    summed = weigh(row_weights, table, pairs, pair_start, slots)
    count, p = len(summed), len(phi)
    inner = np.ascontiguousarray(summed[:, :p, :p])
    flat = inner.reshape(count * p, p)
    pulled = np.ascontiguousarray(summed[:, :p, p]) - np.dot(flat, coefficients).reshape(count, p)
    exact = rough - np.dot(np.dot(pulled, phi), pulled.T)
    if restricted:
        turned = np.dot(flat, phi).reshape(count, p, p)
        mirrored = np.ascontiguousarray(turned.transpose(0, 2, 1)).reshape(count, p * p)
        exact -= 0.5 * np.dot(turned.reshape(count, p * p), mirrored.T)
    return 0.5 * (exact + exact.T), inner
