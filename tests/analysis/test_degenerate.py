"""Trials at the edge: everything that can be absent, alike or full is, and each answer is stated."""

import json
import math
from functools import cache

import pytest

from analysis.examples import POST, parallel
from analysis.trials import SLEDAI_8, Found, Person, dose_finding, infection, trial
from trialwright.analysis import Results, analyze, canonical_json
from trialwright.trialdata import TrialData

ARMS = [arm.id for arm in dose_finding().arms]
BETTER = Found(sledai=())


def visits(after: Found | None, baseline: Found | None = None) -> dict:
    return {"baseline": baseline or Found(), **dict.fromkeys(POST, after)}


def everybody(after, per_arm=3, **how):
    return [Person(f"{arm} {n}", arm, visits(after), **how) for arm in ARMS for n in range(per_arm)]


MADE = {
    "everybody responds": lambda: everybody(BETTER),
    "nobody responds": lambda: everybody(Found()),
    "one participant per arm": lambda: everybody(BETTER, per_arm=1),
    "nobody came back": lambda: everybody(None),
    "nobody has a baseline": lambda: [
        Person(f"{arm} {n}", arm, dict.fromkeys(POST, BETTER)) for arm in ARMS for n in range(2)
    ],
    "nothing was assessed": lambda: everybody(Found(sledai=None, bilag=None, pga=None)),
    "everybody stopped on day 2": lambda: everybody(
        BETTER, treatment_ended=(2, "adverse event"), ended=(2, "lost to follow-up")
    ),
    "one arm alone": lambda: [Person(f"P{n}", "il-2-1-miu", visits(BETTER)) for n in range(4)],
    "the control alone": lambda: [Person(f"P{n}", "placebo", visits(BETTER)) for n in range(4)],
    "a single participant": lambda: [Person("P1", "placebo", visits(BETTER))],
    "nobody took a dose": lambda: everybody(BETTER, doses=(False, False)),
    "one site and one stratum": lambda: everybody(BETTER, site="pkuph"),
}


@cache
def made(name: str) -> TrialData:
    return trial(dose_finding(), MADE[name]())


@cache
def analyzed(name: str) -> Results:
    return analyze(dose_finding(), made(name))


EVERY = pytest.mark.parametrize("name", MADE)


@EVERY
def test_every_analysis_answers_or_says_why_not(name):
    results = analyzed(name)
    for analysis in results.analyses:
        for each in analysis.comparisons:
            if each.estimate is None:
                assert each.notes, analysis.id
                assert each.p_value is None or each.quantity == "rate ratio"
            else:
                assert math.isfinite(each.estimate)
            if each.p_value is not None:
                assert 0 <= each.p_value <= 1
            if None not in (each.estimate, each.lower, each.upper):
                assert each.lower <= each.estimate <= each.upper
        for each in analysis.tests:
            assert each.p_value is not None or each.notes, analysis.id


@EVERY
def test_results_can_be_written_and_hold_no_nan(name):
    text = canonical_json(analyzed(name))
    assert "NaN" not in text
    json.loads(text)


@EVERY
def test_shares_lie_within_their_intervals(name):
    for analysis in analyzed(name).analyses:
        for each in analysis.proportions:
            if not each.participants:
                assert (each.proportion, each.lower, each.upper) == (None, None, None)
            else:
                assert 0 <= each.lower <= each.proportion <= each.upper <= 1
                assert each.lower < each.upper  # no share of people is known for certain


@EVERY
def test_everybody_is_counted_once(name):
    results, people = analyzed(name), MADE[name]()
    assert results.flow.randomized == len(people)
    for each in results.analysis("primary").proportions:
        mine = [person for person in people if person.allocated_to == each.arm]
        assert each.participants == len(mine)
        assert each.responders + each.missing + each.failures <= len(mine)


@EVERY
def test_a_claim_needs_a_difference(name):
    for each in analyzed(name).analysis("primary").comparisons:
        assert each.claim is False


def counts(name):
    found = analyzed(name).analysis("primary").proportions
    return {each.arm: (each.responders, each.missing, each.failures) for each in found}


def test_all_respond_and_the_difference_is_0():
    assert counts("everybody responds") == dict.fromkeys(ARMS, (3, 0, 0))
    for each in analyzed("everybody responds").analysis("primary").comparisons:
        assert each.estimate == 0
        assert each.p_value is None  # all alike: no table tells the arms apart


@pytest.mark.parametrize("name", ["nobody came back", "nothing was assessed"])
def test_the_missing_are_counted_and_none_responds(name):
    assert counts(name) == dict.fromkeys(ARMS, (0, 3, 0))
    assert [each.share for each in analyzed(name).improvement.shares] == [0.0] * len(ARMS)


