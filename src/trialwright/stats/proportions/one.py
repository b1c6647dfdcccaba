"""Intervals for one proportion."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import scipy
from scipy.special import betainc, xlog1py, xlogy

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import (
    beta_quantile,
    beta_upper_quantile,
    chi_square_upper_quantile,
)
from trialwright.stats.proportions.tables import check_counts, normal_quantile
from trialwright.stats.results import Estimate

Limits = tuple[float, float]


def proportion(
    events: int, participants: int, *, method: str = "clopper-pearson", level: float = 0.95
) -> Estimate:
    """A proportion and its interval.

    Args:
        events: participants with the event.
        participants: all.
        method: a key of `METHODS`: 'clopper-pearson' (exact, central), 'blaker' (exact, narrower),
            'mid-p', 'wilson', 'wilson-cc', 'wald', 'wald-cc', 'agresti-coull', 'jeffreys',
            'arcsine', 'logit', 'likelihood-ratio'.
        level: two-sided confidence level.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or the method is unknown; 'logit'
            has no interval at 0 or all events.

    References:
        Clopper & Pearson 1934, Biometrika 26:404; Wilson 1927, JASA 22:209; Newcombe 1998,
        Statistics in Medicine 17:857 (comparison, and the continuity corrections); Agresti & Coull
        1998, American Statistician 52:119; Brown, Cai & DasGupta 2001, Statistical Science 16:101
        (Jeffreys, with its limits at 0 and all events, arcsine, logit, likelihood ratio); Blaker
        2000, Canadian Journal of Statistics 28:783.

    Example:
        >>> result = proportion(10, 40)
        >>> f"{result.estimate:.2f} ({result.lower:.4f} to {result.upper:.4f})"
        '0.25 (0.1269 to 0.4120)'
    """
    check_counts(events, participants)
    if method not in METHODS:
        raise UnusableInputError(
            f"there is no interval {method!r} for a proportion", remedy=f"try {', '.join(METHODS)}"
        )
    normal_quantile(level)
    lower, upper = METHODS[method](events, participants, level)
    return Estimate(
        estimate=events / participants,
        lower=max(lower, 0.0),
        upper=min(upper, 1.0),
        level=level,
        counts={"events": events, "participants": participants},
    )


def wald(x: int, n: int, level: float, correction: float = 0.0) -> Limits:
    """The estimate and its estimated standard error; of no width at 0 and n events."""
    reach = normal_quantile(level) * math.sqrt(x * (n - x) / n) / n + correction / n
    return x / n - reach, x / n + reach


def wald_corrected(x: int, n: int, level: float) -> Limits:
    """Wald's, wider by half a participant on each side."""
    return wald(x, n, level, 0.5)


def wilson(x: int, n: int, level: float) -> Limits:
    """The proportions whose score test does not reject."""
    z = normal_quantile(level)
    middle = x + z * z / 2
    reach = z * math.sqrt(x * (n - x) / n + z * z / 4)
    lower, upper = (middle - reach) / (n + z * z), (middle + reach) / (n + z * z)
    return (0.0 if x == 0 else lower), (1.0 if x == n else upper)


def wilson_corrected(x: int, n: int, level: float) -> Limits:
    """Wilson's with the continuity correction of the score test."""
    z = normal_quantile(level)
    p, q, scale = x / n, 1 - x / n, 2 * (n + z * z)
    low = 2 * x + z * z - 1 - z * math.sqrt(max(z * z - 2 - 1 / n + 4 * p * (n * q + 1), 0))
    high = 2 * x + z * z + 1 + z * math.sqrt(max(z * z + 2 - 1 / n + 4 * p * (n * q - 1), 0))
    return (0.0 if x == 0 else low / scale), (1.0 if x == n else high / scale)


def agresti_coull(x: int, n: int, level: float) -> Limits:
    """Wald's around Wilson's middle."""
    z = normal_quantile(level)
    size = n + z * z
    middle = (x + z * z / 2) / size
    reach = z * math.sqrt(middle * (1 - middle) / size)
    return middle - reach, middle + reach


def jeffreys(x: int, n: int, level: float) -> Limits:
    """Equal tails of the beta distribution with half an event and half a non-event added."""
    tail = (1 - level) / 2
    return (
        0.0 if x == 0 else float(beta_quantile(tail, x + 0.5, n - x + 0.5)),
        1.0 if x == n else float(beta_upper_quantile(tail, x + 0.5, n - x + 0.5)),
    )


def clopper_pearson(x: int, n: int, level: float) -> Limits:
    """The proportions of which neither exact one-sided test rejects."""
    tail = (1 - level) / 2
    return (
        0.0 if x == 0 else float(beta_quantile(tail, x, n - x + 1)),
        1.0 if x == n else float(beta_upper_quantile(tail, x + 1, n - x)),
    )


