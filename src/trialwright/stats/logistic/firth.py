"""Logistic regression by Firth's penalized likelihood: finite estimates whatever the data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import checked, separated_terms
from trialwright.stats.logistic.likelihood import limits_of_profile, log_likelihood
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Coefficients, Floats

Profile = Callable[[float], float]
MOST_STEPS = 500
CONVERGED = 1e-12
LONGEST_STEP = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FirthFit(Coefficients):
    """A fitted penalized regression; `log_likelihood` is the penalized one.

    Attributes:
        lower, upper: shape (p,), limits of the penalized profile likelihood.
        p_values: shape (p,), of the penalized likelihood-ratio tests.
        level: of the limits.
        augmented_errors: shape (p,), standard errors from the information of the augmented data
            (each participant counted 1 + leverage times), which R's logistf prints; `covariance` is
            the inverse of the information itself, as in SAS and R's brglm2.
        null_log_likelihood: penalized, all coefficients but the intercept held at zero; None
            without an intercept.
    """

    lower: Floats
    upper: Floats
    p_values: Floats
    level: float
    augmented_errors: Floats
    null_log_likelihood: float | None


def firth_regression(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    level: float = 0.95,
) -> FirthFit:
    """Logistic regression with the likelihood multiplied by the root of the information.

    Intervals and tests come from the penalized profile likelihood: a coefficient is held and the
    others maximize the penalized likelihood, whose penalty is that of the whole model.

    Args:
        response: shape (n,), 0 or 1.
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        level: two-sided confidence level.

    Returns:
        The fit; a note says along which terms the responses are separated, if they are.

    Raises:
        UnusableInputError: if a value is missing, the columns are dependent, or the iteration does
            not converge.

    References:
        Firth 1993, Biometrika 80:27; Heinze & Schemper 2002, Statistics in Medicine 21:2409.

    Example:
        >>> fit = firth_regression([0, 0, 0, 1, 1, 1], [[1, x] for x in range(6)], ["1", "x"])
        >>> f"{fit.estimates[1]:.3f}", fit.notes[0]
        ('1.129', 'the responses are separated along 1, x')
    """
    normal_quantile(level)
    y, x, names = checked(response, matrix, list(terms))
    p = x.shape[1]
    beta = _maximize(y, x, np.zeros(p), np.ones(p, dtype=bool))
    best = penalized(y, x, beta)
    fitted = expit(x @ beta)
    weights = fitted * (1 - fitted)
    covariance = np.linalg.inv((x * weights[:, np.newaxis]).T @ x)
    augmented = weights * (1 + _leverage(x, weights))
    augmented_covariance = np.linalg.inv((x * augmented[:, np.newaxis]).T @ x)
    target = best - float(chi2.isf(1 - level, 1)) / 2
    limits, p_values = np.empty((p, 2)), np.empty(p)
    for j in range(p):

        def held_at(value: float, j: int = j) -> float:
            start = beta.copy()
            start[j] = value
            # The others move along their regression on the one that is held.
            start += covariance[:, j] / covariance[j, j] * (value - beta[j])
            start[j] = value
            return penalized(y, x, _maximize(y, x, start, np.arange(p) != j))

        error = float(np.sqrt(covariance[j, j]))

        def height(value: float, held_at: Profile = held_at) -> float:
            return held_at(value) - target

        limits[j] = limits_of_profile(height, float(beta[j]), error)
        p_values[j] = chi2.sf(2 * max(best - held_at(0.0), 0.0), 1)
    separated = separated_terms(y, x, names)
    return FirthFit(
        terms=names,
        estimates=beta,
        covariance=covariance,
        log_likelihood=best,
        null_log_likelihood=_null(y, x),
        lower=limits[:, 0],
        upper=limits[:, 1],
        p_values=p_values,
        level=level,
        augmented_errors=np.sqrt(np.diag(augmented_covariance)),
        counts={"participants": len(y), "events": int(y.sum())},
        notes=(f"the responses are separated along {', '.join(separated)}",) if separated else (),
    )


def penalized(y: Floats, x: Floats, beta: Floats) -> float:
    """Log likelihood plus half the log determinant of the information."""
    eta = x @ beta
    fitted = expit(eta)
    _, determinant = np.linalg.slogdet((x * (fitted * (1 - fitted))[:, np.newaxis]).T @ x)
    return log_likelihood(y, eta) + float(determinant) / 2


def _leverage(x: Floats, weights: Floats) -> Floats:
    """The diagonal of the weighted hat matrix, shape (n,)."""
    q, _ = np.linalg.qr(x * np.sqrt(weights)[:, np.newaxis])
    return np.asarray((q * q).sum(axis=1))


def _null(y: Floats, x: Floats) -> float | None:
    constant = (x == 1).all(axis=0)
    if not constant.any():
        return None
    free = np.arange(x.shape[1]) == int(np.argmax(constant))
    return penalized(y, x, _maximize(y, x, np.zeros(x.shape[1]), free))


def _maximize(y: Floats, x: Floats, start: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    """Scoring on the modified score of the free coefficients, with halved steps.

    The information is that of the augmented data, nearer to the modified score's slope.
    """
    beta, best = start.copy(), penalized(y, x, start)
    for _ in range(MOST_STEPS):
        if not free.any():
            return beta
        fitted = expit(x @ beta)
        weights = fitted * (1 - fitted)
        leverage = _leverage(x, weights)
        score = x[:, free].T @ (y - fitted + leverage * (0.5 - fitted))
        slope = (x[:, free] * (weights * (1 + leverage))[:, np.newaxis]).T @ x[:, free]
        step = np.linalg.solve(slope, score)
        longest = np.abs(step).max()
        size = min(1.0, LONGEST_STEP / longest) if longest > 0 else 1.0
        while size > 1e-8:
            trial = beta.copy()
            trial[free] += size * step
            value = penalized(y, x, trial)
            if value >= best - 1e-12 * abs(best):
                break
            size /= 2
        beta, best = trial, max(value, best)
        if longest <= CONVERGED * (1 + np.abs(beta).max()):
            return beta
    raise UnusableInputError("the penalized likelihood could not be maximized")
