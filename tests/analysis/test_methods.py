"""Tipping points, multiplicity, reach and canonical JSON, each against another way to say it."""

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.trials import Found, Person, dose_finding, infection, trial
from trialwright.analysis.canonical import canonical_json
from trialwright.analysis.dataset import prepare
from trialwright.analysis.exact_rates import exact_rates
from trialwright.analysis.multiplicity import confidence_level, with_adjusted
from trialwright.analysis.proportions import stratified_comparison
from trialwright.analysis.reach import detectable_rate_ratio, detectable_shift, power
from trialwright.analysis.results import AnalysisResult, Comparison
from trialwright.analysis.tipping_point import tipping_point
from trialwright.protocol.outcomes import Multiplicity
from trialwright.stats.missing.response_grid import spread


def analysis(name, study=None):
    return next(each for each in (study or dose_finding()).analyses if each.id == name)


# Tipping points


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.data())
@settings(max_examples=60)
def test_responders_are_spread_whole_and_within_the_missing(capacities, data):
    total = data.draw(st.integers(0, sum(capacities)))
    parts = spread(total, np.array(capacities))
    assert parts.sum() == total
    assert (parts <= np.array(capacities)).all()
    assert (parts % 1 == 0).all()
    if total:
        exact = total * np.array(capacities) / sum(capacities)
        assert (np.abs(parts - exact) < 1).all()


def with_missing():
    """8 on placebo with 2 missing, 8 on the highest dose with 3 missing, in two strata."""
    people = []
    for arm, missing, responding in (("placebo", 2, 1), ("il-2-1-miu", 3, 4)):
        for number in range(8):
            responds = missing <= number < missing + responding
            week_12 = Found(sledai=("arthritis",)) if responds else Found()
            people.append(
                Person(
                    f"{arm} {number}",
                    arm,
                    {"baseline": Found(), "week-12": None if number < missing else week_12},
                    stratum=f"site=pkuph; activity={('below-12', 'from-12')[number % 2]}",
                )
            )
    return people


def test_the_corners_are_the_comparison_with_the_missing_filled_in():
    study = dose_finding()

    def primary(people):
        found = stratified_comparison(
            prepare(study, trial(study, people)), analysis("primary"), 0.95
        )
        return found.comparisons[-1].p_value

    def filled(arm):
        return [
            Person(
                each.participant,
                each.allocated_to,
                each.visits | {"week-12": each.visits["week-12"] or Found(sledai=("arthritis",))}
                if each.allocated_to == arm
                else each.visits,
                stratum=each.stratum,
            )
            for each in people
        ]

    people = with_missing()
    result = tipping_point(prepare(study, trial(study, people)), analysis("tipping-point"), 0.95)
    grid = {
        (each.arm_responders, each.control_responders): each.p_value
        for each in result.tipping_points
        if each.arm == "il-2-1-miu"
    }
    assert set(grid) == {(a, b) for a in range(4) for b in range(3)}
    assert grid[(0, 0)] == pytest.approx(primary(people))
    assert grid[(3, 0)] == pytest.approx(primary(filled("il-2-1-miu")))
    assert grid[(0, 2)] == pytest.approx(primary(filled("placebo")))


# Multiplicity


def compared(p_value, quantity="difference in means"):
    return Comparison(
        visit=None,
        arm="a",
        control="b",
        quantity=quantity,
        estimate=1.0,
        lower=0.0,
        upper=2.0,
        level=0.95,
        p_value=p_value,
        participants=10,
    )


def family(**p_values):
    return [
        AnalysisResult(
            id=name.replace("_", "-"),
            title=name,
            role="primary",
            method="m",
            estimand="e",
            estimand_title="e",
            population="full",
            comparisons=tuple(compared(p) for p in each),
        )
        for name, each in p_values.items()
    ]


def procedure(method, analyses, alpha=0.05, sides=2):
    return Multiplicity(method=method, alpha=alpha, sides=sides, analyses=tuple(analyses))


def adjusted(results):
    return [each.adjusted_p_value for result in results for each in result.comparisons]


def test_hochberg_by_hand():
    # Sorted 0.01, 0.03, 0.04: times 3, 2 and 1, then the minimum from the right.
    found = with_adjusted(family(one=[0.04, 0.01, 0.03]), procedure("hochberg", ["one"]))
    assert adjusted(found) == pytest.approx([0.04, 0.03, 0.04])
    assert [each.claim for each in found[0].comparisons] == [True, True, True]


def test_a_family_may_run_over_several_analyses():
    found = with_adjusted(
        family(one=[0.01], two=[0.2], other=[0.04]), procedure("holm", ["one", "two"])
    )
    assert adjusted(found) == [0.02, 0.2, None]
    assert [each.comparisons[0].claim for each in found] == [True, False, None]


def test_a_fixed_sequence_stops_at_the_first_failure_in_the_order_of_the_study():
    results = family(one=[0.01], two=[0.2])
    assert adjusted(with_adjusted(results, procedure("fixed sequence", ["two", "one"]))) == [
        0.2,
        0.2,
    ]
    assert adjusted(with_adjusted(results, procedure("fixed sequence", ["one", "two"]))) == [
        0.01,
        0.2,
    ]


def test_an_undetermined_p_value_counts_as_1():
    found = with_adjusted(family(one=[0.03, None]), procedure("bonferroni", ["one"]))
    assert adjusted(found) == [0.06, None]
    assert found[0].comparisons[1].claim is False
    assert "counts as 1" in found[0].comparisons[1].notes[-1]


def test_without_a_procedure_p_values_stay():
    found = with_adjusted(family(one=[0.04, 0.05, 0.06]), procedure("none", ["one"]))
    assert adjusted(found) == [0.04, 0.05, 0.06]
    assert [each.claim for each in found[0].comparisons] == [True, True, False]


