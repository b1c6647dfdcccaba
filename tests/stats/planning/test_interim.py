"""Analyses at looks against rpact and gsDesign: stage-wise inference, conditional power."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    conditional_power,
    efficacy_bounds,
    predictive_power,
    rate_z,
    rates_at_looks,
    repeated_p_value,
    stagewise_inference,
    stagewise_p_value,
    two_bound_design,
)


def test_the_two_look_trial_agrees_with_rpact(cases, two_looks):
    case = cases["analysis_two_arm_two_look"]
    expected, n = case["expect"], case["spec"]["n"]
    looks = rates_at_looks(
        two_looks, case["spec"]["active"], [n, n], case["spec"]["control"], [n, n]
    )
    # rpact's root search for the repeated p stops at 1e-6
    assert [look.repeated_p for look in looks] == pytest.approx(expected["repeated_p"], abs=2e-6)
    lower = [look.repeated_lower for look in looks]
    upper = [look.repeated_upper for look in looks]
    assert lower == pytest.approx(expected["repeated_lo"], rel=1e-5)
    assert upper == pytest.approx(expected["repeated_hi"], rel=1e-5)
    assert looks[0].final is None
    final = looks[1].final
    assert final.p_value == pytest.approx(expected["final_p"][1], rel=1e-6)
    assert final.lower == pytest.approx(expected["final_lo"][1], rel=1e-6)
    assert final.upper == pytest.approx(expected["final_hi"][1], rel=1e-6)
    assert final.drift == pytest.approx(expected["median_unbiased"][1], rel=1e-6)


def test_conditional_power_agrees_with_gsdesign(cases, two_looks):
    expected = cases["conditional_power"]["expect"]
    z = cases["conditional_power"]["spec"]["z"]
    size = 200 * two_looks.inflation(0.8) * two_looks.information
    assert size == pytest.approx(expected["n_I"], rel=1e-6)
    planned = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) / np.sqrt(200)
    thetas = np.array([z / np.sqrt(size[0]), 0, planned])
    assert thetas == pytest.approx(expected["theta"], rel=1e-6)
    found = conditional_power(two_looks, 1, z, thetas * np.sqrt(size[1]))
    assert found == pytest.approx(expected["upper_cross"], rel=1e-6)
    assert conditional_power(two_looks, 1, z) == pytest.approx(expected["upper_cross"][0], rel=1e-6)


def test_conditional_power_averages_to_power():
    # Law of total probability over the z of the first of three looks
    design = efficacy_bounds("pocock", 3, 0.025)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    z = nodes + 2.0 * np.sqrt(1 / 3)
    going = z < design.upper[0]
    later = [conditional_power(design, 1, float(x), 2.0) for x in z[going]]
    fine = np.linspace(-8, design.upper[0], 4001)
    density = stats.norm.pdf(fine - 2.0 * np.sqrt(1 / 3))
    chance = np.interp(fine, z[going], later)
    power = stats.norm.sf(design.upper[0] - 2.0 * np.sqrt(1 / 3)) + np.trapezoid(
        chance * density, fine
    )
    assert power == pytest.approx(design.crossing(2.0).power, abs=2e-3)
    assert weights.sum() > 0


def test_predictive_power_is_conditional_power_averaged(two_looks):
    # Closed form against quadrature over the flat-prior posterior N(z/√t, 1/t) of the drift
    drifts = 1.2 / np.sqrt(0.5) + np.linspace(-8, 8, 801) / np.sqrt(0.5)
    density = stats.norm.pdf(drifts, 1.2 / np.sqrt(0.5), 1 / np.sqrt(0.5))
    average = np.trapezoid(conditional_power(two_looks, 1, 1.2, drifts) * density, drifts)
    assert predictive_power(two_looks, 1, 1.2) == pytest.approx(average, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(z=st.floats(-2, 4), look=st.integers(1, 3), drift=st.floats(-2, 4))
def test_more_extreme_is_less_likely(z, look, drift):
    design = efficacy_bounds("obrien-fleming", 3, 0.025)
    here = stagewise_p_value(design, look, z, drift=drift)
    assert stagewise_p_value(design, look, z + 0.1, drift=drift) <= here
    assert stagewise_p_value(design, look, z, drift=drift + 0.1) >= here


@pytest.mark.parametrize("kind", ["obrien-fleming", "pocock", "hwang-shih-decani"])
@pytest.mark.parametrize("look", [1, 2, 3])
def test_on_the_bound_every_p_value_is_what_was_spent(kind, look):
    design = efficacy_bounds(kind, 3, 0.025)
    z = float(design.upper[look - 1])
    spent = design.alpha_spent[look - 1]
    assert stagewise_p_value(design, look, z) == pytest.approx(spent, rel=1e-8)
    assert repeated_p_value(design, look, z) == pytest.approx(0.025, rel=1e-6)


def test_limits_cover_with_the_right_chance():
    design = efficacy_bounds("pocock", 2, 0.05)
    found = stagewise_inference(design, 2, 2.4)
    for chance, drift in ((0.5, found.drift), (0.05, found.lower), (0.95, found.upper)):
        assert stagewise_p_value(design, 2, 2.4, drift=drift) == pytest.approx(chance, rel=1e-8)
    fixed = stagewise_inference(efficacy_bounds("pocock", 1, 0.05), 1, 2.4)
    assert fixed.drift == pytest.approx(2.4)
    assert fixed.upper - fixed.lower == pytest.approx(2 * stats.norm.isf(0.05))
    assert found.drift < 2.4  # having passed a look without stopping, or stopped, is corrected for


def test_extreme_repeated_p_values_end_at_their_limits(two_looks):
    assert repeated_p_value(two_looks, 1, -1.0) == 0.5
    assert repeated_p_value(two_looks, 2, 30.0) == 1e-12
    binding = efficacy_bounds("pocock-spending", 2, 0.025, futility=[0.0])
    assert repeated_p_value(binding, 2, binding.upper[1]) == pytest.approx(0.025, rel=1e-6)


def test_a_futility_stop_ends_the_trial():
    design = two_bound_design(2, 0.025, 0.2)
    (look,) = rates_at_looks(design, [5], [30], [10], [30])
    assert look.crossed
    assert look.final is not None
    assert look.final.p_value > 0.5


@settings(max_examples=25, deadline=None)
@given(
    events=st.integers(0, 20),
    control=st.integers(0, 15),
    difference=st.floats(-0.9, 0.9),
)
def test_the_score_z_is_antisymmetric_and_falls_in_the_difference(events, control, difference):
    z = rate_z(events, 20, control, 15, difference)
    assert np.isfinite(z)
    assert rate_z(control, 15, events, 20, -difference) == pytest.approx(-z, rel=1e-6, abs=1e-6)
    assert rate_z(events, 20, control, 15, difference + 0.05) <= z + 1e-6


def test_trials_without_any_or_with_only_responders_have_results(two_looks):
    (none,) = rates_at_looks(two_looks, [0], [20], [0], [20])
    assert none.z == 0
    assert none.repeated_lower < 0 < none.repeated_upper
    (everyone,) = rates_at_looks(two_looks, [20], [20], [0], [20])
    assert everyone.crossed
    assert everyone.final.p_value < 0.001


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda d: stagewise_p_value(d, 3, 2.0), "looks 1 to 2"),
        (lambda d: stagewise_p_value(d, 1, np.nan), "finite"),
        (lambda d: conditional_power(d, 2, 1.0), "interim look"),
        (lambda d: conditional_power(d, 1, np.inf), "finite"),
        (lambda d: predictive_power(d, 0, 1.0), "interim look"),
        (lambda d: rates_at_looks(d, [1, 2], [5], [1, 2], [5, 5]), "one entry per stage"),
        (lambda d: rates_at_looks(d, [1] * 3, [5] * 3, [1] * 3, [5] * 3), "at most one"),
        (lambda d: rates_at_looks(d, [6], [5], [1], [5]), "More responders"),
        (lambda d: rates_at_looks(d, [0], [0], [1], [5]), "need participants"),
    ],
)
def test_unusable_input_is_named(two_looks, make, message):
    with pytest.raises(UnusableInputError, match=message):
        make(two_looks)
