"""The whole analysis of each simulated trial, compiled: from its records to its combinations.

For one unstructured covariance, restricted likelihood and the errors of the model. A trial that
does not come out as plainly as that is left to `fit_mmrm`, which says what is wrong with it.
"""

import numpy as np
from numba import njit

from trialwright.stats.mmrm.ascent import EXACT, climb, curvature
from trialwright.stats.mmrm.cross_products import summed_products
from trialwright.stats.mmrm.elements import pad, solve_positive
from trialwright.stats.mmrm.kernels import invert_positive, sandwich_blocks, weigh
from trialwright.stats.results import Floats, Integers


@njit(cache=True)
def analyze_trials(
    responses: Floats,
    designs: Floats,
    participant: Integers,
    visit: Integers,
    start: Floats,
    along: Floats,
    adjusted: bool,
    slope: float,
    stop: float,
) -> tuple[Floats, Floats, Floats, Integers]:  # pragma: no cover (compiled)
    """Estimates, variances and Satterthwaite degrees of freedom, and which trials have them.

    Args:
        responses: shape (T, n), not-a-number where missing.
        designs: shape (T, n, p), or (1, n, p) if all are alike.
        participant, visit: shape (n,), sorted, with no record twice, visits from 0.
        start: the covariance to start from, shape (m, m).
        along: the combinations, shape (k, p).
        adjusted: whether variances are Kenward and Roger's, in the linear form.
        slope, stop: as for `climb`.

    Returns:
        Three arrays of shape (T, k), and one of shape (T,): 1 where they hold a result, else 0.
    """
    shape = (len(responses), len(along))
    estimates, variances, free = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    done = np.zeros(len(responses), np.int64)
    for t in range(len(responses)):
        design = designs[min(t, len(designs) - 1)]
        values, begin, visits = _seen(responses[t], design, participant, visit)
        if len(values) < values.shape[1]:
            continue
        first, determined = _least_squares(values)
        if not determined:
            continue
        residual = values[:, -1] - np.dot(values[:, :-1].copy(), first)
        squares = np.dot(residual, residual)
        if not squares > 1e-22 * np.dot(values[:, -1].copy(), values[:, -1].copy()):
            continue
        scale = np.sqrt(squares / len(values))
        values[:, -1] = residual / scale
        m = len(start)
        group = np.zeros(len(begin) - 1, np.int64)
        arrays, row_pattern, _ = summed_products(values, begin, visits, m, group)
        if len(arrays[2]) < m * (m + 1) // 2:
            continue
        initial = (start / scale**2).reshape((1, m, m))
        _, found, _, arrived = climb(initial, True, slope, stop, arrays, row_pattern)
        if not arrived:
            continue
        hessian, inner = curvature(EXACT, found, True, arrays, row_pattern)
        omega, _, positive = invert_positive(hessian)
        if not positive:
            continue
        phi = found[3]
        covariance = phi
        if adjusted:
            covariance = phi + linear_adjustment(omega, inner, phi, found[4], arrays)
        coefficients = first + scale * found[2]
        for k in range(len(along)):
            row = along[k]
            estimates[t, k] = np.dot(row, coefficients)
            variances[t, k] = scale**2 * np.dot(row, np.dot(covariance, row))
            free[t, k] = _satterthwaite(np.dot(phi, row), row, omega, inner)
        done[t] = 1
    return estimates, variances, free, done


@njit(cache=True)
def _seen(
    response: Floats, design: Floats, participant: Integers, visit: Integers
) -> tuple[Floats, Integers, Integers]:  # pragma: no cover (compiled)
    """The records with a response: design and response, where participants start, visits."""
    n, p = design.shape
    values = np.empty((n, p + 1))
    visits, begin = np.empty(n, np.int64), np.empty(n + 1, np.int64)
    count, people = 0, 0
    last = -1
    for i in range(n):
        if np.isnan(response[i]):
            continue
        values[count, :p] = design[i]
        values[count, p] = response[i]
        visits[count] = visit[i]
        if participant[i] != last or people == 0:
            begin[people] = count
            people += 1
            last = participant[i]
        count += 1
    begin[people] = count
    return values[:count], begin[: people + 1].copy(), visits[:count].copy()


@njit(cache=True)
def _least_squares(values: Floats) -> tuple[Floats, bool]:  # pragma: no cover (compiled)
    """Coefficients of the last column on the others, and whether these are far from collinear."""
    products = np.dot(values.T, values)
    p = len(products) - 1
    length = np.sqrt(np.diag(products))
    if not np.isfinite(products).all() or length[:p].min() == 0:
        return np.zeros(p), False
    unit = products[:p, :p] / np.outer(length[:p], length[:p])
    first, determined = solve_positive(unit, products[:p, p] / length[:p], 1e-11)
    return first / length[:p], determined


@njit(cache=True)
def _satterthwaite(
    turned: Floats, row: Floats, omega: Floats, inner: Floats
) -> float:  # pragma: no cover (compiled)
    """As `satterthwaite.satterthwaite`, for one combination and its product with phi."""
    count, p = inner.shape[:2]
    half = np.dot(inner.reshape(count * p, p), turned).reshape(count, p)
    slopes = np.dot(half, turned)
    return float(2 * np.dot(row, turned) ** 2 / np.dot(slopes, np.dot(omega, slopes)))


@njit(cache=True)
def linear_adjustment(
    omega: Floats,
    inner: Floats,
    phi: Floats,
    inverse: Floats,
    arrays: tuple[Floats | Integers, ...],
) -> Floats:  # pragma: no cover (compiled)
    """What `kenward_roger.adjusted_covariance` adds to phi, for one unstructured covariance."""
    _, table, pairs, pair_start, slots, first, _, seen, seen_start, block_start, group = arrays
    count, p = inner.shape[:2]
    m = len(slots)
    place = np.empty((m, m), np.int64)  # which parameter stands at an element
    k = 0
    for a in range(m):
        for b in range(a + 1):
            place[a, b], place[b, a] = k, k
            k += 1
    mixed = np.empty((m * m, m * m))
    for a in range(m):
        for b in range(m):
            for c in range(m):
                for d in range(m):
                    mixed[b * m + c, a * m + d] = omega[place[a, b], place[c, d]]
    padded = np.dot(pad(inverse, seen, seen_start, block_start, m), mixed)
    middle = np.empty_like(inverse)  # blocks of the sum of omega_ij D_i W D_j
    for g in range(len(group)):
        at, v = seen_start[g], seen_start[g + 1] - seen_start[g]
        for i in range(v):
            for j in range(v):
                value = padded[g, seen[at + i] * m + seen[at + j]]
                middle[block_start[g] + i * v + j] = value
    blocks = sandwich_blocks(inverse, middle, seen_start, block_start)
    weights = np.empty((len(first), 1))
    for row in range(len(first)):
        weights[row, 0] = blocks[first[row]]
    between = weigh(weights, table, pairs, pair_start, slots)[0, :p, :p]
    turned = np.dot(inner.reshape(count * p, p), phi).reshape(count, p * p)  # P phi
    paired = np.dot(omega, turned).reshape(count, p, p)
    side = np.ascontiguousarray(paired.transpose(1, 0, 2)).reshape(p, count * p)
    within = np.dot(side, inner.reshape(count * p, p))
    correction = between - 0.5 * (within + within.T)
    added: Floats = 2 * np.dot(np.dot(phi, correction), phi)
    return added
