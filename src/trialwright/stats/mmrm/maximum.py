"""The maximum of a likelihood over covariances.

A few scoring steps lead near it, then Newton steps to a slope near what rounding allows. Steps that
leave the positive definite covariances, or do not raise the likelihood, are halved.
"""

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.likelihood import Likelihood, Point
from trialwright.stats.results import Floats

MOST_STEPS = 200
SLOPE = 1e-8
"""The largest slope at a maximum, by parameters of a response scaled to variance one."""
STOP = 1e-10
"""A slope at which no further step is tried."""


def maximize(likelihood: Likelihood, point: Point) -> tuple[Point, Floats, Floats, int]:
    """The maximum, the exact curvature there, the derivatives of X'WX, and the steps taken.

    Steps with scoring, then with the rough curvature, are taken while each leaves less than a tenth
    of the slope; then with the exact curvature, kept for as long as it does so well.
    """
    hessians = [likelihood.scoring, likelihood.rough_curvature]
    point, steps, arrived = likelihood.climbed(point, SLOPE, STOP)
    kind, held = (2, None) if steps else (0, None)
    while not arrived and steps < MOST_STEPS:
        steps += 1
        if kind == 2 and held is None:
            held = likelihood.curvature(point)[0]
        hessian = hessians[kind](point) if held is None else held
        direction, gain = _ascent(hessian, point.slope, likelihood.bent(hessian))
        if direction is None and kind:  # not the curvature of a maximum: back to scoring
            kind, held = 0, None
            hessian = likelihood.scoring(point)
            direction, gain = _ascent(hessian, point.slope, likelihood.bent(hessian))
        following = None if direction is None else _step(likelihood, point, direction)
        if following is None:
            break
        before, after = np.abs(point.slope).max(), np.abs(following.slope).max()
        stalled = after < SLOPE and after > 0.5 * before
        point = following if after < before or not stalled else point
        arrived = after < STOP or stalled
        if kind and after > 0.1 * before:
            kind, held = 2, None
        elif kind == 0 and (gain < 1 or steps > 20):
            kind = 1
    hessian, inner = likelihood.curvature(point)
    return point, hessian, inner, steps


def _ascent(
    hessian: Floats, slope: Floats, bent: npt.NDArray[np.bool_]
) -> tuple[Floats | None, float]:
    """The Newton direction down f and twice the gain it promises, if f is convex where it bends."""
    root, failed = lapack.dpotrf(hessian[np.ix_(bent, bent)])
    if failed:
        return None, 0.0
    direction = np.zeros_like(slope)
    direction[bent] = lapack.dpotrs(root, -slope[bent])[0]
    return direction, -float(direction @ slope)


def _step(likelihood: Likelihood, point: Point, direction: Floats) -> Point | None:
    """The point a step away, halved until f falls but for rounding; None if it never does.

    Logarithms of variances and decays change by at most one at a step: beyond, correlations may
    be all zero, where f is flat without a maximum.
    """
    along = direction.reshape(point.parameters.shape)
    rounding = 1e-12 * (1 + abs(point.value))
    length = 1.0
    if not likelihood.structure.unstructured:
        length = min(1.0, 1.0 / max(float(np.abs(direction).max()), 1e-300))
    for _ in range(40):
        following = likelihood.at(point.parameters + length * along)
        if following is not None and following.value <= point.value + rounding:
            return following
        length /= 2
    return None


def starting_point(likelihood: Likelihood, given: Floats | None) -> Point:
    """The covariance given, else that of the least-squares residuals (all coefficients zero)."""
    if given is not None:
        if given.shape != likelihood.distance.shape:
            raise UnusableInputError("the covariance to start from has not one row for each visit")
        one = likelihood.structure.initial(given, likelihood.distance)
        point = likelihood.at(np.tile(one, (likelihood.groups, 1)))
        if point is not None:
            return point
    data, m, groups = likelihood.data, likelihood.visits, likelihood.groups
    response = likelihood.data.table[:, -1]
    sums, counts = np.zeros((groups, m, m)), np.zeros((groups, m, m))
    pair = np.repeat(np.arange(len(data.pairs)), np.diff(data.pair_start))
    one, other = data.pairs[pair].T
    group, size = data.group[data.row_pattern], data.size[data.row_pattern]
    np.add.at(sums, (group, one, other), response)
    np.add.at(counts, (group, one, other), size)
    upper = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    moments = upper + np.triu(upper, 1).transpose(0, 2, 1)
    variances = np.diagonal(moments, axis1=1, axis2=2).copy()
    variances[variances <= 1e-8] = 1.0
    for keep in (1.0, 0.9, 0.7, 0.4, 0.0):
        shrunk = keep * moments
        shrunk[:, np.arange(m), np.arange(m)] = variances
        parameters = np.array(
            [likelihood.structure.initial(each, likelihood.distance) for each in shrunk]
        )
        point = likelihood.at(parameters)
        if point is not None:
            return point
    raise UnusableInputError(
        "no positive definite covariance to start from was found",
        remedy="choose a structure with fewer parameters, such as 'csh' or 'ar1'",
    )
