"""The difference of two proportions, active minus control, and its intervals."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.proportions.one import wilson, wilson_corrected
from trialwright.stats.proportions.score import difference_limits, difference_score
from trialwright.stats.proportions.skewness import skewness_corrected
from trialwright.stats.proportions.tables import TwoArms, normal_quantile
from trialwright.stats.results import Estimate, Floats

Limits = tuple[float, float]


def risk_difference(
    events: int,
    participants: int,
    control_events: int,
    control_participants: int,
    *,
    method: str = "miettinen-nurminen",
    level: float = 0.95,
) -> Estimate:
    """Difference of two proportions, active minus control, with its interval.

    Args:
        events: participants of the active arm with the event.
        participants: of the active arm.
        control_events: participants of the control arm with the event.
        control_participants: of the control arm.
        method: a key of `METHODS`: 'miettinen-nurminen', 'mee' (without the factor N / (N − 1)),
            'skewness-corrected-score', 'newcombe', 'newcombe-cc', 'agresti-caffo', 'wald',
            'wald-cc', 'hauck-anderson', 'haldane', 'jeffreys-perks'.
        level: two-sided confidence level.

    Returns:
        The estimate and limits. Wald's carries its standard error, statistic and p; the score
        intervals those of the score test of no difference. The skewness-corrected estimate is the
        difference of which the corrected score is zero, not the observed one.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or the method is unknown.

    Programs:
        statsmodels 0.15 'score' has another restricted estimate, less likely than ours: 22/40 v
        10/40 gives 0.0855 to 0.4841 there, 0.0851 to 0.4891 here and in R's ratesci.

    References:
        Miettinen & Nurminen 1985, Statistics in Medicine 4:213; Mee 1984, Biometrics 40:1175;
        Newcombe 1998, Statistics in Medicine 17:873 (method 10, with correction 11); Agresti &
        Caffo 2000, American Statistician 54:280; Hauck & Anderson 1986, American Statistician
        40:318; Beal 1987, Biometrics 43:941 (Haldane, Jeffreys-Perks); Laud 2017, Pharmaceutical
        Statistics 16:334 (skewness).

    Example:
        >>> result = risk_difference(16, 29, 9, 30, method="newcombe")
        >>> f"{result.estimate:.3f} ({result.lower:.3f} to {result.upper:.3f})"
        '0.252 (0.001 to 0.463)'
    """
    table = TwoArms(events, participants, control_events, control_participants)
    normal_quantile(level)
    if method not in METHODS:
        raise UnusableInputError(
            f"there is no interval {method!r} for a difference",
            remedy=f"try {', '.join(METHODS)}",
        )
    return METHODS[method](table, level)


def _wald(table: TwoArms, level: float, correction: float = 0.0) -> Estimate:
    error = _standard_error(table)
    difference = table.risk - table.control_risk
    allowance = correction * (1 / table.participants + 1 / table.control_participants)
    reach = normal_quantile(level) * error + allowance
    statistic = difference / error if error > 0 else None
    return Estimate(
        estimate=difference,
        standard_error=error,
        lower=max(difference - reach, -1.0),
        upper=min(difference + reach, 1.0),
        level=level,
        statistic=statistic,
        p_value=None if statistic is None else float(2 * normal_upper_tail(abs(statistic))),
        counts=table.counts,
        notes=() if error > 0 else ("no variation within the arms: the interval has no width",),
    )


def _standard_error(table: TwoArms, lost: int = 0) -> float:
    active = table.risk * (1 - table.risk) / max(table.participants - lost, 1)
    control = table.control_risk * (1 - table.control_risk)
    return math.sqrt(active + control / max(table.control_participants - lost, 1))


def _interval(table: TwoArms, limits: Limits, level: float) -> Estimate:
    return Estimate(
        estimate=table.risk - table.control_risk,
        lower=max(limits[0], -1.0),
        upper=min(limits[1], 1.0),
        level=level,
        counts=table.counts,
    )


def _score(table: TwoArms, level: float, bias_correction: bool) -> Estimate:
    stack: Floats = np.array([list(table.counts.values())], dtype=np.float64)
    one = np.ones(1)
    lower, upper = difference_limits(normal_quantile(level), stack, one, bias_correction)
    statistic = float(difference_score(0.0, stack, one, bias_correction))
    return Estimate(
        estimate=table.risk - table.control_risk,
        lower=float(lower),
        upper=float(upper),
        level=level,
        statistic=statistic,
        p_value=float(2 * normal_upper_tail(abs(statistic))),
        counts=table.counts,
    )


def _newcombe(table: TwoArms, level: float, one_arm: Callable[..., Limits]) -> Estimate:
    """Wilson's limits of each arm, combined as squares."""
    low1, high1 = one_arm(table.events, table.participants, level)
    low0, high0 = one_arm(table.control_events, table.control_participants, level)
    p1, p0 = table.risk, table.control_risk
    below = math.hypot(p1 - low1, high0 - p0)
    above = math.hypot(high1 - p1, p0 - low0)
    return _interval(table, (p1 - p0 - below, p1 - p0 + above), level)


