"""Compiled loops for structured covariances, by the directions in which parameters move them.

Directions D have shape (groups, each, visits, visits); other arrays are as in `kernels`.
"""

import numpy as np
from numba import njit

from trialwright.stats.mmrm.kernels import triple
from trialwright.stats.results import Floats, Integers


@njit(cache=True)
def direction_weights(
    inverse: Floats,
    directions: Floats,
    first: Integers,
    row_pattern: Integers,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
) -> Floats:  # pragma: no cover (compiled)
    """As `element_weights`, for `directions` D of shape (groups, each, visits, visits)."""
    groups, each = directions.shape[:2]
    blocks = np.zeros((block_start[-1], each))
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        w = inverse[block_start[g] : block_start[g + 1]].reshape((v, v))
        d = np.empty((v, v))
        for k in range(each):
            for i in range(v):
                for j in range(v):
                    d[i, j] = directions[group[g], k, seen[at + i], seen[at + j]]
            blocks[block_start[g] : block_start[g + 1], k] = triple(w, d, w).ravel()
    out = np.zeros((len(first), groups * each))
    for row in range(len(first)):
        base = group[row_pattern[row]] * each
        for k in range(each):
            out[row, base + k] = blocks[first[row], k]
    return out


@njit(cache=True)
def direction_products(
    left: Floats,
    right: Floats,
    directions: Floats,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
) -> Floats:  # pragma: no cover (compiled)
    """Sums over patterns of tr(D1 L D2 R) for blocks L and R, shape (groups, each, each)."""
    groups, each = directions.shape[:2]
    out = np.zeros((groups, each, each))
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        one = left[block_start[g] : block_start[g + 1]].reshape((v, v))
        other = right[block_start[g] : block_start[g + 1]].reshape((v, v))
        d = np.empty((each, v, v))
        for k in range(each):
            for i in range(v):
                for j in range(v):
                    d[k, i, j] = directions[group[g], k, seen[at + i], seen[at + j]]
        for k in range(each):
            turned = triple(one, d[k], other)
            for m in range(each):
                value = 0.0
                for i in range(v):
                    for j in range(v):
                        value += d[m, i, j] * turned[j, i]
                out[group[g], m, k] += value
    return out


@njit(cache=True)
def direction_sandwiches(
    inverse: Floats,
    directions: Floats,
    mixed: Floats,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
) -> Floats:  # pragma: no cover (compiled)
    """Blocks of the sum over k of D_k W E_k, for `directions` D and `mixed` E, shaped alike."""
    out = np.zeros_like(inverse)
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        w = inverse[block_start[g] : block_start[g + 1]].reshape((v, v))
        d = np.empty((v, v))
        e = np.empty((v, v))
        for k in range(directions.shape[1]):
            for i in range(v):
                for j in range(v):
                    d[i, j] = directions[group[g], k, seen[at + i], seen[at + j]]
                    e[i, j] = mixed[group[g], k, seen[at + i], seen[at + j]]
            out[block_start[g] : block_start[g + 1]] += triple(d, w, e).ravel()
    return out
