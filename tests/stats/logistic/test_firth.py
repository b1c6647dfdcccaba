import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.firth import firth_regression, penalized

TERMS = ("(Intercept)", "arm", "score")


def simulated(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), np.arange(n) % 2, generator.normal(size=n)])
    return generator.binomial(1, expit(x @ [-0.3, 0.8, 0.5])).astype(float), x


def test_an_arm_alone_adds_half_to_every_cell() -> None:
    # Known closed form of the saturated model (Firth 1993): log odds ratio with 1/2 in each cell.
    y = np.repeat([1, 0, 1, 0], [16, 13, 9, 21])
    x = np.column_stack([np.ones(59), np.repeat([1, 1, 0, 0], [16, 13, 9, 21])])
    fit = firth_regression(y, x, TERMS[:2])
    assert fit.estimates[1] == pytest.approx(np.log(16.5 * 21.5 / (13.5 * 9.5)), rel=1e-10)
    assert fit.estimates[0] == pytest.approx(np.log(9.5 / 21.5), rel=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_it_maximizes_the_penalized_likelihood(seed: int) -> None:
    y, x = simulated(seed)
    fit = firth_regression(y, x, TERMS)
    best = minimize(
        lambda b: -penalized(y, x, b),
        np.zeros(3),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000},
    )
    assert fit.log_likelihood >= -best.fun - 1e-10
    assert fit.estimates == pytest.approx(best.x, abs=1e-5)


def test_limits_and_p_by_another_optimizer() -> None:
    y, x = simulated(4)
    fit = firth_regression(y, x, TERMS, level=0.9)

    def held(j: int, value: float) -> float:
        free = [k for k in range(3) if k != j]

        def negative(b: np.ndarray) -> float:
            beta = np.empty(3)
            beta[free], beta[j] = b, value
            return -penalized(y, x, beta)

        options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
        return -minimize(negative, fit.estimates[free], method="Nelder-Mead", options=options).fun

    for j in range(3):
        for limit in (fit.lower[j], fit.upper[j]):
            # The 0.9 quantile of χ² with one degree of freedom.
            assert 2 * (fit.log_likelihood - held(j, limit)) == pytest.approx(2.705543, abs=1e-5)
    assert fit.lower[1] < fit.estimates[1] < fit.upper[1]
    assert (fit.p_values[1] < 0.1) == (not fit.lower[1] < 0 < fit.upper[1])


def test_perfect_separation_has_finite_estimates_and_says_so() -> None:
    x = np.column_stack([np.ones(10), np.arange(10.0)])
    fit = firth_regression([0] * 5 + [1] * 5, x, ["(Intercept)", "score"])
    assert np.isfinite(fit.estimates).all()
    assert fit.lower[1] > 0
    assert fit.notes == ("the responses are separated along (Intercept), score",)


def test_an_arm_without_events() -> None:
    x = np.column_stack([np.ones(20), np.repeat([0, 1], 10)])
    fit = firth_regression([0, 1] * 5 + [0] * 10, x, ["(Intercept)", "arm"])
    # Half an event in each cell: log((0.5 / 10.5) / (5.5 / 5.5)).
    assert fit.estimates[1] == pytest.approx(np.log(0.5 / 10.5), rel=1e-9)
    assert "arm" in fit.notes[0]


@pytest.mark.parametrize("value", [0, 1])
def test_a_constant_outcome(value: int) -> None:
    # By hand: half an event and half a non-event more among eight.
    fit = firth_regression([value] * 8, np.ones((8, 1)), ["(Intercept)"])
    sign = 1 if value else -1
    assert fit.estimates[0] == pytest.approx(sign * np.log(8.5 / 0.5), rel=1e-10)


def test_one_participant_per_arm() -> None:
    fit = firth_regression([1, 0], [[1, 1], [1, 0]], ["(Intercept)", "arm"])
    # Half in each of four cells: log((1.5 / 0.5) / (0.5 / 1.5)).
    assert fit.estimates[1] == pytest.approx(np.log(9), rel=1e-9)


def test_turning_the_outcome_turns_the_signs() -> None:
    y, x = simulated(9)
    fit, turned = firth_regression(y, x, TERMS), firth_regression(1 - y, x, TERMS)
    assert -turned.upper == pytest.approx(fit.lower, abs=1e-8)
    assert turned.p_values == pytest.approx(fit.p_values, abs=1e-8)


def test_without_an_intercept_there_is_no_null_model() -> None:
    y, x = simulated(9)
    assert firth_regression(y, x[:, 1:], TERMS[1:]).null_log_likelihood is None


def test_dependent_columns_are_refused() -> None:
    with pytest.raises(UnusableInputError, match="combination"):
        firth_regression([0, 1, 1], np.ones((3, 2)), ["1", "again"])
