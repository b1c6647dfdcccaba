"""The loops of a repeated-measures likelihood, compiled.

They work on the arrays of `CrossProducts`. "Blocks" are flat: the matrix of one pattern's visits
after the other, row by row. Arrays by group have shape (groups, visits, visits).
"""

from typing import Final

import numpy as np
from numba import njit

from trialwright.stats.results import Floats, Integers

REASSOCIATE: Final = {"reassoc", "contract"}
"""Lets sums be added in vector lanes; not-a-number and infinity keep their meaning."""


@njit(cache=True)
def invert_blocks(
    covariance: Floats,
    seen: Integers,
    seen_start: Integers,
    block_start: Integers,
    group: Integers,
) -> tuple[Floats, Floats, bool]:  # pragma: no cover (compiled)
    """Inverses of the patterns' covariances, their log determinants, and whether all exist.

    `covariance` has shape (groups, visits, visits). The Cholesky factor is inverted in place.
    """
    inverse = np.empty(block_start[-1])
    log_determinant = np.zeros(len(group))
    most = covariance.shape[1]
    root = np.empty((most, most))
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        whole = covariance[group[g]]
        for i in range(v):
            for j in range(i + 1):
                value = whole[seen[at + i], seen[at + j]]
                for k in range(j):
                    value -= root[i, k] * root[j, k]
                if i > j:
                    root[i, j] = value / root[j, j]
                elif value > 1e-14 * whole[seen[at + i], seen[at + i]]:
                    root[i, i] = np.sqrt(value)
                    log_determinant[g] += np.log(value)
                else:
                    return inverse, log_determinant, False
        for i in range(v):
            root[i, i] = 1.0 / root[i, i]
            for j in range(i):
                value = 0.0
                for k in range(j, i):
                    value -= root[i, k] * root[k, j]
                root[i, j] = value * root[i, i]
        base = block_start[g]
        for i in range(v):
            for j in range(i + 1):
                value = 0.0
                for k in range(i, v):
                    value += root[k, i] * root[k, j]
                inverse[base + i * v + j] = value
                inverse[base + j * v + i] = value
    return inverse, log_determinant, True


@njit(cache=True, fastmath=REASSOCIATE)
def invert_positive(
    matrix: Floats,
) -> tuple[Floats, float, bool]:  # pragma: no cover (compiled)
    """Inverse and log determinant of a symmetric matrix, and whether it is positive definite."""
    p = len(matrix)
    root = np.zeros((p, p))
    inverse = np.zeros((p, p))
    log_determinant = 0.0
    for i in range(p):
        for j in range(i + 1):
            value = matrix[i, j]
            for k in range(j):
                value -= root[i, k] * root[j, k]
            if i > j:
                root[i, j] = value / root[j, j]
            elif value > 1e-14 * matrix[i, i]:
                root[i, i] = np.sqrt(value)
                log_determinant += np.log(value)
            else:
                return inverse, log_determinant, False
    half = np.zeros((p, p))  # transposed inverse of the root
    for j in range(p):
        half[j, j] = 1.0 / root[j, j]
        for i in range(j + 1, p):
            value = 0.0
            for k in range(j, i):
                value -= root[i, k] * half[j, k]
            half[j, i] = value / root[i, i]
    for i in range(p):
        for j in range(i + 1):
            value = 0.0
            for k in range(i, p):
                value += half[i, k] * half[j, k]
            inverse[i, j] = value
            inverse[j, i] = value
    return inverse, log_determinant, True


@njit(cache=True)
def evaluate(
    covariance: Floats,
    restricted: bool,
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
) -> tuple[bool, float, Floats, Floats, Floats, Floats, Floats]:  # pragma: no cover (compiled)
    """The likelihood and what its derivatives need: see `likelihood.Point`.

    Returns whether it exists, its negative logarithm, coefficients, phi, inverse, scatter, pull.
    """
    inverse, log_determinants, positive = invert_blocks(
        covariance, seen, seen_start, block_start, group
    )
    groups, visits = covariance.shape[:2]
    nothing = np.zeros((0, 0))
    if not positive:
        return False, 0.0, nothing[0:0].ravel(), nothing, inverse, inverse, covariance
    weights = np.empty((len(first), 1))
    for row in range(len(first)):
        weights[row, 0] = inverse[first[row]]
    summed = weigh(weights, table, pairs, pair_start, slots)[0]
    p = len(summed) - 1
    phi, log_determinant, positive = invert_positive(summed[:p, :p])
    if not positive:
        return False, 0.0, nothing[0:0].ravel(), nothing, inverse, inverse, covariance
    coefficients = np.zeros(p)
    squares = summed[p, p]
    for i in range(p):
        for j in range(p):
            coefficients[i] += phi[i, j] * summed[j, p]
        squares -= coefficients[i] * summed[i, p]
    value = 0.5 * (np.dot(size, log_determinants) + squares)
    matrix = np.empty((p + 1, p + 1))
    for i in range(p):
        for j in range(p):
            matrix[i, j] = coefficients[i] * coefficients[j]
            if restricted:
                matrix[i, j] += phi[i, j]
        matrix[i, p] = -coefficients[i]
        matrix[p, i] = -coefficients[i]
    matrix[p, p] = 1.0
    if restricted:
        value += 0.5 * log_determinant
    inside = quadratic_blocks(
        matrix, table, pairs, pair_start, slots, first, second, block_start[-1]
    )
    scatter = sandwich_blocks(inverse, inside, seen_start, block_start)
    pull = np.zeros((groups, visits, visits))
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        for i in range(v):
            for j in range(v):
                k = block_start[g] + i * v + j
                added = 0.5 * (size[g] * inverse[k] - scatter[k])
                pull[group[g], seen[at + i], seen[at + j]] += added
    return True, value, coefficients, phi, inverse, scatter, pull


