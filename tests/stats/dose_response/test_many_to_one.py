"""Dunnett and Williams against multcomp, exact integrals and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import dunnett, normal_estimates, williams


@pytest.fixture(scope="module")
def compared(week_12):
    response, arm, _ = week_12
    found = normal_estimates(response, arm)
    degrees = found.degrees_of_freedom
    return {
        "two": dunnett(found.estimates, found.covariance, degrees_of_freedom=degrees),
        "one": dunnett(
            found.estimates, found.covariance, degrees_of_freedom=degrees, two_sided=False
        ),
        "williams": williams(
            found.estimates, found.counts, found.covariance, degrees_of_freedom=degrees
        ),
    }


def test_estimates_agree_with_multcomp(cases, compared):
    # R 4.2.2, multcomp 1.4.22
    expected, found = cases["dunnett_williams"]["expect"], compared["two"]
    assert found.estimates == pytest.approx(expected["est"], rel=1e-9)
    assert found.standard_errors == pytest.approx(expected["se"], rel=1e-9)
    assert found.statistics == pytest.approx(expected["t"], rel=1e-9)
    assert found.degrees_of_freedom == expected["df"]
    # multcomp samples the quantile
    assert found.critical_value == pytest.approx(expected["quantile"], rel=1e-4)
    limits = np.array(expected["simultaneous_ci_two_sided"])
    assert found.lower == pytest.approx(limits[:, 1], abs=2e-4)
    assert found.upper == pytest.approx(limits[:, 2], abs=2e-4)


def test_p_values_are_exact(exact_cases, compared):
    expected = exact_cases["dunnett_p_values"]["expect"]
    assert compared["one"].p_values == pytest.approx(expected["one_sided_single_step"], rel=1e-10)
    assert compared["two"].p_values == pytest.approx(expected["two_sided_single_step"], rel=1e-10)
    found = compared["one"].step_down_p_values
    assert found == pytest.approx(expected["one_sided_step_down"], rel=1e-10)


def test_williams_agrees_with_multcomp(cases, compared):
    expected, found = cases["dunnett_williams"]["expect"], compared["williams"]
    assert found.statistics == pytest.approx(expected["williams_t"], rel=1e-9)
    assert found.p_values == pytest.approx(expected["williams_p"], abs=1e-5)


means = st.lists(st.floats(-2, 2), min_size=3, max_size=4).map(np.array)


@settings(max_examples=20, deadline=None)
@given(mean=means, degrees=st.sampled_from([5.0, 40.0, np.inf]))
def test_adjusting_costs_and_stepping_down_gives_back(mean, degrees):
    found = dunnett(mean, np.full(mean.size, 0.3), degrees_of_freedom=degrees, two_sided=False)
    raw = stats.t.sf(found.statistics, degrees)
    assert np.all(found.p_values >= raw - 1e-9)
    assert np.all(found.p_values <= raw * (mean.size - 1) + 1e-9)
    assert np.all(found.step_down_p_values <= found.p_values + 1e-9)
    assert np.all(found.step_down_p_values >= raw - 1e-9)


@settings(max_examples=15, deadline=None)
@given(mean=means, shift=st.floats(-3, 3), factor=st.floats(0.1, 10))
def test_shift_and_unit_do_not_matter(mean, shift, factor):
    plain = dunnett(mean, np.full(mean.size, 0.3))
    other = dunnett(shift + factor * mean, np.full(mean.size, 0.3 * factor**2))
    assert other.p_values == pytest.approx(plain.p_values, abs=1e-7)
    assert other.lower == pytest.approx(factor * plain.lower, abs=1e-6)


def test_relabeling_the_doses_relabels():
    mean, variance = np.array([0, 0.4, 0.9, 0.1]), np.array([0.2, 0.1, 0.3, 0.2])
    order = [0, 3, 1, 2]
    plain = dunnett(mean, variance, degrees_of_freedom=30)
    moved = dunnett(mean[order], variance[order], degrees_of_freedom=30)
    assert moved.p_values == pytest.approx(plain.p_values[[2, 0, 1]], rel=1e-9)


def test_limits_and_p_values_decide_alike():
    found = dunnett([0, 1.31, 0.4], np.full(3, 0.15), degrees_of_freedom=40, two_sided=False)
    assert np.array_equal(found.lower > 0, found.p_values < 0.05)
    assert np.all(np.isinf(found.upper))


def test_one_dose_is_a_t_test():
    found = dunnett([0, 1.0], [0.2, 0.3], degrees_of_freedom=12)
    assert found.p_values[0] == pytest.approx(2 * stats.t.sf(np.sqrt(2), 12), rel=1e-12)
    assert found.critical_value == pytest.approx(stats.t.isf(0.025, 12), rel=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dunnett([1.0], [1.0]), "two arms"),
        (lambda: dunnett([1.0, np.nan], [1.0, 1.0]), "missing"),
        (lambda: dunnett([1.0, 2.0], [1.0, 0.0]), "positive definite"),
        (lambda: dunnett([1.0, 2.0], [1.0, 1.0], level=1.0), "level"),
        (lambda: williams([1.0, 2.0], [4, 0], [1.0, 1.0]), "participants"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
