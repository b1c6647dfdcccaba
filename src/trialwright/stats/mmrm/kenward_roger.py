"""Kenward and Roger's adjusted covariance and F test, for restricted likelihood.

The adjustment has a term with second derivatives of the covariance, which depends on how the
covariance is parametrized. The linear form leaves it out, as in parameters that enter linearly; it
is the default here. The second-order form keeps it, with the parameters of R's mmrm: the log
diagonal and the scaled rows of the Cholesky factor for the unstructured covariance, log standard
deviations and mapped correlations for the others. It can shrink standard errors below those of the
model.

Kenward MG, Roger JH. Small sample inference for fixed effects from restricted maximum likelihood.
Biometrics 1997;53:983-997; An improved approximation to the precision of fixed effects from
restricted maximum likelihood. Computational Statistics & Data Analysis 2009;53:2583-2595.
"""

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import directions, elements, kernels
from trialwright.stats.mmrm.fit import Fit
from trialwright.stats.results import Floats


def adjusted_covariance(fit: Fit, *, second_order: bool = False) -> Floats:
    """Of the coefficients, shape (p, p).

    Raises:
        UnusableInputError: if the fit maximized the full likelihood.
    """
    if not fit.restricted:
        raise UnusableInputError(
            "the Kenward-Roger method needs a fit by restricted likelihood",
            remedy="fit with REML, or use Satterthwaite degrees of freedom",
        )
    likelihood, data, phi = fit.likelihood, fit.likelihood.data, fit.point.phi
    where = (data.seen_start, data.block_start)
    middle = kernels.sandwich_blocks(fit.point.inverse, _products(fit), *where)
    between = likelihood.weighed(middle)  # sum of omega_ij Q_ij
    slopes = fit.information_slopes
    count = len(slopes)
    turned = phi @ slopes
    mixed = (fit.parameter_covariance @ turned.reshape(count, -1)).reshape(turned.shape)
    p = len(phi)
    within = slopes.reshape(-1, p).T @ mixed.reshape(-1, p)  # sum of omega_ij P_i phi P_j
    correction = between - (within + within.T) / 2
    if second_order:
        bends = np.array([_bend(fit, g) for g in range(likelihood.groups)])
        blocks = _restricted_to_patterns(fit, bends)
        correction -= likelihood.weighed(
            kernels.sandwich_blocks(fit.point.inverse, blocks, *where)
        ) / 4  # fmt: skip
    return np.asarray(fit.scale**2 * (phi + 2 * phi @ correction @ phi))


def joint_kenward_roger(fit: Fit, rows: Floats) -> tuple[float, float]:
    """Denominator degrees of freedom and scale of the F statistic of `rows`, shape (k, p)."""
    count = len(rows)
    along = rows @ fit.point.phi
    spread = np.linalg.inv(along @ rows.T)
    turned = spread @ (along @ fit.information_slopes @ along.T)
    traces = np.trace(turned, axis1=1, axis2=2)
    flat = turned.reshape(len(turned), -1)
    mirrored = turned.transpose(0, 2, 1).reshape(len(turned), -1)
    one = float(traces @ fit.parameter_covariance @ traces)
    two = float((fit.parameter_covariance * (flat @ mirrored.T)).sum())
    size = (one + 6 * two) / (2 * count)
    g = ((count + 1) * one - (count + 4) * two) / ((count + 2) * two)
    below = 3 * count + 2 * (1 - g)
    c1, c2, c3 = g / below, (count - g) / below, (count + 2 - g) / below
    mean = 1 / (1 - two / count)
    variance = 2 / count * (1 + c1 * size) / (1 - c2 * size) ** 2 / (1 - c3 * size)
    ratio = variance / (2 * mean**2)
    free = 4 + (count + 2) / (count * ratio - 1)
    return free, free / (mean * (free - 2))


