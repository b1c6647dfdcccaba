"""Exact Poisson rates against R's poisson.test, tail sums, and what symmetry demands."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.exact_rates import poisson_rate, poisson_rate_ratio

EVENTS, YEARS = (40, 36), (8.63244353182752, 8.58590006844627)


def test_rate_of_r() -> None:
    """R 4.2.2, poisson.test(36, 8.58590006844627)."""
    found = poisson_rate(36, YEARS[1])
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (4.19292091836735, 2.93667026360791, 5.80476992416885), rel=1e-12
    )


def test_ratio_of_r() -> None:
    """R 4.2.2, poisson.test(c(40, 36), c(8.63244, 8.58590)), whose p adds unlikely counts."""
    found = poisson_rate_ratio(40, YEARS[0], 36, YEARS[1], tails="likelihood")
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (1.10512034394052, 0.686713414244901, 1.78426203584106), rel=1e-11
    )
    assert found.p_value == pytest.approx(0.731080963875614, rel=1e-11)
    assert found.standard_error == pytest.approx(0.22973414586817, rel=1e-11)


@given(st.integers(1, 40), st.floats(0.1, 50))
def test_each_limit_leaves_half_of_the_error(events: int, exposure: float) -> None:
    found = poisson_rate(events, exposure)
    assert found.lower is not None
    assert found.upper is not None
    assert poisson.sf(events - 1, found.lower * exposure) == pytest.approx(0.025)
    assert poisson.cdf(events, found.upper * exposure) == pytest.approx(0.025)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.2, 5), st.floats(0.2, 5))
def test_exchanging_the_arms_inverts_the_ratio(a: int, b: int, t: float, u: float) -> None:
    one, other = poisson_rate_ratio(a, t, b, u), poisson_rate_ratio(b, u, a, t)
    assert one.p_value == (None if a + b == 0 else pytest.approx(other.p_value))
    assert other.upper is not None
    assert one.lower == pytest.approx(0 if math.isinf(other.upper) else 1 / other.upper)
    if a and b:
        assert one.estimate == pytest.approx(1 / (other.estimate or 1))


@given(st.integers(1, 30), st.integers(1, 30), st.floats(0.01, 100))
def test_the_unit_of_time_does_not_matter(a: int, b: int, unit: float) -> None:
    plain, scaled = poisson_rate_ratio(a, 2.0, b, 3.0), poisson_rate_ratio(a, 2 * unit, b, 3 * unit)
    assert plain.estimate == pytest.approx(scaled.estimate)
    assert plain.lower == pytest.approx(scaled.lower)
    assert plain.p_value == pytest.approx(scaled.p_value)


@given(st.integers(0, 25), st.integers(0, 25))
def test_the_interval_excludes_one_exactly_when_equal_tails_reject(a: int, b: int) -> None:
    if a + b == 0:
        return
    found = poisson_rate_ratio(a, 1.3, b, 0.9)
    assert found.lower is not None
    assert found.upper is not None
    assert found.p_value is not None
    assert (found.p_value < 0.05) == (not found.lower <= 1 <= found.upper)


def test_p_values_are_sums_of_binomial_probabilities() -> None:
    # 7 of 9 events in an arm with 0.4 of the time; by hand over the ten possible counts.
    law = [float(binom.pmf(k, 9, 0.4)) for k in range(10)]
    equal = poisson_rate_ratio(7, 4.0, 2, 6.0)
    assert equal.p_value == pytest.approx(2 * sum(law[7:]))
    unlikely = poisson_rate_ratio(7, 4.0, 2, 6.0, tails="likelihood")
    assert unlikely.p_value == pytest.approx(sum(p for p in law if p <= law[7] * (1 + 1e-9)))


def test_arms_without_events() -> None:
    none = poisson_rate_ratio(0, 2.0, 0, 3.0)
    assert none.estimate is None
    assert (none.lower, none.upper, none.p_value) == (0.0, math.inf, None)
    assert "not determined" in none.notes[0]
    control = poisson_rate_ratio(5, 2.0, 0, 3.0)
    assert (control.estimate, control.upper) == (math.inf, math.inf)
    assert control.standard_error is None
    active = poisson_rate_ratio(0, 2.0, 5, 3.0)
    assert (active.estimate, active.lower) == (0.0, 0.0)
    assert poisson_rate(0, 10.0).upper == pytest.approx(-math.log(0.025) / 10)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((-1, 2.0, 3, 4.0), "no number of events"),
        ((1, 0.0, 3, 4.0), "needs time"),
        ((1, 2.0, 3, math.inf), "needs time"),
        ((1.5, 2.0, 3, 4.0), "no number of events"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[int, float, int, float], words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        poisson_rate_ratio(*arguments)


def test_unknown_tails_and_levels_are_refused() -> None:
    with pytest.raises(UnusableInputError, match="no p-value by"):
        poisson_rate_ratio(1, 1.0, 1, 1.0, tails="mid")
    with pytest.raises(UnusableInputError, match="level"):
        poisson_rate(1, 1.0, level=1.0)
