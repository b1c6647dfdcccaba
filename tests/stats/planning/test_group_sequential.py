"""Group-sequential bounds against rpact and gsDesign, closed forms and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import JointLaw
from trialwright.stats.planning import (
    crossing_chances,
    efficacy_bounds,
    spent,
    two_bound_design,
)

BOUNDS = {
    "bounds_OF_k3": ("obrien-fleming", None),
    "bounds_P_k3": ("pocock", None),
    "bounds_asOF_k3": ("obrien-fleming-spending", None),
    "bounds_asP_k3": ("pocock-spending", None),
    "bounds_HSD_-4": ("hwang-shih-decani", -4),
    "bounds_KD_1": ("kim-demets", 1),
    "bounds_WT_0.25": ("wang-tsiatis", 0.25),
    "bounds_HP": ("haybittle-peto", 3),
}
KINDS = list(BOUNDS.values())


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_agree_with_r(cases, name):
    kind, parameter = BOUNDS[name]
    expected = cases[name]["expect"]
    design = efficacy_bounds(kind, 3, 0.025, parameter=parameter)
    assert design.upper == pytest.approx(expected["z"], rel=1e-8)
    if "stage_p" in expected:
        assert design.stage_levels == pytest.approx(expected["stage_p"], rel=1e-7)
        assert design.alpha_spent == pytest.approx(expected["alpha_spent"], rel=1e-6)
        drift, inflation = design.drift(0.8), design.inflation(0.8)
        assert inflation == pytest.approx(expected["inflation_power_0.8"], rel=1e-8)
        average = inflation * design.crossing(drift).expected_information
        assert average == pytest.approx(expected["average_sample_number_H1"], rel=1e-8)
        average = inflation * design.crossing(0).expected_information
        assert average == pytest.approx(expected["average_H0"], rel=1e-8)


# R 4.2.2, rpact 3.3.4, getDesignGroupSequential, one-sided, to the digits it converges to
UNEQUAL_LOOKS = [
    (
        ("obrien-fleming-spending", [0.2, 0.5, 0.7, 1], 0.01, None),
        [5.64157893791, 3.46037315577, 2.87963724881, 2.35234604031],
    ),
    (("pocock-spending", [0.3, 0.6, 1], 0.05, None), [2.03776418047, 2.02366312593, 1.9544563666]),
    (
        ("obrien-fleming", 5, 0.025, None),
        [4.56174232721, 3.2256389336, 2.63372316059, 2.28087116361, 2.0400731879],
    ),
    (("pocock", 5, 0.05, None), [2.12171512201] * 5),
    (
        ("hwang-shih-decani", [0.25, 0.5, 1], 0.025, 1),
        [2.37610252717, 2.35713227838, 2.22692181915],
    ),
    (
        ("wang-tsiatis", 4, 0.025, 0.1),
        [3.56920888295, 2.70495451661, 2.29997684238, 2.04997218624],
    ),
]


@pytest.mark.parametrize(("settings_", "expected"), UNEQUAL_LOOKS)
def test_other_looks_and_levels_agree_with_rpact(settings_, expected):
    kind, looks, alpha, parameter = settings_
    design = efficacy_bounds(kind, looks, alpha, parameter=parameter)
    assert design.upper == pytest.approx(expected, rel=5e-8)


def test_beta_spending_agrees_with_rpact_whether_it_binds_or_not():
    # R 4.2.2, rpact 3.3.4: asOF with bsP binding, asP with bsOF not binding, beta 0.1
    looks = [0.4, 0.7, 1]
    binding = two_bound_design(looks, 0.025, 0.1, futility="pocock", binding=True)
    assert binding.upper == pytest.approx([3.35686935609, 2.43960938603, 1.87648909539], rel=5e-8)
    assert binding.lower[:2] == pytest.approx([0.578779967657, 1.262052594218], rel=5e-8)
    loose = two_bound_design(looks, 0.025, 0.1, efficacy="pocock-spending")
    assert loose.upper == pytest.approx([2.22387496049, 2.30507961661, 2.30975135416], rel=5e-8)
    assert loose.lower[:2] == pytest.approx([-0.103615065168, 1.302238658536], rel=5e-7)


def test_futility_agrees_with_rpact(cases):
    expected = cases["bounds_futility"]["expect"]
    binding = efficacy_bounds("obrien-fleming-spending", 2, 0.025, futility=[0])
    assert binding.upper == pytest.approx(expected["binding_two_looks_z"], rel=1e-8)
    spending = two_bound_design(3, 0.025, 0.2)
    assert spending.upper == pytest.approx(expected["beta_spending_efficacy_z"], rel=1e-8)
    assert spending.lower[:2] == pytest.approx(expected["beta_spending_futility_z"], rel=1e-8)


def test_the_two_bound_design_agrees_with_gsdesign(cases):
    expected = cases["two_bound_design"]["expect"]
    design = two_bound_design(3, 0.025, 0.2, futility="hwang-shih-decani", futility_parameter=-2)
    assert design.upper == pytest.approx(expected["upper_z"], rel=1e-7)
    assert design.lower == pytest.approx(expected["lower_z"], rel=1e-7)
    drift, inflation = design.drift(0.8), design.inflation(0.8)
    assert inflation == pytest.approx(expected["inflation"], rel=1e-8)
    # gsDesign's columns: no effect, half of the planned effect, all of it
    for column, true_drift in enumerate([0, drift / 2, drift]):
        found = design.crossing(true_drift)
        upper = np.array(expected["upper_cross"])[:, column]
        lower = np.array(expected["lower_cross"])[:, column]
        assert found.upper == pytest.approx(upper, rel=1e-6)
        assert found.lower == pytest.approx(lower, rel=1e-6)
        average = found.expected_information * inflation
        assert average == pytest.approx(expected["expected_n_over_fixed"][column], rel=1e-8)


@pytest.mark.parametrize(("kind", "parameter"), KINDS)
@settings(max_examples=6, deadline=None)
@given(
    alpha=st.floats(0.01, 0.2),
    steps=st.lists(st.floats(0.2, 1), min_size=1, max_size=4).map(np.array),
)
def test_the_whole_level_is_spent(kind, parameter, alpha, steps):
    information = np.cumsum(steps) / steps.sum()
    information[-1] = 1
    design = efficacy_bounds(kind, information, alpha, parameter=parameter)
    assert design.crossing(0).power == pytest.approx(alpha, rel=1e-9)
    assert np.all(np.diff(design.alpha_spent) >= 0)


def test_bounds_agree_with_the_joint_law_of_the_looks():
    # Another way of integrating: the z of three looks are jointly normal, corr √(t_i / t_j).
    design = efficacy_bounds("pocock-spending", [0.3, 0.7, 1.0], 0.05)
    t = design.information
    ratio = np.sqrt(np.minimum.outer(t, t) / np.maximum.outer(t, t))
    assert JointLaw(ratio).exceeds(design.upper) == pytest.approx(0.05, rel=1e-10)
    shifted = JointLaw(ratio).exceeds_shifted(design.upper, 2.5 * np.sqrt(t))
    assert design.crossing(2.5).power == pytest.approx(float(shifted), rel=1e-10)


def test_crossing_agrees_with_a_simulation():
    information = np.array([0.25, 0.6, 1.0])
    lower, upper = np.array([-0.5, 0.3, 1.9]), np.array([3.0, 2.5, 1.9])
    found = crossing_chances(information, lower, upper, 2.0)
    generator = np.random.default_rng(7)
    step = np.diff(information, prepend=0)
    path = np.cumsum(generator.normal(2.0 * step, np.sqrt(step), (300_000, 3)), axis=1)
    z = path / np.sqrt(information)
    going = np.ones(len(z), dtype=bool)
    for look in range(3):
        above, below = going & (z[:, look] > upper[look]), going & (z[:, look] < lower[look])
        assert found.upper[look] == pytest.approx(above.mean(), abs=0.004)
        assert found.lower[look] == pytest.approx(below.mean(), abs=0.004)
        going &= ~above & ~below
    assert found.upper.sum() + found.lower.sum() == pytest.approx(1, abs=1e-10)


def test_one_look_is_the_fixed_design():
    for kind in ("obrien-fleming", "pocock-spending", "haybittle-peto"):
        design = efficacy_bounds(kind, 1, 0.025)
        assert design.upper == pytest.approx([stats.norm.isf(0.025)], rel=1e-10)
        assert design.inflation(0.9) == pytest.approx(1, rel=1e-10)


@pytest.mark.parametrize(("kind", "parameter"), KINDS)
def test_looking_costs_participants_but_saves_on_average(kind, parameter):
    design = efficacy_bounds(kind, 4, 0.025, parameter=parameter)
    inflation = design.inflation(0.9)
    assert inflation >= 1
    assert inflation * design.crossing(design.drift(0.9)).expected_information < 1


def test_many_looks_close_together_stay_accurate():
    design = efficacy_bounds("pocock-spending", [0.1, 0.101, 0.5, 0.999, 1.0], 0.025)
    assert design.crossing(0).power == pytest.approx(0.025, rel=1e-9)
    assert np.all(np.isfinite(design.upper))


def test_futility_that_does_not_bind_leaves_efficacy_bounds_alone():
    loose = efficacy_bounds("pocock", 3, 0.025)
    with_stops = efficacy_bounds("pocock", 3, 0.025, futility=[0, 0.5], binding=False)
    assert with_stops.upper == pytest.approx(loose.upper)
    assert with_stops.crossing(0).power < 0.025
    binding = efficacy_bounds("pocock", 3, 0.025, futility=[0, 0.5])
    assert binding.crossing(0).power == pytest.approx(0.025)
    assert np.all(binding.upper < loose.upper)


def test_binding_two_bound_designs_spend_both_errors():
    design = two_bound_design(3, 0.025, 0.1, binding=True, futility="pocock")
    drift = design.drift(0.9)
    assert design.crossing(0).power == pytest.approx(0.025, rel=1e-8)
    assert design.crossing(drift).lower.sum() == pytest.approx(0.1, rel=1e-8)
    loose = two_bound_design(3, 0.025, 0.1, binding=False, futility="pocock")
    assert design.inflation(0.9) < loose.inflation(0.9)


@pytest.mark.parametrize(
    ("function", "parameter"),
    [
        ("obrien-fleming", None),
        ("pocock", None),
        ("hwang-shih-decani", -4),
        ("hwang-shih-decani", 0),
        ("hwang-shih-decani", 2),
        ("kim-demets", 0.5),
        ("kim-demets", 3),
    ],
)
def test_spending_rises_from_nothing_to_the_level(function, parameter):
    information = np.linspace(0.001, 1, 50)
    used = spent(function, 0.025, information, parameter)
    assert np.all(np.diff(used) >= 0)
    assert used[-1] == pytest.approx(0.025, rel=1e-12)
    assert used[0] < 0.001


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: efficacy_bounds("haybittle", 3, 0.025), "Unknown kind"),
        (lambda: efficacy_bounds("pocock", 0, 0.025), "one look"),
        (lambda: efficacy_bounds("pocock", [0.5, 0.4, 1], 0.025), "rise"),
        (lambda: efficacy_bounds("pocock", [0.5, 0.9], 0.025), "rise"),
        (lambda: efficacy_bounds("pocock", [], 0.025), "one for each look"),
        (lambda: efficacy_bounds("pocock", 3, 1.2), "level"),
        (lambda: efficacy_bounds("wang-tsiatis", 3, 0.025), "Delta"),
        (lambda: efficacy_bounds("kim-demets", 3, 0.025, parameter=-1), "positive"),
        (lambda: efficacy_bounds("haybittle-peto", 3, 0.001, parameter=1), "whole level"),
        (lambda: efficacy_bounds("pocock", 3, 0.025, futility=[0]), "each look"),
        (lambda: efficacy_bounds("pocock", 2, 0.025, futility=[5]), "above"),
        (lambda: efficacy_bounds("pocock", 2, 0.025).drift(0.01), "Power"),
        (lambda: two_bound_design(2, 0.025, 0.99), "Beta"),
        (lambda: two_bound_design(2, 0.025, 0.2, efficacy="pocock", binding=True), "spend"),
        (lambda: spent("linear", 0.025, np.array([1.0])), "Unknown spending"),
        (lambda: spent("pocock", 2, np.array([1.0])), "error rate"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
