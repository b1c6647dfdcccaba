"""The score of Miettinen and Nurminen: for one table or several strata, for one trial or many.

In a stratum the two risks are estimated under the constraint that their difference is δ; the score
is the weighted sum of observed minus constrained differences over its standard deviation (Miettinen
& Nurminen 1985, Statistics in Medicine 4:213). It falls as δ grows, so the limits of an interval
are the two places where it is plus and minus the normal quantile.

Plain arithmetic on purpose: one table takes less than a millisecond as it is, and seconds to
compile. `score_batch` compiles the same functions for simulations.
"""

import math

import numpy as np

from trialwright.stats.results import Floats

RESOLUTION = 1e-14


def restricted_control_risk(x1: float, n1: float, x0: float, n0: float, delta: float) -> float:
    """The likeliest control risk if the active risk exceeds it by delta."""
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    total = n1 + n0
    c2 = (n1 + 2 * n0) * delta - total - x1 - x0
    c1 = (n0 * delta - total - 2 * x0) * delta + x1 + x0
    c0 = x0 * delta * (1 - delta)
    b = c2 / (3 * total)
    q = b * b * b - c1 * c2 / (6 * total * total) + c0 / (2 * total)
    size = math.sqrt(max(b * b - c1 / (3 * total), 0.0))
    if q < 0:
        size = -size
    if size == 0.0:
        risk = -b
    else:
        ratio = min(1.0, max(-1.0, q / (size * size * size)))
        risk = 2 * size * math.cos((math.pi + math.acos(ratio)) / 3) - b
    # The cosine loses digits where roots are close; two Newton steps give them back.
    for _ in range(2):
        slope = (3 * total * risk + 2 * c2) * risk + c1
        if slope != 0.0:
            step = risk - (((total * risk + c2) * risk + c1) * risk + c0) / slope
            if low < step < high and abs(step - risk) < 1e-6:
                risk = step
    return min(high, max(low, risk))


def difference_score(delta: float, tables: Floats, weights: Floats, bias_correction: bool) -> float:
    """The score of a common difference; `tables` has a row x1, n1, x0, n0 per stratum."""
    deviation, variance = 0.0, 0.0
    for s in range(len(weights)):
        x1, n1, x0, n0 = tables[s]
        if n1 == 0 or n0 == 0 or weights[s] == 0:
            continue
        p0 = restricted_control_risk(x1, n1, x0, n0, delta)
        p1 = min(1.0, max(0.0, p0 + delta))
        v = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
        if bias_correction:
            v *= (n1 + n0) / (n1 + n0 - 1)
        deviation += weights[s] * (x1 / n1 - x0 / n0 - delta)
        variance += weights[s] * weights[s] * v
    if variance <= 0.0:
        return 0.0 if abs(deviation) < 1e-15 else math.copysign(np.inf, deviation)
    return deviation / math.sqrt(variance)


def difference_limit(
    target: float,
    low: float,
    high: float,
    tables: Floats,
    weights: Floats,
    bias_correction: bool,
) -> float:
    """The difference between low and high whose score is `target` (Chandrupatla's root search)."""
    a, b = low, high
    fa = _bounded(difference_score(a, tables, weights, bias_correction) - target)
    fb = _bounded(difference_score(b, tables, weights, bias_correction) - target)
    if fa <= 0:
        return a
    if fb >= 0:
        return b
    c, fc, t = a, fa, 0.5
    for _ in range(200):
        x = a + t * (b - a)
        fx = _bounded(difference_score(x, tables, weights, bias_correction) - target)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, fc = b, fb
            b, fb = a, fa
        a, fa = x, fx
        width = abs(b - a)
        if fx == 0.0 or width < RESOLUTION + 4e-16 * abs(a):
            break
        least = (2e-16 * abs(a) + 0.5 * RESOLUTION) / width
        xi = (a - b) / (c - b)
        phi = (fa - fb) / (fc - fb)
        if phi * phi < xi and (1 - phi) * (1 - phi) < 1 - xi:
            t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (
                fc - fb
            )
        else:
            t = 0.5
        t = min(1 - least, max(least, t))
    return a if abs(fa) < abs(fb) else b


def _bounded(value: float) -> float:
    return min(1e6, max(-1e6, value))


def difference_limits(
    quantile: float, tables: Floats, weights: Floats, bias_correction: bool
) -> tuple[float, float]:
    """Lower and upper limit of one trial; not a number if no stratum has both arms.

    Args:
        quantile: normal quantile of the level.
        tables: shape (strata, 4): x1, n1, x0, n0.
        weights: shape (strata,).
        bias_correction: the factor N / (N − 1) of Miettinen and Nurminen; without it, Mee's.
    """
    total, center = 0.0, 0.0
    for s in range(len(weights)):
        x1, n1, x0, n0 = tables[s]
        if n1 > 0 and n0 > 0:
            total += weights[s]
            center += weights[s] * (x1 / n1 - x0 / n0)
    if total == 0.0:
        return np.nan, np.nan
    center /= total
    return (
        difference_limit(quantile, -1.0, center, tables, weights, bias_correction),
        difference_limit(-quantile, center, 1.0, tables, weights, bias_correction),
    )
