"""Numbers that no trial can have are named: none comes back as a silent NaN."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.planning import (
    conditional_power,
    crossover_power,
    crossover_size,
    efficacy_bounds,
    events_size,
    means_size,
    rate_test_power,
    rates_power,
    rates_size,
    rates_size_arcsine,
    repeated_p_value,
    spent,
    stagewise_p_value,
    survival_size,
    two_bound_design,
)

GOAL = {"alpha": 0.025, "power": 0.8}
POCOCK = efficacy_bounds("pocock", 2, 0.025)
TIMES = {"control_median": 12.0, "accrual": 12.0, "follow_up": 12.0}
ODD = [np.nan, np.inf]


def refused(message, compute, *arguments, **settings):
    with pytest.raises(UnusableInputError, match=message):
        compute(*arguments, **settings)


@pytest.mark.parametrize("ratio", [*ODD, 0, -1])
@pytest.mark.parametrize(
    ("size", "effect"),
    [
        (rates_size, (0.5, 0.3)),
        (rates_size_arcsine, (0.5, 0.3)),
        (means_size, (2, 4)),
        (events_size, (0.6,)),
    ],
)
def test_a_ratio_is_positive_and_finite(size, effect, ratio):
    refused("positive ratio", size, *effect, ratio=ratio, **GOAL)


@pytest.mark.parametrize("difference", [*ODD, 0])
def test_a_difference_of_means_is_finite_and_not_zero(difference):
    refused("difference to detect", means_size, difference, 4, **GOAL)
    refused("difference to detect", means_size, difference, 4, known_variance=True, **GOAL)
    refused("difference to detect", crossover_size, difference, 2, **GOAL)


@pytest.mark.parametrize("deviation", [*ODD, 0, -2])
def test_a_deviation_is_positive_and_finite(deviation):
    refused("deviation", means_size, 2, deviation, **GOAL)
    refused("deviation", crossover_size, 2, deviation, **GOAL)
    refused("deviation", crossover_power, 2, deviation, 30, alpha=0.025)


@pytest.mark.parametrize("rate", [np.nan, 0, 1, -0.1, 1.1])
def test_a_rate_lies_between_zero_and_one(rate):
    for size in (rates_size, rates_size_arcsine):
        refused("between 0 and 1", size, rate, 0.3, **GOAL)
        refused("between 0 and 1", size, 0.3, rate, **GOAL)
    refused("between 0 and 1", rates_power, rate, 0.3, 100, alpha=0.025)


@pytest.mark.parametrize("margin", [np.nan, np.inf, 0.2])
def test_a_margin_leaves_a_difference(margin):
    refused("difference to detect", rates_size, 0.5, 0.3, margin=margin, **GOAL)


@pytest.mark.parametrize("alpha", [np.nan, 0, 1, -0.1])
def test_a_level_lies_between_zero_and_one(alpha):
    refused("level", means_size, 2, 4, alpha=alpha, power=0.8)
    refused("level", crossover_power, 2, 2, 30, alpha=alpha)
    refused("level", efficacy_bounds, "pocock", 3, alpha)
    refused("level", rate_test_power, "fisher", 0.5, 0.3, 20, 20, alpha=alpha)


@pytest.mark.parametrize("power", [np.nan, 0.025, 0.01, 1])
def test_power_lies_between_the_level_and_one(power):
    refused("Power", means_size, 2, 4, alpha=0.025, power=power)
    refused("Power", POCOCK.drift, power)
    refused("Power", POCOCK.inflation, power)


@pytest.mark.parametrize("participants", [*ODD, 0, -5])
def test_participants_are_a_finite_number(participants):
    refused("must be positive", rates_power, 0.5, 0.3, participants, alpha=0.025)
    refused("more than two participants", crossover_power, 2, 2, participants, alpha=0.025)


@pytest.mark.parametrize("hazard_ratio", [*ODD, 0, 1, -1])
def test_a_hazard_ratio_is_positive_and_not_one(hazard_ratio):
    refused("hazard ratio", events_size, hazard_ratio, **GOAL)
    refused("hazard ratio", survival_size, hazard_ratio, **TIMES, **GOAL)


@pytest.mark.parametrize("time", [*ODD, -1])
@pytest.mark.parametrize("name", ["control_median", "accrual", "follow_up", "dropout_hazard"])
def test_times_are_finite(name, time):
    refused("Times must be positive", survival_size, 0.6, **{**TIMES, name: time}, **GOAL)


def test_participants_without_any_follow_up_have_no_events():
    times = {**TIMES, "accrual": 0.0, "follow_up": 0.0}
    refused("followed for some time", survival_size, 0.6, **times, **GOAL)


@pytest.mark.parametrize("kind", ["wang-tsiatis", "hwang-shih-decani", "kim-demets"])
@pytest.mark.parametrize("parameter", ODD)
def test_a_parameter_of_bounds_is_finite(kind, parameter):
    refused("finite", efficacy_bounds, kind, 3, 0.025, parameter=parameter)


@pytest.mark.parametrize("rho", [0, -1])
def test_the_power_of_a_spending_function_is_positive(rho):
    refused("positive", efficacy_bounds, "kim-demets", 3, 0.025, parameter=rho)


@pytest.mark.parametrize("share", [*ODD, 0, -0.5, 1.2])
def test_spending_needs_fractions_of_information(share):
    refused("Information fractions", spent, "pocock", 0.025, np.array([share, 1.0]))


@pytest.mark.parametrize(
    "looks", [0, -1, [], [0.5, 0.5, 1], [0.5, 0.4, 1], [0, 1], [0.5, 0.9], [0.5, np.nan, 1]]
)
def test_looks_rise_to_full_information(looks):
    with pytest.raises(UnusableInputError, match=r"look|Information fractions"):
        efficacy_bounds("pocock", looks, 0.025)


@pytest.mark.parametrize("drift", [*ODD, -np.inf])
def test_a_drift_is_finite(drift):
    refused("finite", POCOCK.crossing, drift)
    if np.isnan(drift):
        refused("finite", conditional_power, POCOCK, 1, 1.2, [0.0, drift])


@pytest.mark.parametrize("z", [*ODD, -np.inf])
def test_a_statistic_is_finite(z):
    for compute in (stagewise_p_value, repeated_p_value, conditional_power):
        refused("finite", compute, POCOCK, 1, z)


@pytest.mark.parametrize("beta", [np.nan, 0, 0.98, -0.1])
def test_beta_lies_below_one_minus_the_level(beta):
    refused("Beta", two_bound_design, 3, 0.025, beta)


def test_binding_futility_needs_a_level_that_is_spent():
    refused("spend alpha", two_bound_design, 3, 0.025, 0.2, efficacy="pocock", binding=True)


def test_futility_above_efficacy_is_named():
    refused("futility bound lies above", efficacy_bounds, "pocock", 2, 0.025, futility=[5.0])


def test_interim_bounds_that_spend_everything_are_named():
    refused("whole level", efficacy_bounds, "haybittle-peto", 3, 0.025, parameter=1.5)


def test_a_critical_value_is_a_number():
    refused("not a number", exact_power_multi_arm, [0.2, 0.3], 10, np.nan)
    never = exact_power_multi_arm([0.2, 0.3], 10, np.inf)
    assert (never.any, never.all) == (0, 0)
