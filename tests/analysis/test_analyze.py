"""Whole trials through the whole analysis."""

import pytest

from analysis.examples import EVENTS, POST, measured, parallel, people
from analysis.trials import Found, Person, dose_finding, infection, trial
from trialwright.analysis import analyze, canonical_json
from trialwright.errors import UnusableInputError
from trialwright.trialdata import TrialData


@pytest.fixture(scope="module")
def data() -> TrialData:
    return trial(dose_finding(), people(), adverse_events=EVENTS)


def test_every_analysis_of_the_study_has_a_result(data):
    results = analyze(dose_finding(), data)
    assert [each.id for each in results.analyses] == [each.id for each in dose_finding().analyses]
    assert [each.id for each in results.primary()] == ["primary"]
    assert results.analysis("trend").tests
    assert results.analysis("tipping-point").tipping_points
    over_time = results.analysis("over-time")
    assert {each.visit for each in over_time.proportions} == set(POST)
    # What the primary analysis says of week 12, the analysis over time says too.
    primary = results.analysis("primary")
    week_12 = [each for each in over_time.comparisons if each.visit == "week-12"]
    assert [each.p_value for each in week_12] == [each.p_value for each in primary.comparisons]
    assert all(each.adjusted_p_value is not None for each in primary.comparisons)
    assert all(each.adjusted_p_value is None for each in week_12)


def test_the_order_of_rows_changes_nothing(data):
    shuffled = TrialData(
        **{
            name: table.sample(fraction=1, shuffle=True, seed=11)
            for name, table in data.tables().items()
        }
    )
    assert canonical_json(analyze(dose_finding(), data)) == canonical_json(
        analyze(dose_finding(), shuffled)
    )


def test_relabeling_the_arms_moves_the_results_with_them(data):
    """Two doses change places: so do their numbers, and nothing else changes."""
    swap = {"il-2-0.2-miu": "il-2-0.5-miu", "il-2-0.5-miu": "il-2-0.2-miu"}
    allocations = data.allocations.with_columns(
        data.allocations["allocated_to"].replace(swap).alias("allocated_to")
    )
    swapped = analyze(dose_finding(), TrialData(**(data.tables() | {"allocations": allocations})))
    before = {each.arm: each for each in analyze(dose_finding(), data).primary()[0].comparisons}
    for each in swapped.primary()[0].comparisons:
        other = before[swap.get(each.arm, each.arm)]
        assert (each.estimate, each.p_value) == (other.estimate, other.p_value)


def test_an_arm_without_participants_gives_a_stated_result():
    made = trial(dose_finding(), people(arms=["placebo", "il-2-0.2-miu"]))
    results = analyze(dose_finding(), made)
    primary = results.analysis("primary")
    absent = primary.comparisons[-1]
    assert absent.estimate is None
    assert "no stratum has participants in both arms" in absent.notes[0]
    assert absent.claim is False
    assert primary.proportions[-1].proportion is None
    assert results.analysis("sledai-over-time").comparisons[-1].notes == (
        "nobody of this arm at this visit",
    )
    # In these data the stratum follows from the baseline, so the model does without it.
    present = results.analysis("sledai-over-time").comparisons[0]
    assert present.estimate is not None
    assert present.notes[0] == (
        "left out, as these data do not tell it from the other terms: activity"
    )
    canonical_json(results)


def test_a_visit_that_nobody_came_to_gives_a_stated_result():
    made = [
        Person(each.participant, each.allocated_to, dict(each.visits) | {"week-8": None})
        for each in people()
    ]
    results = analyze(dose_finding(), trial(dose_finding(), made))
    week_8 = [
        each for each in results.analysis("sledai-over-time").comparisons if each.visit == "week-8"
    ]
    assert {each.estimate for each in week_8} == {None}
    assert {each.notes for each in week_8} == {("nobody to compare at this visit",)}
    counts = [each for each in results.analysis("over-time").proportions if each.visit == "week-8"]
    assert all(each.responders == 0 and each.missing == each.participants for each in counts)


