"""Continuous outcomes: how much worse must imputed values be for another verdict."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.last_visit import Flags, arm_flags, compare_last_visit
from trialwright.stats.missing.pooling import PooledEstimate
from trialwright.stats.results import Floats

HALVINGS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaGrid:
    """The comparison for each pair of shifts, active arm by reference arm.

    Attributes:
        active_deltas, reference_deltas: added to the imputed values, shapes (a,) and (b,).
        estimates, standard_errors, p_values: of the difference, shape (a, b).
    """

    active_deltas: Floats
    reference_deltas: Floats
    estimates: Floats
    standard_errors: Floats
    p_values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingDelta:
    """Where a significant difference is lost.

    Attributes:
        delta: the smallest shift of the active arm's imputed values, from zero on, at which the
            interval reaches zero; None if it does so nowhere up to the bound, or without a shift.
        difference: at `delta`; at zero or at the bound if there is none.
        notes: why there is none.
    """

    delta: float | None
    difference: PooledEstimate
    notes: tuple[str, ...] = ()


def delta_grid(
    completed: npt.ArrayLike,
    missing: npt.ArrayLike,
    active: npt.ArrayLike,
    covariates: npt.ArrayLike,
    *,
    active_deltas: npt.ArrayLike,
    reference_deltas: npt.ArrayLike = (0.0,),
    level: float = 0.95,
) -> DeltaGrid:
    """Shift imputed values by each pair of deltas, analyze every data set again, and pool.

    Args:
        completed: outcomes at one visit, shape (imputations, n).
        missing: which were missing, shape (n,).
        active, covariates, level: as in `compare_last_visit`.
        active_deltas, reference_deltas: shifts in the outcome's unit, shapes (a,) and (b,).

    Raises:
        UnusableInputError: as `compare_last_visit`, or if a shift is not finite.

    References:
        Ratitch B, O'Kelly M, Tosiello R. Missing data in clinical trials: from clinical assumptions
        to statistical analysis using pattern mixture models. Pharmaceutical Statistics
        2013;12:337-347.

    Example:
        >>> sets = [[1.0, 2, 3, 5, 6, 8], [1.0, 2, 4, 5, 6, 7]]
        >>> found = delta_grid(sets, [0, 0, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1], [[]] * 6,
        ...                    active_deltas=[0, -3])
        >>> found.estimates.round(4).tolist()
        [[4.0], [3.0]]
    """
    shifts = [np.asarray(each, dtype=np.float64) for each in (active_deltas, reference_deltas)]
    if any(each.ndim != 1 or not np.isfinite(each).all() for each in shifts):
        raise UnusableInputError("deltas are lists of finite numbers")
    compare = _Shifted.of(completed, missing, active, covariates, level)
    found = [compare.at(a, b) for a in shifts[0] for b in shifts[1]]
    figures = np.array([(one.estimate, one.standard_error, one.p_value) for one in found])
    estimates, errors, p_values = figures.reshape(len(shifts[0]), len(shifts[1]), 3).transpose(
        2, 0, 1
    )
    return DeltaGrid(
        active_deltas=shifts[0],
        reference_deltas=shifts[1],
        estimates=estimates,
        standard_errors=errors,
        p_values=p_values,
    )


def tipping_delta(
    completed: npt.ArrayLike,
    missing: npt.ArrayLike,
    active: npt.ArrayLike,
    covariates: npt.ArrayLike,
    *,
    bound: float,
    reference_delta: float = 0.0,
    level: float = 0.95,
) -> TippingDelta:
    """Find by bisection the shift of the active arm's imputed values that loses significance.

    Args:
        completed, missing, active, covariates: as in `delta_grid`.
        bound: the largest shift that is thinkable; its sign says which direction is worse.
        reference_delta: shift of the reference arm's imputed values throughout.
        level: significance is an interval of this level without zero, on the side on which it is
            without a shift.

    Raises:
        UnusableInputError: as `delta_grid`, or if the bound is zero or not finite.

    References:
        Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials. Journal
        of Biopharmaceutical Statistics 2009;19:1085-1098. The bisection is this house's.

    Example:
        >>> sets = [[1.0, 2, 3, 5, 6, 8], [1.0, 2, 3.1, 5, 6, 7.8]]
        >>> found = tipping_delta(sets, [0, 0, 1, 0, 0, 1], [0, 0, 0, 1, 1, 1], [[]] * 6,
        ...                       bound=-10)
        >>> round(found.delta, 3), round(found.difference.p_value, 4)
        (-4.136, 0.05)
    """
    if not np.isfinite(bound) or bound == 0:
        raise UnusableInputError("the bound of the shifts must be a number other than zero")
    compare = _Shifted.of(completed, missing, active, covariates, level)
    start, end = compare.at(0.0, reference_delta), compare.at(bound, reference_delta)
    sign = 1 if (start.estimate or 0.0) > 0 else -1
    if not _significant(start, sign):
        return TippingDelta(
            delta=None, difference=start, notes=("not significant without a shift",)
        )
    if _significant(end, sign):
        return TippingDelta(
            delta=None, difference=end, notes=(f"still significant with a shift of {bound:g}",)
        )
    kept, lost = 0.0, bound
    for _ in range(HALVINGS):
        middle = (kept + lost) / 2
        if _significant(compare.at(middle, reference_delta), sign):
            kept = middle
        else:
            lost = middle
    return TippingDelta(delta=lost, difference=compare.at(lost, reference_delta))


@dataclass(frozen=True, slots=True)
class _Shifted:
    """Completed outcomes, and who of each arm was imputed."""

    completed: Floats
    active: Flags
    covariates: Floats
    imputed: tuple[Floats, Floats]
    level: float

    @classmethod
    def of(
        cls, completed: npt.ArrayLike, missing: npt.ArrayLike, active: npt.ArrayLike,
        covariates: npt.ArrayLike, level: float,
    ) -> "_Shifted":  # fmt: skip
        y, x = np.asarray(completed, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
        arm, lost = arm_flags(active), np.asarray(missing).astype(bool)
        if y.ndim != 2 or arm.shape != y.shape[1:] or lost.shape != y.shape[1:]:
            raise UnusableInputError("outcomes, arms and what was missing differ in length")
        return cls(y, arm, x, ((lost & arm).astype(float), (lost & ~arm).astype(float)), level)

    def at(self, active_delta: float, reference_delta: float) -> PooledEstimate:
        """The difference after the shifts."""
        shift = active_delta * self.imputed[0] + reference_delta * self.imputed[1]
        return compare_last_visit(
            self.completed + shift, self.active, self.covariates, level=self.level
        ).difference


def _significant(found: PooledEstimate, sign: int) -> bool:
    """Whether the interval lies beyond zero on this side."""
    return (found.lower or 0.0) > 0 if sign > 0 else (found.upper or 0.0) < 0
