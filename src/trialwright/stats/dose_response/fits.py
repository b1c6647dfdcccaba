"""The Mod step: curves fitted to the estimates at the doses, their average, and target doses."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response.contrasts import square_covariance
from trialwright.stats.dose_response.shapes import Shape, checked_doses, shape_named
from trialwright.stats.dose_response.target_doses import effective_dose, target_dose
from trialwright.stats.results import Floats

GRID = {1: 101, 2: 25}
"""Grid points per parameter from which the search starts, by number of parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedCurve:
    """A curve fitted by generalized least squares.

    Attributes:
        shape: name of the shape.
        coefficients: shape (p,); `names` says what they are.
        covariance: shape (p, p), of the coefficients by linearization; None where a parameter lies
            on its bound or the curve does not depend on it, since then there is none.
        criterion: (estimates − curve)' covariance⁻¹ (estimates − curve).
        generalized_aic, generalized_bic: criterion plus 2 p, or plus log(k) p, for k doses.
        largest_dose: the end of the dose range.
        notes: what a reader must know, such as a parameter on its bound.
    """

    shape: str
    coefficients: Floats
    covariance: Floats | None
    criterion: float
    generalized_aic: float
    generalized_bic: float
    largest_dose: float
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return shape_named(self.shape).coefficients

    def mean(self, doses: npt.ArrayLike) -> Floats:
        """Give the fitted mean at doses."""
        return shape_named(self.shape).mean(_usable(doses), self.coefficients, self.largest_dose)

    def standard_error(self, doses: npt.ArrayLike) -> Floats:
        """Give the standard error of the fitted mean by the delta method."""
        if self.covariance is None:
            raise UnusableInputError("The fit has no covariance", remedy="; ".join(self.notes))
        family = shape_named(self.shape)
        slope = family.gradient(_usable(doses), self.coefficients, self.largest_dose)
        error: Floats = np.sqrt(np.einsum("ki,ij,kj->k", slope, self.covariance, slope))
        return error

    def target_dose(self, effect: float) -> float | None:
        """Give the smallest dose whose mean differs by `effect` from placebo; None if none does.

        It may lie beyond the largest dose.
        """
        return target_dose(self.shape, self.coefficients, effect, self.largest_dose)

    def effective_dose(self, share: float) -> float:
        """Give the smallest dose with a share of the largest effect in the dose range."""
        return effective_dose(self.shape, self.coefficients, share, self.largest_dose)


def fit_curve(
    shape: str,
    doses: npt.ArrayLike,
    estimates: npt.ArrayLike,
    covariance: npt.ArrayLike,
    *,
    bounds: npt.ArrayLike | None = None,
) -> FittedCurve:
    """Fit a curve to estimates at doses by generalized least squares.

    The linear coefficients are solved for; the others are searched on a grid, then polished in
    the interior and on every bound, so that the best of all is found.

    Args:
        shape: name of a shape.
        doses: shape (k,), rising.
        estimates: shape (k,).
        covariance: shape (k, k), or (k,) for its diagonal.
        bounds: shape (parameters, 2), for parameters that are not linear; defaults by the shape.

    Raises:
        UnusableInputError: fewer doses than coefficients, or input that does not fit together.

    Source: Pinheiro, Bornkamp, Glimm, Bretz, Stat Med 2014;33:1646, section 4.

    >>> fit = fit_curve("linear", [0, 1, 2], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    >>> fit.coefficients.round(6).tolist()
    [1.0, 1.0]
    """
    family, levels = shape_named(shape), checked_doses(doses)
    observed = np.asarray(estimates, dtype=float)
    if observed.shape != levels.shape or not np.all(np.isfinite(observed)):
        raise UnusableInputError("A fit needs one finite estimate per dose")
    if levels.size < len(family.coefficients):
        raise UnusableInputError(
            f"The {shape} curve has {len(family.coefficients)} coefficients, "
            f"more than the {levels.size} doses"
        )
    largest, start = float(levels[-1]), observed[0]
    whitening = np.linalg.inv(np.linalg.cholesky(square_covariance(covariance, levels.size)))
    box = _box(family, bounds, largest)

    def residuals(parameters: Floats) -> Floats:
        return _profile(family, levels, observed - start, whitening, parameters, largest)[1]

    parameters = _best_in_box(residuals, box)
    # Estimates that are all alike then leave nothing for the slope, not even a rounding error
    linear, rest = _profile(family, levels, observed - start, whitening, parameters, largest)
    linear[0] += start
    coefficients = np.concatenate([linear, parameters])
    slope = whitening @ family.gradient(levels, coefficients, largest)
    on_bound = [
        name
        for name, value, bound in zip(family.parameters, parameters, box, strict=bool(len(box)))
        if np.any(np.isclose(value, bound, rtol=1e-6, atol=0))
    ]
    criterion, count = float(rest @ rest), len(coefficients)
    length = np.linalg.norm(slope, axis=0)  # the unit of dose does not make a curve undetermined
    determined = not on_bound and bool(length.all()) and np.linalg.cond(slope / length) < 1e10
    joint = np.asarray(np.linalg.inv(slope.T @ slope), dtype=float) if determined else None
    notes = tuple(f"{name} lies on its bound" for name in on_bound)
    return FittedCurve(
        shape=shape,
        coefficients=coefficients,
        covariance=joint,
        criterion=criterion,
        generalized_aic=criterion + 2 * count,
        generalized_bic=criterion + math.log(levels.size) * count,
        largest_dose=largest,
        notes=notes if determined or notes else ("the estimates do not determine the curve",),
    )


