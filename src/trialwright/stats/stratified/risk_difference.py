"""The stratified risk difference with score and Newcombe intervals."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.proportions.one import wilson
from trialwright.stats.proportions.score import (
    difference_limits,
    difference_score,
    restricted_control_risk,
)
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate, Floats
from trialwright.stats.stratified.tables import left_out, stratified_tables, totals, used_strata

WEIGHTS = ("mantel-haenszel", "miettinen-nurminen")


@dataclass(frozen=True, slots=True)
class Intervals:
    """Estimates and limits of many trials, each of shape (trials,)."""

    estimate: Floats
    lower: Floats
    upper: Floats


def stratified_risk_difference(
    tables: npt.ArrayLike,
    *,
    weights: str = "mantel-haenszel",
    level: float = 0.95,
) -> Estimate:
    """Stratified risk difference with the interval of Miettinen and Nurminen.

    The weighted score is inverted as one, as in R's ratesci and tern. SAS documents another
    interval under the name 'summary score', built from the limits of each stratum.

    Args:
        tables: shape (strata, 4): events and participants of the active arm, events and
            participants of the control arm.
        weights: 'mantel-haenszel', n1 n0 / (n1 + n0); or 'miettinen-nurminen', the same with the
            arms' sizes scaled by their restricted variances, found by iteration at each difference.
        level: two-sided confidence level.

    Returns:
        Estimate, limits, and the score test of no difference.

    Raises:
        UnusableInputError: if the counts or the level cannot be, no stratum has both arms, or the
            weights are unknown.

    References:
        Miettinen & Nurminen 1985, Statistics in Medicine 4:213, sections on stratified series.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> result = stratified_risk_difference(tables)
        >>> f"{result.estimate:.4f} ({result.lower:.4f} to {result.upper:.4f})"
        '0.1265 (-0.0755 to 0.3125)'
    """
    used, z = used_strata(tables), normal_quantile(level)
    if weights not in WEIGHTS:
        raise UnusableInputError(
            f"there are no weights {weights!r}", remedy=f"try {', '.join(WEIGHTS)}"
        )
    share = mantel_haenszel_weights(used)
    estimate = _weighted(used, share)
    if weights == "mantel-haenszel":
        lower, upper = difference_limits(z, used, share, True)
        statistic = difference_score(0.0, used, share, True)
    else:
        lower, upper, estimate = (_iterated(used, target) for target in (z, -z, 0.0))
        statistic = _iterated_score(0.0, used)
    return Estimate(
        estimate=estimate,
        lower=float(lower),
        upper=float(upper),
        level=level,
        statistic=float(statistic),
        p_value=float(2 * normal_upper_tail(abs(statistic))),
        counts=totals(used),
        notes=left_out(tables),
    )


def stratified_risk_difference_batch(tables: npt.ArrayLike, *, level: float = 0.95) -> Intervals:
    """The interval of `stratified_risk_difference`, Mantel–Haenszel weights, for many trials.

    Args:
        tables: shape (trials, strata, 4); one stratum gives the unstratified interval.
        level: two-sided confidence level.

    Returns:
        A trial without a stratum that has both arms gets the estimate 0 and limits −1 and 1, so
        that it never counts as significant.

    Raises:
        UnusableInputError: if the counts or the level cannot be.

    Example:
        >>> batch = stratified_risk_difference_batch([[(14, 40, 10, 40)], [(16, 29, 9, 30)]])
        >>> batch.lower.round(4)
        array([-0.1026, -0.0027])
    """
    # Here, because one trial does without the compiler, which takes a second to import.
    from trialwright.stats.proportions.score_batch import difference_limits_batch

    array, z = stratified_tables(tables), normal_quantile(level)
    if array.ndim != 3:
        raise UnusableInputError("a batch has tables of shape (trials, strata, 4)")
    share = mantel_haenszel_weights(array)
    limits = difference_limits_batch(z, array, share, True)
    x1, n1, x0, n0 = np.moveaxis(array, -1, 0)
    gaps = x1 / np.maximum(n1, 1) - x0 / np.maximum(n0, 1)
    total = share.sum(axis=1)
    estimate = (share * gaps).sum(axis=1) / np.where(total > 0, total, 1.0)
    return Intervals(
        estimate,
        np.where(total > 0, limits[:, 0], -1.0),
        np.where(total > 0, limits[:, 1], 1.0),
    )


def stratified_newcombe(tables: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Stratified risk difference with Newcombe's interval from stratified Wilson limits.

    Args:
        tables: as in `stratified_risk_difference`; weights are Mantel–Haenszel's.
        level: two-sided confidence level.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or no stratum has both arms.

    References:
        Yan & Su 2010, Statistics in Biopharmaceutical Research 2:383.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> result = stratified_newcombe(tables)
        >>> f"{result.lower:.4f} to {result.upper:.4f}"
        '-0.0738 to 0.3159'
    """
    used, z = used_strata(tables), normal_quantile(level)
    x1, n1, x0, n0 = used.T
    share = mantel_haenszel_weights(used)
    share = share / share.sum()
    low1, high1 = _stratified_wilson(x1, n1, share, z)
    low0, high0 = _stratified_wilson(x0, n0, share, z)
    one, zero = float((share**2 / n1).sum()), float((share**2 / n0).sum())
    estimate = _weighted(used, share)
    below = z * math.sqrt(one * low1 * (1 - low1) + zero * high0 * (1 - high0))
    above = z * math.sqrt(one * high1 * (1 - high1) + zero * low0 * (1 - low0))
    return Estimate(
        estimate=estimate,
        lower=max(estimate - below, -1.0),
        upper=min(estimate + above, 1.0),
        level=level,
        counts=totals(used),
        notes=left_out(tables),
    )


