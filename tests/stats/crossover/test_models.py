"""Crossover models against each other, hand-made likelihoods and R's numbers."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm, poisson

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.poisson import poisson_regression
from trialwright.stats.crossover.fixed_participants import (
    conditional_poisson,
    fixed_participant_model,
)
from trialwright.stats.crossover.mixed import AT_ZERO, DROPPED, METHODS, random_intercept_model
from trialwright.stats.crossover.random_intercept_counts import random_intercept_poisson
from trialwright.stats.crossover.titers import tobit_regression
from trialwright.stats.crossover.two_periods import two_period_comparison

TERMS = ["1", "active", "period", "sequence"]


def made(seed: int, people: int = 14, between: float = 2.0):
    """A crossover with four people seen once: outcomes, columns, participants."""
    rng = np.random.default_rng(seed)
    who, period = np.repeat(np.arange(people), 2), np.tile([0, 1], people)
    sequence = who % 2
    active = (period == sequence).astype(int)
    x = np.column_stack([np.ones(2 * people), active, period, sequence])
    y = x @ [3.0, -1.5, 0.5, 0.2] + between * rng.normal(size=people)[who]
    y = y + rng.normal(size=len(who))
    kept = ~((who < 4) & (period == 1))
    return y[kept], x[kept], who[kept]


def test_the_trial_of_r() -> None:
    """lme4 1.1-31 with lmerTest 3.1-3 and pbkrtest 0.5.2, nlme 3.1-162."""
    data = pl.read_csv(
        Path(__file__).parents[1] / "oracles" / "data" / "t2_crossover.csv", null_values=["NA"]
    ).drop_nulls("sledai10")
    one = np.ones(data.height)
    x = np.column_stack([one, data["il2"], data["period"] == 2, data["sequence"] == "BA"])
    fits = {
        method: random_intercept_model(
            data["sledai10"].to_numpy(), x.astype(float), TERMS, data["usubjid"], method=method
        )
        for method in METHODS
    }
    adjusted = fits["kenward-roger"].of("active")
    assert adjusted.estimate == pytest.approx(-1.71608749457259, rel=1e-7)
    assert adjusted.standard_error == pytest.approx(0.444838690624738, rel=1e-7)
    assert adjusted.degrees_of_freedom == pytest.approx(25.0203870816962, rel=1e-7)
    assert fits["satterthwaite"].of("active").degrees_of_freedom == pytest.approx(
        25.3519573305969, rel=1e-7
    )
    assert fits["containment"].degrees_of_freedom.tolist() == [28, 24, 24, 28]
    assert fits["satterthwaite"].log_likelihood == pytest.approx(-128.376610732407, rel=1e-10)


def test_reml_is_the_maximum_of_the_likelihood_written_out() -> None:
    y, x, who = made(1)
    same = who[:, None] == who[None, :]

    def negative(logs) -> float:
        v = np.exp(logs[0]) * same + np.exp(logs[1]) * np.eye(len(y))
        inverse = np.linalg.inv(v)
        information = x.T @ inverse @ x
        r = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
        halves = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1] + r @ inverse @ r
        return 0.5 * float(halves + (len(y) - 4) * np.log(2 * np.pi))

    best = minimize(negative, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9})
    fit = random_intercept_model(y, x, TERMS, who)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    assert fit.participant_variance == pytest.approx(np.exp(best.x[0]), rel=1e-4)
    assert fit.residual_variance == pytest.approx(np.exp(best.x[1]), rel=1e-4)


def test_with_complete_pairs_all_models_find_the_same_treatment_effect() -> None:
    y, x, who = made(2)
    pairs = who >= 4
    y, x, who = y[pairs], x[pairs], who[pairs]
    fixed = fixed_participant_model(y, x[:, 1:3], TERMS[1:3], who)
    first, second = y.reshape(-1, 2).T
    classical = two_period_comparison(first, second, x[::2, 1] == 1)
    assert fixed.of("active").estimate == pytest.approx(classical.treatment.estimate)
    assert fixed.of("active").p_value == pytest.approx(classical.treatment.p_value)
    assert fixed.of("period").estimate == pytest.approx(classical.period.estimate)
    for method in METHODS:
        mixed = random_intercept_model(y, x, TERMS, who, method=method)
        assert mixed.of("active").estimate == pytest.approx(classical.treatment.estimate)
        assert mixed.of("active").degrees_of_freedom == pytest.approx(len(first) - 2, rel=1e-6)
        assert mixed.of("active").standard_error == pytest.approx(
            classical.treatment.standard_error, rel=1e-6
        )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 50), st.floats(0.1, 50), st.floats(-30, 30))
def test_units_scale_the_mixed_model(seed: int, factor: float, shift: float) -> None:
    y, x, who = made(seed)
    plain = random_intercept_model(y, x, TERMS, who).of("active")
    scaled = random_intercept_model(factor * y + shift, x, TERMS, who).of("active")
    assert scaled.estimate == pytest.approx(factor * (plain.estimate or 0), rel=1e-6)
    assert scaled.standard_error == pytest.approx(factor * (plain.standard_error or 0), rel=1e-6)
    assert scaled.degrees_of_freedom == pytest.approx(plain.degrees_of_freedom, rel=1e-5)


# pbkrtest 0.5.2, lmerTest 3.1-3 and nlme 3.1-162 on these 12 records.
@pytest.mark.parametrize(
    ("method", "free"),
    [("kenward-roger", [10, 5]), ("satterthwaite", [10, 10]), ("containment", [5, 5])],
)
def test_participants_less_alike_than_chance_lose_their_intercept(
    method: str, free: list[float]
) -> None:
    y = np.array([1.0, -1, -2, 2.1, 1.5, -1.4, -1, 1.2, 2, -2, -1, 1.3])
    x = np.column_stack([np.ones(12), np.tile([1, 0, 0, 1], 3)])
    fit = random_intercept_model(y, x, ["1", "active"], np.arange(12) // 2, method=method)
    assert (fit.participant_variance, fit.notes) == (0.0, (f"{DROPPED}; {AT_ZERO[method]}",))
    assert fit.degrees_of_freedom == pytest.approx(free, rel=1e-6)
    assert fit.standard_errors == pytest.approx([0.1909770201, 0.2700822920], rel=1e-9)
    beta, squares, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert fit.estimates == pytest.approx(beta)
    assert fit.residual_variance == pytest.approx(squares[0] / 10)


def test_single_records_tell_nothing_within_participants() -> None:
    y, x, who = made(3)
    pairs = who >= 4
    every = fixed_participant_model(y, x[:, 1:3], TERMS[1:3], who)
    only = fixed_participant_model(y[pairs], x[pairs, 1:3], TERMS[1:3], who[pairs])
    assert every.estimates == pytest.approx(only.estimates)
    assert every.degrees_of_freedom == only.degrees_of_freedom == 8
    assert every.counts["participants with one record"] == 4


def counts(seed: int):
    rng = np.random.default_rng(seed)
    _, x, who = made(seed, people=20)
    offset = np.log(rng.uniform(0.5, 1.5, len(who)))
    mean = np.exp(x[:, :3] @ [1.0, -0.7, 0.3] + offset + 0.8 * rng.normal(size=20)[who])
    return rng.poisson(mean), x[:, :3], who, offset


def test_conditional_counts_are_poisson_regression_with_a_constant_for_each() -> None:
    y, x, who, offset = counts(4)
    within = conditional_poisson(y, x[:, 1:], TERMS[1:3], who, offset=offset)
    useful = (np.bincount(who, y)[who] > 0) & (np.bincount(who)[who] > 1)
    people = np.unique(who[useful], return_inverse=True)[1]
    wide = np.column_stack([x[useful, 1:], np.eye(people.max() + 1)[people]])
    names = [*TERMS[1:3], *map(str, range(people.max() + 1))]
    whole = poisson_regression(y[useful], wide, names, offset=offset[useful])
    assert within.estimates == pytest.approx(whole.estimates[:2])
    assert within.standard_errors == pytest.approx(whole.standard_errors[:2])


def test_laplace_maximizes_the_approximate_likelihood() -> None:
    """Each participant's integrand at its mode, found here by a search of its own."""
    y, x, who, offset = counts(5)
    fit = random_intercept_poisson(y, x, TERMS[:3], who, offset=offset)
    deviation = fit.standard_deviation
    assert deviation > 0.3
    total = 0.0
    for person in np.unique(who):
        mine = who == person
        eta = x[mine] @ fit.estimates + offset[mine]

        def height(u, eta=eta, mine=mine):
            law = poisson(np.exp(eta + deviation * u[0]))
            return -float(law.logpmf(y[mine]).sum() + norm.logpdf(u[0]))

        mode = minimize(height, [0.0], tol=1e-10).x
        curve = 1 + deviation**2 * np.exp(eta + deviation * mode[0]).sum()
        total += -height(mode) + 0.5 * np.log(2 * np.pi / curve)
    assert fit.log_likelihood == pytest.approx(total, abs=1e-6)


