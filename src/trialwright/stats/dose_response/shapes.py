"""Dose-response shapes: the curves that MCP-Mod plans with and fits.

Every mean is linear in some coefficients, and in most shapes also depends on one or two parameters
that are not: mean(dose) = e0 + slope · curve(dose, parameters).

Source: Bretz, Pinheiro, Branson, Biometrics 2005;61:738, table 1. Default bounds of the parameters
are those that R's DoseFinding documents for `defBnds`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats

BETA_SCALE: Final = 1.2
LOG_OFFSET: Final = 0.01
"""Scale of the beta shape and offset of the log-linear one, as multiples of the largest dose."""

Curve = Callable[[Floats, Floats, float], Floats]
Slopes = Callable[[Floats, Floats, float], Floats]


@dataclass(frozen=True, slots=True)
class Shape:
    """One family of curves.

    Attributes:
        name: as DoseFinding spells it.
        coefficients: names of the coefficients of a fitted curve, the linear ones first.
        parameters: names of the parameters that a candidate of this shape is given by.
        curve: (doses (k,), parameters (p, ...), largest dose) → heights (..., k), 0 at dose 0
            except for `linlog` and `logistic`.
        slopes: the derivatives of the curve by the parameters, (p, ..., k).
        bounds: of the parameters, for a largest dose of one; shape (p, 2).
        bounds_in_doses: which of them are doses, and scale with the largest dose.
    """

    name: str
    coefficients: tuple[str, ...]
    parameters: tuple[str, ...]
    curve: Curve
    slopes: Slopes
    bounds: tuple[tuple[float, float], ...] = ()
    bounds_in_doses: tuple[bool, ...] = ()

    def default_bounds(self, largest: float) -> Floats:
        """Give the bounds of the parameters in a fit, shape (p, 2)."""
        unit = np.array(self.bounds, dtype=float).reshape(-1, 2)
        return unit * np.where(self.bounds_in_doses, largest, 1.0)[:, None]

    def columns(self, doses: Floats, parameters: Floats, largest: float) -> Floats:
        """Give the columns of the linear coefficients, shape (k, linear coefficients)."""
        if self.name == "quadratic":
            return np.stack([np.ones_like(doses), doses, doses**2], axis=-1)
        return np.stack([np.ones_like(doses), self.curve(doses, parameters, largest)], axis=-1)

    def mean(self, doses: Floats, coefficients: Floats, largest: float) -> Floats:
        """Give the fitted mean at doses, shape (k,)."""
        linear = len(self.coefficients) - len(self.bounds)
        columns = self.columns(doses, coefficients[linear:], largest)
        mean: Floats = columns @ coefficients[:linear]
        return mean

    def gradient(self, doses: Floats, coefficients: Floats, largest: float) -> Floats:
        """Give the derivatives of the mean by all coefficients, shape (k, coefficients)."""
        linear = len(self.coefficients) - len(self.bounds)
        columns = self.columns(doses, coefficients[linear:], largest)
        if not self.bounds:
            return columns
        bends = coefficients[1] * self.slopes(doses, coefficients[linear:], largest)
        return np.concatenate([columns, bends.T], axis=1)


def _of(parameters: Floats, index: int) -> Floats:
    """Give one parameter with an axis for the doses."""
    value: Floats = np.asarray(parameters[index])[..., None]
    return value


def _no_slopes(doses: Floats, _: Floats, _largest: float) -> Floats:
    return np.empty((0, doses.size))


def _linear(doses: Floats, _: Floats, _largest: float) -> Floats:
    return doses


def _linlog(doses: Floats, _: Floats, largest: float) -> Floats:
    return np.log(doses + LOG_OFFSET * largest)


def _quadratic(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    return doses + _of(parameters, 0) * doses**2


def _emax(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    return doses / (_of(parameters, 0) + doses)


def _emax_slopes(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    return np.stack([-doses / (_of(parameters, 0) + doses) ** 2])


def _sigmoid(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    power = (doses / _of(parameters, 0)) ** _of(parameters, 1)
    return power / (1 + power)


def _sigmoid_slopes(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    half, steepness = _of(parameters, 0), _of(parameters, 1)
    power = (doses / half) ** steepness
    bend = power / (1 + power) ** 2
    log_ratio = np.log(np.where(doses > 0, doses, half) / half)
    return np.stack([-steepness / half * bend, log_ratio * bend])


def _exponential(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    rise: Floats = np.expm1(doses / _of(parameters, 0))
    return rise


def _exponential_slopes(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    delta = _of(parameters, 0)
    return np.stack([-doses / delta**2 * np.exp(doses / delta)])


def _logistic(doses: Floats, parameters: Floats, _largest: float) -> Floats:
    # Written with tanh, which does not overflow
    return 0.5 * (1 + np.tanh((doses - _of(parameters, 0)) / (2 * _of(parameters, 1))))


def _logistic_slopes(doses: Floats, parameters: Floats, largest: float) -> Floats:
    half, delta = _of(parameters, 0), _of(parameters, 1)
    height = _logistic(doses, parameters, largest)
    bend = height * (1 - height) / delta
    return np.stack([-bend, bend * (half - doses) / delta])


def _beta(doses: Floats, parameters: Floats, largest: float) -> Floats:
    rise, fall = _of(parameters, 0), _of(parameters, 1)
    share = doses / (BETA_SCALE * largest)
    total = rise + fall
    peak = np.exp(total * np.log(total) - rise * np.log(rise) - fall * np.log(fall))
    height: Floats = peak * share**rise * np.clip(1 - share, 0, None) ** fall
    return height


def _beta_slopes(doses: Floats, parameters: Floats, largest: float) -> Floats:
    rise, fall = _of(parameters, 0), _of(parameters, 1)
    share = doses / (BETA_SCALE * largest)
    inside = (share > 0) & (share < 1)
    safe = np.where(inside, share, 0.5)
    height = np.where(inside, _beta(doses, parameters, largest), 0)
    log_total = np.log(rise + fall)
    return np.stack(
        [
            height * (log_total - np.log(rise) + np.log(safe)),
            height * (log_total - np.log(fall) + np.log1p(-safe)),
        ]
    )


SHAPES: Final[Mapping[str, Shape]] = {
    shape.name: shape
    for shape in (
        Shape("linear", ("e0", "delta"), (), _linear, _no_slopes),
        Shape("linlog", ("e0", "delta"), (), _linlog, _no_slopes),
        Shape("quadratic", ("e0", "b1", "b2"), ("delta",), _quadratic, _no_slopes),
        Shape(
            "emax",
            ("e0", "eMax", "ed50"),
            ("ed50",),
            _emax,
            _emax_slopes,
            ((0.001, 1.5),),
            (True,),
        ),
        Shape(
            "sigEmax",
            ("e0", "eMax", "ed50", "h"),
            ("ed50", "h"),
            _sigmoid,
            _sigmoid_slopes,
            ((0.001, 1.5), (0.5, 10)),
            (True, False),
        ),
        Shape(
            "exponential",
            ("e0", "e1", "delta"),
            ("delta",),
            _exponential,
            _exponential_slopes,
            ((0.1, 2),),
            (True,),
        ),
        Shape(
            "logistic",
            ("e0", "eMax", "ed50", "delta"),
            ("ed50", "delta"),
            _logistic,
            _logistic_slopes,
            ((0.001, 1.5), (0.01, 0.5)),
            (True, True),
        ),
        Shape(
            "betaMod",
            ("e0", "eMax", "delta1", "delta2"),
            ("delta1", "delta2"),
            _beta,
            _beta_slopes,
            ((0.05, 4), (0.05, 4)),
            (False, False),
        ),
    )
}


def shape_named(name: str) -> Shape:
    """Give the shape of a name, or say which there are."""
    if name not in SHAPES:
        raise UnusableInputError(
            f"Unknown dose-response shape {name!r}", remedy=f"Choose one of {', '.join(SHAPES)}."
        )
    return SHAPES[name]


def checked_doses(doses: object) -> Floats:
    """Give at least two different, non-negative doses in rising order, or say what is wrong."""
    levels = np.asarray(doses, dtype=float)
    if levels.ndim != 1 or levels.size < 2:
        raise UnusableInputError("A dose-response curve needs at least two doses")
    if not np.all(np.isfinite(levels)) or np.any(levels < 0) or np.any(np.diff(levels) <= 0):
        raise UnusableInputError("Doses must be non-negative, different and in rising order")
    return levels
