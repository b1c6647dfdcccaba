"""Tied events in discrete time: one risk set chooses all of its events at once.

The normalizing sum over all choices of d among those at risk is an elementary symmetric function
of the relative hazards, built up one participant at a time with its derivatives.
"""

import numpy as np

from trialwright.stats.results import Floats, Integers


def exact_rows(
    stop: Floats, code: Integers, begin: Floats, x: Floats, _weight: Floats, eta: Floats, _ties: str
) -> tuple[Floats, Integers, Floats, Floats, Floats, Floats, Floats]:
    """The risk sets of one stratum; the d tied events each take one d-th of their choice.

    Reference:
        Gail MH, Lubin JH, Rubinstein LV. Likelihood calculations for matched case-control studies
        and survival studies with tied death times. Biometrika 1981;68:703-707.
    """
    events = np.flatnonzero(code == 1)
    events = events[np.argsort(stop[events], kind="stable")]
    times, size = np.unique(stop[events], return_counts=True)
    log_sum, mean, spread = [], [], []
    for time, d in zip(times, size, strict=True):
        members = (stop >= time) & (begin < time)
        value, slope, curve = _log_symmetric(eta[members], x[members], int(d))
        log_sum += [value / d] * d
        mean += [slope / d] * d
        spread += [curve / d] * d
    ones = np.ones(len(events))
    return (
        stop[events], events, np.array(log_sum), np.array(mean), np.array(spread), ones, 0 * ones,
    )  # fmt: skip


def _log_symmetric(eta: Floats, x: Floats, d: int) -> tuple[float, Floats, Floats]:
    """Logarithm of the sum over choices of d of products of exp(eta), and its two derivatives."""
    p = x.shape[1]
    top = float(eta.max())
    hazard = np.exp(eta - top)
    zero = np.zeros(d + 1)
    zero[0] = 1.0
    one, two = np.zeros((d + 1, p)), np.zeros((d + 1, p, p))
    for h, row in zip(hazard, x, strict=True):
        outer = np.outer(one[:-1].ravel(), row).reshape(d, p, p)
        two[1:] += h * (
            two[:-1] + outer + outer.transpose(0, 2, 1) + zero[:-1, None, None] * np.outer(row, row)
        )
        one[1:] += h * (one[:-1] + zero[:-1, None] * row)
        zero[1:] += h * zero[:-1]
    slope = one[d] / zero[d]
    return float(np.log(zero[d])) + d * top, slope, two[d] / zero[d] - np.outer(slope, slope)
