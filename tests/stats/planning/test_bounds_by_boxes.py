"""Group-sequential bounds beside SciPy's multivariate normal boxes, look by look.

The reference knows nothing of densities carried from look to look: the chance to cross at a look is
the difference of two boxes. Then printed tables, and conditional power in the same way.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.stats.planning import (
    conditional_power,
    crossing_chances,
    efficacy_bounds,
    predictive_power,
    two_bound_design,
)

INFORMATION = np.array([0.35, 0.6, 1.0])
NEVER = -np.inf


def points():
    """The same points of SciPy's integration every time; their error stays below 3e-6."""
    return np.random.default_rng(1)


def going_on(information, lower, upper, drift=0.0):
    """The chance that Z stays between its bounds at every look so far."""
    time = np.asarray(information)
    if time.size == 0:
        return 1.0
    covariance = np.sqrt(np.minimum.outer(time, time) / np.maximum.outer(time, time))
    law = stats.multivariate_normal(drift * np.sqrt(time), covariance)
    law.maxpts, law.abseps, law.releps = 50_000, 1e-7, 1e-7
    return float(law.cdf(np.asarray(upper), lower_limit=np.asarray(lower), rng=points()))


def crossing_now(information, lower, upper, drift=0.0):
    """The chance to go above the last of the bounds, and to have crossed none before."""
    before = going_on(information[:-1], lower[:-1], upper[:-1], drift)
    return before - going_on(information, [*lower[:-1], NEVER], upper, drift)


def crossed_so_far(design, lower):
    """The chance to have gone above a bound by each look, without an effect."""
    return np.cumsum(
        [
            crossing_now(design.information[: k + 1], lower[: k + 1], design.upper[: k + 1])
            for k in range(design.information.size)
        ]
    )


LAN_DEMETS = {
    "obrien-fleming-spending": lambda t, a: 2 * stats.norm.sf(stats.norm.isf(a / 2) / np.sqrt(t)),
    "pocock-spending": lambda t, a: a * np.log(1 + (np.e - 1) * t),
    "kim-demets": lambda t, a: a * t**2,
    "hwang-shih-decani": lambda t, a: a * (1 - np.exp(3 * t)) / (1 - np.exp(3)),
}
PARAMETERS = {"kim-demets": 2.0, "hwang-shih-decani": -3.0}


@pytest.mark.parametrize("futility", [None, [-0.4, 0.5]])
@pytest.mark.parametrize("kind", LAN_DEMETS)
def test_spending_bounds_leave_normal_boxes_with_what_is_spent(kind, futility):
    design = efficacy_bounds(
        kind, INFORMATION, 0.04, parameter=PARAMETERS.get(kind), futility=futility
    )
    spent = LAN_DEMETS[kind](INFORMATION, 0.04)
    lower = [NEVER] * 3 if futility is None else [*futility, NEVER]
    assert design.alpha_spent == pytest.approx(spent, rel=1e-8)
    assert crossed_so_far(design, lower) == pytest.approx(spent, abs=3e-6)


@pytest.mark.parametrize(
    ("kind", "parameter", "delta"),
    [("obrien-fleming", None, 0.0), ("pocock", None, 0.5), ("wang-tsiatis", 0.3, 0.3)],
)
def test_bounds_of_a_shape_keep_it_and_the_level(kind, parameter, delta):
    design = efficacy_bounds(kind, INFORMATION, 0.025, parameter=parameter)
    constant = design.upper[-1]
    assert design.upper == pytest.approx(constant * INFORMATION ** (delta - 0.5), rel=1e-12)
    assert crossed_so_far(design, [NEVER] * 3)[-1] == pytest.approx(0.025, abs=3e-6)


def test_haybittle_and_petos_last_bound_takes_what_is_left():
    design = efficacy_bounds("haybittle-peto", INFORMATION, 0.025)
    assert design.upper[:2].tolist() == [3, 3]
    assert crossed_so_far(design, [NEVER] * 3)[-1] == pytest.approx(0.025, abs=3e-6)


@pytest.mark.parametrize("binding", [True, False])
def test_both_bounds_spend_their_errors_and_meet(binding):
    alpha, beta = 0.025, 0.15
    design = two_bound_design(
        INFORMATION, alpha, beta, futility="kim-demets", futility_parameter=1.5, binding=binding
    )
    drift = design.drift(1 - beta)
    spent = beta * INFORMATION**1.5
    lost = 0.0
    for look in range(3):
        lower, upper = design.lower[: look + 1], design.upper[: look + 1]
        times = INFORMATION[: look + 1]
        before = going_on(times[:-1], lower[:-1], upper[:-1], drift)
        above = crossing_now(times, lower, upper, drift)
        lost += before - above - (going_on(times, lower, upper, drift) if look < 2 else 0.0)
        assert lost == pytest.approx(spent[look], abs=3e-6)
    kept = [*design.lower[:2], NEVER] if binding else [NEVER] * 3
    alphas = LAN_DEMETS["obrien-fleming-spending"](INFORMATION, alpha)
    assert crossed_so_far(design, kept) == pytest.approx(alphas, abs=3e-6)
    assert design.upper[2] == design.lower[2]


