"""Do arms differ in their hazards: log-rank tests, weighted and stratified."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, TestResult
from trialwright.stats.survival.times import at_risk_by_arm, checked_times, numbered


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankTest(TestResult):
    """A log-rank test of several arms.

    Attributes:
        arms: their names in order.
        observed, expected: events of each arm, weighted, summed over strata, shape (arms,).
        variance: of observed minus expected, shape (arms, arms).
    """

    arms: tuple[str, ...]
    observed: Floats
    expected: Floats
    variance: Floats


def log_rank_test(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    arm: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    rho: float = 0.0,
) -> LogRankTest:
    """The log-rank test, of two or more arms.

    Args:
        time, event: as in `kaplan_meier`.
        arm: labels, shape (n,).
        strata: labels within which arms are compared, shape (n,).
        rho: weights of the G-rho family, the power of the survival just before: 0 is the log-rank
            test, 1 that of Peto and Peto, which stresses early differences.

    Returns:
        A chi-square statistic with one degree of freedom for each arm with expected events but one.

    Raises:
        UnusableInputError: as `checked_times`, or if there is one arm only or no event.

    References:
        Mantel N. Evaluation of survival data and two new rank order statistics. Cancer Chemotherapy
        Reports 1966;50:163-170. Harrington DP, Fleming TR. A class of rank test procedures for
        censored survival data. Biometrika 1982;69:553-566.

    Example:
        >>> found = log_rank_test([3, 5, 7, 9, 4, 8, 11, 12], [1, 1, 1, 0, 1, 1, 0, 0],
        ...                       ["a"] * 4 + ["b"] * 4)
        >>> round(found.statistic, 4), round(found.p_value, 4)
        (0.7242, 0.3948)
    """
    stop, code, _ = checked_times(time, event)
    if code.max() > 1:
        raise UnusableInputError("more than one kind of event", remedy="use Gray's test")
    whose, arms = numbered(arm, len(stop), "arms")
    stratum, strata_names = numbered(strata, len(stop), "strata")
    if len(arms) < 2:
        raise UnusableInputError("there is one arm only, so nothing to compare")
    k = len(arms)
    observed, expected, variance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for each in range(len(strata_names)):
        rows = stratum == each
        parts = _one_stratum(stop[rows], code[rows], whose[rows], k, rho)
        observed, expected, variance = (
            whole + part for whole, part in zip((observed, expected, variance), parts, strict=True)
        )
    if not code.any():
        raise UnusableInputError("nobody had the event, so nothing can be compared")
    counted = np.flatnonzero(expected > 0)
    used = counted[1:]
    lead = (observed - expected)[used]
    # At risk alone among its peers, an arm's variance can be zero.
    spread = variance[np.ix_(used, used)]
    rank = int(np.linalg.matrix_rank(spread, hermitian=True)) if len(used) else 0
    statistic = float(lead @ np.linalg.pinv(spread, hermitian=True) @ lead) if rank else 0.0
    return LogRankTest(
        arms=tuple(arms),
        observed=observed,
        expected=expected,
        variance=variance,
        statistic=statistic,
        degrees_of_freedom=float(rank),
        p_value=float(chi2.sf(statistic, rank)) if rank else 1.0,
        counts={"participants": len(stop), "events": int(code.sum())},
        notes=() if rank == k - 1 else ("some arms were never compared with others",),
    )


def _one_stratum(
    stop: Floats, code: npt.NDArray[np.int64], whose: npt.NDArray[np.int64], k: int, rho: float
) -> tuple[Floats, Floats, Floats]:
    """Observed and expected events by arm, shape (k,), and variance, shape (k, k)."""
    at_risk, (events,) = at_risk_by_arm(stop, whose, k, code)
    total, deaths = at_risk.sum(axis=1), events.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1 - deaths / total)[:-1]])
    weight = before**rho
    share = at_risk / total[:, None]
    ties = np.where(total > 1, (total - deaths) / np.maximum(total - 1, 1), 0.0)
    factor = weight**2 * deaths * ties
    variance = np.diag(factor @ share) - (share * factor[:, None]).T @ share
    return weight @ events, (weight * deaths) @ share, variance
