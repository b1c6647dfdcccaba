"""Sample size and power of fixed designs: rates, means, survival, crossover.

Sizes are not rounded, so that an inflation factor can be applied; `whole_groups` rounds them up.
A one-sided `alpha` is half of the usual two-sided level.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.score import restricted_control_risk


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Participants needed, not rounded.

    Attributes:
        total: participants in all.
        groups: participants in each group, control last.
    """

    total: float
    groups: tuple[float, ...]

    def whole_groups(self) -> tuple[int, ...]:
        """Give the group sizes rounded up."""
        return tuple(int(np.ceil(size - 1e-9)) for size in self.groups)


@dataclass(frozen=True, slots=True)
class SurvivalSize:
    """Events and participants needed, not rounded.

    Attributes:
        events: in all.
        participants: in all.
        event_chances: chance of an event by the end, treatment and control.
        duration: from the first participant to the analysis.
    """

    events: float
    participants: float
    event_chances: tuple[float, float]
    duration: float


def rates_size(
    rate: float,
    control_rate: float,
    *,
    alpha: float,
    power: float,
    ratio: float = 1.0,
    continuity: bool = False,
    margin: float = 0.0,
) -> SampleSize:
    """Give the size of a trial that compares two rates by the pooled z test.

    Args:
        rate, control_rate: response rates under the alternative.
        alpha: one-sided level.
        power: wanted.
        ratio: participants on treatment per participant on control.
        continuity: with Fleiss's correction, as for Fisher's exact test.
        margin: difference of the rates under the null hypothesis; the variance then is that of
            Farrington and Manning's restricted estimates.

    Raises:
        UnusableInputError: impossible rates or settings, or no difference to detect.

    Sources: Fleiss, Tytun, Ury, Biometrics 1980;36:343. Farrington and Manning, Stat Med
    1990;9:1447.

    >>> round(rates_size(0.5, 0.3, alpha=0.025, power=0.8).total, 4)
    185.9977
    """
    z_alpha, z_beta = _quantiles(alpha, power)
    _check_rates(rate, control_rate)
    difference = round(rate - control_rate - margin, 12)  # 0.9 − 0.3 is the margin 0.6
    _check_detectable(difference, ratio)
    null_rate, null_control = restricted_rates(rate, control_rate, margin, ratio)
    null = null_rate * (1 - null_rate) / ratio + null_control * (1 - null_control)
    alternative = rate * (1 - rate) / ratio + control_rate * (1 - control_rate)
    control = ((z_alpha * np.sqrt(null) + z_beta * np.sqrt(alternative)) / difference) ** 2
    if continuity:
        step = 2 * (ratio + 1) / (ratio * control * abs(difference))
        control = control / 4 * (1 + np.sqrt(1 + step)) ** 2
    return _two_groups(float(control), ratio)


def rates_size_arcsine(
    rate: float, control_rate: float, *, alpha: float, power: float, ratio: float = 1.0
) -> SampleSize:
    """Give the size by the variance-stabilizing arcsine transform.

    Source: Sokal and Rohlf, Biometry, Freeman 1981, section 17.

    >>> round(rates_size_arcsine(0.5, 0.3, alpha=0.025, power=0.8).groups[0], 4)
    92.6963
    """
    z_alpha, z_beta = _quantiles(alpha, power)
    _check_rates(rate, control_rate)
    _check_detectable(rate - control_rate, ratio)
    difference = np.arcsin(np.sqrt(rate)) - np.arcsin(np.sqrt(control_rate))
    control = ((z_alpha + z_beta) / difference) ** 2 * (1 + 1 / ratio) / 4
    return _two_groups(float(control), ratio)


def rates_power(
    rate: float, control_rate: float, participants: float, *, alpha: float, ratio: float = 1.0
) -> float:
    """Give the power of the pooled z test in the direction of the difference, normal approximation.

    >>> round(rates_power(0.5, 0.3, 186, alpha=0.025), 3)
    0.8
    """
    _check_rates(rate, control_rate)
    if not (0 < participants < np.inf and 0 < ratio < np.inf):
        raise UnusableInputError("Participants and their ratio must be positive")
    control = participants / (1 + ratio)
    pooled = (ratio * rate + control_rate) / (1 + ratio)
    null = pooled * (1 - pooled) * (1 + 1 / ratio) / control
    alternative = (rate * (1 - rate) / ratio + control_rate * (1 - control_rate)) / control
    reach = abs(rate - control_rate) + special.ndtri(_level(alpha)) * np.sqrt(null)
    return float(special.ndtr(reach / np.sqrt(alternative)))