def test_the_level_of_intervals_agrees_with_the_test():
    assert confidence_level(procedure("none", [], alpha=0.05)) == 0.95
    assert confidence_level(procedure("none", [], alpha=0.025, sides=1)) == 0.95


# Rates


def rates(people, events=(), study=None):
    study = study or infection()
    made = prepare(study, trial(study, people, adverse_events=events))
    return exact_rates(made, analysis("infections", study), 0.95)


def test_rates_by_hand():
    people = [
        Person("S1", "standard-therapy", ended=(73, "completed")),
        Person("S2", "standard-therapy", ended=(73, "completed")),
        Person("I1", "il-2", ended=(146, "completed")),
    ]
    events = [
        {"participant": "S1", "started": 1},
        {"participant": "S1", "started": 70},
        {"participant": "S2", "started": 74},  # after the end of observation
        {"participant": "I1", "started": 10},
        {"participant": "I1", "started": 11, "category": "other"},
    ]
    result = rates(people, events)
    standard, il_2 = result.rates
    assert (standard.events, standard.participants_with_event, il_2.events) == (2, 1, 1)
    assert standard.person_years == pytest.approx(146 / 365.25)
    assert standard.rate == pytest.approx(2 * 365.25 / 146)
    (ratio,) = result.comparisons
    assert ratio.estimate == pytest.approx(0.5)
    assert ratio.participants == 3
    assert ratio.p_value == 1.0  # twice P(X <= 1 of 3 at a half) = 2 * 4 / 8


def test_no_event_gives_an_upper_limit_and_no_ratio():
    people = [Person("S1", "standard-therapy"), Person("I1", "il-2")]
    result = rates(people)
    assert result.rates[0].rate == 0
    # Exact limit of no event: -ln(0.025) over the exposure.
    years = result.rates[0].person_years
    assert result.rates[0].upper == pytest.approx(-math.log(0.025) / years)
    assert result.comparisons[0].estimate is None
    assert result.comparisons[0].upper == math.inf
    assert result.comparisons[0].notes == ("no event in either arm: the ratio is not determined",)


def test_an_arm_without_anybody_is_stated():
    result = rates([Person("S1", "standard-therapy")])
    assert result.rates[1].rate is None
    assert result.comparisons[0].p_value is None
    assert result.comparisons[0].notes == ("one of the arms was not observed",)


def test_periods_of_a_crossover_are_observed_apart():
    study = infection("crossover")
    people = [Person("A", "il-2-first", ended=(170, "completed"), stratum="all participants")]
    result = rates(people, [{"participant": "A", "started": 80}], study)  # in the washout
    assert [each.events for each in result.rates] == [0, 0]
    assert [each.person_years for each in result.rates] == pytest.approx([70 / 365.25] * 2)


# Reach


def test_the_shift_of_a_large_trial_is_that_of_the_normal_law():
    # 1.959964 + 0.841621, the normal quantiles of 97.5% and 80%.
    assert detectable_shift(1e6, 0.05) == pytest.approx(2.801585, abs=1e-4)
    assert detectable_shift(10, 0.05) > detectable_shift(26, 0.05) > 2.801585


def test_power_by_counting_every_table():
    """Five events expected on control, equal exposure, ratio 0.2: summed over tables one by one."""
    chance = 0.0
    for x0 in range(40):
        for x1 in range(30):
            total = x0 + x1
            tail = sum(math.comb(total, k) for k in range(x1 + 1)) / 2**total
            if tail <= 0.025:
                chance += poisson(x0, 5.0) * poisson(x1, 1.0)
    assert power(5.0, 1.0, 0.2, 0.05) == pytest.approx(chance, abs=1e-9)


def poisson(count, mean):
    return math.exp(-mean) * mean**count / math.factorial(count)


def test_without_events_in_the_arm_power_is_that_of_the_control_alone():
    # With equal exposure, 6 events against none give 1/64 = 0.0156, 5 give 0.031: 6 are needed.
    at_least_6 = 1 - sum(poisson(count, 8.0) for count in range(6))
    assert power(8.0, 1.0, 0.0, 0.05) == pytest.approx(at_least_6, abs=1e-9)


def test_the_detectable_ratio_has_a_power_of_80_percent():
    ratio = detectable_rate_ratio(20.0, 1.0, 0.05)
    assert power(20.0, 1.0, ratio, 0.05) == pytest.approx(0.8, abs=1e-3)
    assert power(20.0, 1.0, ratio / 2, 0.05) > 0.8


@pytest.mark.parametrize("expected", [0.0, 1.0, 5.0])
def test_too_few_events_can_show_no_ratio(expected):
    assert detectable_rate_ratio(expected, 1.0, 0.05) is None


# Canonical JSON


@dataclass(frozen=True)
class Two:
    later: object
    earlier: object


def test_keys_are_sorted_and_floats_rounded():
    text = canonical_json({"b": Two(0.1 + 0.2, (1, None)), "a": -0.0})
    assert text.index('"a"') < text.index('"b"')
    assert text.index('"earlier"') < text.index('"later"')
    assert json.loads(text) == {"a": 0.0, "b": {"earlier": [1, None], "later": 0.3}}
    assert "-0" not in text


def test_infinity_is_written_in_words():
    assert json.loads(canonical_json([math.inf, -math.inf])) == ["infinity", "-infinity"]


def test_what_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="not a number"):
        canonical_json([math.nan])


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
@settings(max_examples=80)
def test_a_float_keeps_twelve_digits(value):
    found = json.loads(canonical_json([value]))[0]
    assert found == pytest.approx(value, rel=1e-11, abs=1e-310)
    assert canonical_json([found]) == canonical_json([value])
