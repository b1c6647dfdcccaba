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
        out[block_start[g] : block_start[g + 1]] = _triple(w, m, w).ravel()
    return out


@njit(cache=True)
def _triple(a: Floats, b: Floats, c: Floats) -> Floats:  # pragma: no cover (compiled)
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
            blocks[block_start[g] : block_start[g + 1], k] = _triple(w, d, w).ravel()
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
            turned = _triple(one, d[k], other)
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
            out[block_start[g] : block_start[g + 1]] += _triple(d, w, e).ravel()
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
    """The steps of `fit._maximize` with scoring and rough curvature, for unstructured covariances.

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