def _agresti_caffo(table: TwoArms, level: float) -> Estimate:
    """Wald's with one event and one non-event added to each arm."""
    padded = TwoArms(
        table.events + 1,
        table.participants + 2,
        table.control_events + 1,
        table.control_participants + 2,
    )
    middle = padded.risk - padded.control_risk
    reach = normal_quantile(level) * _standard_error(padded)
    return _interval(table, (middle - reach, middle + reach), level)


def _hauck_anderson(table: TwoArms, level: float) -> Estimate:
    middle = table.risk - table.control_risk
    allowance = 0.5 / min(table.participants, table.control_participants)
    reach = normal_quantile(level) * _standard_error(table, lost=1) + allowance
    return _interval(table, (middle - reach, middle + reach), level)


def _beal(table: TwoArms, level: float, mean_risk: float) -> Estimate:
    """Solved for the difference with the mean of the two risks held."""
    z2 = normal_quantile(level) ** 2
    u = (1 / table.participants + 1 / table.control_participants) / 4
    v = (1 / table.participants - 1 / table.control_participants) / 4
    difference, skew = table.risk - table.control_risk, 1 - 2 * mean_risk
    spread = 4 * mean_risk * (1 - mean_risk)
    middle = (difference + z2 * v * skew) / (1 + z2 * u)
    inside = u * (spread - difference**2) + 2 * v * skew * difference
    inside += z2 * u * u * spread + z2 * (v * skew) ** 2
    reach = math.sqrt(z2 * max(inside, 0.0)) / (1 + z2 * u)
    return _interval(table, (middle - reach, middle + reach), level)


def _haldane(table: TwoArms, level: float) -> Estimate:
    return _beal(table, level, (table.risk + table.control_risk) / 2)


def _jeffreys_perks(table: TwoArms, level: float) -> Estimate:
    active = (table.events + 0.5) / (table.participants + 1)
    control = (table.control_events + 0.5) / (table.control_participants + 1)
    return _beal(table, level, (active + control) / 2)


METHODS: Final[Mapping[str, Callable[[TwoArms, float], Estimate]]] = {
    "miettinen-nurminen": lambda table, level: _score(table, level, True),
    "mee": lambda table, level: _score(table, level, False),
    "skewness-corrected-score": skewness_corrected,
    "newcombe": lambda table, level: _newcombe(table, level, wilson),
    "newcombe-cc": lambda table, level: _newcombe(table, level, wilson_corrected),
    "agresti-caffo": _agresti_caffo,
    "wald": _wald,
    "wald-cc": lambda table, level: _wald(table, level, 0.5),
    "hauck-anderson": _hauck_anderson,
    "haldane": _haldane,
    "jeffreys-perks": _jeffreys_perks,
}