def means_size(
    difference: float,
    standard_deviation: float,
    *,
    alpha: float,
    power: float,
    ratio: float = 1.0,
    known_variance: bool = False,
) -> SampleSize:
    """Give the size of a trial that compares two means by the t test.

    Args:
        difference: of the means, under the alternative.
        standard_deviation: common to both groups.
        alpha: one-sided level.
        power: wanted, in the direction of the difference.
        ratio: participants on treatment per participant on control.
        known_variance: for the z test.

    Raises:
        UnusableInputError: impossible settings, or no difference to detect.

    >>> round(means_size(2, 4, alpha=0.025, power=0.8).total, 4)
    127.5315
    """
    z_alpha, z_beta = _quantiles(alpha, power)
    _check_detectable(difference, ratio, standard_deviation)
    effect = abs(difference) / standard_deviation
    control = ((z_alpha + z_beta) / effect) ** 2 * (1 + 1 / ratio)
    if not known_variance:
        total = _size_of_t(
            lambda n: effect * np.sqrt(n * ratio) / (1 + ratio), alpha, power, control * (1 + ratio)
        )
        control = total / (1 + ratio)
    return _two_groups(float(control), ratio)


def crossover_size(
    difference: float, standard_deviation_within: float, *, alpha: float, power: float
) -> float:
    """Give the participants of a 2×2 crossover, both sequences alike, by the noncentral t.

    The treatment effect has n − 2 degrees of freedom and variance 2 σ² / n, with σ the standard
    deviation within participants.

    Args:
        difference: of the treatments, under the alternative.
        standard_deviation_within: of one observation within a participant.
        alpha: one-sided level.
        power: wanted, in the direction of the difference.

    Raises:
        UnusableInputError: impossible settings, or no difference to detect.

    Source: Senn, Cross-over Trials in Clinical Research, Wiley 2002, chapter 9.

    >>> round(crossover_size(2, 2, alpha=0.025, power=0.8), 4)
    17.8392
    """
    z_alpha, z_beta = _quantiles(alpha, power)
    _check_detectable(difference, 1.0, standard_deviation_within)
    effect = abs(difference) / standard_deviation_within
    start = 2 * ((z_alpha + z_beta) / effect) ** 2
    return _size_of_t(lambda n: effect * np.sqrt(n / 2), alpha, power, start)


def crossover_power(
    difference: float, standard_deviation_within: float, participants: float, *, alpha: float
) -> float:
    """Give the power of a 2×2 crossover in the direction of the difference.

    >>> round(crossover_power(2, 2, 30, alpha=0.025), 6)
    0.962221
    """
    if not (2 < participants < np.inf and 0 < standard_deviation_within < np.inf):
        raise UnusableInputError("A crossover needs more than two participants, and a deviation")
    if not np.isfinite(difference):
        raise UnusableInputError("The difference must be a finite number")
    noncentrality = abs(difference) / standard_deviation_within * np.sqrt(participants / 2)
    return _power_of_t(noncentrality, participants - 2, alpha)


def events_size(
    hazard_ratio: float, *, alpha: float, power: float, ratio: float = 1.0, freedman: bool = False
) -> float:
    """Give the events that a log-rank test needs.

    Sources: Schoenfeld, Biometrika 1981;68:316. Freedman, Stat Med 1982;1:121.

    >>> round(events_size(0.6, alpha=0.025, power=0.8), 4)
    120.3157
    """
    z_alpha, z_beta = _quantiles(alpha, power)
    if not 0 < hazard_ratio < np.inf or hazard_ratio == 1:
        raise UnusableInputError("The hazard ratio must be positive and not one")
    _check_detectable(np.log(hazard_ratio), ratio)
    if freedman:
        effect = (1 + ratio * hazard_ratio) / (1 - hazard_ratio)
        return float((z_alpha + z_beta) ** 2 * effect**2 / ratio)
    return float((z_alpha + z_beta) ** 2 * (1 + ratio) ** 2 / ratio / np.log(hazard_ratio) ** 2)


