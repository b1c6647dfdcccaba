"""What a trial of this size can show and what it cannot, computed from its own data."""

import math

import numpy as np
import scipy
from scipy import special

from trialwright.analysis.results import AnalysisResult, Reach
from trialwright.stats.distributions import t_upper_quantile
from trialwright.stats.results import Floats, Integers

POWER = 0.8
TAIL = 1e-10


def reach(result: AnalysisResult, alpha: float) -> Reach | None:
    """The reach of an analysis of means or rates; None for other methods or without numbers."""
    if result.method in ("analysis of covariance", "crossover comparison"):
        return _of_means(result, alpha)
    if result.method == "exact rates" and len(result.rates) == 2:
        return _of_rates(result, alpha)
    return None


def _of_means(result: AnalysisResult, alpha: float) -> Reach | None:
    found = result.comparisons[-1]
    if found.lower is None or found.upper is None or not found.standard_error:
        return None
    assert found.degrees_of_freedom is not None
    return Reach(
        analysis=result.id,
        participants=found.participants,
        half_width=(found.upper - found.lower) / 2,
        detectable_difference=found.standard_error
        * detectable_shift(found.degrees_of_freedom, alpha),
    )


def detectable_shift(degrees_of_freedom: float, alpha: float) -> float:
    """The true effect, in standard errors, that a t test finds, with the right sign, at 80%.

    Args:
        degrees_of_freedom: of the test.
        alpha: two-sided.
    """
    critical = float(t_upper_quantile(alpha / 2, degrees_of_freedom))
    return float(special.nctdtrinc(degrees_of_freedom, 1 - POWER, critical))


def _of_rates(result: AnalysisResult, alpha: float) -> Reach | None:
    control, arm = result.rates
    years = arm.person_years + control.person_years
    if control.person_years <= 0 or arm.person_years <= 0:
        return None
    expected = (arm.events + control.events) / years * control.person_years
    ratio = arm.person_years / control.person_years
    return Reach(
        analysis=result.id,
        participants=result.comparisons[0].participants,
        expected_events=expected,
        power_at_zero=power(expected, ratio, 0.0, alpha) if expected > 0 else None,
        detectable_ratio=detectable_rate_ratio(expected, ratio, alpha),
    )


def detectable_rate_ratio(expected: float, exposure_ratio: float, alpha: float) -> float | None:
    """The rate ratio below 1 that the exact conditional test finds with 80% chance.

    Args:
        expected: events of the control arm.
        exposure_ratio: person-years of the arm over those of the control.
        alpha: two-sided.

    Returns:
        None if even a ratio of 0 is found less often.
    """
    if expected <= 0 or power(expected, exposure_ratio, 0.0, alpha) < POWER:
        return None
    return float(
        scipy.optimize.brentq(
            lambda ratio: power(expected, exposure_ratio, ratio, alpha) - POWER, 0.0, 1.0, xtol=1e-6
        )
    )


def power(expected: float, exposure_ratio: float, ratio: float, alpha: float) -> float:
    """The chance that the exact conditional test rejects in favor of fewer events in the arm."""
    mean = expected * exposure_ratio * ratio
    x0, control_chance = _poisson_law(expected)
    x1, arm_chance = _poisson_law(mean)
    share = exposure_ratio / (1 + exposure_ratio)
    total = x1[:, None] + x0[None, :]
    rejected = special.bdtr(x1[:, None], total, share) <= alpha / 2
    return math.fsum((arm_chance[:, None] * control_chance[None, :] * rejected).ravel())


def _poisson_law(mean: float) -> tuple[Integers, Floats]:
    """The counts of a Poisson variable with their chances, up to the chance `TAIL` of more."""
    last = int(special.pdtrik(1 - TAIL, mean)) + 2 if mean > 0 else 0
    counts = np.arange(last + 1)
    return counts, np.exp(special.xlogy(counts, mean) - mean - special.gammaln(counts + 1))
