"""Each logistic method beside a plain program: loops over participants, general optimizers, quad.

Also what no regression may accept: missing labels, offsets of another length, separated responses.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize, root
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.firth import firth_regression
from trialwright.stats.logistic.gee import gee_logistic
from trialwright.stats.logistic.likelihood import logistic_regression, profile_intervals
from trialwright.stats.logistic.random_intercept import random_intercept_logistic
from trialwright.stats.logistic.risk_ratio import modified_poisson
from trialwright.stats.logistic.standardization import coefficient_covariance, standardized_risks

TERMS = ("1", "arm", "score")
Floats = np.ndarray[Any, np.dtype[np.float64]]


def trial(seed: int = 4, n: int = 24) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), np.arange(n) % 2, generator.normal(size=n).round(2)])
    return generator.binomial(1, expit(x @ [-0.2, 0.6, 0.7])).astype(np.float64), x


def visits(seed: int = 7, people: int = 14) -> tuple[Floats, Floats, list[int], list[int]]:
    """Up to three visits of each participant; rows are not in order."""
    generator = np.random.default_rng(seed)
    rows = [(who, week) for who in range(people) for week in (4, 8, 12) if generator.random() < 0.9]
    generator.shuffle(rows)
    who, week = ([row[k] for row in rows] for k in (0, 1))
    effect = generator.normal(size=people) * 1.2
    x = np.array([[1.0, each % 2, when / 12] for each, when in rows])
    y = generator.binomial(1, expit(x @ [-0.3, 0.8, 0.2] + effect[who])).astype(np.float64)
    return y, x, who, week


def likelihood(y: Floats, eta: Floats) -> float:
    """The product over participants, one by one."""
    return sum(
        math.log(1 / (1 + math.exp(-e)) if response else 1 / (1 + math.exp(e)))
        for response, e in zip(y, eta, strict=True)
    )


def hessian(function: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    units = step * np.eye(len(at))
    return np.array([
        [(function(at + a + b) - function(at + a - b) - function(at - a + b)
          + function(at - a - b)) / (4 * step**2) for b in units] for a in units
    ])  # fmt: skip


@pytest.mark.parametrize("seed", [1, 4, 6])
def test_maximum_likelihood_by_a_simplex(seed: int) -> None:
    y, x = trial(seed)
    found = logistic_regression(y, x, TERMS)
    best = minimize(
        lambda b: -likelihood(y, x @ b), np.zeros(3), method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 6000, "maxfev": 6000},
    )  # fmt: skip
    assert found.estimates == pytest.approx(best.x, abs=1e-6)
    assert found.log_likelihood == pytest.approx(-best.fun, rel=1e-12)
    information = hessian(lambda b: -likelihood(y, x @ b), found.estimates)
    assert found.covariance == pytest.approx(np.linalg.inv(information), rel=1e-5)
    assert found.fitted == pytest.approx([1 / (1 + math.exp(-e)) for e in x @ best.x], abs=1e-6)


def jeffreys(y: Floats, x: Floats, beta: Floats) -> float:
    """The penalized log likelihood, the determinant written out for three terms."""
    i = sum(
        np.outer(row, row) * expit(row @ beta) * (1 - expit(row @ beta)) for row in x
    )  # fmt: skip
    determinant = (
        i[0, 0] * (i[1, 1] * i[2, 2] - i[1, 2] ** 2)
        - i[0, 1] * (i[0, 1] * i[2, 2] - i[1, 2] * i[0, 2])
        + i[0, 2] * (i[0, 1] * i[1, 2] - i[1, 1] * i[0, 2])
    )
    return likelihood(y, x @ beta) + math.log(determinant) / 2


@pytest.mark.parametrize("separated", [False, True])
def test_firth_by_a_simplex_and_its_profile(separated: bool) -> None:
    y, x = trial()
    if separated:
        y = np.where(x[:, 1] == 1, 1.0, y)  # every participant of the arm responds
    found = firth_regression(y, x, TERMS, level=0.9)
    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
    best = minimize(
        lambda b: -jeffreys(y, x, b), found.estimates + 0.1, method="Nelder-Mead", options=options
    )
    assert found.estimates == pytest.approx(best.x, abs=1e-6)
    assert found.log_likelihood == pytest.approx(-best.fun, rel=1e-11)

    def profile(value: float) -> float:
        held = minimize(
            lambda b: -jeffreys(y, x, np.array([b[0], value, b[1]])),
            found.estimates[[0, 2]], method="Nelder-Mead", options=options,
        )  # fmt: skip
        return float(2 * (held.fun - best.fun))

    # The 0.9 quantile of χ² with one degree of freedom.
    for limit in (found.lower[1], found.upper[1]):
        assert profile(limit) == pytest.approx(2.705543454, abs=1e-6)
    assert ("separated" in "".join(found.notes)) == separated


@pytest.mark.parametrize("kind", ["HC0", "HC3"])
def test_sandwiches_summed_over_participants(kind: str) -> None:
    y, x = trial(6)
    fit = logistic_regression(y, x, TERMS)
    weights = fit.fitted * (1 - fit.fitted)
    bread = np.linalg.inv(sum(w * np.outer(r, r) for w, r in zip(weights, x, strict=True)))
    meat = np.zeros((3, 3))
    for response, risk, weight, row in zip(y, fit.fitted, weights, x, strict=True):
        residual = response - risk
        if kind == "HC3":
            residual /= 1 - weight * row @ bread @ row
        meat += residual**2 * np.outer(row, row)
    found = coefficient_covariance(y, x, fit.fitted, kind)
    assert found == pytest.approx(bread @ meat @ bread, rel=1e-9)


def test_modified_poisson_solves_its_equations() -> None:
    y, x = trial(3, 40)
    found = modified_poisson(y, x, TERMS)
    solved = root(lambda b: x.T @ (y - np.exp(x @ b)), np.array([-1.0, 0, 0]), tol=1e-13)
    assert found.estimates == pytest.approx(solved.x, abs=1e-8)
    fitted = np.exp(x @ solved.x)
    bread = np.linalg.inv(sum(m * np.outer(r, r) for m, r in zip(fitted, x, strict=True)))
    meat = sum((a - m) ** 2 * np.outer(r, r) for a, m, r in zip(y, fitted, x, strict=True))
    assert found.covariance == pytest.approx(bread @ meat @ bread, rel=1e-7)


def pairs_of_residuals(
    y: Floats, fitted: Floats, who: Sequence[int], week: Sequence[int]
) -> tuple[float, dict[tuple[int, int], list[float]]]:
    residual = (y - fitted) / np.sqrt(fitted * (1 - fitted))
    products: dict[tuple[int, int], list[float]] = {}
    for i in range(len(y)):
        for j in range(len(y)):
            if who[i] == who[j] and week[i] < week[j]:
                products.setdefault((week[i], week[j]), []).append(residual[i] * residual[j])
    return float(np.mean(residual**2)), products


@pytest.mark.parametrize("structure", ["independence", "exchangeable", "unstructured"])
def test_estimating_equations_with_one_large_covariance(structure: str) -> None:
    y, x, who, week = visits()
    found = gee_logistic(y, x, TERMS, who, week, structure=structure)
    risk = expit(x @ found.estimates)
    scale, products = pairs_of_residuals(y, risk, who, week)
    everything = [value for values in products.values() for value in values]
    shared = {
        "independence": dict.fromkeys(products, 0.0),
        "exchangeable": dict.fromkeys(products, float(np.mean(everything)) / scale),
        "unstructured": {key: float(np.mean(each)) / scale for key, each in products.items()},
    }[structure]
    n = len(y)
    working = np.eye(n)
    for i in range(n):
        for j in range(n):
            if who[i] == who[j] and i != j:
                key = (min(week[i], week[j]), max(week[i], week[j]))
                working[i, j] = shared[key]
    deviation = np.sqrt(risk * (1 - risk))
    inverse = np.linalg.inv(np.outer(deviation, deviation) * working)
    slope = (risk * (1 - risk))[:, None] * x
    # At the solution the equations are zero, and the sandwich sums over participants.
    assert slope.T @ inverse @ (y - risk) == pytest.approx(np.zeros(3), abs=1e-7)
    bread = np.linalg.inv(slope.T @ inverse @ slope)
    meat = np.zeros((3, 3))
    for person in set(who):
        own = np.array([w == person for w in who])
        score = slope[own].T @ inverse[np.ix_(own, own)] @ (y - risk)[own]
        meat += np.outer(score, score)
    assert found.covariance == pytest.approx(bread @ meat @ bread, rel=1e-6)
    assert found.naive_covariance == pytest.approx(scale * bread, rel=1e-6)


def marginal(y: Floats, x: Floats, who: Sequence[int], beta: Floats, deviation: float) -> float:
    """Each participant's likelihood integrated over the intercept by adaptive quadrature."""
    total = 0.0
    for person in sorted(set(who)):
        own = np.array([w == person for w in who])
        eta, seen = x[own] @ beta, y[own]

        def height(u: float, eta: Floats = eta, seen: Floats = seen) -> float:
            chances = expit((2 * seen - 1) * (eta + deviation * u))
            return float(np.prod(chances)) * math.exp(-u * u / 2) / math.sqrt(2 * math.pi)

        total += math.log(quad(height, -9, 9, epsabs=1e-13, epsrel=1e-11)[0])
    return total