def _products(fit: Fit) -> Floats:
    """Blocks of the sum over parameters of omega_ij D_i W D_j, with D the derivatives of V."""
    likelihood, data, point = fit.likelihood, fit.likelihood.data, fit.point
    where = (data.seen, data.seen_start, data.block_start)
    k, m = len(point.slope) // likelihood.groups, likelihood.visits
    if likelihood.structure.unstructured:
        padded = elements.pad(point.inverse, *where, m)
        place = np.empty((m, m), dtype=np.int64)  # which parameter stands at an element
        rows, columns = np.tril_indices(m)
        place[rows, columns] = place[columns, rows] = np.arange(k)
        out = np.empty_like(padded)
        for g in range(likelihood.groups):
            own = slice(g * k, (g + 1) * k)
            omega = fit.parameter_covariance[own, own][np.ix_(place.ravel(), place.ravel())]
            turned = omega.reshape(m, m, m, m).transpose(1, 2, 0, 3).reshape(m * m, m * m)
            mine = data.group == g
            out[mine] = padded[mine] @ turned
        return _patterns_of(fit, out)
    mixed = np.empty_like(point.directions)
    for g in range(likelihood.groups):
        own = slice(g * k, (g + 1) * k)
        mixed[g] = np.tensordot(fit.parameter_covariance[own, own], point.directions[g], axes=1)
    return np.asarray(
        directions.direction_sandwiches(point.inverse, point.directions, mixed, *where, data.group)
    )


def _bend(fit: Fit, group: int) -> Floats:
    """Sum of omega_ij times the second derivatives of V by mmrm's parameters, shape (m, m)."""
    likelihood, point = fit.likelihood, fit.point
    structure, m = likelihood.structure, likelihood.visits
    k = point.parameters.shape[1]
    omega = fit.parameter_covariance[group * k : (group + 1) * k, group * k : (group + 1) * k]
    if structure.unstructured:
        return _cholesky_bend(
            structure.covariance(point.parameters[group], likelihood.distance), omega
        )
    parameters = point.parameters[group]
    out = np.tensordot(omega, structure.bends(parameters, likelihood.distance), axes=2)
    scales = m if structure.heterogeneous else 1
    if structure.warp is not None:
        warp = structure.warp(parameters[scales:], m) * np.diag(omega)[scales:]
        out += np.tensordot(warp, point.directions[group][scales:], axes=1)
    return np.asarray(out)


def _cholesky_bend(covariance: Floats, omega: Floats) -> Floats:
    """As `_bend`, for V = AA' where row i of A is exp(t_i) (l_i1, ..., l_i,i-1, 1, 0, ...)."""
    m = len(covariance)
    root = np.linalg.cholesky(covariance)
    scale = np.diag(root)
    below = np.tril_indices(m, -1)
    count = len(below[0])
    slopes = np.zeros((m + count, m, m))  # of the root: by t, then by l
    slopes[np.arange(m), np.arange(m)] = root
    slopes[m + np.arange(count), below[0], below[1]] = scale[below[0]]
    moved = slopes @ root.T
    jacobian = (moved + moved.transpose(0, 2, 1))[:, *np.tril_indices(m)]
    back = np.linalg.inv(jacobian)
    theirs = back.T @ omega @ back
    mixed = np.tensordot(theirs, slopes, axes=1)
    crossed = np.einsum("kab,kcb->ac", slopes, mixed)
    second = np.diag(theirs)[:m, None] * root
    second[below] += 2 * theirs[below[0], m + np.arange(count)] * scale[below[0]]
    bent = second @ root.T
    return np.asarray(bent + bent.T + 2 * (crossed + crossed.T) / 2)


def _restricted_to_patterns(fit: Fit, matrices: Floats) -> Floats:
    """Blocks of the matrices by group, shape (groups, m, m)."""
    data, m = fit.likelihood.data, fit.likelihood.visits
    return _patterns_of(fit, matrices[data.group].reshape(len(data.group), m * m))


def _patterns_of(fit: Fit, padded: Floats) -> Floats:
    """Blocks from matrices among all visits, shape (patterns, m²)."""
    data, m = fit.likelihood.data, fit.likelihood.visits
    seen = np.diff(data.seen_start)
    pattern = np.repeat(np.arange(len(seen)), seen**2)
    place = np.arange(len(pattern)) - data.block_start[pattern]
    at = data.seen_start[pattern]
    one = data.seen[at + place // seen[pattern]]
    other = data.seen[at + place % seen[pattern]]
    return np.asarray(padded[pattern, one * m + other])