# Jennison and Turnbull, Group Sequential Methods, Chapman & Hall 2000, two-sided alpha 0.05:
# table 2.1 (Pocock), 2.3 (O'Brien and Fleming), constants C(K, 0.05) for K = 2 to 5 equal looks.
# From memory (verified: false), as table 2.2 below: the print was not at hand.
POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040}


@pytest.mark.parametrize("looks", [2, 3, 4, 5])
def test_printed_constants(looks):
    # At this level the second side adds less than 1e-4 to a constant.
    pocock = efficacy_bounds("pocock", looks, 0.025)
    assert pocock.upper == pytest.approx(np.full(looks, POCOCK[looks]), abs=6e-4)
    late = efficacy_bounds("obrien-fleming", looks, 0.025)
    expected = OBRIEN_FLEMING[looks] * np.sqrt(looks / np.arange(1, looks + 1))
    assert late.upper == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(("looks", "inflation"), [(2, 1.110), (3, 1.166), (4, 1.202), (5, 1.229)])
def test_printed_inflation_of_pococks_bounds(looks, inflation):
    # Jennison and Turnbull 2000, table 2.2, power 0.8
    assert efficacy_bounds("pocock", looks, 0.025).inflation(0.8) == pytest.approx(
        inflation, abs=6e-4
    )


@pytest.mark.parametrize("drift", [0.0, 2.0])
def test_conditional_power_over_two_more_looks_is_a_normal_box(drift):
    design = efficacy_bounds("pocock", INFORMATION, 0.025, futility=[-1.0, 0.2])
    for z in (-0.5, 0.9, 2.1):
        # Given Brownian motion b at the first look, the later ones are b plus independent steps
        b, times = z * np.sqrt(0.35), INFORMATION[1:]
        mean, variance = b + drift * (times - 0.35), times - 0.35
        covariance = np.minimum.outer(variance, variance)
        upper, low = design.upper[1:] * np.sqrt(times), design.lower[1] * np.sqrt(0.6)
        now = stats.norm.sf(upper[0], mean[0], np.sqrt(variance[0]))
        law = stats.multivariate_normal(mean, covariance)
        stay = law.cdf([upper[0], np.inf], lower_limit=[low, NEVER], rng=points())
        later = stay - law.cdf(upper, lower_limit=[low, NEVER], rng=points())
        assert conditional_power(design, 1, z, drift) == pytest.approx(now + later, abs=3e-6)


def test_conditional_power_agrees_with_simulated_paths():
    design = efficacy_bounds("obrien-fleming-spending", INFORMATION, 0.025)
    steps = np.diff(INFORMATION)
    drawn = np.random.default_rng(12).normal(2.5 * steps, np.sqrt(steps), (200_000, 2))
    path = 1.1 * np.sqrt(0.35) + np.cumsum(drawn, axis=1)
    crossed = (path / np.sqrt(INFORMATION[1:]) >= design.upper[1:]).any(axis=1).mean()
    assert conditional_power(design, 1, 1.1, 2.5) == pytest.approx(crossed, abs=0.005)


def test_predictive_power_by_its_formula():
    # Spiegelhalter et al. 1986: Φ((z √(1) − c √t) / √(1 − t)) with t the information so far
    design = efficacy_bounds("pocock", [0.4, 1.0], 0.025)
    expected = stats.norm.cdf((1.6 - design.upper[1] * np.sqrt(0.4)) / np.sqrt(0.6))
    assert predictive_power(design, 1, 1.6) == pytest.approx(expected, rel=1e-12)


@given(drift=st.floats(-3, 4), scale=st.floats(0.3, 3))
@settings(max_examples=12, deadline=None)
def test_crossing_chances_add_up_and_the_expected_information_is_their_mean(drift, scale):
    lower, upper = np.array([-1.0, 0.1, 1.5]) * scale, np.array([2.5, 2.2, 1.5]) * scale
    found = crossing_chances(INFORMATION, lower, upper, drift)
    stops = found.upper + found.lower
    assert stops.sum() == pytest.approx(1, abs=1e-9)
    assert found.expected_information == pytest.approx(stops @ INFORMATION, rel=1e-9)
    mirrored = crossing_chances(INFORMATION, -upper, -lower, -drift)
    assert mirrored.upper == pytest.approx(found.lower, abs=1e-12)


def test_stage_levels_are_the_tails_of_the_bounds():
    design = efficacy_bounds("wang-tsiatis", 3, 0.025, parameter=0.2)
    assert design.stage_levels == pytest.approx(stats.norm.sf(design.upper), rel=1e-12)
    assert design.alpha_spent[0] == pytest.approx(design.stage_levels[0], rel=1e-10)
    assert (design.kind, design.parameter, design.binding) == ("wang-tsiatis", 0.2, True)
