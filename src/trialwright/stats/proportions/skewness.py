"""The score interval of a difference with its skewness corrected (Laud 2017)."""

import math

import numpy as np
import scipy

from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.proportions.score import restricted_control_risk
from trialwright.stats.proportions.tables import TwoArms, normal_quantile
from trialwright.stats.results import Estimate


def skewness_corrected(table: TwoArms, level: float) -> Estimate:
    """Estimate and limits where the corrected score is zero and ± the normal quantile."""
    z = normal_quantile(level)
    statistic = _corrected_score(0.0, table)
    return Estimate(
        estimate=_where(0.0, table),
        lower=_where(z, table),
        upper=_where(-z, table),
        level=level,
        statistic=statistic,
        p_value=float(2 * normal_upper_tail(abs(statistic))),
        counts=table.counts,
    )


def _where(target: float, table: TwoArms) -> float:
    """The difference whose corrected score is `target`; the score falls as the difference grows."""

    def gap(delta: float) -> float:
        return _corrected_score(delta, table) - target

    if gap(-1.0) <= 0:
        return -1.0
    if gap(1.0) >= 0:
        return 1.0
    return float(scipy.optimize.brentq(gap, -1.0, 1.0, xtol=1e-15, rtol=4 * np.finfo(float).eps))


def _corrected_score(delta: float, table: TwoArms) -> float:
    """Cornish and Fisher's correction: s that solves s + A (s² − 1) = z, A a sixth of the skewness.

    Where no s solves it, the skewness is too large for the correction; the vertex is taken.
    """
    n1, n0 = table.participants, table.control_participants
    p0 = restricted_control_risk(table.events, n1, table.control_events, n0, delta)
    p1 = min(1.0, max(0.0, p0 + delta))
    v1, v0 = p1 * (1 - p1) / n1, p0 * (1 - p0) / n0
    variance = (v1 + v0) * table.total / (table.total - 1)
    deviation = table.risk - table.control_risk - delta
    if variance <= 0:
        return 0.0 if abs(deviation) < 1e-15 else math.copysign(1e6, deviation)
    third = v1 * (1 - 2 * p1) / n1 - v0 * (1 - 2 * p0) / n0
    a = third / (6 * variance**1.5)
    z = deviation / math.sqrt(variance)
    inside = max(1 + 4 * a * (z + a), 0.0)
    # Written so that nothing is lost as a tends to zero.
    return float(2 * (z + a) / (1 + math.sqrt(inside)))
