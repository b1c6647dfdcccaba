import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Coefficients, Estimate, TestResult


def test_a_result_refuses_not_a_number() -> None:
    with pytest.raises(UnusableInputError, match="do not determine the standard error"):
        Estimate(estimate=1.0, standard_error=math.nan)


def test_a_test_refuses_not_a_number() -> None:
    with pytest.raises(UnusableInputError, match="p value"):
        TestResult(p_value=math.nan)


def test_coefficients_refuse_not_a_number_in_arrays() -> None:
    with pytest.raises(UnusableInputError, match="estimates"):
        Coefficients(terms=("a",), estimates=np.array([math.nan]), covariance=np.eye(1))


def test_an_open_interval_ends_at_infinity() -> None:
    result = Estimate(estimate=None, lower=0.0, upper=math.inf, notes=("no events",))
    assert result.upper == math.inf


def fit(freedom: float | None = None) -> Coefficients:
    return Coefficients(
        terms=("(Intercept)", "arm[1]"),
        estimates=np.array([1.0, 2.0]),
        covariance=np.array([[4.0, -1.0], [-1.0, 1.0]]),
        degrees_of_freedom=freedom,
    )


def test_a_term_has_its_wald_interval_and_test() -> None:
    result = fit().of("arm[1]")
    # By hand: 2 ± 1.959964 and P(|Z| > 2).
    assert (result.estimate, result.standard_error, result.statistic) == (2.0, 1.0, 2.0)
    assert result.lower == pytest.approx(0.040036, abs=1e-6)
    assert result.p_value == pytest.approx(0.0455003, abs=1e-7)


def test_t_statistics_with_degrees_of_freedom() -> None:
    # t quantile of 0.975 with 10 degrees of freedom, table value 2.228139.
    assert fit(10).of("arm[1]").upper == pytest.approx(4.228139, abs=1e-6)


def test_a_combination_uses_the_covariance() -> None:
    result = fit().combination([1, 1])
    # Variance by hand: 4 + 1 − 2.
    assert result.estimate == 3.0
    assert result.standard_error == pytest.approx(math.sqrt(3))


def test_a_combination_without_variance_has_no_statistic() -> None:
    result = fit().combination([0, 0])
    assert (result.estimate, result.statistic, result.p_value) == (0.0, None, None)


def test_an_unknown_term_is_named() -> None:
    with pytest.raises(UnusableInputError, match=r"no term 'arm\[9\]'"):
        fit().of("arm[9]")


# R 4.2.2: b ± qt(1 - (1 - level)/2, df) se, and 2 pt(-|b/se|, df); df Inf is the normal law
BY_R = [
    # estimate, error, df, level, quantile, p
    (3.0, 2.0, 7, 0.90, 1.894578605090006, None),
    (-5.0, 2.0, 7, 0.90, 1.894578605090006, 0.04099221858575287),
    (3.5, 1.0, 2.4, 0.99, 7.551950562755892, 0.0556793185037052),
    (5.0, 1.0, None, 0.99, 2.5758293035489, 5.733031437583878e-07),
    (-40.0, 1.0, 12, 0.95, 2.178812829667228, 3.851229580772037e-14),
    (0.0, 1.0, 30, 0.80, 1.310415025391396, 1.0),
]


@pytest.mark.parametrize(("estimate", "error", "freedom", "level", "quantile", "p"), BY_R)
def test_intervals_and_tests_of_r(
    estimate: float,
    error: float,
    freedom: float | None,
    level: float,
    quantile: float,
    p: float | None,
) -> None:
    single = Coefficients(
        terms=("x",),
        estimates=np.array([estimate]),
        covariance=np.array([[error**2]]),
        degrees_of_freedom=freedom,
        counts={"records": 12},
        notes=("a note",),
    )
    result = single.of("x", level)
    assert result.lower == pytest.approx(estimate - quantile * error, rel=1e-9)
    assert result.upper == pytest.approx(estimate + quantile * error, rel=1e-9)
    assert result.level == level
    assert result.degrees_of_freedom == freedom
    assert (result.counts, result.notes) == ({"records": 12}, ("a note",))
    if p is not None:
        assert result.p_value == pytest.approx(p, rel=1e-9)


def test_standard_errors_are_roots_of_the_diagonal() -> None:
    assert fit().standard_errors.tolist() == [2.0, 1.0]


@given(weights=st.tuples(st.floats(-9, 9), st.floats(-9, 9)), scale=st.floats(0.01, 100))
def test_a_combination_scales_and_turns_with_its_weights(
    weights: tuple[float, float], scale: float
) -> None:
    one = fit(9).combination(weights)
    larger = fit(9).combination([scale * weight for weight in weights])
    opposite = fit(9).combination([-weight for weight in weights])
    assert one.estimate == pytest.approx(weights[0] + 2 * weights[1])
    # by hand: 4 a² − 2 a b + b²
    variance = 4 * weights[0] ** 2 - 2 * weights[0] * weights[1] + weights[1] ** 2
    assert one.standard_error == pytest.approx(math.sqrt(max(variance, 0)), abs=1e-9)
    assert larger.standard_error == pytest.approx(scale * one.standard_error)
    assert (opposite.lower, opposite.upper) == pytest.approx((-one.upper, -one.lower))
    assert larger.p_value == pytest.approx(one.p_value) or one.p_value is None
    assert opposite.p_value == one.p_value


@given(first=st.floats(0.5, 0.999), second=st.floats(0.5, 0.999))
def test_a_higher_level_has_a_wider_interval_and_the_same_test(first: float, second: float) -> None:
    low, high = sorted([first, second])
    narrow, wide = fit(4.5).of("arm[1]", low), fit(4.5).of("arm[1]", high)
    assert wide.lower <= narrow.lower <= narrow.upper <= wide.upper
    assert wide.p_value == narrow.p_value


@pytest.mark.parametrize("name", ["estimate", "lower", "upper", "statistic", "p_value", "level"])
def test_every_figure_of_an_estimate_is_looked_at(name: str) -> None:
    whole = {"estimate": 1.0, "lower": 0.0, "upper": 2.0, "statistic": 3.0, "p_value": 0.01}
    with pytest.raises(UnusableInputError) as refused:
        Estimate(**{**whole, name: math.nan})
    assert refused.value.what == f"these data do not determine the {name.replace('_', ' ')}"
    assert "empty arms" in refused.value.remedy


def test_covariances_that_are_not_numbers_are_refused_though_estimates_are() -> None:
    with pytest.raises(UnusableInputError, match="do not determine the covariance"):
        Coefficients(
            terms=("a",), estimates=np.array([1.0]), covariance=np.array([[math.nan]])
        )  # fmt: skip


def test_what_a_method_does_not_have_is_none_and_not_refused() -> None:
    result = Estimate(estimate=None)
    assert (result.standard_error, result.lower, result.p_value) == (None, None, None)
    assert result.level == 0.95
    test = TestResult(p_value=None, notes=("no events",))
    assert (test.statistic, test.degrees_of_freedom, test.alternative) == (None, None, "two-sided")


def test_the_unknown_term_is_told_the_known_ones() -> None:
    with pytest.raises(UnusableInputError) as refused:
        fit().of("week[8]")
    assert refused.value.remedy == "it has (Intercept), arm[1]"