def test_nobody_responds_and_nothing_happens():
    made = [
        Person(f"P{number}", arm.id, {"baseline": Found(), **{visit: Found() for visit in POST}})
        for number, arm in enumerate(dose_finding().arms * 3)
    ]
    results = analyze(dose_finding(), trial(dose_finding(), made))
    for comparison in results.analysis("primary").comparisons:
        assert comparison.estimate == 0
        assert comparison.p_value is None
        assert comparison.claim is False
    assert results.analysis("trend").tests[0].p_value is None
    assert results.analysis("infections").comparisons[0].estimate is None
    canonical_json(results)


def test_two_parallel_groups():
    results = analyze(infection(), trial(infection(), parallel()))
    treg = results.analysis("treg").comparisons[0]
    assert treg.estimate == pytest.approx(2.0, abs=0.2)
    assert treg.lower < 2 < treg.upper
    assert treg.claim is True
    reach = {each.analysis: each for each in results.reach}
    assert reach["treg"].half_width == pytest.approx((treg.upper - treg.lower) / 2)
    assert reach["treg"].detectable_difference > reach["treg"].half_width
    assert reach["infections"].expected_events == 0
    canonical_json(results)


def test_two_periods():
    study = infection("crossover")
    made = []
    for number, sequence in enumerate(["il-2-first", "standard-first"] * 5):
        first, second = (3.0, 1.0) if sequence == "il-2-first" else (1.0, 3.0)
        noise = number % 3 / 10
        made.append(
            Person(
                f"P{number}",
                sequence,
                {
                    "period-1-week-0": measured(10.0),
                    "period-1-week-10": measured(10.0 + first + noise),
                    "period-2-week-0": measured(12.0),
                    "period-2-week-10": measured(12.0 + second + 0.5),
                },
                stratum="all participants",
                ended=(170, "completed"),
            )
        )
    results = analyze(study, trial(study, made))
    treg = results.analysis("treg")
    assert treg.comparisons[0].estimate == pytest.approx(2.0, abs=0.06)
    assert treg.comparisons[0].participants == 10
    period, carry_over = treg.tests
    # Second period: 0.5 minus the mean of the noise, each from its own week 0.
    assert period.estimate == pytest.approx(0.5 - sum(n % 3 / 10 for n in range(10)) / 10, abs=0.03)
    assert abs(carry_over.estimate) < 0.2
    means = {(each.visit, each.arm): each.mean for each in treg.means if each.kind == "observed"}
    assert means[("period-1-week-10", "il-2")] == pytest.approx(13.1)  # noise 0, .2, .1, 0, .2
    # Titers stand on a logarithmic scale.
    epstein_barr = results.analysis("epstein-barr")
    assert 0 < epstein_barr.comparisons[0].estimate < 0.2


def test_undetectable_virus_counts_as_1():
    made = parallel()
    made[0].visits["week-10"].numbers["epstein_barr_dna"] = 0.0
    results = analyze(infection(), trial(infection(), made))
    assert "counted as 1" in results.analysis("epstein-barr").notes[-1]
    assert results.analysis("treg").notes == ()


def test_a_crossover_with_one_sequence_only_is_stated():
    study = infection("crossover")
    visits = {visit.id: measured(10.0 + number) for number, visit in enumerate(study.visits[1:])}
    made = [Person(f"P{n}", "il-2-first", visits, ended=(170, "completed")) for n in range(4)]
    treg = analyze(study, trial(study, made)).analysis("treg")
    assert treg.comparisons[0].p_value is None
    assert "control first has 0 participants" in treg.comparisons[0].notes[0]


def test_a_method_that_does_not_fit_its_variable_is_refused(data):
    study = dose_finding()
    wrong = study.analyses[0].model_copy(update={"method": "exact rates"})
    with pytest.raises(UnusableInputError, match="does not fit a variable of the kind 'sri'"):
        analyze(study.model_copy(update={"analyses": (wrong,)}), data)
