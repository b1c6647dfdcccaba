import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.report.numbers import (
    decimal,
    interval,
    p_equals,
    p_value,
    percent,
    places_for,
    share,
    signed,
)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1.25, 1, "1.2"),  # halves go to the even digit, as IEEE 754 and the trial's tables round
        (1.35, 1, "1.4"),
        (-0.04, 1, "0.0"),  # no minus before a zero
        (-3.14159, 2, "−3.14"),
        (0.145, 2, "0.14"),
        (1234.5678, 0, "1235"),
        (math.inf, 2, "∞"),
        (-math.inf, 2, "−∞"),
        (None, 1, "–"),
    ],
)
def test_decimals(value, places, text):
    assert decimal(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"), [(3.6, "+3.6"), (-3.6, "−3.6"), (0.0, "0.0"), (0.04, "0.0"), (None, "–")]
)
def test_signed(value, text):
    assert signed(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "< 0.001"),
        (0.00099, "< 0.001"),
        (0.001, "0.001"),
        (0.0524, "0.052"),
        (0.05, "0.050"),
        (0.9995, "> 0.999"),
        (1.0, "> 0.999"),
        (None, "–"),
    ],
)
def test_p_values(p, text):
    assert p_value(p) == text


def test_p_values_in_a_sentence():
    assert p_equals(0.0524) == "p = 0.052"
    assert p_equals(0.00001) == "p < 0.001"
    assert p_equals(None) == "no p-value"


def test_shares():
    assert share(14, 40) == "14/40 (35%)"
    assert share(0, 0) == "0/0"
    assert percent(None) == "–"
    assert percent(0.666, 1) == "66.6%"


def test_intervals():
    assert interval(-1.5, 41.7) == "−1.5 to 41.7"
    assert interval(None, 1.0) == "–"
    assert interval(0.0, math.inf, 2) == "0.00 to ∞"


@pytest.mark.parametrize(
    ("values", "places"), [((123.4,), 0), ((12.3, 1.0), 1), ((1.2,), 2), ((0.01,), 3), ((), 1)]
)
def test_places_give_about_three_digits(values, places):
    assert places_for(*values) == places


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_what_is_written_is_within_half_a_unit(value, places):
    written = float(decimal(value, places).replace("−", "-"))
    assert abs(written - value) <= 0.5 * 10**-places * (1 + 1e-6) + 1e-9


@pytest.mark.parametrize(
    ("value", "text"), [(9.17e153, "9.2e+153"), (-1e15, "−1.0e+15"), (1e14, "100000000000000.0")]
)
def test_a_number_beyond_reading_is_written_by_its_size(value, text):
    assert decimal(value) == text


FINITE = st.floats(-1e14, 1e14)


@given(FINITE, st.integers(0, 3))
def test_a_negative_number_is_its_opposite_with_a_true_minus(value, places):
    positive, negative = decimal(abs(value), places), decimal(-abs(value), places)
    assert negative in (f"−{positive}", positive)
    assert (negative == positive) == (positive.strip("0.") == "")
    assert "-" not in negative


@given(FINITE, st.integers(1, 3))
def test_every_number_of_a_column_has_its_decimals(value, places):
    assert len(decimal(value, places).partition(".")[2]) == places


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_smaller_p_value_is_never_written_as_a_larger_one(one, other):
    def size(text):
        return {"< 0.001": 0.0, "> 0.999": 1.0}.get(text) or float(text.strip("<> "))

    low, high = sorted((one, other))
    assert size(p_value(low)) <= size(p_value(high)) + 0.001 * (low < 0.001)


@given(st.floats(0, 1))
def test_no_p_value_is_written_as_0_or_1(p):
    assert float(p_value(p).strip("<> ")) not in (0.0, 1.0)


@given(st.floats(1e-3, 1e6))
def test_three_digits_at_least_of_anything_but_the_smallest(value):
    """0.012 keeps three decimals; from 0.1 on the third digit is always there."""
    digits = decimal(value, places_for(value)).replace(".", "").lstrip("0")
    assert len(digits) >= (3 if value >= 0.1 else 1)


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_is_its_count_and_its_rounded_percentage(count, more):
    total = count + more
    text = share(count, total)
    assert text.startswith(f"{count}/{total} (")
    shown = int(text.split("(")[1].rstrip("%)"))
    assert abs(shown - 100 * count / total) <= 0.5 + 1e-9


@pytest.mark.parametrize("value", [math.inf, 1e300, 1e15])
def test_signs_stand_before_numbers_beyond_reading_too(value):
    assert signed(value).startswith("+")
    assert signed(-value).startswith("−")
