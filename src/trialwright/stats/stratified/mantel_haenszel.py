"""The Cochran–Mantel–Haenszel test, and the common effects with Mantel–Haenszel weights."""

import math

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import chi_square_upper_tail, normal_upper_tail
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate, Floats, TestResult
from trialwright.stats.stratified.tables import left_out, stratified_tables, totals, used_strata


def cmh_test(tables: npt.ArrayLike, *, correction: bool = False) -> TestResult:
    """Cochran–Mantel–Haenszel test of two arms over strata.

    Args:
        tables: shape (strata, 4): events and participants of the active arm, events and
            participants of the control arm.
        correction: subtract half an event from a deviation of at least half an event. R does by
            default, SAS never.

    Programs:
        statsmodels subtracts half an event from deviations below half an event too; R does not.

    Returns:
        Chi-square with one degree of freedom; None with a note if no stratum has both events and
        non-events.

    Raises:
        UnusableInputError: if the counts cannot be, or no stratum has both arms.

    References:
        Cochran 1954, Biometrics 10:417; Mantel & Haenszel 1959, JNCI 22:719.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> f"{cmh_test(tables).p_value:.4f} {cmh_test(tables, correction=True).p_value:.4f}"
        '0.2123 0.3186'
    """
    used = used_strata(tables)
    statistic = float(_cmh(used[np.newaxis], correction)[0])
    notes = left_out(tables)
    if math.isnan(statistic):
        note = "no stratum has both events and non-events: there is nothing to test"
        return TestResult(p_value=None, counts=totals(used), notes=(*notes, note))
    return TestResult(
        statistic=statistic,
        degrees_of_freedom=1,
        p_value=float(chi_square_upper_tail(statistic, 1)),
        counts=totals(used),
        notes=(*notes, "with continuity correction") if correction else notes,
    )


def cmh_batch(tables: npt.ArrayLike, *, correction: bool = False) -> Floats:
    """The Cochran–Mantel–Haenszel chi-square of many trials.

    Args:
        tables: shape (trials, strata, 4), as in `cmh_test`; strata with an empty arm count nothing.
        correction: as in `cmh_test`.

    Returns:
        Shape (trials,). 0 where a trial has nothing to test, so that it is never significant.

    Raises:
        UnusableInputError: if the counts cannot be.

    Example:
        >>> cmh_batch([[(14, 40, 10, 40)], [(0, 40, 0, 40)]]).round(4)
        array([0.9405, 0.    ])
    """
    array = stratified_tables(tables)
    if array.ndim != 3:
        raise UnusableInputError("a batch has tables of shape (trials, strata, 4)")
    return np.asarray(np.nan_to_num(_cmh(array, correction), nan=0.0))


def _cmh(tables: Floats, correction: bool) -> Floats:
    """Chi-square of each trial; not a number where the variance is zero."""
    x1, n1, x0, n0 = np.ascontiguousarray(np.moveaxis(tables, -1, 0))
    n, m = n1 + n0, x1 + x0
    # A stratum without one of the arms adds exactly zero to both sums.
    size = np.abs((x1 - n1 * m / np.maximum(n, 1)).sum(axis=1))
    variance = (n1 * n0 * m * (n - m) / np.maximum(n * n * (n - 1), 1)).sum(axis=1)
    if correction:
        size -= np.where(size >= 0.5, 0.5, 0.0)
    untested = np.full(len(tables), np.nan)
    return np.asarray(np.divide(size * size, variance, out=untested, where=variance > 0))


