"""Counts by Poisson regression, with model-based or robust errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.special import gammaln

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.design import checked_counts
from trialwright.stats.results import Coefficients, Floats

MOST_STEPS = 100
CONVERGED = 1e-12
SMALLEST = 1e-9  # fitted counts below may be on their way to zero
ERRORS = ("model", "HC0")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonFit(Coefficients):
    """A fitted Poisson regression; exponentials of its coefficients are rate ratios.

    Attributes:
        pearson_dispersion: Pearson's statistic over n − p; near one if counts vary as Poisson ones
            do. None without a degree of freedom.
        fitted: expected counts, shape (n,).
    """

    log_likelihood: float
    pearson_dispersion: float | None
    fitted: Floats


def poisson_regression(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    offset: npt.ArrayLike | None = None,
    errors: str = "model",
) -> PoissonFit:
    """Poisson regression with log link by maximum likelihood.

    Args:
        response: counts, shape (n,).
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        offset: shape (n,), the logarithm of the exposure. Its unit changes only the intercept.
        errors: 'model' takes the counts as Poisson; 'HC0' is the sandwich, which allows that
            participants differ in their rates.

    Raises:
        UnusableInputError: as `checked_counts`; or if no finite estimate exists, or the sandwich is
            asked of as many terms as records.

    References:
        McCullagh & Nelder 1989, Generalized Linear Models, chapter 6.

    Example:
        >>> fit = poisson_regression([4, 6, 5, 9, 8, 10], [[1, 0]] * 3 + [[1, 1]] * 3, ["1", "arm"])
        >>> f"{fit.of('arm').estimate:.4f} ({fit.of('arm').standard_error:.4f})"
        '0.5878 (0.3220)'
    """
    if errors not in ERRORS:
        raise UnusableInputError(f"there are no errors {errors!r}", remedy=f"use one of {ERRORS}")
    y, x, names, shift = checked_counts(response, matrix, terms, offset)
    if errors == "HC0" and len(y) <= x.shape[1]:
        raise UnusableInputError(
            "as many terms as records leave no residuals, so the sandwich says nothing",
            remedy="leave out terms, or take the model's errors",
        )
    beta, fitted = maximize_poisson(y, x, shift)
    bread = np.asarray(np.linalg.inv((x * fitted[:, None]).T @ x), dtype=np.float64)
    covariance = bread
    if errors == "HC0":
        scores = x * (y - fitted)[:, None]
        covariance = bread @ (scores.T @ scores) @ bread
    free = len(y) - x.shape[1]
    return PoissonFit(
        terms=names,
        estimates=beta,
        covariance=covariance,
        log_likelihood=float((y * np.log(fitted) - fitted - gammaln(y + 1)).sum()),
        pearson_dispersion=float(((y - fitted) ** 2 / fitted).sum() / free) if free else None,
        fitted=fitted,
        counts={"records": len(y), "events": int(y.sum())},
        notes=() if errors == "model" else ("sandwich variance HC0",),
    )


def maximize_poisson(y: Floats, x: Floats, shift: Floats) -> tuple[Floats, Floats]:
    """Coefficients and fitted counts by Newton's method.

    Raises:
        UnusableInputError: if the steps do not die out, or the likelihood rises forever.
    """
    beta = np.linalg.lstsq(x, np.log((y + y.mean()) / 2) - shift, rcond=None)[0]
    for _ in range(MOST_STEPS):
        fitted = np.exp(np.clip(x @ beta + shift, -50, 50))
        step = np.linalg.lstsq((x * fitted[:, None]).T @ x, x.T @ (y - fitted), rcond=None)[0]
        longest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 3.0 / longest if longest > 0 else 1.0)
        if longest <= CONVERGED * (1 + np.abs(beta).max()):
            break
    fitted = np.exp(np.clip(x @ beta + shift, -50, 50))
    small = fitted.min() < SMALLEST * max(y.mean(), 1.0)
    if longest > 1e-8 * (1 + np.abs(beta).max()) or (small and _rises_forever(y, x)):
        raise UnusableInputError(
            "no finite estimate: some combination of terms has no events",
            remedy="leave a term out or merge its categories",
        )
    return np.asarray(beta, dtype=np.float64), np.asarray(fitted, dtype=np.float64)


def _rises_forever(y: Floats, x: Floats) -> bool:
    """Whether some direction lowers expected counts where there is no event, and no others.

    Reference:
        Santos Silva JM, Tenreyro S. On the existence of the maximum likelihood estimates in Poisson
        regression. Economics Letters 2010;107:310-312.
    """
    scaled, none = x / np.abs(x).max(axis=0), y == 0
    lowest = linprog(
        scaled[none].sum(axis=0), A_ub=scaled[none], b_ub=np.zeros(none.sum()),
        A_eq=scaled[~none], b_eq=np.zeros((~none).sum()), bounds=(-1, 1),
    )  # fmt: skip
    return bool(lowest.fun < -1e-7)
