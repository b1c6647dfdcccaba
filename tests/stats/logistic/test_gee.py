import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.gee import gee_logistic
from trialwright.stats.logistic.likelihood import logistic_regression

TERMS = ("(Intercept)", "arm")
STRUCTURES = ("independence", "exchangeable", "unstructured", "ar1")


def simulated(seed: int, people: int = 60, visits: int = 3) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    who, week = np.repeat(np.arange(people), visits), np.tile(4 * np.arange(1, visits + 1), people)
    x = np.column_stack([np.ones(len(who)), who % 2]).astype(float)
    latent = generator.normal(size=people)[who]
    y = generator.binomial(1, expit(x @ [-0.3, 0.7] + latent)).astype(float)
    attended = generator.uniform(size=len(who)) < 0.85
    return y[attended], x[attended], who[attended], week[attended]


def test_independence_has_the_coefficients_of_plain_logistic_regression() -> None:
    y, x, who, week = simulated(1)
    fit = gee_logistic(y, x, TERMS, who, week, structure="independence")
    plain = logistic_regression(y, x, TERMS)
    assert fit.estimates == pytest.approx(plain.estimates)
    # The naive covariance is the model's, times the scale.
    assert fit.naive_covariance == pytest.approx(fit.scale * plain.covariance)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_estimating_equations_are_zero(structure: str) -> None:
    y, x, who, week = simulated(2)
    fit = gee_logistic(y, x, TERMS, who, week, structure=structure)
    fitted = expit(x @ fit.estimates)
    weeks = np.unique(week)
    bread, score, meat = np.zeros((2, 2)), np.zeros(2), np.zeros((2, 2))
    for person in np.unique(who):
        rows = who == person
        places = np.searchsorted(weeks, week[rows])
        root = np.diag(np.sqrt(fitted[rows] * (1 - fitted[rows])))
        working = root @ fit.correlation[np.ix_(places, places)] @ root
        slope = x[rows].T @ root @ root
        own = slope @ np.linalg.solve(working, y[rows] - fitted[rows])
        bread += slope @ np.linalg.solve(working, slope.T)
        score += own
        meat += np.outer(own, own)
    assert np.abs(score).max() < 1e-8
    inverse = np.linalg.inv(bread)
    assert fit.covariance == pytest.approx(inverse @ meat @ inverse, abs=1e-10)


@given(seed=st.integers(0, 10_000), structure=st.sampled_from(STRUCTURES))
@settings(max_examples=10, deadline=None)
def test_rows_may_come_in_any_order(seed: int, structure: str) -> None:
    y, x, who, week = simulated(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    fit = gee_logistic(y, x, TERMS, who, week, structure=structure)
    shuffled = gee_logistic(y[order], x[order], TERMS, who[order], week[order], structure=structure)
    assert shuffled.estimates == pytest.approx(fit.estimates, abs=1e-8)
    assert shuffled.correlation == pytest.approx(fit.correlation, abs=1e-8)


def test_every_participant_twice_halves_the_covariance() -> None:
    y, x, who, week = simulated(5)
    fit = gee_logistic(y, x, TERMS, who, week)
    twice = gee_logistic(
        np.tile(y, 2), np.tile(x, (2, 1)), TERMS, np.r_[who, who + 1000], np.tile(week, 2)
    )
    assert twice.estimates == pytest.approx(fit.estimates, abs=1e-8)
    assert twice.covariance == pytest.approx(fit.covariance / 2, abs=1e-10)


def test_one_visit_needs_no_correlation() -> None:
    y, x, who, week = simulated(3, visits=1)
    fit = gee_logistic(y, x, TERMS, who, week)
    assert fit.correlation.tolist() == [[1.0]]
    assert fit.estimates == pytest.approx(logistic_regression(y, x, TERMS).estimates)


def test_ar1_falls_with_the_distance_of_visits() -> None:
    y, x, who, week = simulated(2)
    correlation = gee_logistic(y, x, TERMS, who, week, structure="ar1").correlation
    assert correlation[0, 2] == pytest.approx(correlation[0, 1] ** 2)


def test_unusable_input() -> None:
    y, x, who, week = simulated(4)
    with pytest.raises(UnusableInputError, match="no working correlation"):
        gee_logistic(y, x, TERMS, who, week, structure="toeplitz")
    with pytest.raises(UnusableInputError, match="two responses at one visit"):
        gee_logistic(y, x, TERMS, who, np.zeros(len(y)))
    with pytest.raises(UnusableInputError, match="length"):
        gee_logistic(y, x, TERMS, who[:3], week)
    with pytest.raises(UnusableInputError, match="never attended"):
        gee_logistic(
            [0, 1, 1, 0, 1, 0], np.ones((6, 1)), ["1"], range(6), [4, 4, 4, 8, 8, 8],
            structure="unstructured",
        )  # fmt: skip
    with pytest.raises(UnusableInputError, match="separated"):
        gee_logistic(np.ones(len(y)), x, TERMS, who, week)


def test_identical_visits_have_no_usable_correlation() -> None:
    who, week = np.repeat(np.arange(10), 2), np.tile([4, 8], 10)
    y = np.repeat([0, 1], 10)
    with pytest.raises(UnusableInputError, match="not positive definite"):
        gee_logistic(y, np.ones((20, 1)), ["1"], who, week)


def test_ar1_fits_the_powers_to_all_pairs() -> None:
    y, x, who, week = simulated(2)
    fit = gee_logistic(y, x, TERMS, who, week, structure="ar1")
    fitted = expit(x @ fit.estimates)
    residual = (y - fitted) / np.sqrt(fitted * (1 - fitted))
    gaps, products = [], []
    for i in range(len(y)):
        for j in range(i):
            if who[i] == who[j]:
                gaps.append(abs(week[i] - week[j]) / 4)
                products.append(residual[i] * residual[j] / fit.scale)
    grid = np.linspace(-0.9, 0.9, 18001)
    misfit = ((np.array(products) - grid[:, np.newaxis] ** np.array(gaps)) ** 2).sum(axis=1)
    assert fit.correlation[0, 1] == pytest.approx(grid[misfit.argmin()], abs=1e-4)
