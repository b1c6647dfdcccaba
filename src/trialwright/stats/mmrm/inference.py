"""Estimates, intervals and tests of combinations of the coefficients of a fitted model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.f_tests import FTest
from trialwright.stats.mmrm.between_within import between_within
from trialwright.stats.mmrm.fit import Fit
from trialwright.stats.mmrm.kenward_roger import adjusted_covariance, joint_kenward_roger
from trialwright.stats.mmrm.sandwich import SANDWICHES, sandwich
from trialwright.stats.mmrm.satterthwaite import joint_satterthwaite, satterthwaite
from trialwright.stats.results import Estimate, Floats
from trialwright.stats.threads import single_threaded

KENWARD_ROGER: Final = ("kenward-roger", "kenward-roger-second-order")
METHODS: Final = ("satterthwaite", *KENWARD_ROGER, "between-within", "residual")


@dataclass(frozen=True, slots=True)
class Inference:
    """How uncertainty is stated.

    Attributes:
        fit: the fitted model.
        method: of the degrees of freedom.
        errors: 'model', or a sandwich.
        covariance: of the coefficients, shape (p, p).
        degrees_of_freedom: of single combinations: a function of rows, shape (k, p).
        notes: of the results.
    """

    fit: Fit
    method: str
    errors: str
    covariance: Floats
    degrees_of_freedom: Callable[[Floats], Floats]
    notes: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Records and participants that were fitted."""
        return {"records": self.fit.records, "participants": self.fit.participants}

    @single_threaded
    def combinations(self, rows: npt.ArrayLike, level: float = 0.95) -> list[Estimate]:
        """Estimate, t interval and test of each row of weights, shape (k, p)."""
        estimates, errors, free, p_values = self.arrays(rows)
        reach = special.stdtrit(free, (1 + level) / 2) * errors
        counts = self.counts
        return [
            Estimate(
                estimate=float(estimate),
                standard_error=float(error),
                lower=float(estimate - half),
                upper=float(estimate + half),
                statistic=float(estimate / error),
                degrees_of_freedom=float(df),
                p_value=float(p),
                level=level,
                counts=counts,
                notes=self.notes,
            )
            for estimate, error, half, df, p in zip(
                estimates, errors, reach, free, p_values, strict=True
            )
        ]

    def arrays(self, rows: npt.ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        """Estimates, standard errors, degrees of freedom and p of rows of weights, (k,) each."""
        along = self._rows(rows)
        estimates = along @ self.fit.coefficients
        errors = np.sqrt(np.einsum("kp,kp->k", along @ self.covariance, along))
        if not (errors > 0).all():
            raise UnusableInputError(
                "a combination of coefficients has no variance",
                remedy="leave out combinations whose weights are all zero",
            )
        free = self.degrees_of_freedom(along)
        return estimates, errors, free, 2 * special.stdtr(free, -np.abs(estimates / errors))

    def _rows(self, rows: npt.ArrayLike) -> Floats:
        """Rows of weights, shape (k, p)."""
        return rows_of_weights(rows, len(self.fit.coefficients))

    @single_threaded
    def joint(self, rows: npt.ArrayLike) -> FTest:
        """The F test that all rows of weights, shape (k, p), of full rank, give zero."""
        along = self._rows(rows)
        spread = along @ self.covariance @ along.T
        if np.linalg.matrix_rank(spread, hermitian=True) < len(along):
            raise UnusableInputError(
                "the rows of a joint test follow from each other", remedy="leave some out"
            )
        effects = along @ self.fit.coefficients
        statistic = float(effects @ np.linalg.solve(spread, effects)) / len(along)
        factor = 1.0
        if self.method in KENWARD_ROGER:
            free, factor = joint_kenward_roger(self.fit, along)
        elif self.method == "satterthwaite":
            _, free = joint_satterthwaite(self.covariance, along, self.degrees_of_freedom)
        else:
            free = float(self.degrees_of_freedom(along).min())
        return FTest(
            statistic=statistic * factor,
            numerator=float(len(along)),
            denominator=free,
            counts=self.counts,
            notes=self.notes,
        )


@single_threaded
def infer(
    fit: Fit, design: Floats, method: str = "satterthwaite", errors: str = "model"
) -> Inference:
    """Choose how uncertainty is stated.

    Args:
        fit: the fitted model.
        design: that it was fitted to, unweighted, in the original order, shape (n, p).
        method: 'satterthwaite', 'kenward-roger' (the linear form, as SAS's first-order one),
            'kenward-roger-second-order', 'between-within' or 'residual'.
        errors: 'model', 'empirical', 'jackknife' or 'bias-reduced'.

    Raises:
        UnusableInputError: if the choices are unknown or exclude each other, or the fit has no
            maximum, so that its curvature says nothing.

    Example:
        >>> from trialwright.stats.mmrm.fit import fit_mmrm
        >>> who, week, arm = np.repeat(range(6), 2), np.tile([0, 1], 6), np.repeat([0, 1], 6)
        >>> first, second = week == 0, week == 1
        >>> design = np.column_stack([first, second, arm * first, arm * second])
        >>> change = [-1.0, -2, 0, -3, -2, -1, -4, -6, -3, -5, -2, -7]
        >>> found = infer(fit_mmrm(change, design, who, week), design, "kenward-roger")
        >>> [week_8] = found.combinations([0, 0, 0, 1])
        >>> round(week_8.estimate, 6), round(week_8.degrees_of_freedom, 6)
        (-4.0, 4.0)
    """
    refuse_choices(method, errors)
    notes = () if fit.converged else (
        f"the fit did not converge: the largest slope is {fit.largest_slope:.1e}",
    )  # fmt: skip
    if errors != "model":
        robust = sandwich(fit, errors)
        covariance, single = robust.covariance, robust.degrees_of_freedom
    elif method in KENWARD_ROGER:
        _refuse_no_maximum(fit)
        second = method != "kenward-roger"
        covariance = adjusted_covariance(fit, second_order=second)
    else:
        covariance = fit.model_covariance
    if errors == "model" and method in ("satterthwaite", *KENWARD_ROGER):
        _refuse_no_maximum(fit)

        def single(rows: Floats) -> Floats:
            return satterthwaite(fit, rows)

    elif method == "between-within":

        def single(rows: Floats) -> Floats:
            return between_within(fit, design[fit.order], rows)

    elif method == "residual":

        def single(rows: Floats) -> Floats:
            return np.full(len(rows), float(fit.records - len(fit.coefficients)))

    return Inference(fit, method, errors, covariance, single, notes)


def rows_of_weights(rows: npt.ArrayLike, coefficients: int) -> Floats:
    """Combinations of coefficients, shape (k, p), from one row or several.

    Raises:
        UnusableInputError: if a combination has not as many weights as there are coefficients.
    """
    along = np.atleast_2d(np.asarray(rows, dtype=np.float64))
    if along.shape[-1] != coefficients or along.ndim != 2:
        raise UnusableInputError(
            f"a combination has {along.shape[-1]} weights for {coefficients} coefficients"
        )
    return along


def refuse_choices(method: str, errors: str) -> None:
    """Raise `UnusableInputError` if the choices are unknown or exclude each other."""
    if method not in METHODS:
        raise UnusableInputError(
            f"{method!r} is no method for degrees of freedom",
            remedy=f"choose among {', '.join(METHODS)}",
        )
    if errors not in ("model", *SANDWICHES):
        raise UnusableInputError(
            f"{errors!r} are no standard errors",
            remedy=f"choose among model, {', '.join(SANDWICHES)}",
        )
    if errors != "model" and method in KENWARD_ROGER:
        raise UnusableInputError(
            "the Kenward-Roger method adjusts the model's standard errors, not robust ones",
            remedy="use Satterthwaite with robust errors",
        )


def _refuse_no_maximum(fit: Fit) -> None:
    if not np.isfinite(fit.parameter_covariance).all():
        raise UnusableInputError(
            "the likelihood has no maximum among positive definite covariances",
            remedy="choose a covariance structure with fewer parameters, or 'residual' degrees of"
            " freedom with robust errors",
        )
