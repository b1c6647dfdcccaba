"""Tests of association of a binary outcome with three or more arms, and of trend over doses."""

import math

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import chi_square_upper_tail, normal_upper_tail
from trialwright.stats.results import Floats, TestResult


def cochran_armitage_test(
    events: npt.ArrayLike, participants: npt.ArrayLike, scores: npt.ArrayLike
) -> TestResult:
    """Cochran–Armitage test of a trend of proportions over scores such as doses.

    Args:
        events: shape (arms,).
        participants: shape (arms,).
        scores: shape (arms,); the result depends on their relative distances only.

    Returns:
        The normal statistic, positive if the proportion rises with the score, and its two-sided p;
        None with a note if there are no events, no non-events, or one score only.

    Raises:
        UnusableInputError: if the arrays differ in length or a count cannot be.

    References:
        Cochran 1954, Biometrics 10:417; Armitage 1955, Biometrics 11:375. The variance is binomial,
        with N, as in R's prop.trend.test; that of `stratified_trend_test` is hypergeometric.

    Example:
        >>> result = cochran_armitage_test([10, 14, 22, 14], [40, 40, 40, 40], [0, 0.2, 0.5, 1])
        >>> f"{result.p_value:.4f}"
        '0.3187'
    """
    x, n, score = _arms(events, participants, scores)
    deviation, variance, _ = _trend_sums(x[np.newaxis], n[np.newaxis], score, binomial=True)
    return _trend(deviation, variance, int(n.sum()))


def stratified_trend_test(
    events: npt.ArrayLike, participants: npt.ArrayLike, scores: npt.ArrayLike
) -> TestResult:
    """Mantel's test of a trend within strata.

    Args:
        events: shape (strata, arms).
        participants: shape (strata, arms).
        scores: shape (arms,).

    Returns:
        As `cochran_armitage_test`, with the hypergeometric variance of each stratum.

    Raises:
        UnusableInputError: if the shapes do not fit or a count cannot be.

    References:
        Mantel 1963, JASA 58:690; Birch 1965, JRSS B 27:111.

    Example:
        >>> events, participants = [[1, 2, 4], [2, 3, 5]], [[9, 9, 9], [9, 9, 9]]
        >>> f"{stratified_trend_test(events, participants, [0, 1, 2]).statistic:.4f}"
        '2.1282'
    """
    x, n, score = _arms(events, participants, scores)
    x, n = np.atleast_2d(x), np.atleast_2d(n)
    deviation, variance, used = _trend_sums(x, n, score, binomial=False)
    result = _trend(deviation, variance, int(n.sum()))
    lost = len(n) - used
    note = (f"{lost} strata with fewer than two participants were left out",) if lost else ()
    return TestResult(
        statistic=result.statistic,
        p_value=result.p_value,
        counts={**result.counts, "strata used": used},
        notes=(*note, *result.notes),
    )


def general_association_test(events: npt.ArrayLike, participants: npt.ArrayLike) -> TestResult:
    """Cochran–Mantel–Haenszel test of any difference between arms within strata.

    Args:
        events: shape (strata, arms).
        participants: shape (strata, arms).

    Returns:
        Chi-square with as many degrees of freedom as the strata determine contrasts of arms: the
        number of arms less one unless an arm is empty or strata share no arms.

    Raises:
        UnusableInputError: if the shapes do not fit or a count cannot be.

    References:
        Landis, Heyman & Koch 1978, International Statistical Review 46:237.

    Example:
        >>> result = general_association_test([[1, 2, 4], [2, 3, 5]], [[9, 9, 9], [9, 9, 9]])
        >>> f"{result.statistic:.4f} on {result.degrees_of_freedom}"
        '4.6968 on 2'
    """
    x, n, _ = _arms(events, participants, None)
    x, n = np.atleast_2d(x), np.atleast_2d(n)
    total, m = n.sum(axis=1), x.sum(axis=1)
    kept = (total > 1) & (m > 0) & (m < total)
    x, n, total, m = x[kept], n[kept], total[kept], m[kept]
    share = n / total[:, np.newaxis]
    deviation = (x - m[:, np.newaxis] * share).sum(axis=0)
    factor = m * (total - m) / (total - 1)
    covariance = np.diag(factor @ share) - (share * factor[:, np.newaxis]).T @ share
    rank = int(np.linalg.matrix_rank(covariance, tol=1e-10)) if len(x) else 0
    participants_used = {"participants": int(total.sum()), "strata used": len(x)}
    if rank == 0:
        note = "no stratum has both events and non-events in two arms"
        return TestResult(p_value=None, counts=participants_used, notes=(note,))
    statistic = float(deviation @ np.linalg.pinv(covariance, rcond=1e-10) @ deviation)
    return TestResult(
        statistic=statistic,
        degrees_of_freedom=rank,
        p_value=float(chi_square_upper_tail(statistic, rank)),
        counts=participants_used,
    )


def _arms(
    events: npt.ArrayLike, participants: npt.ArrayLike, scores: npt.ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    x, n = np.asarray(events, dtype=np.float64), np.asarray(participants, dtype=np.float64)
    score = np.zeros(n.shape[-1]) if scores is None else np.asarray(scores, dtype=np.float64)
    if x.shape != n.shape or score.shape != n.shape[-1:]:
        raise UnusableInputError("events, participants and scores differ in shape")
    finite = all(np.isfinite(each).all() for each in (x, n, score))
    if not (finite and ((x >= 0) & (x <= n) & (x % 1 == 0) & (n % 1 == 0)).all()):
        raise UnusableInputError("counts need 0 ≤ events ≤ participants, and scores be numbers")
    return x, n, score


def _trend_sums(x: Floats, n: Floats, score: Floats, *, binomial: bool) -> tuple[float, float, int]:
    """Deviation and variance of the score total of events, and the number of strata used."""
    total = n.sum(axis=1)
    kept = total > (0 if binomial else 1)
    x, n, total = x[kept], n[kept], total[kept]
    m = x.sum(axis=1)
    mean = n @ score / total
    deviation = float((x @ score - m * mean).sum())
    spread = (n * (score - mean[:, np.newaxis]) ** 2).sum(axis=1)
    variance = m * (total - m) * spread / (total * (total if binomial else total - 1))
    return deviation, float(variance.sum()), len(total)


def _trend(deviation: float, variance: float, total: int) -> TestResult:
    counts = {"participants": total}
    if variance <= 0:
        note = "no trend can be seen: no events, no non-events, or one score only"
        return TestResult(p_value=None, counts=counts, notes=(note,))
    z = deviation / math.sqrt(variance)
    return TestResult(statistic=z, p_value=float(2 * normal_upper_tail(abs(z))), counts=counts)
