"""Degrees of freedom by matching the variance of a variance estimate to that of a chi-square.

Satterthwaite FE. An approximate distribution of estimates of variance components. Biometrics
Bulletin 1946;2:110-114. Fai AHT, Cornelius PL. Approximate F-tests of multiple degree of freedom
hypotheses in generalized least squares analyses of unbalanced split-plot experiments. Journal of
Statistical Computation and Simulation 1996;54:363-378.
"""

from collections.abc import Callable

import numpy as np

from trialwright.stats.mmrm.fit import Fit
from trialwright.stats.results import Floats


def satterthwaite(fit: Fit, rows: Floats) -> Floats:
    """Degrees of freedom of each combination of coefficients, `rows` of shape (k, p)."""
    along = rows @ fit.point.phi
    variances = np.einsum("kp,kp->k", along, rows)
    slopes = np.einsum("kp,jpk->jk", along, fit.information_slopes @ along.T)
    spread = np.einsum("ik,ik->k", slopes, fit.parameter_covariance @ slopes)
    return np.asarray(2 * variances**2 / spread)


def joint_satterthwaite(
    covariance: Floats, rows: Floats, single: Callable[[Floats], Floats]
) -> tuple[Floats, float]:
    """A joint hypothesis as independent single ones.

    Args:
        covariance: of the coefficients, shape (p, p).
        rows: the hypothesis, shape (k, p).
        single: degrees of freedom of single combinations.

    Returns:
        Independent combinations with variance one, shape (k, p), and the denominator degrees of
        freedom of the mean of their squares.
    """
    values, vectors = np.linalg.eigh(rows @ covariance @ rows.T)
    turned = (vectors / np.sqrt(values)).T @ rows
    each = single(turned)
    if len(each) == 1 or np.ptp(each) < 1e-8:
        return turned, float(each.mean())
    if (each <= 2).any():  # the mean of such an F does not exist; R's mmrm takes 2 then
        return turned, 2.0
    expected = float((each / (each - 2)).sum())
    return turned, 2 * expected / (expected - len(each))