@dataclass(frozen=True, slots=True, eq=False)
class AveragedCurve:
    """Curves averaged with weights that fall with their information criterion.

    Attributes:
        curves: the fitted curves.
        weights: shape (curves,), summing to one.
        criterion: the information criterion used, `aic` or `bic`.
    """

    curves: tuple[FittedCurve, ...]
    weights: Floats
    criterion: str

    def mean(self, doses: npt.ArrayLike) -> Floats:
        """Give the weighted mean at doses."""
        return self.weights @ np.stack([curve.mean(doses) for curve in self.curves])

    def target_dose(self, effect: float) -> float | None:
        """Give the weighted mean of the target doses of the curves that have one."""
        found = [curve.target_dose(effect) for curve in self.curves]
        has_one = np.array([dose is not None for dose in found])
        if not has_one.any():
            return None
        doses = np.array([dose for dose in found if dose is not None])
        return float(np.average(doses, weights=self.weights[has_one]))


def average_curves(curves: Sequence[FittedCurve], *, criterion: str = "aic") -> AveragedCurve:
    """Average curves fitted to the same estimates.

    Raises:
        UnusableInputError: no curves, or an unknown criterion.

    Source: Schorning, Bornkamp, Bretz, Dette, Stat Med 2016;35:4021.

    >>> line = fit_curve("linear", [0, 1, 2], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    >>> average_curves([line, line]).weights.tolist()
    [0.5, 0.5]
    """
    if not curves:
        raise UnusableInputError("No curves to average")
    if criterion not in {"aic", "bic"}:
        raise UnusableInputError(f"Unknown criterion {criterion!r}", remedy="Use aic or bic.")
    values = np.array(
        [c.generalized_aic if criterion == "aic" else c.generalized_bic for c in curves]
    )
    weights = np.exp((values.min() - values) / 2)
    return AveragedCurve(tuple(curves), weights / weights.sum(), criterion)


def _usable(doses: npt.ArrayLike) -> Floats:
    levels = np.atleast_1d(np.asarray(doses, dtype=float))
    if not np.all((levels >= 0) & (levels < np.inf)):
        raise UnusableInputError("A curve has a mean at finite doses from zero up")
    return levels


def _box(family: Shape, bounds: npt.ArrayLike | None, largest: float) -> Floats:
    if bounds is None:
        return family.default_bounds(largest)
    box = np.asarray(bounds, dtype=float).reshape(-1, 2)
    if box.shape != (len(family.bounds), 2) or not np.all(
        (box[:, 0] > 0) & (box[:, 0] < box[:, 1])
    ):
        raise UnusableInputError(
            f"The {family.name} shape needs positive, rising bounds for {family.parameters}"
        )
    return box


def _profile(
    family: Shape,
    doses: Floats,
    observed: Floats,
    whitening: Floats,
    parameters: Floats,
    largest: float,
) -> tuple[Floats, Floats]:
    """Solve for the linear coefficients; give them and the whitened residuals."""
    columns = whitening @ family.columns(doses, parameters, largest)
    length = np.linalg.norm(columns, axis=0)
    length[length == 0] = 1  # a curve may rise so late that every dose is before it
    columns /= length
    target = whitening @ observed
    linear = np.asarray(np.linalg.lstsq(columns, target, rcond=None)[0], dtype=float)
    return linear / length, target - columns @ linear


def _best_in_box(residuals: Callable[[Floats], Floats], box: Floats) -> Floats:
    """Find the parameters with the smallest residuals, in the interior or on any bound."""
    if len(box) == 0:
        return np.empty(0)

    def size(parameters: Floats) -> float:
        rest = residuals(parameters)
        return float(rest @ rest)

    axes = [np.geomspace(low, high, GRID[len(box)]) for low, high in box]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(box))
    sizes = np.array([size(point) for point in grid])
    starts = grid[np.argsort(sizes)[:3]]
    found = [
        start  # in multiples of the start, whatever the unit of dose
        * optimize.least_squares(
            lambda share, start=start: residuals(share * start),
            np.ones(len(box)),
            bounds=box.T / start,
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        ).x
        for start in starts
    ]
    for axis in range(len(box)):
        for bound in box[axis]:

            def on_bound(others: Floats, axis: int = axis, bound: float = bound) -> Floats:
                return residuals(np.insert(others, axis, bound))

            others = _best_in_box(on_bound, np.delete(box, axis, axis=0))
            found.append(np.insert(others, axis, bound))
    best: Floats = min(found, key=size)
    return best
