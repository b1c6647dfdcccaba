"""Repeated binary outcomes by a logistic model with a normal random intercept."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import checked, label_codes
from trialwright.stats.logistic.likelihood import logistic_regression
from trialwright.stats.results import Coefficients, Floats, Integers

MOST_MODE_STEPS = 100
ZERO = 1e-4  # a standard deviation below is zero


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomInterceptFit(Coefficients):
    """A fitted model; `covariance` is from the observed information of all parameters.

    Attributes:
        standard_deviation: of the random intercept.
        nodes: quadrature nodes; 1 is Laplace's approximation.
    """

    standard_deviation: float
    nodes: int


def random_intercept_logistic(
    response: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    *,
    nodes: int = 1,
) -> RandomInterceptFit:
    """Logistic regression with a normal random intercept, by (approximate) maximum likelihood.

    Args:
        response: shape (n,), 0 or 1.
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        participant: shape (n,), labels.
        nodes: of the adaptive Gauss–Hermite quadrature around each participant's mode; 1 is
            Laplace's approximation, the default of R's lme4; 25 is near the exact integral.

    Returns:
        The fit. If the variance of the intercept is estimated as zero, the coefficients and their
        covariance are those of the ordinary logistic regression, and a note says so.

    Raises:
        UnusableInputError: if shapes differ, the columns are dependent, the responses separated, or
            the likelihood can't be maximized.

    Programs:
        R's lme4 1.1-31 with its default tolPwrss can stop 6e-4 of log likelihood short of the
        maximum, 3e-3 off in a coefficient; with tolPwrss = 1e-12 it agrees to five digits.

    References:
        Pinheiro & Bates 1995, Journal of Computational and Graphical Statistics 4:12.

    Example:
        >>> response = [1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0]
        >>> who = [i // 3 for i in range(18)]
        >>> fit = random_intercept_logistic(response, [[1]] * 18, ["1"], who, nodes=25)
        >>> f"{fit.standard_deviation:.3f}"
        '3.132'
    """
    y, x, names = checked(response, matrix, list(terms))
    whose = label_codes(participant, len(y), "participants")
    if nodes < 1:
        raise UnusableInputError("quadrature needs at least one node")
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    logs = np.log(weights) + points**2 / 2 - math.log(math.sqrt(2 * math.pi))

    def negative(parameters: Floats) -> float:
        eta = x @ parameters[:-1]
        return -_marginal(y, eta, float(parameters[-1]), whose, points, logs)

    alone = logistic_regression(y, x, names)
    start = np.append(alone.estimates, 0.7)
    optimum = minimize(negative, start, jac=lambda at: _gradient(negative, at), method="BFGS")
    parameters = np.asarray(optimum.x, dtype=np.float64)
    counts = {
        "participants": int(whose.max()) + 1,
        "observations": len(y),
        "events": int(y.sum()),
    }
    if abs(parameters[-1]) < ZERO or -negative(parameters) <= alone.log_likelihood:
        return RandomInterceptFit(
            terms=names,
            estimates=alone.estimates,
            covariance=alone.covariance,
            log_likelihood=alone.log_likelihood,
            standard_deviation=0.0,
            nodes=nodes,
            counts=counts,
            notes=("the intercept's variance is estimated as zero: ordinary logistic regression",),
        )
    parameters, hessian = _polished(negative, parameters)
    return RandomInterceptFit(
        terms=names,
        estimates=parameters[:-1],
        covariance=np.asarray(np.linalg.inv(hessian)[:-1, :-1], dtype=np.float64),
        log_likelihood=-negative(parameters),
        standard_deviation=abs(float(parameters[-1])),
        nodes=nodes,
        counts=counts,
    )


def _marginal(
    y: Floats, eta: Floats, deviation: float, whose: Integers, points: Floats, logs: Floats
) -> float:
    """The marginal log likelihood; random effects are standard normal times `deviation`."""
    people = int(whose.max()) + 1
    mode = np.zeros(people)
    for _ in range(MOST_MODE_STEPS):
        fitted = expit(eta + deviation * mode[whose])
        slope = deviation * np.bincount(whose, y - fitted, people) - mode
        curve = 1 + deviation**2 * np.bincount(whose, fitted * (1 - fitted), people)
        step = slope / curve
        mode = mode + step
        if np.abs(step).max() < 1e-12:
            break
    fitted = expit(eta + deviation * mode[whose])
    spread = (1 + deviation**2 * np.bincount(whose, fitted * (1 - fitted), people)) ** -0.5
    effects = mode[:, np.newaxis] + spread[:, np.newaxis] * points
    linear = eta[:, np.newaxis] + deviation * effects[whose]
    each = y[:, np.newaxis] * linear - np.logaddexp(0, linear)
    summed = np.zeros((people, len(points)))
    np.add.at(summed, whose, each)
    heights = summed - effects**2 / 2 + logs
    top = heights.max(axis=1)
    inside = np.log(np.exp(heights - top[:, np.newaxis]).sum(axis=1))
    return float((top + inside + np.log(spread)).sum())


def _gradient(function: Callable[[Floats], float], at: Floats) -> Floats:
    """Central differences of fourth order."""
    slopes = np.empty(len(at))
    for j in range(len(at)):
        step = np.zeros(len(at))
        step[j] = 1e-3 * max(1.0, abs(at[j]))
        near = function(at + step) - function(at - step)
        far = function(at + 2 * step) - function(at - 2 * step)
        slopes[j] = (8 * near - far) / (12 * step[j])
    return slopes


def _polished(function: Callable[[Floats], float], at: Floats) -> tuple[Floats, Floats]:
    """Newton steps to the minimum, and the Hessian there from differences of gradients."""
    for _ in range(20):
        hessian = np.empty((len(at), len(at)))
        for j in range(len(at)):
            step = np.zeros(len(at))
            step[j] = 1e-3 * max(1.0, abs(at[j]))
            rise = _gradient(function, at + step) - _gradient(function, at - step)
            hessian[j] = rise / (2 * step[j])
        hessian = (hessian + hessian.T) / 2
        move = np.linalg.solve(hessian, _gradient(function, at))
        at = at - move
        if np.abs(move).max() < 1e-8 * (1 + np.abs(at).max()):
            if np.linalg.eigvalsh(hessian)[0] <= 0:
                break
            return at, hessian
    raise UnusableInputError("the likelihood of the random-intercept model could not be maximized")
