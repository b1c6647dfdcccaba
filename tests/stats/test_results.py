import math

import numpy as np
import pytest

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