def test_counts_that_vary_as_poisson_ones_need_no_intercept() -> None:
    y = np.array([3, 2, 3, 2, 2, 3, 2, 3])
    x = np.column_stack([np.ones(8), np.tile([1, 0], 4)])
    fit = random_intercept_poisson(y, x, ["1", "active"], np.arange(8) // 2)
    assert fit.standard_deviation == 0.0
    assert "Poisson regression" in fit.notes[0]
    assert fit.estimates == pytest.approx(poisson_regression(y, x, ["1", "active"]).estimates)


def test_censored_outcomes_against_the_likelihood_written_out() -> None:
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(60), np.arange(60) % 2])
    y = np.maximum(x @ [2.3, -0.4] + 0.7 * rng.normal(size=60), 2.0)
    low = y <= 2.0

    def negative(at) -> float:
        mean, scale = x @ at[:2], np.exp(at[2])
        each = np.where(low, norm.logcdf(y, mean, scale), norm.logpdf(y, mean, scale))
        return -float(each.sum())

    best = minimize(negative, [2.0, 0.0, 0.0], tol=1e-12)
    fit = tobit_regression(y, low, x, ["1", "active"])
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-9)
    assert fit.estimates == pytest.approx(best.x[:2], abs=1e-4)
    at, step = np.append(fit.estimates, np.log(fit.scale)), 1e-4 * np.eye(3)
    hessian = [
        [negative(at + a + b) - negative(at + a - b) - negative(at - a + b) + negative(at - a - b)
         for b in step] for a in step
    ]  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(np.array(hessian) / 4e-8)))
    assert fit.standard_errors == pytest.approx(errors[:2], rel=1e-4)