def mantel_haenszel_weights(tables: Floats) -> Floats:
    """n1 n0 / (n1 + n0) of tables of shape (..., strata, 4); 0 for an empty stratum."""
    n1, n0 = tables[..., 1], tables[..., 3]
    return np.asarray(n1 * n0 / np.maximum(n1 + n0, 1))


def _weighted(used: Floats, share: Floats) -> float:
    x1, n1, x0, n0 = used.T
    return float(share @ (x1 / n1 - x0 / n0) / share.sum())


def _stratified_wilson(x: Floats, n: Floats, share: Floats, z: float) -> tuple[float, float]:
    """Weighted Wilson limits at the quantile that gives the pooled interval its level.

    Without variation in any stratum the quantile is taken for equal risks, its limit.
    """
    spread = x / n * (1 - x / n) / n
    if not spread.any():
        spread = 1 / n
    quantile = z * math.sqrt(share**2 @ spread) / float(share @ np.sqrt(spread))
    level = 1 - 2 * float(normal_upper_tail(quantile))
    limits = [wilson(int(a), int(b), level) for a, b in zip(x, n, strict=True)]
    low, high = np.array(limits).T
    return float(share @ low), float(share @ high)


def _iterated_score(delta: float, tables: Floats) -> float:
    """The score with Miettinen and Nurminen's weights at a difference."""
    strata = len(tables)
    p0 = np.empty(strata)
    weights = np.empty(strata)
    for s in range(strata):
        x1, n1, x0, n0 = tables[s]
        p0[s] = restricted_control_risk(x1, n1, x0, n0, delta)
        weights[s] = n1 * n0 / (n1 + n0)
    for _ in range(100):
        total = weights.sum()
        control = (weights * p0).sum() / total
        active = control + delta
        spread1, spread0 = max(active * (1 - active), 0.0), max(control * (1 - control), 0.0)
        if spread1 <= 0 and spread0 <= 0:
            break
        before = weights / total
        weights = 1 / (spread1 / tables[:, 1] + spread0 / tables[:, 3])
        if np.abs(weights / weights.sum() - before).max() < 1e-14:
            break
    return float(difference_score(delta, tables, weights, True))


def _iterated(used: Floats, target: float) -> float:
    """The difference whose score with iterated weights is `target`, by bisection."""
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _iterated_score(middle, used) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