@njit(cache=True)
def weigh(
    weights: Floats, table: Floats, pairs: Integers, pair_start: Integers, slots: Integers
) -> Floats:  # pragma: no cover (compiled)
    """Sums of Z'BZ over participants for several choices of symmetric blocks B.

    `weights` has shape (rows, choices): the elements of B at the rows of the table. Z is design and
    response. Returns shape (choices, p + 1, p + 1).
    """
    choices, columns = weights.shape[1], slots.shape[1]
    width = int(np.sqrt(table.shape[1]))
    out = np.zeros((choices, columns, columns))
    active = np.empty((2, columns), np.int64)
    for q in range(len(pairs)):
        begin, end = pair_start[q], pair_start[q + 1]
        sums = np.dot(weights[begin:end].T, table[begin:end])
        one, other = pairs[q, 0], pairs[q, 1]
        count = np.zeros(2, np.int64)
        for j in range(columns):
            if slots[one, j] >= 0:
                active[0, count[0]] = j
                count[0] += 1
            if slots[other, j] >= 0:
                active[1, count[1]] = j
                count[1] += 1
        for k in range(choices):
            for a in range(count[0]):
                i = active[0, a]
                base = slots[one, i] * width
                for b in range(count[1]):
                    j = active[1, b]
                    value = sums[k, base + slots[other, j]]
                    out[k, i, j] += value
                    if one != other:
                        out[k, j, i] += value
    return out


@njit(cache=True)
def quadratic_blocks(
    matrix: Floats,
    table: Floats,
    pairs: Integers,
    pair_start: Integers,
    slots: Integers,
    first: Integers,
    second: Integers,
    size: int,
) -> Floats:  # pragma: no cover (compiled)
    """Blocks of sums of z_c' A z_d, for the symmetric `matrix` A, shape (p + 1, p + 1)."""
    columns, width = slots.shape[1], int(np.sqrt(table.shape[1]))
    blocks = np.empty(size)
    for q in range(len(pairs)):
        one, other = pairs[q, 0], pairs[q, 1]
        folded = np.zeros(width * width)
        for i in range(columns):
            if slots[one, i] >= 0:
                base = slots[one, i] * width
                for j in range(columns):
                    if slots[other, j] >= 0:
                        folded[base + slots[other, j]] += matrix[i, j]
        values = np.dot(table[pair_start[q] : pair_start[q + 1]], folded)
        for k in range(len(values)):
            row = pair_start[q] + k
            blocks[first[row]] = values[k]
            blocks[second[row]] = values[k]
    return blocks


@njit(cache=True)
def sandwich_blocks(
    inverse: Floats, middle: Floats, seen_start: Integers, block_start: Integers
) -> Floats:  # pragma: no cover (compiled)
    """Blocks W M W, for blocks W and M."""
    out = np.empty_like(inverse)
    for g in range(len(block_start) - 1):
        v = seen_start[g + 1] - seen_start[g]
        w = inverse[block_start[g] : block_start[g + 1]].reshape((v, v))
        m = middle[block_start[g] : block_start[g + 1]].reshape((v, v))
        out[block_start[g] : block_start[g + 1]] = triple(w, m, w).ravel()
    return out


@njit(cache=True)
def triple(a: Floats, b: Floats, c: Floats) -> Floats:  # pragma: no cover (compiled)
    """a @ b @ c, for matrices too small for a library."""
    v = len(a)
    half = np.zeros((v, v))
    out = np.zeros((v, v))
    for i in range(v):
        for k in range(v):
            for j in range(v):
                half[i, j] += a[i, k] * b[k, j]
    for i in range(v):
        for k in range(v):
            for j in range(v):
                out[i, j] += half[i, k] * c[k, j]
    return out
