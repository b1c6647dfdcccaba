"""Rates of events per time under observation, and their ratio, by exact methods.

The count of an arm is taken as Poisson. Given the sum of two counts, the share of one arm is
binomial; its limits become those of the rate ratio.
"""

import math

import scipy
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import chi_square_upper_quantile
from trialwright.stats.proportions.one import proportion
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate

TAILS = ("equal", "likelihood")


def poisson_rate(events: int, exposure: float, *, level: float = 0.95) -> Estimate:
    """The rate of events in one arm, with exact limits.

    Args:
        events: how many.
        exposure: time under observation, in the unit that the rate is wanted per.
        level: of the interval, each side of which errs with at most half of 1 − level.

    Raises:
        UnusableInputError: unless 0 ≤ events and 0 < exposure.

    References:
        Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.

    Example:
        >>> rate = poisson_rate(36, 8.6)
        >>> f"{rate.estimate:.3f} ({rate.lower:.3f}, {rate.upper:.3f})"
        '4.186 (2.932, 5.795)'
    """
    _refuse_impossible(events, exposure)
    normal_quantile(level)  # refuses a level outside (0, 1)
    tail = (1 - level) / 2
    lower = float(chi_square_upper_quantile(1 - tail, 2 * events)) / 2 if events else 0.0
    return Estimate(
        estimate=events / exposure,
        lower=lower / exposure,
        upper=float(chi_square_upper_quantile(tail, 2 * events + 2)) / 2 / exposure,
        level=level,
        counts={"events": int(events)},
    )


def poisson_rate_ratio(
    events: int,
    exposure: float,
    control_events: int,
    control_exposure: float,
    *,
    level: float = 0.95,
    tails: str = "equal",
) -> Estimate:
    """The ratio of two rates, with exact conditional limits and the test that it is one.

    Args:
        events, exposure: of the active arm.
        control_events, control_exposure: of the control.
        level: of the interval.
        tails: the two-sided p-value: 'equal' is twice the smaller tail and agrees with the
            interval; 'likelihood' adds the probabilities of all counts no likelier than the
            observed one, as R's poisson.test does.

    Returns:
        The ratio; infinite without control events, None without any event, when the interval goes
        from zero to infinity. `standard_error` is that of its logarithm, √(1/a + 1/b); None if a
        count is zero.

    Raises:
        UnusableInputError: if a count is negative, an exposure not positive, or `tails` unknown.

    References:
        Przyborowski J, Wilenski H. Homogeneity of results in testing samples from Poisson series.
        Biometrika 1940;31:313-323.

    Example:
        >>> ratio = poisson_rate_ratio(40, 8.6, 36, 8.6)
        >>> f"{ratio.estimate:.3f} ({ratio.lower:.3f}, {ratio.upper:.3f}), p {ratio.p_value:.3f}"
        '1.111 (0.690, 1.794), p 0.731'
    """
    _refuse_impossible(events, exposure)
    _refuse_impossible(control_events, control_exposure)
    if tails not in TAILS:
        raise UnusableInputError(f"there is no p-value by {tails!r}", remedy=f"use {TAILS}")
    normal_quantile(level)  # refuses a level outside (0, 1)
    counts = {"events": int(events), "control events": int(control_events)}
    total = int(events + control_events)
    if total == 0:
        return Estimate(
            estimate=None, lower=0.0, upper=math.inf, level=level, counts=counts,
            notes=("no event in either arm: the ratio is not determined",),
        )  # fmt: skip
    share = proportion(int(events), total, method="clopper-pearson", level=level)
    assert share.lower is not None
    assert share.upper is not None
    scale = control_exposure / exposure
    expected = exposure / (exposure + control_exposure)
    return Estimate(
        estimate=_odds(events / total) * scale,
        standard_error=math.sqrt(1 / events + 1 / control_events)
        if events and control_events
        else None,
        lower=_odds(share.lower) * scale,
        upper=_odds(share.upper) * scale,
        level=level,
        p_value=conditional_p_value(int(events), int(control_events), expected)
        if tails == "equal"
        else float(scipy.stats.binomtest(int(events), total, expected).pvalue),
        counts=counts,
    )


def conditional_p_value(events: int, control_events: int, share: float) -> float:
    """Twice the smaller tail of the binomial count of events, given their sum; at most 1.

    Args:
        events, control_events: of the two arms.
        share: the part of the whole exposure that the first arm has.
    """
    total = int(events + control_events)
    at_most = float(special.bdtr(events, total, share))
    at_least = float(special.bdtrc(events - 1, total, share)) if events else 1.0
    return min(1.0, 2 * min(at_most, at_least))


def _refuse_impossible(events: int, exposure: float) -> None:
    if not 0 <= events < math.inf or events != int(events):
        raise UnusableInputError(f"{events} is no number of events")
    if not 0 < exposure < math.inf:
        raise UnusableInputError(
            f"a rate needs time under observation, not {exposure}",
            remedy="leave out an arm that was not observed",
        )


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)