def survival_size(
    hazard_ratio: float,
    *,
    control_median: float,
    accrual: float,
    follow_up: float,
    alpha: float,
    power: float,
    ratio: float = 1.0,
    dropout_hazard: float = 0.0,
) -> SurvivalSize:
    """Give the participants that yield the events, with exponential times and steady accrual.

    Args:
        hazard_ratio: treatment over control.
        control_median: median time to event on control.
        accrual: how long participants are recruited, at a steady rate.
        follow_up: from the last participant to the analysis.
        alpha: one-sided level.
        power: wanted.
        ratio: participants on treatment per participant on control.
        dropout_hazard: hazard of loss to follow-up, alike in both groups.

    Raises:
        UnusableInputError: impossible settings.

    Source: Lachin and Foulkes, Biometrics 1986;42:507, for the chances of events.

    >>> settings = {"control_median": 12, "accrual": 12, "follow_up": 12}
    >>> round(survival_size(0.6, **settings, alpha=0.025, power=0.8).participants, 4)
    218.8415
    """
    events = events_size(hazard_ratio, alpha=alpha, power=power, ratio=ratio)
    times = (accrual, follow_up, dropout_hazard)
    if not (0 < control_median < np.inf and all(0 <= time < np.inf for time in times)):
        raise UnusableInputError("Times must be positive and finite")
    if accrual + follow_up == 0:
        raise UnusableInputError("Participants must be followed for some time")

    def chance(hazard: float) -> float:
        leaving = hazard + dropout_hazard
        if accrual == 0:
            staying = np.exp(-leaving * follow_up)
        else:
            staying = (
                np.exp(-leaving * follow_up) * -np.expm1(-leaving * accrual) / (leaving * accrual)
            )
        return float(hazard / leaving * (1 - staying))

    control_hazard = np.log(2) / control_median
    chances = (chance(hazard_ratio * control_hazard), chance(control_hazard))
    mean = (ratio * chances[0] + chances[1]) / (1 + ratio)
    if mean == 0:
        raise UnusableInputError("Nobody has an event in so short a time")
    return SurvivalSize(events, events / mean, chances, accrual + follow_up)


def restricted_rates(
    rate: float, control_rate: float, margin: float, ratio: float
) -> tuple[float, float]:
    """Give the most likely rates that differ by the margin; `ratio` weights the first rate."""
    if margin == 0:
        pooled = (ratio * rate + control_rate) / (1 + ratio)
        return pooled, pooled
    if not -1 < margin < 1:
        raise UnusableInputError("The margin must lie between −1 and 1")
    control = restricted_control_risk(ratio * rate, ratio, control_rate, 1.0, margin)
    return control + margin, control


def _size_of_t(
    noncentrality: Callable[[float], float], alpha: float, power: float, start: float
) -> float:
    """Solve for the total size of a t test with total − 2 degrees of freedom."""

    def missing(total: float) -> float:
        return _power_of_t(noncentrality(total), total - 2, alpha) - power

    low = 2 + 1e-3
    high = max(start, 4.0)
    while missing(high) < 0:
        high *= 1.5
    if missing(low) > 0:
        return low
    return float(optimize.brentq(missing, low, high, xtol=1e-11))


def _power_of_t(noncentrality: float, degrees_of_freedom: float, alpha: float) -> float:
    critical = special.stdtrit(degrees_of_freedom, 1 - _level(alpha))
    return float(stats.nct.sf(critical, degrees_of_freedom, noncentrality))


def _two_groups(control: float, ratio: float) -> SampleSize:
    return SampleSize(control * (1 + ratio), (control * ratio, control))


def _check_detectable(difference: float, ratio: float, deviation: float = 1.0) -> None:
    if not (0 < abs(difference) < np.inf and 0 < ratio < np.inf and 0 < deviation < np.inf):
        raise UnusableInputError(
            "There must be a difference to detect, and a positive ratio and deviation"
        )


def _level(alpha: float) -> float:
    if not 0 < alpha < 1:
        raise UnusableInputError("The level must lie between 0 and 1")
    return alpha


def _quantiles(alpha: float, power: float) -> tuple[float, float]:
    if not _level(alpha) < power < 1:
        raise UnusableInputError("Power must lie between the level and one")
    return float(special.ndtri(1 - alpha)), float(special.ndtri(power))


def _check_rates(*rates: float) -> None:
    if not all(0 < rate < 1 for rate in rates):
        raise UnusableInputError("Rates must lie between 0 and 1")