def common_odds_ratio(tables: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mantel–Haenszel odds ratio with the variance of Robins, Breslow and Greenland.

    Args:
        tables: as in `cmh_test`.
        level: two-sided confidence level.

    Returns:
        Estimate and limits on the ratio scale, standard error of the logarithm; 0, infinite or None
        with a note where an entire sum of products is zero.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or no stratum has both arms.

    References:
        Robins, Breslow & Greenland 1986, Biometrics 42:311.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> result = common_odds_ratio(tables)
        >>> f"{result.estimate:.4f} ({result.lower:.4f} to {result.upper:.4f})"
        '1.9235 (0.6871 to 5.3850)'
    """
    used = used_strata(tables)
    x1, n1, x0, n0 = used.T
    n = n1 + n0
    r, s = x1 * (n0 - x0) / n, x0 * (n1 - x1) / n
    p, q = (x1 + n0 - x0) / n, (x0 + n1 - x1) / n
    top, bottom = r.sum(), s.sum()
    if top == 0 or bottom == 0:
        return _undetermined(top, bottom, level, used, left_out(tables))
    variance = (p * r).sum() / (2 * top**2) + (p * s + q * r).sum() / (2 * top * bottom)
    variance += (q * s).sum() / (2 * bottom**2)
    return _log_interval(top / bottom, variance, level, used, left_out(tables))


def common_risk_ratio(tables: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Mantel–Haenszel risk ratio with the variance of Greenland and Robins.

    Args:
        tables: as in `cmh_test`.
        level: two-sided confidence level.

    Returns:
        As `common_odds_ratio`.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or no stratum has both arms.

    References:
        Greenland & Robins 1985, Biometrics 41:55.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> result = common_risk_ratio(tables)
        >>> f"{result.estimate:.4f} ({result.lower:.4f} to {result.upper:.4f})"
        '1.5579 (0.7630 to 3.1809)'
    """
    used = used_strata(tables)
    x1, n1, x0, n0 = used.T
    n = n1 + n0
    top, bottom = (x1 * n0 / n).sum(), (x0 * n1 / n).sum()
    if top == 0 or bottom == 0:
        return _undetermined(top, bottom, level, used, left_out(tables))
    spread = (n1 * n0 * (x1 + x0) - x1 * x0 * n) / n**2
    return _log_interval(top / bottom, spread.sum() / (top * bottom), level, used, left_out(tables))


def common_risk_difference(
    tables: npt.ArrayLike, *, variance: str = "sato", level: float = 0.95
) -> Estimate:
    """Risk difference with Mantel–Haenszel weights n1 n0 / (n1 + n0).

    The interval that inverts the score is `miettinen_nurminen.stratified_risk_difference`.

    Args:
        tables: as in `cmh_test`.
        variance: 'sato', consistent for large strata and for many small ones; 'binomial', the sum
            of the strata's own variances, for large strata; 'inverse-variance', the inverse of the
            strata's variances as weights, half a participant added to each cell of strata that have
            no variance.
        level: two-sided confidence level.

    Raises:
        UnusableInputError: if the counts or the level cannot be, no stratum has both arms, or the
            variance is unknown.

    References:
        Greenland & Robins 1985, Biometrics 41:55; Sato 1989, Biometrics 45:1323.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> result = common_risk_difference(tables)
        >>> f"{result.estimate:.4f} ({result.lower:.4f} to {result.upper:.4f})"
        '0.1265 (-0.0662 to 0.3192)'
    """
    used = used_strata(tables)
    if variance == "inverse-variance":
        estimate, error = _inverse_variance(used)
    elif variance in ("sato", "binomial"):
        estimate, error = _with_mh_weights(used, variance == "sato")
    else:
        raise UnusableInputError(f"there is no variance {variance!r} of a risk difference")
    reach = normal_quantile(level) * error
    statistic = estimate / error if error > 0 else None
    no_width = () if error > 0 else ("no variation within the arms: the interval has no width",)
    return Estimate(
        estimate=estimate,
        standard_error=error,
        lower=max(estimate - reach, -1.0),
        upper=min(estimate + reach, 1.0),
        level=level,
        statistic=statistic,
        p_value=None if statistic is None else float(2 * normal_upper_tail(abs(statistic))),
        counts=totals(used),
        notes=(*left_out(tables), *no_width),
    )


def _with_mh_weights(used: Floats, sato: bool) -> tuple[float, float]:
    x1, n1, x0, n0 = used.T
    p1, p0, n = x1 / n1, x0 / n0, n1 + n0
    weights = n1 * n0 / n
    estimate = float(weights @ (p1 - p0) / weights.sum())
    if sato:
        p = (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / n**2
        q = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
        variance = (estimate * p.sum() + q.sum()) / weights.sum() ** 2
    else:
        own = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
        variance = weights**2 @ own / weights.sum() ** 2
    return estimate, math.sqrt(max(float(variance), 0.0))


def _inverse_variance(used: Floats) -> tuple[float, float]:
    x1, n1, x0, n0 = used.T
    still = ((x1 == 0) | (x1 == n1)) & ((x0 == 0) | (x0 == n0))
    half = np.where(still, 0.5, 0.0)
    p1, p0 = (x1 + half) / (n1 + 2 * half), (x0 + half) / (n0 + 2 * half)
    own = p1 * (1 - p1) / (n1 + 2 * half) + p0 * (1 - p0) / (n0 + 2 * half)
    weights = 1 / own
    return float(weights @ (p1 - p0) / weights.sum()), float(weights.sum() ** -0.5)


def _log_interval(
    ratio: float, variance: float, level: float, used: Floats, notes: tuple[str, ...]
) -> Estimate:
    error = math.sqrt(float(variance))
    middle, reach = math.log(ratio), normal_quantile(level) * error
    statistic = middle / error if error > 0 else None
    return Estimate(
        estimate=float(ratio),
        standard_error=error,
        lower=math.exp(middle - reach),
        upper=math.exp(middle + reach),
        level=level,
        statistic=statistic,
        p_value=None if statistic is None else float(2 * normal_upper_tail(abs(statistic))),
        counts=totals(used),
        notes=(*notes, "the standard error is of the logarithm"),
    )


def _undetermined(
    top: float, bottom: float, level: float, used: Floats, notes: tuple[str, ...]
) -> Estimate:
    normal_quantile(level)
    return Estimate(
        estimate=None if top == bottom == 0 else (0.0 if top == 0 else math.inf),
        lower=0.0,
        upper=math.inf,
        level=level,
        counts=totals(used),
        notes=(*notes, "an arm has no events or no non-events: the log ratio has no error"),
    )