def test_the_random_intercept_is_integrated_and_its_likelihood_flat_at_the_top() -> None:
    y, x, who, _ = visits()
    found = random_intercept_logistic(y, x, TERMS, who, nodes=41)
    at = np.append(found.estimates, found.standard_deviation)
    assert found.standard_deviation > 0.3

    def height(p: Floats) -> float:
        return marginal(y, x, who, p[:3], p[3])

    assert found.log_likelihood == pytest.approx(height(at), abs=1e-8)
    for unit in 1e-3 * np.eye(4):
        assert (height(at + unit) - height(at - unit)) / 2e-3 == pytest.approx(0, abs=1e-4)
    curve = -hessian(height, at, 1e-2)
    assert found.covariance == pytest.approx(np.linalg.inv(curve)[:3, :3], rel=2e-3)


def test_standardization_without_covariates_is_the_difference_of_proportions() -> None:
    # By hand: an arm alone predicts its own proportion; variances p(1 − p) / (n − 1) with Ye's
    # method, p(1 − p) / n from the model. He et al. 2020: 16/29 v 9/30.
    y = np.repeat([1.0, 0, 1, 0], [16, 13, 9, 21])
    arm = np.repeat([1, 0], [29, 30])
    matrices = [[[1, a]] * 59 for a in (0, 1)]
    p1, p0 = 16 / 29, 9 / 30
    for variance, lost in (("model", 0), ("ye", 1)):
        found = standardized_risks(y, arm, matrices, ["1", "arm"], variance=variance)
        result = found.difference(1)
        expected = p1 * (1 - p1) / (29 - lost) + p0 * (1 - p0) / (30 - lost)
        if variance == "ye":  # the shares of the arms stand for their sizes: n π = 29
            expected = p1 * (1 - p1) * 29 / 28 / 29 + p0 * (1 - p0) * 30 / 29 / 30
        assert result.estimate == pytest.approx(p1 - p0, rel=1e-12)
        assert result.standard_error == pytest.approx(math.sqrt(expected), rel=1e-9)