def arcsine(x: int, n: int, level: float) -> Limits:
    """On the arcsine scale, with Anscombe's 3/8."""
    angle = math.asin(math.sqrt((x + 0.375) / (n + 0.75)))
    reach = normal_quantile(level) / (2 * math.sqrt(n))
    low, high = max(angle - reach, 0.0), min(angle + reach, math.pi / 2)
    return math.sin(low) ** 2, math.sin(high) ** 2


def logit(x: int, n: int, level: float) -> Limits:
    """On the logit scale."""
    if x in (0, n):
        raise UnusableInputError("the logit interval needs an event and a non-event")
    middle = math.log(x / (n - x))
    reach = normal_quantile(level) * math.sqrt(n / (x * (n - x)))
    return 1 / (1 + math.exp(reach - middle)), 1 / (1 + math.exp(-reach - middle))


def mid_p(x: int, n: int, level: float) -> Limits:
    """As Clopper and Pearson, with half of the probability of the observed count."""
    tail = (1 - level) / 2

    def at_least(p: float) -> float:
        return float(scipy.stats.binom.sf(x, n, p) + scipy.stats.binom.pmf(x, n, p) / 2) - tail

    def at_most(p: float) -> float:
        return float(scipy.stats.binom.cdf(x - 1, n, p) + scipy.stats.binom.pmf(x, n, p) / 2) - tail

    return (
        0.0 if x == 0 else _root(at_least, 0.0, 1.0),
        1.0 if x == n else _root(at_most, 0.0, 1.0),
    )


def likelihood_ratio(x: int, n: int, level: float) -> Limits:
    """The proportions whose likelihood-ratio test does not reject."""
    p_hat, critical = x / n, float(chi_square_upper_quantile(1 - level, 1))
    best = float(xlogy(x, p_hat) + xlog1py(n - x, -p_hat))

    def excess(p: float) -> float:
        below = best - float(xlogy(x, p) + xlog1py(n - x, -p))
        return min(2 * below, 1e300) - critical

    return (
        0.0 if x == 0 else _root(excess, 0.0, p_hat),
        1.0 if x == n else _root(excess, p_hat, 1.0),
    )


def blaker(x: int, n: int, level: float) -> Limits:
    """The hull of the proportions that Blaker's exact two-sided test accepts.

    The test adds to the smaller tail of the observed count the largest tail on the other side that
    does not exceed it. The limits lie inside those of Clopper and Pearson, where the search starts.
    """
    low, high = clopper_pearson(x, n, level)
    lower = 0.0 if x == 0 else _first_accepted(x, n, 1 - level, low)
    upper = 1.0 if x == n else 1 - _first_accepted(n - x, n, 1 - level, 1 - high)
    return lower, upper


def _first_accepted(x: int, n: int, alpha: float, start: float) -> float:
    """The smallest p ≥ start at which Blaker's p of x events exceeds alpha.

    The near tail is P(X ≥ x). The other tail P(X ≤ c) may be added from the p on at which it is no
    larger, p(c), which grows with c. Between p(c) and p(c + 1) the sum first falls, then rises: it
    exceeds alpha at the left end, or from one place on, or nowhere.
    """

    def near(p: float) -> float:
        return float(betainc(x, n - x + 1, p))

    def far(c: int, p: float) -> float:
        return float(betainc(n - c, c + 1, 1 - p)) if c >= 0 else 0.0

    def opens(c: int) -> float:
        if near(start) >= far(c, start):
            return start
        return _root(lambda p: near(p) - far(c, p), start, 1.0)

    left, c = start, -1
    while c < x - 1 and opens(c + 1) == start:
        c += 1
    while near(left) + far(c, left) <= alpha:
        right = opens(c + 1) if c < x - 1 else 1.0
        if near(right) + far(c, right) > alpha:
            return _root(lambda p, c=c: near(p) + far(c, p) - alpha, left, right)  # type: ignore[misc]  # mypy can't type the default
        left, c = right, c + 1
    return left


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(
        scipy.optimize.brentq(function, low, high, xtol=1e-15, rtol=4 * np.finfo(float).eps)
    )


METHODS: Final[Mapping[str, Callable[[int, int, float], Limits]]] = {
    "clopper-pearson": clopper_pearson,
    "blaker": blaker,
    "mid-p": mid_p,
    "wilson": wilson,
    "wilson-cc": wilson_corrected,
    "wald": wald,
    "wald-cc": wald_corrected,
    "agresti-coull": agresti_coull,
    "jeffreys": jeffreys,
    "arcsine": arcsine,
    "logit": logit,
    "likelihood-ratio": likelihood_ratio,
}
