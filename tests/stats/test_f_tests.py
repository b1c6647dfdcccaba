"""The F test's result: table values of the distribution, and what it refuses."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr

from trialwright.errors import UnusableInputError
from trialwright.stats.f_tests import FTest

FREEDOM = st.floats(1, 200)


@pytest.mark.parametrize(
    ("statistic", "numerator", "denominator", "expected"),
    [
        # R 4.2.2: pf(statistic, numerator, denominator, lower.tail = FALSE)
        (4.96460274373071, 1, 10, 0.05),
        (2.5, 3, 21.7, 0.08641691021833296),
        (0.0, 2, 8, 1.0),
        (1.0, 4, 4, 0.5),
        (40.0, 6, 143.2, 2.628739912200882e-28),
        (3.1, 2.5, math.inf, 0.03390932299884068),
    ],
)
def test_p_values_of_r(
    statistic: float, numerator: float, denominator: float, expected: float
) -> None:
    result = FTest(statistic=statistic, numerator=numerator, denominator=denominator)
    assert result.p_value == pytest.approx(expected, rel=1e-10)


def test_without_a_statistic_there_is_no_p_value_but_a_reason() -> None:
    result = FTest(statistic=None, numerator=2, denominator=5, notes=("all outcomes are equal",))
    assert result.p_value is None
    assert result.notes == ("all outcomes are equal",)
    assert dict(result.counts) == {}


@pytest.mark.parametrize("name", ["statistic", "numerator", "denominator"])
def test_not_a_number_is_refused_by_name(name: str) -> None:
    given_values = {"statistic": 1.0, "numerator": 2.0, "denominator": 3.0} | {name: math.nan}
    with pytest.raises(UnusableInputError, match=f"do not determine the {name}"):
        FTest(**given_values)


@pytest.mark.parametrize(("numerator", "denominator"), [(2, 0), (2, -1.5), (0, 4)])
def test_no_degrees_of_freedom_are_said(numerator: float, denominator: float) -> None:
    with pytest.raises(UnusableInputError) as refused:
        _ = FTest(statistic=3.0, numerator=numerator, denominator=denominator).p_value
    assert refused.value.what == (
        f"an F test on {numerator:g} and {denominator:g} degrees of freedom has no p value"
    )


@given(t=st.floats(-8, 8), freedom=FREEDOM)
def test_one_combination_is_students_test(t: float, freedom: float) -> None:
    found = FTest(statistic=t * t, numerator=1, denominator=freedom).p_value
    assert found == pytest.approx(2 * stdtr(freedom, -abs(t)), rel=1e-9, abs=1e-300)


@given(statistic=st.floats(0.01, 50), numerator=FREEDOM, denominator=FREEDOM)
def test_the_reciprocal_has_the_other_tail(
    statistic: float, numerator: float, denominator: float
) -> None:
    upper = FTest(statistic=statistic, numerator=numerator, denominator=denominator).p_value
    lower = FTest(statistic=1 / statistic, numerator=denominator, denominator=numerator).p_value
    assert upper is not None
    assert lower is not None
    assert upper + lower == pytest.approx(1, abs=1e-9)
