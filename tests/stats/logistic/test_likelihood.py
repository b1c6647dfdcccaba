import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import separated_terms
from trialwright.stats.logistic.likelihood import (
    likelihood_ratio_test,
    log_likelihood,
    logistic_regression,
    profile_intervals,
)

TERMS = ("(Intercept)", "arm", "score")


def simulated(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), np.arange(n) % 2, generator.normal(size=n)])
    return generator.binomial(1, expit(x @ [-0.3, 0.8, 0.5])).astype(float), x


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_agrees_with_statsmodels(seed: int) -> None:
    y, x = simulated(seed)
    theirs = sm.Logit(y, x).fit(disp=0, tol=1e-12)
    fit = logistic_regression(y, x, TERMS)
    assert fit.estimates == pytest.approx(theirs.params, abs=1e-7)
    assert fit.standard_errors == pytest.approx(theirs.bse, abs=1e-7)
    assert fit.log_likelihood == pytest.approx(theirs.llf)
    assert fit.null_deviance == pytest.approx(-2 * theirs.llnull)
    assert fit.aic == pytest.approx(theirs.aic)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_rows_columns_and_scales_may_change(seed: int) -> None:
    y, x = simulated(seed)
    fit = logistic_regression(y, x, TERMS)
    order = np.random.default_rng(seed).permutation(len(y))
    shuffled = logistic_regression(y[order], x[order], TERMS)
    assert shuffled.estimates == pytest.approx(fit.estimates, abs=1e-9)
    scaled = logistic_regression(y, x * [1, 1, 1000], TERMS)
    assert scaled.estimates * [1, 1, 1000] == pytest.approx(fit.estimates, abs=1e-8)
    turned = logistic_regression(1 - y, x, TERMS)
    assert -turned.estimates == pytest.approx(fit.estimates, abs=1e-9)
    twice = logistic_regression(np.tile(y, 2), np.tile(x, (2, 1)), TERMS)
    assert twice.estimates == pytest.approx(fit.estimates, abs=1e-9)
    assert twice.covariance == pytest.approx(fit.covariance / 2, abs=1e-9)


def test_an_arm_alone_is_the_log_odds_ratio() -> None:
    # He et al. 2020 by hand: log((16 · 21) / (13 · 9)), variance 1/16 + 1/13 + 1/9 + 1/21.
    y = np.repeat([1, 0, 1, 0], [16, 13, 9, 21])
    x = np.column_stack([np.ones(59), np.repeat([1, 1, 0, 0], [16, 13, 9, 21])])
    result = logistic_regression(y, x, ["(Intercept)", "arm"]).of("arm")
    assert result.estimate == pytest.approx(np.log(16 * 21 / (13 * 9)))
    assert result.standard_error == pytest.approx((1 / 16 + 1 / 13 + 1 / 9 + 1 / 21) ** 0.5)


def test_an_offset_moves_the_intercept() -> None:
    y, x = simulated(3)
    fit, moved = (logistic_regression(y, x, TERMS, offset=np.full(80, c)) for c in (0.0, 1.5))
    assert fit.estimates[0] - 1.5 == pytest.approx(moved.estimates[0])
    assert fit.estimates[1:] == pytest.approx(moved.estimates[1:])


def test_profile_limits_have_the_critical_deviance() -> None:
    y, x = simulated(11, 50)
    fit = logistic_regression(y, x, TERMS)
    limits = profile_intervals(y, x, TERMS, level=0.9)
    for j in range(3):
        for limit in limits[j]:
            free = [k for k in range(3) if k != j]
            # The profile by another optimizer.
            best = minimize(
                lambda b, j=j, limit=limit, free=free: (
                    -log_likelihood(y, x[:, free] @ b + x[:, j] * limit)
                ),
                np.delete(fit.estimates, j),
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
            )
            # The 0.9 quantile of χ² with one degree of freedom, 2.705543.
            assert 2 * (fit.log_likelihood + best.fun) == pytest.approx(2.705543, abs=1e-5)


def test_likelihood_ratio() -> None:
    y, x = simulated(5)
    larger, smaller = logistic_regression(y, x, TERMS), logistic_regression(y, x[:, :2], TERMS[:2])
    result = likelihood_ratio_test(larger, smaller)
    assert result.statistic == pytest.approx(2 * (larger.log_likelihood - smaller.log_likelihood))
    assert result.degrees_of_freedom == 1
    with pytest.raises(UnusableInputError, match="nested"):
        likelihood_ratio_test(smaller, larger)


def test_perfect_separation_is_refused_with_the_terms() -> None:
    x = np.column_stack([np.ones(10), np.arange(10.0)])
    with pytest.raises(UnusableInputError, match=r"separated along .*score"):
        logistic_regression([0] * 5 + [1] * 5, x, ["(Intercept)", "score"])


def test_quasi_separation_by_an_arm_without_events_is_refused() -> None:
    x = np.column_stack([np.ones(20), np.repeat([0, 1], 10)])
    y = [0, 1] * 5 + [0] * 10
    with pytest.raises(UnusableInputError, match="separated along arm") as raised:
        logistic_regression(y, x, ["(Intercept)", "arm"])
    assert "Firth" in raised.value.remedy


@pytest.mark.parametrize("value", [0, 1])
def test_a_constant_outcome_is_refused(value: int) -> None:
    with pytest.raises(UnusableInputError, match="separated"):
        logistic_regression([value] * 8, np.ones((8, 1)), ["(Intercept)"])


def test_overlapping_responses_are_not_called_separated() -> None:
    y, x = simulated(2)
    assert separated_terms(y, x, TERMS) == ()


@pytest.mark.parametrize(
    ("y", "x", "terms", "message"),
    [
        ([0, 1, 2], np.ones((3, 1)), ["1"], "0 or 1"),
        ([0, 1, np.nan], np.ones((3, 1)), ["1"], "nothing missing"),
        ([0, 1], np.ones((3, 1)), ["1"], "length"),
        ([0, 1, 1], np.ones((3, 2)), ["1", "again"], "again is a combination"),
        ([0, 1, 1], [[1, 0], [1, 0], [1, 0]], ["1", "arm"], "arm is zero throughout"),
        ([0, 1], [[1, 2, 3], [1, 5, 1]], ["1", "a", "b"], "combination"),
    ],
)
def test_unusable_input(y: object, x: object, terms: list[str], message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        logistic_regression(y, x, terms)  # type: ignore[arg-type]  # that is the point
