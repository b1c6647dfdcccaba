import numpy as np
import pytest
from scipy.special import expit, log_expit
from scipy.stats import norm

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.likelihood import logistic_regression
from trialwright.stats.logistic.random_intercept import random_intercept_logistic

TERMS = ("(Intercept)", "arm")


def simulated(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    who = np.repeat(np.arange(30), 4)
    x = np.column_stack([np.ones(120), who % 2]).astype(float)
    y = generator.binomial(1, expit(x @ [-0.3, 0.9] + 1.2 * generator.normal(size=30)[who]))
    return y.astype(float), x, who


def integrated(
    y: np.ndarray, x: np.ndarray, who: np.ndarray, beta: np.ndarray, deviation: float
) -> float:
    """The marginal log likelihood by the trapezoidal rule on a dense grid."""
    grid = np.linspace(-9, 9, 1201)
    sign = (2 * y - 1)[:, np.newaxis]
    each = log_expit(sign * ((x @ beta)[:, np.newaxis] + deviation * grid))
    summed = np.array([each[who == person].sum(axis=0) for person in np.unique(who)])
    return float(np.log((np.exp(summed) * norm.pdf(grid)).sum(axis=1) * (grid[1] - grid[0])).sum())


def test_quadrature_is_the_integral() -> None:
    y, x, who = simulated()
    fit = random_intercept_logistic(y, x, TERMS, who, nodes=25)
    exact = integrated(y, x, who, fit.estimates, fit.standard_deviation)
    assert fit.log_likelihood == pytest.approx(exact, abs=1e-7)


def test_the_estimates_are_a_maximum_of_the_integral() -> None:
    y, x, who = simulated()
    fit = random_intercept_logistic(y, x, TERMS, who, nodes=25)
    best = integrated(y, x, who, fit.estimates, fit.standard_deviation)
    for step in (
        [0.02, 0, 0],
        [-0.02, 0, 0],
        [0, 0.02, 0],
        [0, -0.02, 0],
        [0, 0, 0.02],
        [0, 0, -0.02],
    ):
        beta = fit.estimates + np.array(step[:2])
        assert integrated(y, x, who, beta, fit.standard_deviation + step[2]) < best


def test_standard_errors_are_the_curvature() -> None:
    y, x, who = simulated()
    fit = random_intercept_logistic(y, x, TERMS, who, nodes=25)
    at, h = np.append(fit.estimates, fit.standard_deviation), 0.01

    def value(parameters: np.ndarray) -> float:
        return integrated(y, x, who, parameters[:2], parameters[2])

    hessian = np.array(
        [
            [
                (value(at + h * a + h * b) - value(at + h * a - h * b)
                 - value(at - h * a + h * b) + value(at - h * a - h * b)) / (4 * h * h)
                for b in np.eye(3)
            ]
            for a in np.eye(3)
        ]
    )  # fmt: skip
    expected = np.sqrt(np.diag(np.linalg.inv(-hessian)))[:2]
    assert fit.standard_errors == pytest.approx(expected, rel=1e-3)


def test_laplace_is_near_and_more_nodes_converge() -> None:
    y, x, who = simulated()
    laplace, nine, many = (
        random_intercept_logistic(y, x, TERMS, who, nodes=nodes) for nodes in (1, 9, 25)
    )
    assert laplace.standard_deviation < many.standard_deviation
    assert nine.estimates == pytest.approx(many.estimates, abs=1e-3)
    assert abs(laplace.estimates[1] - many.estimates[1]) < 0.1


def test_a_variance_of_zero_is_plain_logistic_regression_and_says_so() -> None:
    # Within participants the responses are more alike than chance nowhere: they alternate.
    who = np.repeat(np.arange(20), 2)
    y = np.tile([0.0, 1.0], 20)
    x = np.column_stack([np.ones(40), who % 2])
    fit = random_intercept_logistic(y, x, TERMS, who)
    assert fit.standard_deviation == 0.0
    assert fit.estimates == pytest.approx(logistic_regression(y, x, TERMS).estimates)
    assert "estimated as zero" in fit.notes[0]


def test_unusable_input() -> None:
    y, x, who = simulated()
    with pytest.raises(UnusableInputError, match="length"):
        random_intercept_logistic(y, x, TERMS, who[:5])
    with pytest.raises(UnusableInputError, match="node"):
        random_intercept_logistic(y, x, TERMS, who, nodes=0)
    with pytest.raises(UnusableInputError, match="separated"):
        random_intercept_logistic(np.ones(120), x, TERMS, who)
