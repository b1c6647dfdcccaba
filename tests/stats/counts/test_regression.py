"""Regressions of counts against R, likelihoods written out, and what must not matter."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import nbinom, poisson

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.negative_binomial import negative_binomial_regression
from trialwright.stats.counts.poisson import poisson_regression

TERMS = ["1", "arm1", "arm2", "arm3", "ocs"]


def trial():
    data = pl.read_csv(Path(__file__).parents[1] / "oracles" / "data" / "t1_infections.csv")
    arms = [(data["arm"] == k).to_numpy() for k in (1, 2, 3)]
    x = np.column_stack([np.ones(data.height), *arms, data["ocs_hi"]]).astype(float)
    return data["n_inf"].to_numpy(), x, np.log(data["exposure_days"].to_numpy() / 365.25)


def made(seed: int, alpha: float = 0.8):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(80), np.arange(80) % 2, rng.normal(size=80)])
    offset = np.log(rng.uniform(0.3, 1.2, 80))
    rate = rng.gamma(1 / alpha, alpha, 80)
    return rng.poisson(rate * np.exp(x @ [1.0, -0.4, 0.2] + offset)), x, offset


def test_poisson_of_r() -> None:
    """R 4.2.2 glm, sandwich 3.0-2."""
    y, x, offset = trial()
    fit = poisson_regression(y, x, TERMS, offset=offset)
    assert fit.of("arm1").estimate == pytest.approx(0.087209336375502, rel=1e-9)
    assert fit.of("arm1").standard_error == pytest.approx(0.229753379875419, rel=1e-9)
    assert fit.pearson_dispersion == pytest.approx(2.20864863621529, rel=1e-9)
    assert fit.log_likelihood == pytest.approx(-230.568579864923, rel=1e-10)
    robust = poisson_regression(y, x, TERMS, offset=offset, errors="HC0")
    assert robust.of("arm1").standard_error == pytest.approx(0.3047040870934, rel=1e-9)


def test_negative_binomial_of_r() -> None:
    """R 4.2.2 MASS 7.3-58.2 glm.nb; full information by a solution in 30 digits."""
    y, x, offset = trial()
    fit = negative_binomial_regression(y, x, TERMS, offset=offset)
    assert fit.estimates[1] == pytest.approx(0.15071666815366777, rel=1e-9)
    assert fit.standard_errors[0] == pytest.approx(0.3012460180443388, rel=1e-9)
    assert fit.theta == pytest.approx(0.760862178293646, rel=1e-9)
    assert fit.theta_error == pytest.approx(0.206217988161824, rel=1e-6)
    known = negative_binomial_regression(y, x, TERMS, offset=offset, errors="theta-fixed")
    assert known.standard_errors[0] == pytest.approx(0.303123235893211, rel=1e-7)
    assert known.estimates.tolist() == fit.estimates.tolist()


def test_negative_binomial_against_the_likelihood_written_out() -> None:
    y, x, offset = made(1)

    def negative(at) -> float:
        mean, theta = np.exp(x @ at[:3] + offset), np.exp(at[3])
        return -float(nbinom.logpmf(y, theta, theta / (theta + mean)).sum())

    fit = negative_binomial_regression(y, x, ["1", "arm", "z"], offset=offset)
    best = minimize(negative, [0.0, 0.0, 0.0, 0.0], tol=1e-12)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    assert fit.estimates == pytest.approx(best.x[:3], abs=1e-4)
    at = np.append(fit.estimates, np.log(fit.theta))
    step = 1e-4 * np.eye(4)
    hessian = [
        [
            negative(at + a + b) - negative(at + a - b) - negative(at - a + b)
            + negative(at - a - b)
            for b in step
        ]
        for a in step
    ]  # fmt: skip
    inverse = np.linalg.inv(np.array(hessian) / 4e-8)
    assert fit.covariance == pytest.approx(inverse[:3, :3], rel=1e-3, abs=1e-6)
    assert fit.log_alpha_error == pytest.approx(np.sqrt(inverse[3, 3]), rel=1e-3)


def test_poisson_maximizes_its_likelihood() -> None:
    y, x, offset = made(2)
    fit = poisson_regression(y, x, ["1", "arm", "z"], offset=offset)
    assert fit.log_likelihood == pytest.approx(
        float(poisson.logpmf(y, np.exp(x @ fit.estimates + offset)).sum())
    )
    assert x.T @ (y - fit.fitted) == pytest.approx(np.zeros(3), abs=1e-8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99), st.floats(0.01, 400))
def test_the_unit_of_exposure_changes_only_the_intercept(seed: int, unit: float) -> None:
    y, x, offset = made(seed)
    for regression in (poisson_regression, negative_binomial_regression):
        one = regression(y, x, ["1", "arm", "z"], offset=offset)
        other = regression(y, x, ["1", "arm", "z"], offset=offset + np.log(unit))
        assert other.estimates[1:] == pytest.approx(one.estimates[1:], abs=1e-7)
        assert other.estimates[0] == pytest.approx(one.estimates[0] - np.log(unit), abs=1e-7)
        assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 99))
def test_renaming_the_arms_turns_the_rate_ratio_about(seed: int) -> None:
    y, x, offset = made(seed)
    turned = np.column_stack([x[:, 0], 1 - x[:, 1], x[:, 2]])
    order = np.random.default_rng(seed).permutation(len(y))
    one = negative_binomial_regression(y, x, ["1", "arm", "z"], offset=offset)
    other = negative_binomial_regression(
        y[order], turned[order], ["1", "arm", "z"], offset=offset[order]
    )
    assert other.of("arm").estimate == pytest.approx(-(one.of("arm").estimate or 0), abs=1e-7)
    assert other.of("arm").standard_error == pytest.approx(one.of("arm").standard_error, rel=1e-6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)


def test_arms_without_covariates_have_their_rates() -> None:
    y, arm = np.array([2, 3, 1, 6, 7, 2]), np.array([0, 0, 0, 1, 1, 1])
    time = np.array([1.0, 2, 1, 2, 1, 2])
    x = np.column_stack([np.ones(6), arm])
    fit = poisson_regression(y, x, ["1", "arm"], offset=np.log(time))
    assert np.exp(fit.estimates) == pytest.approx([6 / 4, (15 / 5) / (6 / 4)])
    assert fit.of("arm").standard_error == pytest.approx(np.sqrt(1 / 6 + 1 / 15))


def test_counts_no_more_varied_than_poisson_ones_have_alpha_zero() -> None:
    y, x = np.array([2, 3, 2, 3, 4, 3, 4, 5]), np.column_stack([np.ones(8), np.arange(8) // 4])
    fit = negative_binomial_regression(y, x, ["1", "arm"])
    plain = poisson_regression(y, x, ["1", "arm"])
    assert (fit.alpha, fit.theta, fit.theta_error) == (0.0, np.inf, None)
    assert "no more than Poisson" in fit.notes[0]
    assert fit.estimates == pytest.approx(plain.estimates)
    assert fit.standard_errors == pytest.approx(plain.standard_errors)


ARMS = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])


@pytest.mark.parametrize("regression", [poisson_regression, negative_binomial_regression])
@pytest.mark.parametrize(
    ("y", "x", "offset", "words"),
    [
        ([0] * 6, ARMS, None, "there are no events"),
        ([1, 2, 0, 0, 0, 0], ARMS, None, "no events where arm"),
        ([0, 0, 0, 1, 2, 0], ARMS, None, "some combination"),
        ([1, 2, 0.5, 0, 0, 0], ARMS, None, "holds counts"),
        ([1, 2, -1, 0, 0, 0], ARMS, None, "holds counts"),
        ([1, 2, 0, 0, 1, 0], ARMS[:, :1].repeat(2, axis=1), None, "combination of the others"),
        ([1, 2, 0, 0, 1, 0], ARMS, np.full(6, -np.inf), "offset is missing"),
        ([1, 2, 0], ARMS, None, "differ in length"),
    ],
)
def test_what_determines_nothing_is_refused(regression, y, x, offset, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        regression(y, x, ["1", "arm"], offset=offset)


def test_unknown_errors_are_refused() -> None:
    for regression in (poisson_regression, negative_binomial_regression):
        with pytest.raises(UnusableInputError, match="no errors"):
            regression([1, 2, 3], [[1.0]] * 3, ["1"], errors="HC9")


def test_the_sandwich_is_refused_where_no_residual_is_left() -> None:
    with pytest.raises(UnusableInputError, match="as many terms as records") as refused:
        poisson_regression([4, 6], [[1, 0], [1, 1]], ["1", "arm"], errors="HC0")
    assert "take the model's errors" in str(refused.value)
    assert poisson_regression([4, 6], [[1, 0], [1, 1]], ["1", "arm"]).pearson_dispersion is None
