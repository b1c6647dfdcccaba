"""Logistic regression by maximum likelihood, with profile-likelihood intervals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import checked, checked_offset, separated_terms
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Coefficients, Floats, TestResult

MOST_STEPS = 100
CONVERGED = 1e-11
FAR = 12.0  # linear predictors beyond are a sign of separation


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticFit(Coefficients):
    """A fitted logistic regression.

    Attributes:
        deviance: −2 log likelihood.
        null_deviance: the same with an intercept only.
        aic: deviance + 2 p.
        fitted: shape (n,), the fitted risks.
    """

    log_likelihood: float
    deviance: float
    null_deviance: float
    aic: float
    fitted: Floats


def logistic_regression(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    offset: npt.ArrayLike | None = None,
) -> LogisticFit:
    """Logistic regression by maximum likelihood.

    Args:
        response: shape (n,), 0 or 1.
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        offset: shape (n,), added to the linear predictor.

    Raises:
        UnusableInputError: if a value is missing, the columns are dependent, or the responses are
            separated, so that no finite estimate exists; the message names the terms.

    References:
        McCullagh & Nelder 1989, Generalized Linear Models, chapter 4.

    Example:
        >>> fit = logistic_regression([0, 0, 1, 0, 1, 1], [[1, x] for x in range(6)], ["1", "x"])
        >>> f"{fit.of('x').estimate:.4f} ({fit.of('x').standard_error:.4f})"
        '1.2140 (0.9126)'
    """
    y, x, names = checked(response, matrix, list(terms))
    shift = checked_offset(offset, len(y))
    beta, converged = maximize(y, x, shift, np.zeros(x.shape[1]))
    eta = x @ beta + shift
    if not converged or np.abs(eta).max() > FAR:
        separated = separated_terms(y, x, names)
        if separated or not converged:
            raise UnusableInputError(
                f"no finite estimate: the responses are separated along {', '.join(separated)}"
                if separated
                else "the likelihood could not be maximized",
                remedy="use Firth's penalized likelihood, or leave the term out",
            )
    fitted = expit(eta)
    likelihood = log_likelihood(y, eta)
    _, alone = maximize_intercept(y, shift)
    return LogisticFit(
        terms=names,
        estimates=beta,
        covariance=np.linalg.inv((x * (fitted * (1 - fitted))[:, np.newaxis]).T @ x),
        log_likelihood=likelihood,
        deviance=-2 * likelihood,
        null_deviance=-2 * alone,
        aic=-2 * likelihood + 2 * x.shape[1],
        fitted=fitted,
        counts={"participants": len(y), "events": int(y.sum())},
    )


def log_likelihood(y: Floats, eta: Floats) -> float:
    """Of 0/1 responses at linear predictors, without overflow."""
    return float(y @ eta - np.logaddexp(0, eta).sum())


def maximize(y: Floats, x: Floats, shift: Floats, start: Floats) -> tuple[Floats, bool]:
    """Newton's method with halved steps; the estimates, and whether the steps died out."""
    beta, best = start.copy(), log_likelihood(y, x @ start + shift)
    for _ in range(MOST_STEPS):
        fitted = expit(x @ beta + shift)
        weights = fitted * (1 - fitted)
        information = (x * weights[:, np.newaxis]).T @ x
        try:
            step = np.linalg.solve(information, x.T @ (y - fitted))
        except np.linalg.LinAlgError:
            return beta, False
        size = 1.0
        while size > 1e-6:
            value = log_likelihood(y, x @ (beta + size * step) + shift)
            if value >= best - 1e-12 * abs(best):
                break
            size /= 2
        beta, best = beta + size * step, max(value, best)
        if np.abs(step).max() <= CONVERGED * (1 + np.abs(beta).max()):
            return beta, True
    return beta, False


def maximize_intercept(y: Floats, shift: Floats) -> tuple[float, float]:
    """Intercept and log likelihood of the model with an intercept only."""
    if y.min() == y.max():
        return math.copysign(math.inf, y[0] - 0.5), 0.0
    start = np.array([math.log(y.mean() / (1 - y.mean()))])
    beta, _ = maximize(y, np.ones((len(y), 1)), shift, start)
    return float(beta[0]), log_likelihood(y, beta[0] + shift)


def profile_intervals(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    level: float = 0.95,
) -> Floats:
    """Limits of each coefficient at which its profile likelihood has fallen to the critical value.

    Args:
        response: shape (n,), 0 or 1.
        matrix: shape (n, p).
        terms: p names.
        level: two-sided confidence level.

    Returns:
        Shape (p, 2); infinite where the profile never falls that far.

    Raises:
        UnusableInputError: as `logistic_regression`.

    Programs:
        R's confint interpolates the profile by a spline and agrees to 1e-4 only.

    References:
        Venzon & Moolgavkar 1988, Applied Statistics 37:87.

    Example:
        >>> limits = profile_intervals([0, 0, 1, 0, 1, 1], [[1, x] for x in range(6)], ["1", "x"])
        >>> limits[1].round(3)
        array([-0.066,  4.159])
    """
    normal_quantile(level)
    fit = logistic_regression(response, matrix, terms)
    y, x, _ = checked(response, matrix, list(terms))
    target = fit.log_likelihood - float(chi2.isf(1 - level, 1)) / 2
    limits = np.empty((x.shape[1], 2))
    for j in range(x.shape[1]):
        others = np.delete(x, j, axis=1)
        start = np.delete(fit.estimates, j)

        def height(
            value: float, j: int = j, others: Floats = others, start: Floats = start
        ) -> float:
            shift = x[:, j] * value
            beta, _ = maximize(y, others, shift, start)
            return log_likelihood(y, others @ beta + shift) - target

        limits[j] = limits_of_profile(
            height, float(fit.estimates[j]), float(fit.standard_errors[j])
        )
    return limits


def limits_of_profile(
    height: Callable[[float], float], peak: float, error: float
) -> tuple[float, float]:
    """Where a profile that is positive at its peak falls to zero on either side."""
    found = []
    for side in (-1.0, 1.0):
        inner, reach = peak, 2 * error
        while height(peak + side * reach) > 0 and reach < 1e3 * error:
            inner, reach = peak + side * reach, 2 * reach
        outer = peak + side * reach
        if height(outer) > 0:
            found.append(side * math.inf)
            continue
        root = brentq(height, inner, outer, xtol=1e-13, rtol=4 * np.finfo(float).eps)
        found.append(float(root))
    return found[0], found[1]


def likelihood_ratio_test(larger: LogisticFit, smaller: LogisticFit) -> TestResult:
    """Likelihood-ratio test of a model against one nested in it.

    Raises:
        UnusableInputError: if the models have different participants, or the smaller model has no
            fewer terms.

    Example:
        >>> rows = [[1, x] for x in range(6)]
        >>> larger = logistic_regression([0, 0, 1, 0, 1, 1], rows, ["1", "x"])
        >>> smaller = logistic_regression([0, 0, 1, 0, 1, 1], [[1]] * 6, ["1"])
        >>> f"{likelihood_ratio_test(larger, smaller).p_value:.4f}"
        '0.0667'
    """
    freedom = len(larger.terms) - len(smaller.terms)
    if freedom <= 0 or larger.counts != smaller.counts:
        raise UnusableInputError("a likelihood ratio needs nested models of the same participants")
    statistic = smaller.deviance - larger.deviance
    return TestResult(
        statistic=statistic,
        degrees_of_freedom=freedom,
        p_value=float(chi2.sf(statistic, freedom)),
        counts=larger.counts,
    )
