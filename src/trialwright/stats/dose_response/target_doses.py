"""Which dose has a wanted effect, for each shape."""

import numpy as np
from scipy import optimize

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response.candidates import peak_dose
from trialwright.stats.dose_response.shapes import BETA_SCALE, LOG_OFFSET, Shape, shape_named
from trialwright.stats.results import Floats


def target_dose(shape: str, coefficients: Floats, effect: float, largest: float) -> float | None:
    """Give the smallest dose whose mean differs by `effect` from placebo; None if none does.

    Args:
        shape: name of the shape.
        coefficients: in the order of the shape, the linear ones first.
        effect: the difference from placebo; not zero.
        largest: the end of the dose range; the target dose may lie beyond it.

    Raises:
        UnusableInputError: an effect of zero or not finite, an unknown shape, or coefficients that
            are not those of the shape.

    >>> target_dose("emax", np.array([0.0, 2.0, 0.3]), 1.0, 1.0)
    0.3
    """
    if effect == 0 or not np.isfinite(effect):
        raise UnusableInputError("A target dose needs an effect other than zero")
    family = _family(shape, coefficients)
    slope = float(coefficients[1])
    share = effect / slope if slope != 0 else -1.0
    second = [float(value) for value in coefficients[2:]]
    if shape == "quadratic":
        return _quadratic(slope, second[0], effect)
    if shape == "betaMod":
        return _beta(coefficients, share, largest)
    if share <= 0:
        return None
    if shape == "linear":
        return share
    with np.errstate(over="ignore"):
        if shape == "linlog":
            dose = LOG_OFFSET * largest * float(np.expm1(share))
            return dose if np.isfinite(dose) else None
    if shape == "exponential":
        return second[0] * float(np.log1p(share))
    if shape == "logistic":
        start = float(family.curve(np.zeros(1), coefficients[2:], largest)[0])
        height = start + share
        return second[0] + second[1] * float(np.log(height / (1 - height))) if height < 1 else None
    if share >= 1:
        return None
    steepness = second[1] if shape == "sigEmax" else 1.0
    return second[0] * float((share / (1 - share)) ** (1 / steepness))


def effective_dose(shape: str, coefficients: Floats, share: float, largest: float) -> float:
    """Give the smallest dose with a share of the largest effect in the dose range.

    Raises:
        UnusableInputError: a share that is not between 0 and 1, a flat curve, an unknown shape, or
            coefficients that are not those of the shape.

    >>> effective_dose("linear", np.array([0.0, 2.0]), 0.5, 3.0)
    1.5
    """
    if not 0 < share < 1:
        raise UnusableInputError("A share of the largest effect lies between 0 and 1")
    family = _family(shape, coefficients)
    parameters, slope = coefficients[2:], coefficients[1]
    if shape == "quadratic":
        parameters = coefficients[2:] / slope if slope != 0 else np.zeros(1)
    peak = peak_dose(family, parameters, largest)
    start, top = family.mean(np.array([0.0, peak]), coefficients, largest)
    dose = None
    if top != start:
        dose = target_dose(shape, coefficients, share * float(top - start), largest)
    if dose is None:
        raise UnusableInputError("A flat curve has no effective dose")
    return dose


def _family(shape: str, coefficients: Floats) -> Shape:
    family = shape_named(shape)
    if len(coefficients) != len(family.coefficients) or not np.isfinite(coefficients).all():
        names = ", ".join(family.coefficients)
        raise UnusableInputError(f"The {shape} curve needs finite coefficients {names}")
    return family


def _quadratic(slope: float, bend: float, effect: float) -> float | None:
    if bend == 0:
        return effect / slope if slope * effect > 0 else None
    inside = slope**2 + 4 * bend * effect
    if inside < 0:
        return None
    root = float(np.sqrt(inside))
    doses = [(-slope + root) / (2 * bend), (-slope - root) / (2 * bend)]
    return min((dose for dose in doses if dose > 0), default=None)


def _beta(coefficients: Floats, share: float, largest: float) -> float | None:
    if not 0 < share <= 1:
        return None
    family, parameters = shape_named("betaMod"), coefficients[2:]
    rise, fall = parameters
    top = BETA_SCALE * largest * rise / (rise + fall)

    def missing(dose: float) -> float:
        return float(family.curve(np.array([dose]), parameters, largest)[0]) - share

    return float(optimize.brentq(missing, 0, top, xtol=1e-15)) if missing(top) >= 0 else top
