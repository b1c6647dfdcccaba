"""Tail areas and quantiles against scipy.stats, which computes them by other routes or checks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from trialwright.stats import distributions as ours

NUMBERS = np.array([-37.5, -8.0, -1.959963984540054, -1e-9, 0.0, 0.3, 1.6448536269514722, 12.0])
POSITIVE = np.array([1e-12, 0.01, 1.0, 3.841458820694124, 40.0, 700.0])
TAILS = np.array([1e-300, 1e-12, 0.0125, 0.025, 0.5, 0.8, 0.999999])
SOME_DEGREES = (0.7, 1.0, 3.5, 26.7, 155.0, 1e6)


def close(value: np.ndarray) -> object:
    return pytest.approx(value, rel=1e-11, abs=0.0)


def test_the_normal_law() -> None:
    assert ours.normal_upper_tail(NUMBERS) == close(stats.norm.sf(NUMBERS))
    assert ours.normal_upper_quantile(TAILS) == close(stats.norm.isf(TAILS))


@pytest.mark.parametrize("degrees", SOME_DEGREES)
def test_laws_with_degrees_of_freedom(degrees: float) -> None:
    assert ours.t_upper_tail(NUMBERS, degrees) == close(stats.t.sf(NUMBERS, degrees))
    assert ours.t_upper_quantile(TAILS[1:], degrees) == pytest.approx(
        stats.t.isf(TAILS[1:], degrees), rel=1e-8
    )
    assert ours.chi_square_upper_tail(POSITIVE, degrees) == close(stats.chi2.sf(POSITIVE, degrees))
    assert ours.chi_square_upper_quantile(TAILS, degrees) == close(stats.chi2.isf(TAILS, degrees))
    assert ours.f_upper_tail(POSITIVE, 3.0, degrees) == close(stats.f.sf(POSITIVE, 3.0, degrees))


def test_without_degrees_of_freedom_t_is_normal() -> None:
    assert ours.t_upper_tail(1.3, None) == ours.normal_upper_tail(1.3)
    assert ours.t_upper_quantile(0.025, None) == ours.normal_upper_quantile(0.025)


def test_printed_critical_values() -> None:
    """Tables in the back of every textbook: two-sided 5% and chi-square 5%."""
    assert ours.normal_upper_quantile(0.025) == pytest.approx(1.959964, abs=5e-7)
    assert ours.t_upper_quantile(0.025, 10) == pytest.approx(2.228139, abs=5e-7)
    assert ours.chi_square_upper_quantile(0.05, 1) == pytest.approx(3.841459, abs=5e-7)
    assert ours.f_upper_tail(4.256495, 2, 9) == pytest.approx(0.05, abs=5e-8)


@given(a=st.integers(1, 400), b=st.integers(1, 400), tail=st.sampled_from([0.005, 0.025, 0.05]))
def test_the_limits_of_clopper_and_pearson(a: int, b: int, tail: float) -> None:
    assert ours.beta_quantile(tail, a, b) == pytest.approx(stats.beta.ppf(tail, a, b), rel=1e-10)
    assert ours.beta_upper_quantile(tail, a, b) == pytest.approx(
        stats.beta.isf(tail, a, b), rel=1e-10
    )


@pytest.mark.parametrize("degrees", [1.0, 4.0, 30.0])
def test_tails_are_integrals_of_the_densities(degrees: float) -> None:
    # The densities written out, integrated from the point outward
    half = degrees / 2
    of_t = math.gamma(half + 0.5) / math.gamma(half) / math.sqrt(degrees * math.pi)
    t = quad(lambda x: of_t * (1 + x * x / degrees) ** -(half + 0.5), 1.7, np.inf)[0]
    assert ours.t_upper_tail(1.7, degrees) == pytest.approx(t, rel=1e-8)
    of_chi = 1 / (2**half * math.gamma(half))
    chi = quad(lambda x: of_chi * x ** (half - 1) * math.exp(-x / 2), 3.2, np.inf)[0]
    assert ours.chi_square_upper_tail(3.2, degrees) == pytest.approx(chi, rel=1e-8)


@given(tail=st.floats(1e-6, 1 - 1e-6), degrees=st.floats(0.5, 300))
def test_a_quantile_has_its_tail(tail: float, degrees: float) -> None:
    assert ours.normal_upper_tail(ours.normal_upper_quantile(tail)) == pytest.approx(tail, rel=1e-9)
    t = ours.t_upper_quantile(tail, degrees)
    assert ours.t_upper_tail(t, degrees) == pytest.approx(tail, rel=1e-7)
    chi = ours.chi_square_upper_quantile(tail, degrees)
    assert ours.chi_square_upper_tail(chi, degrees) == pytest.approx(tail, rel=1e-7)


@given(t=st.floats(-20, 20), degrees=st.integers(1, 200))
def test_a_squared_t_is_an_f(t: float, degrees: int) -> None:
    two_sided = 2 * ours.t_upper_tail(abs(t), degrees)
    assert ours.f_upper_tail(t * t, 1, degrees) == pytest.approx(two_sided, rel=1e-8, abs=1e-300)


def test_no_chance_and_certainty_lie_at_infinity() -> None:
    for degrees in (None, 0.7, 4.0, 1e6):
        assert ours.t_upper_quantile(0.0, degrees) == math.inf
        assert ours.t_upper_quantile(1.0, degrees) == -math.inf
        found = ours.t_upper_quantile(np.array([0.0, 0.5, 1.0]), degrees)
        assert found.tolist() == [math.inf, 0, -math.inf]
