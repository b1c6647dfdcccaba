"""Plans at the edge of what can be: a stated result, or an error that says what, never a bare one."""

import numpy as np
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.planning import (
    analyze_arms,
    crossover_power,
    crossover_size,
    efficacy_bounds,
    intersection_p,
    means_size,
    rate_test_power,
    rate_test_size,
    rates_size,
    rejection_region,
    repeated_p_value,
    simulate_arms,
    stagewise_inference,
    survival_size,
)

GOAL = {"alpha": 0.025, "power": 0.8}
LATE = efficacy_bounds("obrien-fleming-spending", [0.2, 0.6, 1.0], 0.025)


def test_a_margin_that_equals_the_difference_leaves_nothing_to_detect():
    # 0.9 − 0.3 − 0.6 is 1e-16 in the machine, which would ask for 4e32 participants
    with pytest.raises(UnusableInputError, match="There must be a difference to detect"):
        rates_size(0.9, 0.3, margin=0.6, **GOAL)
    with pytest.raises(UnusableInputError, match="The margin must lie between −1 and 1"):
        rates_size(0.5, 0.3, margin=1.2, **GOAL)


def test_a_vanishing_difference_asks_for_the_normal_size():
    # By hand: 4 (z_alpha + z_beta)² / effect², to which the t test adds about one participant
    normal = 4 * (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 / 1e-8
    assert means_size(1e-4, 1, **GOAL).total == pytest.approx(normal, rel=1e-8)
    assert crossover_size(1e-4, 1, **GOAL) == pytest.approx(normal / 2, rel=1e-8)


def test_a_huge_difference_still_needs_a_degree_of_freedom():
    for size in (means_size(50, 1, **GOAL).total, crossover_size(50, 1, **GOAL)):
        assert 2 < size < 3


def test_a_crossover_without_an_effect_has_the_level_as_power():
    assert crossover_power(0, 1, 30, alpha=0.025) == pytest.approx(0.025, rel=1e-9)


def test_a_trial_too_short_for_any_event_is_named():
    times = {"accrual": 1.0, "follow_up": 1.0}
    with pytest.raises(UnusableInputError, match="Nobody has an event in so short a time"):
        survival_size(0.5, control_median=1e300, **times, **GOAL)
    everyone = survival_size(0.5, control_median=1e-9, **times, **GOAL)
    assert everyone.participants == pytest.approx(everyone.events)


@pytest.mark.parametrize("z", [-1000.0, -30.0, 30.0, 1000.0])
@pytest.mark.parametrize("look", [1, 2, 3])
def test_statistics_far_out_have_limits(look, z):
    found = stagewise_inference(LATE, look, z)
    assert found.lower < found.drift < found.upper
    if z < 0 or look == 1:
        # By hand: no other path comes into play, so the limits are those of one normal statistic
        time = LATE.information[look - 1]
        assert found.drift == pytest.approx(z / np.sqrt(time), rel=1e-9)
        assert found.upper == pytest.approx((z + stats.norm.isf(0.025)) / np.sqrt(time), rel=1e-9)
    else:
        # Passing earlier looks without stopping already rules the drift in
        assert found.p_value == pytest.approx(LATE.alpha_spent[look - 2], rel=1e-6)
    assert repeated_p_value(LATE, look, z) == (0.5 if z < 0 else 1e-12)


def test_a_spending_function_beyond_the_machine_is_named():
    with pytest.raises(UnusableInputError, match="The parameter -800 is too large"):
        efficacy_bounds("hwang-shih-decani", 3, 0.025, parameter=-800)
    early = efficacy_bounds("hwang-shih-decani", 3, 0.025, parameter=800)
    assert early.upper.tolist() == [pytest.approx(1.959964, abs=1e-6), np.inf, np.inf]
    late = efficacy_bounds("kim-demets", 3, 0.025, parameter=1e4)
    assert late.upper.tolist() == [np.inf, np.inf, pytest.approx(1.959964, abs=1e-6)]


@pytest.mark.parametrize("bound", [np.nan, np.inf])
@pytest.mark.parametrize("kind", ["pocock", "pocock-spending", "haybittle-peto"])
@pytest.mark.parametrize("binding", [True, False])
def test_a_futility_bound_that_cannot_be_met_is_named(kind, bound, binding):
    with pytest.raises(UnusableInputError, match="A futility bound is not a number"):
        efficacy_bounds(kind, 2, 0.025, futility=[bound], binding=binding)


def test_a_futility_bound_of_minus_infinity_is_none():
    plain, open_ = (efficacy_bounds("pocock", 2, 0.025, futility=f) for f in (None, [-np.inf]))
    assert open_.upper.tolist() == plain.upper.tolist()


def test_rates_too_close_for_every_table_are_named():
    with pytest.raises(UnusableInputError, match="too many to go through every table") as refused:
        rate_test_size("fisher", 0.3001, 0.3, **GOAL)
    assert "rates_size" in str(refused.value)


@pytest.mark.parametrize("size", [5.5, 0, -1, np.nan, "5"])
def test_groups_are_whole(size):
    for sizes in ((size, 5), (5, size)):
        with pytest.raises(UnusableInputError, match="participants, in whole numbers"):
            rejection_region("fisher", *sizes, alpha=0.025)
        with pytest.raises(UnusableInputError, match="participants, in whole numbers"):
            rate_test_power("z-pooled", 0.5, 0.3, *sizes, alpha=0.025)


@pytest.mark.parametrize("size", [10.7, 0, np.nan, np.inf, [10, 9.5]])
def test_arms_of_an_exact_power_are_whole(size):
    with pytest.raises(UnusableInputError, match="at least one participant, in whole numbers"):
        exact_power_multi_arm([0.2, 0.3], size, 1.96)


@pytest.mark.parametrize("test", ["fisher", "z-pooled", "z-unpooled", "boschloo"])
def test_one_participant_a_group_cannot_show_a_difference_at_a_small_level(test):
    # By hand: of four tables 1 of 1 against 0 of 1 is the most extreme: Fisher's p 1/2, pooled z √2,
    # Barnard's size at most 1/4; only Wald's variance vanishes there.
    region = rejection_region(test, 1, 1, alpha=0.025)
    assert region.tolist() == [[False, False], [test == "z-unpooled", False]]


def simulate(**changes):
    settings = {"trials": 5, "generator": np.random.default_rng(1), **changes}
    return simulate_arms(LATE, [0.2, 0.3, 0.3], settings.pop("size", 10), **settings)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test": "holm"}, "Unknown test 'holm'"),
        ({"selection": "worst"}, "Unknown selection 'worst'"),
        ({"size": 10.5}, "participants and trials, in whole numbers"),
        ({"trials": 2.5}, "participants and trials, in whole numbers"),
        ({"trials": 0}, "participants and trials, in whole numbers"),
    ],
)
def test_simulations_that_cannot_be_are_named(changes, message):
    with pytest.raises(UnusableInputError, match=message):
        simulate(**changes)


@pytest.mark.parametrize("z", [1.0, [], [1.0, np.nan]])
@pytest.mark.parametrize("test", ["dunnett", "bonferroni", "simes"])
def test_an_intersection_without_a_statistic_of_each_arm_is_named(z, test):
    with pytest.raises(UnusableInputError, match="An intersection needs a statistic of each arm"):
        intersection_p(np.array(z), test)


@pytest.mark.parametrize(
    ("participants", "control"), [([20, 20], 20), ([[20], [20], [20]], 20), (20, [20, 20])]
)
def test_participants_that_fit_no_arm_are_named(participants, control):
    with pytest.raises(UnusableInputError, match="do not fit 2 arms and 1 stages"):
        analyze_arms(LATE, [[5], [6]], participants, [4], control)


@pytest.mark.parametrize("events", [[[21], [6]], [[-1], [6]], [[np.nan], [6]]])
def test_counts_that_cannot_be_are_named(events):
    with pytest.raises(UnusableInputError, match="More responders than participants"):
        analyze_arms(LATE, events, 20, [4], 20)
    with pytest.raises(UnusableInputError, match="Both groups need participants"):
        analyze_arms(LATE, [[0], [0]], 0, [4], 20)