def test_who_stopped_failed_and_is_not_missing():
    assert counts("everybody stopped on day 2") == dict.fromkeys(ARMS, (0, 0, 3))
    flow = analyzed("everybody stopped on day 2").flow
    assert [arm.ended_early for arm in flow.arms] == [{"lost to follow-up": 3}] * 4
    assert all(arm.completed == arm.ongoing == 0 for arm in flow.arms)
    # Two days in the study each, the first and the last.
    years = analyzed("everybody stopped on day 2").safety.person_years
    assert years == pytest.approx(dict.fromkeys(ARMS, 3 * 2 / 365.25))


def test_without_a_dose_nobody_belongs_to_the_safety_set():
    results = analyzed("nobody took a dose")
    assert results.safety.treated == dict.fromkeys(ARMS, 0)
    assert [each.participants for each in results.analysis("infections").rates] == [0] * 4
    assert all(arm.treated == 0 and arm.analyzed == 3 for arm in results.flow.arms)
    assert {each.kind for each in results.deviations} == {"doses missed"}


def test_a_tipping_point_of_nothing_missing_is_the_comparison_itself():
    results = analyzed("nobody responds")
    (first, *_) = points = results.analysis("tipping-point").tipping_points
    assert len(points) == 3
    assert (first.arm_missing, first.control_missing) == (0, 0)
    assert {each.p_value for each in points if each.p_value == each.p_value} <= {1.0, None}


def test_a_tipping_point_of_everybody_missing_tries_every_pair():
    points = analyzed("nobody came back").analysis("tipping-point").tipping_points
    for arm in ARMS[1:]:
        pairs = {(p.arm_responders, p.control_responders) for p in points if p.arm == arm}
        assert pairs == {(a, b) for a in range(4) for b in range(4)}


def spread_evenly(responding: bool) -> list[Person]:
    """40 on placebo of whom none responds, 40 on the highest dose of whom all or none do."""
    return [
        Person(f"{arm} {n}", arm, visits(BETTER if responds else Found()))
        for arm, responds in (("placebo", False), ("il-2-1-miu", responding))
        for n in range(40)
    ]


def test_a_difference_that_could_not_be_larger_is_claimed_and_its_sign_is_right():
    results = analyze(dose_finding(), trial(dose_finding(), spread_evenly(True)))
    found = results.analysis("primary").comparisons[-1]
    assert (found.arm, found.control, found.claim) == ("il-2-1-miu", "placebo", True)
    assert found.estimate == 1.0
    assert 0.8 < found.lower < found.upper == 1.0
    # By hand, one stratum: d = 40 - 40·40/80 = 20, v = 40·40·40·40 / (80²·79) = 5.063.
    chi_square = 20**2 / (40**4 / (80**2 * 79))
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(chi_square / 2)), rel=1e-9)
    trend = results.analysis("trend").tests[0]
    assert trend.statistic > 0
    assert trend.p_value < 1e-10


def test_changing_the_roles_of_two_arms_turns_the_sign():
    swapped = [
        Person(
            person.participant,
            "placebo" if person.allocated_to == "il-2-1-miu" else "il-2-1-miu",
            person.visits,
        )
        for person in spread_evenly(True)
    ]
    found = analyze(dose_finding(), trial(dose_finding(), swapped)).analysis("primary")
    assert found.comparisons[-1].estimate == -1.0
    assert found.comparisons[-1].lower == -1.0


def test_two_participants_an_arm_leave_one_degree_of_freedom():
    """ANCOVA of 4 people: mean, arm and baseline are 3 parameters."""
    results = analyze(infection(), trial(infection(), parallel()[:4]))
    found = results.analysis("treg").comparisons[0]
    assert found.participants == 4
    assert found.degrees_of_freedom == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_too_few_for_a_model_says_so(count):
    results = analyze(infection(), trial(infection(), parallel()[:count]))
    found = results.analysis("treg").comparisons[0]
    assert found.p_value is None
    assert found.notes or found.estimate is not None
    canonical_json(results)


def test_baseline_equal_for_all_has_no_spread_and_the_index_no_fall():
    results = analyzed("nobody responds")
    title = next(f.title for f in dose_finding().forms if f.instrument == "selena-sledai")
    cells = next(row for row in results.baseline if row.characteristic == title).cells
    assert {cell.mean for cell in cells} == {8.0}  # arthritis and hematuria, 4 points each
    assert {cell.standard_deviation for cell in cells} == {0.0}
    assert len(SLEDAI_8) == 2