def test_without_censoring_it_is_least_squares() -> None:
    y, x, _ = made(7)
    fit = tobit_regression(y, np.zeros(len(y), dtype=bool), x, TERMS)
    beta, squares, *_ = np.linalg.lstsq(x, y, rcond=None)
    assert fit.estimates == pytest.approx(beta)
    assert fit.scale == pytest.approx(np.sqrt(squares[0] / len(y)))


def test_a_participant_given_twice_counts_once_for_robust_errors() -> None:
    y, x, who = made(8)
    low = y < 2
    y = np.where(low, 2, y)
    once = tobit_regression(y, low, x, TERMS, participant=who)
    twice = tobit_regression(
        np.tile(y, 2), np.tile(low, 2), np.tile(x, (2, 1)), TERMS, participant=np.tile(who, 2)
    )
    assert twice.standard_errors == pytest.approx(once.standard_errors)
    assert twice.naive_errors == pytest.approx(once.naive_errors / np.sqrt(2))


X = np.column_stack([np.ones(6), [1, 0, 0, 1, 1, 0]])
WHO = [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: random_intercept_model([1.0] * 6, X, ["1", "a"], WHO), "without error"),
        (lambda: random_intercept_model([1.0] * 6, X, ["1", "a"], range(6)), "nobody has two"),
        (lambda: random_intercept_model([1.0] * 6, X, ["1", "a"], WHO, method="z"), "no method"),
        (lambda: random_intercept_model([np.nan] * 6, X, ["1", "a"], WHO), "missing"),
        (lambda: random_intercept_model([1.0] * 5, X, ["1", "a"], WHO), "differ in length"),
        (lambda: random_intercept_model([2.0, 2, 3, 3, 5, 5], X, ["1", "a"], WHO), "no variance"),
        (lambda: random_intercept_model([2.0, 3, 3], X[:3], ["1", "a"], WHO[:3]), "two variances"),
        (lambda: fixed_participant_model([1.0, 2] * 3, X[:, 1:], ["a"], range(6)), "nobody has"),
        (lambda: fixed_participant_model([1.0, 2] * 3, X[:, :1], ["1"], WHO), "zero throughout"),
        (lambda: conditional_poisson([0] * 6, X[:, 1:], ["a"], WHO), "nobody with two records"),
        (lambda: conditional_poisson([1, 0, 0, 2, 3, 0], X[:, 1:], ["a"], WHO), "lie in one arm"),
        (lambda: conditional_poisson([0.5] * 6, X[:, 1:], ["a"], WHO), "holds counts"),
        (lambda: random_intercept_poisson([0] * 6, X, ["1", "a"], WHO), "no events"),
        (lambda: tobit_regression([2.0] * 6, [True] * 6, X, ["1", "a"]), "too few outcomes"),
        (lambda: tobit_regression([2.0] * 6, [False] * 6, X, ["1", "a"]), "without error"),
    ],
)
def test_data_that_determine_nothing_are_refused(compute, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        compute()