def test_standardized_risks_one_participant_at_a_time() -> None:
    y, x = trial(9, 40)
    arm = x[:, 1].astype(int)
    matrices = np.stack([np.column_stack([x[:, 0], np.full(40, a), x[:, 2]]) for a in (0, 1)])
    found = standardized_risks(y, arm, matrices, TERMS, variance="model")
    fit = logistic_regression(y, x, TERMS)

    def difference(beta: Floats) -> float:
        risks = [
            sum(1 / (1 + math.exp(-(beta[0] + beta[1] * a + beta[2] * score))) for score in x[:, 2])
            for a in (0, 1)
        ]
        return (risks[1] - risks[0]) / 40

    slope = np.array([
        (difference(fit.estimates + u) - difference(fit.estimates - u)) / 2e-5
        for u in 1e-5 * np.eye(3)
    ])  # fmt: skip
    result = found.difference(1)
    assert result.estimate == pytest.approx(difference(fit.estimates), rel=1e-10)
    assert result.standard_error**2 == pytest.approx(slope @ fit.covariance @ slope, rel=1e-7)


REGRESSIONS: dict[str, Callable[[Any, Any], Any]] = {
    "logistic": lambda y, x: logistic_regression(y, x, TERMS),
    "profile": lambda y, x: profile_intervals(y, x, TERMS),
    "firth": lambda y, x: firth_regression(y, x, TERMS),
    "poisson": lambda y, x: modified_poisson(y, x, TERMS),
    "gee": lambda y, x: gee_logistic(y, x, TERMS, np.arange(24) // 2, np.arange(24) % 2),
    "random intercept": lambda y, x: random_intercept_logistic(y, x, TERMS, np.arange(24) // 2),
}
Y, X = trial()
UNUSABLE: dict[str, tuple[Any, Any]] = {
    "a missing response": (np.where(np.arange(24) == 3, np.nan, Y), X),
    "responses of 0 and 2": (2 * Y, X),
    "negative responses": (-Y, X),
    "a missing covariate": (Y, np.where(X[5, 2] == X, np.nan, X)),
    "an infinite covariate": (Y, np.where(X[5, 2] == X, np.inf, X)),
    "collinear arms": (Y, np.column_stack([X[:, 0], X[:, 1], 1 - X[:, 1]])),
    "a term that is zero": (Y, X * [1, 1, 0]),
    "a matrix without columns": (Y, X[:, 0]),
    "rows of others": (Y, X[:9]),
    "nobody": (Y[:0], X[:0]),
}


@pytest.mark.parametrize("unusable", UNUSABLE)
@pytest.mark.parametrize("name", REGRESSIONS)
def test_unusable_data_are_refused_by_every_regression(name: str, unusable: str) -> None:
    with pytest.raises(UnusableInputError):
        REGRESSIONS[name](*UNUSABLE[unusable])


@pytest.mark.parametrize("y", [np.zeros(24), np.ones(24), X[:, 1]], ids=["none", "all", "arm"])
@pytest.mark.parametrize("name", ["logistic", "profile", "gee", "random intercept"])
def test_without_a_finite_estimate_the_likelihoods_refuse(name: str, y: Floats) -> None:
    with pytest.raises(UnusableInputError, match="no finite estimate"):
        REGRESSIONS[name](y, X)


@pytest.mark.parametrize("y", [np.zeros(24), np.ones(24), X[:, 1]], ids=["none", "all", "arm"])
def test_without_a_finite_estimate_firth_still_has_one(y: Floats) -> None:
    found = firth_regression(y, X, TERMS)
    assert np.isfinite(found.estimates).all()
    assert np.isfinite(found.p_values).all()
    assert "separated" in found.notes[0]


@pytest.mark.parametrize("offset", [[np.nan] * 24, [np.inf] * 24, [0.0, 1.0], 0.5])
@pytest.mark.parametrize("regression", [logistic_regression, modified_poisson])
def test_an_offset_needs_a_number_for_everyone(regression: Any, offset: Any) -> None:
    with pytest.raises(UnusableInputError, match="offset"):
        regression(Y, X, TERMS, offset=offset)


MISSING: list[tuple[Any, str]] = [
    ([math.nan] * 24, "missing"),
    ([None] * 24, "missing"),
    ([None, *"abcdefghijklmnopqrstuvw"], "missing"),
    ([1, 2], "length"),
]


@pytest.mark.parametrize(("labels", "message"), MISSING)
def test_labels_may_not_be_missing(labels: Any, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        random_intercept_logistic(Y, X, TERMS, labels)
    with pytest.raises(UnusableInputError, match=message):
        gee_logistic(Y, X, TERMS, labels, np.arange(24))
    with pytest.raises(UnusableInputError, match=message):
        gee_logistic(Y, X, TERMS, np.arange(24) // 2, labels)
    matrices = np.stack([X, X])
    with pytest.raises(UnusableInputError, match=message):
        standardized_risks(
            Y, X[:, 1].astype(int), matrices, TERMS, scheme="permuted-block", strata=labels
        )


def test_one_participant_per_row_is_ordinary_regression_with_a_robust_error() -> None:
    found = gee_logistic(Y, X, TERMS, np.arange(24), np.zeros(24), structure="independence")
    fit = logistic_regression(Y, X, TERMS)
    assert found.estimates == pytest.approx(fit.estimates, abs=1e-9)
    robust = coefficient_covariance(Y, X, fit.fitted, "HC0")
    assert found.covariance == pytest.approx(robust, rel=1e-8)
