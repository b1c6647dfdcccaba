"""Results of several completed data sets made one: Rubin's rules."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import t_upper_quantile, t_upper_tail
from trialwright.stats.f_tests import FTest
from trialwright.stats.results import Estimate

MOST_DEGREES: Final = 1e300
"""Stands for infinitely many, of which the F law's tail is not a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledEstimate(Estimate):
    """An estimate pooled over m completed data sets.

    Attributes:
        within: mean of the variances.
        between: variance of the estimates.
        total: within + (1 + 1/m) between.
        relative_increase: of the variance, for what is missing.
        share_missing: of the total variance, due to what is missing (mice's lambda).
        fraction_missing: of the information, with its correction for few data sets.
        large_sample_degrees_of_freedom: Rubin's, which know of no complete-data ones; infinite if
            the estimates do not differ.
    """

    within: float
    between: float
    total: float
    relative_increase: float
    share_missing: float
    fraction_missing: float
    large_sample_degrees_of_freedom: float


def pool(
    estimates: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    complete_degrees_of_freedom: float | None = None,
    level: float = 0.95,
) -> PooledEstimate:
    """Pool one quantity by Rubin's rules, with the degrees of freedom of Barnard and Rubin.

    Args:
        estimates: of each completed data set, shape (m,), at least two.
        variances: their squared standard errors, shape (m,).
        complete_degrees_of_freedom: of the t statistic if nothing were missing; infinitely many if
            not given, which leaves Rubin's large-sample degrees of freedom.
        level: of the interval.

    Raises:
        UnusableInputError: if there are fewer than two data sets, lengths differ, or a variance or
            the complete degrees of freedom are not positive.

    References:
        Rubin DB. Multiple Imputation for Nonresponse in Surveys. 1987. Barnard J, Rubin DB.
        Small-sample degrees of freedom with multiple imputation. Biometrika 1999;86:948-955.

    Example:
        >>> found = pool([-1.21, -0.87, -1.45, -1.02, -0.66], [0.66, 0.61, 0.81, 0.71, 0.64],
        ...              complete_degrees_of_freedom=155)
        >>> round(found.estimate, 3), round(found.degrees_of_freedom, 2)
        (-1.042, 80.27)
    """
    q, u = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    m = len(q)
    if q.ndim != 1 or q.shape != u.shape or m < 2:
        raise UnusableInputError(
            "pooling needs an estimate and a variance of two data sets or more"
        )
    if not np.isfinite(q).all() or not (np.isfinite(u) & (u > 0)).all():
        raise UnusableInputError("an estimate is missing, or a variance not positive")
    complete = np.inf if complete_degrees_of_freedom is None else complete_degrees_of_freedom
    if not complete > 0:
        raise UnusableInputError(
            f"{complete:g} complete degrees of freedom leave nothing to estimate a variance from"
        )
    estimate, within, between = float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    increase, share = (1 + 1 / m) * between / within, (1 + 1 / m) * between / total
    large = (m - 1) / share**2 if share > 1e-12 else np.inf
    free = large
    if np.isfinite(complete):
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        free = 1 / (1 / large + 1 / observed)
    error = float(np.sqrt(total))
    law = float(free) if np.isfinite(free) else None
    reach = float(t_upper_quantile((1 - level) / 2, law)) * error
    return PooledEstimate(
        estimate=estimate,
        standard_error=error,
        lower=estimate - reach,
        upper=estimate + reach,
        level=level,
        statistic=estimate / error,
        degrees_of_freedom=float(free),
        p_value=float(2 * t_upper_tail(abs(estimate / error), law)),
        counts={"data sets": m},
        within=within,
        between=between,
        total=total,
        relative_increase=increase,
        share_missing=share,
        fraction_missing=(increase + 2 / (free + 3)) / (increase + 1),
        large_sample_degrees_of_freedom=float(large),
    )


def pooled_wald_test(estimates: npt.ArrayLike, covariances: npt.ArrayLike) -> FTest:
    """The joint test that k quantities are zero (the D1 statistic).

    Args:
        estimates: of each completed data set, shape (m, k).
        covariances: of each, shape (m, k, k).

    Raises:
        UnusableInputError: if shapes differ, fewer than two data sets or no quantity are given, a
            value is missing, or the mean covariance is not positive definite.

    References:
        Li KH, Raghunathan TE, Rubin DB. Large-sample significance levels from multiply imputed data
        using moment-based statistics and an F reference distribution. Journal of the American
        Statistical Association 1991;86:1065-1073.

    Example:
        >>> test = pooled_wald_test([[1.0, 0.5], [1.4, 0.1], [0.8, 0.6]],
        ...                         [[[0.2, 0.1], [0.1, 0.3]]] * 3)
        >>> round(test.statistic, 4), round(test.p_value, 4)
        (1.6241, 0.2284)
    """
    q, u = np.asarray(estimates, dtype=np.float64), np.asarray(covariances, dtype=np.float64)
    if q.ndim != 2 or len(q) < 2 or not q.size or u.shape != (*q.shape, q.shape[1]):
        raise UnusableInputError("estimates and covariances of two data sets or more do not match")
    if not (np.isfinite(q).all() and np.isfinite(u).all()):
        raise UnusableInputError("an estimate or a covariance is missing")
    m, k = q.shape
    mean, within = q.mean(axis=0), u.mean(axis=0)
    units = np.sqrt(np.maximum(np.diag(within), 0))
    if not units.all() or np.linalg.eigvalsh(within / np.outer(units, units))[0] < 1e-12:
        raise UnusableInputError("the quantities of a joint test follow from each other")
    between = np.atleast_2d(np.cov(q, rowvar=False))
    increase = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / (k * (1 + increase))
    t = k * (m - 1)
    if increase == 0:
        free = MOST_DEGREES
    elif t > 4:
        free = 4 + (t - 4) * (1 + (1 - 2 / t) / increase) ** 2
    else:
        free = t * (1 + 1 / k) * (1 + 1 / increase) ** 2 / 2
    return FTest(
        statistic=statistic,
        numerator=float(k),
        denominator=free,
        counts={"data sets": m},
        notes=(f"relative increase in variance {increase:.6g}",),
    )
