"""Counts of a crossover by Poisson regression with a normal random intercept (Laplace)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

from trialwright.stats.counts.design import checked_counts
from trialwright.stats.counts.poisson import poisson_regression
from trialwright.stats.logistic.design import label_codes
from trialwright.stats.logistic.random_intercept import _gradient, _polished
from trialwright.stats.results import Coefficients, Floats, Integers

MOST_MODE_STEPS = 100
ZERO = 1e-3  # a standard deviation below is zero
NO_INTERCEPT = "the intercept's variance is estimated as zero: Poisson regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomInterceptCounts(Coefficients):
    """A fitted model; `covariance` is from the observed information of all parameters.

    Attributes:
        standard_deviation: of the random intercept; zero if the counts ask for none.
    """

    log_likelihood: float
    standard_deviation: float


def random_intercept_poisson(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    *,
    offset: npt.ArrayLike | None = None,
) -> RandomInterceptCounts:
    """Poisson regression with a normal random intercept, by Laplace's approximation.

    Args:
        response: counts, shape (n,).
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        participant: shape (n,), labels.
        offset: shape (n,), the logarithm of the exposure.

    Returns:
        The fit. If the variance of the intercept is estimated as zero, the Poisson regression, and
        a note says so.

    Raises:
        UnusableInputError: as `checked_counts`; if a participant's label is missing; or if the
            likelihood cannot be maximized.

    References:
        Breslow NE, Clayton DG. Approximate inference in generalized linear mixed models. Journal of
        the American Statistical Association 1993;88:9-25.

    Example:
        >>> counts, who = [0, 1, 9, 7, 2, 1, 0, 0, 14, 9, 3, 5], [k // 2 for k in range(12)]
        >>> fit = random_intercept_poisson(counts, [[1.0]] * 12, ["1"], who)
        >>> round(fit.standard_deviation, 3)
        1.344
    """
    y, x, names, shift = checked_counts(response, matrix, terms, offset)
    whose = label_codes(participant, len(y), "participants")
    unit = np.abs(x).max(axis=0)
    x = x / unit

    def negative(at: Floats) -> float:
        return -_marginal(y, x @ at[:-1] + shift, float(at[-1]), whose)

    alone = poisson_regression(y, x, names, offset=shift)
    counts = {"participants": int(whose.max()) + 1, "records": len(y), "events": int(y.sum())}
    start = np.append(alone.estimates, 0.5)
    optimum = minimize(negative, start, jac=lambda at: _gradient(negative, at), method="BFGS")
    at = np.asarray(optimum.x, dtype=np.float64)
    notes: tuple[str, ...]
    if abs(at[-1]) < ZERO or -negative(at) <= alone.log_likelihood:
        at, covariance = np.append(alone.estimates, 0.0), alone.covariance
        value, notes = alone.log_likelihood, (NO_INTERCEPT,)
    else:
        at, hessian = _polished(negative, at)
        covariance = np.asarray(np.linalg.inv(hessian)[:-1, :-1], dtype=np.float64)
        value, notes = -negative(at), ()
    return RandomInterceptCounts(
        terms=names,
        estimates=at[:-1] / unit,
        covariance=covariance / np.outer(unit, unit),
        log_likelihood=value,
        standard_deviation=abs(float(at[-1])),
        counts=counts,
        notes=notes,
    )


def _marginal(y: Floats, eta: Floats, deviation: float, whose: Integers) -> float:
    """The approximate log likelihood; random effects are standard normal times `deviation`."""
    people = int(whose.max()) + 1
    mode = np.zeros(people)
    for _ in range(MOST_MODE_STEPS):
        fitted = np.bincount(whose, np.exp(np.clip(eta + deviation * mode[whose], -50, 50)), people)
        slope = deviation * (np.bincount(whose, y, people) - fitted) - mode
        step = slope / (1 + deviation**2 * fitted)
        mode = mode + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-12:
            break
    linear = eta + deviation * mode[whose]
    fitted = np.bincount(whose, np.exp(np.clip(linear, -50, 50)), people)
    each = y * linear - np.exp(np.clip(linear, -50, 50)) - gammaln(y + 1)
    return float(each.sum() - (mode**2 / 2 + np.log1p(deviation**2 * fitted) / 2).sum())
