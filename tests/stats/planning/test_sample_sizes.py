"""Sample sizes against rpact and gsDesign, each other, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    crossover_power,
    crossover_size,
    events_size,
    means_size,
    rates_power,
    rates_size,
    rates_size_arcsine,
    survival_size,
)

GOAL = {"alpha": 0.025, "power": 0.8}
rates = st.floats(0.05, 0.95)


def test_rates_agree_with_r(cases, two_looks):
    expected = cases["sample_size_rates_0.3_0.5"]["expect"]
    plain = rates_size(0.5, 0.3, **GOAL)
    assert plain.total == pytest.approx(expected["total_pooled_variance"], rel=1e-10)
    assert plain.groups == pytest.approx(expected["farrington_manning_gsDesign"], rel=1e-10)
    uneven = rates_size(0.5, 0.3, ratio=3, **GOAL)
    assert uneven.total == pytest.approx(expected["total_ratio_3_to_1"], rel=1e-10)
    assert uneven.groups[0] == pytest.approx(3 * uneven.groups[1])
    corrected = rates_size(0.5, 0.3, continuity=True, **GOAL)
    assert corrected.groups[0] == pytest.approx(expected["fleiss_continuity_per_arm"], rel=1e-10)
    arcsine = rates_size_arcsine(0.5, 0.3, **GOAL)
    assert arcsine.groups[0] == pytest.approx(expected["arcsine_per_arm"], rel=1e-10)
    largest = plain.total * two_looks.inflation(0.8)
    assert largest == pytest.approx(expected["two_look_asOF_max"], rel=1e-7)
    average = largest * two_looks.crossing(two_looks.drift(0.8)).expected_information
    assert average == pytest.approx(expected["two_look_expected_H1"], rel=1e-7)


def test_means_and_survival_agree_with_rpact(cases):
    case = cases["sample_size_means_survival"]
    expected = case["expect"]
    assert means_size(2, 4, **GOAL).total == pytest.approx(expected["total_t"], rel=1e-6)
    known = means_size(2, 4, known_variance=True, **GOAL)
    assert known.total == pytest.approx(expected["total_normal"], rel=1e-10)
    # rpact's defaults that reproduce it: control median 12, accrual 12, follow-up 12 months
    found = survival_size(0.6, control_median=12, accrual=12, follow_up=12, **GOAL)
    assert found.events == pytest.approx(expected["events_schoenfeld"], rel=1e-10)
    assert found.participants == pytest.approx(expected["subjects"], rel=1e-8)
    assert found.duration == expected["analysis_time"][0][0]


def test_crossover_agrees_with_r(cases):
    expected = cases["crossover_sample_size"]["expect"]
    assert crossover_size(2, 2, **GOAL) == pytest.approx(expected["n_power_0.8"], rel=1e-9)
    larger = crossover_size(2, 2, alpha=0.025, power=0.9)
    assert larger == pytest.approx(expected["n_power_0.9"], rel=1e-9)
    found = crossover_power(2, 2, 30, alpha=0.025)
    assert found == pytest.approx(expected["power_at_30"], rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(rate=rates, control=rates, ratio=st.floats(0.3, 3))
def test_power_undoes_size(rate, control, ratio):
    if abs(rate - control) < 0.02:
        return
    size = rates_size(rate, control, ratio=ratio, **GOAL)
    assert rates_power(rate, control, size.total, alpha=0.025, ratio=ratio) == pytest.approx(0.8)


@settings(max_examples=30, deadline=None)
@given(rate=rates, control=rates)
def test_swapping_the_groups_or_the_outcome_changes_nothing(rate, control):
    if abs(rate - control) < 0.02:
        return
    for size in (rates_size, rates_size_arcsine):
        total = size(rate, control, **GOAL).total
        assert size(control, rate, **GOAL).total == pytest.approx(total, rel=1e-9)
        assert size(1 - rate, 1 - control, **GOAL).total == pytest.approx(total, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(difference=st.floats(0.2, 3), deviation=st.floats(0.5, 4), ratio=st.floats(0.4, 2.5))
def test_the_t_test_has_the_power_and_needs_more_than_z(difference, deviation, ratio):
    size = means_size(difference, deviation, ratio=ratio, **GOAL)
    treated, control = size.groups
    shift = difference / deviation / np.sqrt(1 / treated + 1 / control)
    degrees = size.total - 2
    power = stats.nct.sf(stats.t.isf(0.025, degrees), degrees, shift)
    if size.total > 2.1:
        assert power == pytest.approx(0.8, abs=1e-6)
    known = means_size(difference, deviation, ratio=ratio, known_variance=True, **GOAL)
    assert size.total > known.total


def test_a_margin_moves_the_null_hypothesis():
    # Farrington and Manning 1990, table: noninferiority costs more, the nearer the margin
    near = rates_size(0.5, 0.5, margin=-0.1, **GOAL).total
    far = rates_size(0.5, 0.5, margin=-0.2, **GOAL).total
    assert near > 3.5 * far
    assert rates_size(0.5, 0.3, margin=1e-9, **GOAL).total == pytest.approx(
        rates_size(0.5, 0.3, **GOAL).total, rel=1e-6
    )


def test_events_depend_on_the_log_hazard_ratio():
    # Hand calculation: 4 (z_alpha + z_beta)² / log(2)²
    expected = 4 * (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 / np.log(2) ** 2
    assert events_size(2, **GOAL) == pytest.approx(expected)
    assert events_size(0.5, **GOAL) == pytest.approx(expected)
    freedman = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2 * 9
    assert events_size(0.5, freedman=True, **GOAL) == pytest.approx(freedman)


def test_the_chance_of_an_event_is_an_average_over_entry_times():
    found = survival_size(
        0.7, control_median=10, accrual=6, follow_up=9, dropout_hazard=0.02, **GOAL
    )
    entry = (np.arange(200_000) + 0.5) / 200_000 * 6
    for chance, hazard in zip(
        found.event_chances, (0.7 * np.log(2) / 10, np.log(2) / 10), strict=True
    ):
        followed = 15 - entry
        leaving = hazard + 0.02
        expected = np.mean(hazard / leaving * (1 - np.exp(-leaving * followed)))
        assert chance == pytest.approx(expected, rel=1e-8)
    at_once = survival_size(0.7, control_median=10, accrual=0, follow_up=10, **GOAL)
    assert at_once.event_chances[1] == pytest.approx(0.5)


def test_groups_are_rounded_up():
    assert rates_size(0.5, 0.3, **GOAL).whole_groups() == (93, 93)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rates_size(0.3, 0.3, **GOAL), "difference"),
        (lambda: rates_size(0, 0.3, **GOAL), "between 0 and 1"),
        (lambda: rates_size(0.5, 0.3, alpha=0.5, power=0.3), "Power"),
        (lambda: rates_size(0.5, 0.3, alpha=0, power=0.3), "level"),
        (lambda: rates_size(0.5, 0.3, ratio=0, **GOAL), "ratio"),
        (lambda: rates_size(0.5, 0.3, margin=1.5, **GOAL), "margin"),
        (lambda: rates_size_arcsine(0.3, 0.3, **GOAL), "difference"),
        (lambda: rates_power(0.3, 0.4, 0, alpha=0.025), "positive"),
        (lambda: means_size(0, 1, **GOAL), "difference"),
        (lambda: means_size(1, 0, **GOAL), "deviation"),
        (lambda: crossover_size(0, 1, **GOAL), "difference"),
        (lambda: crossover_power(1, 1, 2, alpha=0.025), "more than two"),
        (lambda: events_size(1, **GOAL), "not one"),
        (lambda: survival_size(0.5, control_median=0, accrual=1, follow_up=1, **GOAL), "positive"),
        (lambda: survival_size(0.5, control_median=1, accrual=0, follow_up=0, **GOAL), "followed"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
