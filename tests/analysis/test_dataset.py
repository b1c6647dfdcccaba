import datetime as dt

import polars as pl
import pytest

from analysis.trials import DAY_1, Found, Person, day, dose_finding, infection, trial
from trialwright.analysis.dataset import prepare, unmet_criteria, visit_offset
from trialwright.errors import UnusableInputError
from trialwright.trialdata import TrialData


def test_there_is_no_day_0():
    study = dose_finding()
    assert visit_offset(study.visit("baseline")) == 0
    assert visit_offset(study.visit("week-4")) == 28
    assert visit_offset(study.visit("screening")) == -14


def test_day_1_comes_from_the_study_days_of_the_visits():
    study = dose_finding()
    data = trial(study, [Person("P1", "placebo", {"week-4": Found(days_late=2)})])
    moved = data.allocations.with_columns(allocated_on=pl.lit(DAY_1 - dt.timedelta(days=3)))
    dataset = prepare(study, TrialData(**(data.tables() | {"allocations": moved})))
    assert dataset.roster["day_1"].to_list() == [DAY_1]


def test_without_visits_day_1_is_the_day_of_allocation():
    study = dose_finding()
    assert prepare(study, trial(study, [Person("P1", "placebo")])).roster["day_1"][0] == DAY_1


def test_visit_days_are_those_of_the_visit_or_of_the_plan():
    study = dose_finding()
    visits = {"baseline": Found(), "week-4": Found(days_late=2), "week-8": None}
    days = prepare(study, trial(study, [Person("P1", "placebo", visits)])).visit_days()
    by_visit = {row[1]: row[2:] for row in days.rows()}
    assert by_visit["week-4"] == (day(31), True)
    assert by_visit["week-8"] == (day(57), False)
    assert by_visit["screening"] == (day(-14), False)
    assert len(by_visit) == len(study.visits)


def test_analysis_sets():
    study = dose_finding()
    people = [
        Person("all doses", "placebo", doses=[True] * 10),
        Person("eight of ten", "placebo", doses=[True] * 8 + [False] * 2),
        Person("seven of ten", "placebo", doses=[True] * 7 + [False] * 3),
        Person("no dose", "placebo", doses=[False]),
        Person("ineligible", "placebo", failed_criteria={"E3": "met"}),
        Person("not randomized", None),
    ]
    dataset = prepare(study, trial(study, people))

    def members(population):
        return set(dataset.members(population)["participant"])

    assert members("full") == {person.participant for person in people[:5]}
    assert members("safety") == members("full") - {"no dose"}
    assert members("per-protocol") == {"all doses", "eight of ten"}


def test_an_arm_without_scheduled_doses_is_treated_by_allocation():
    study = infection()
    people = [Person("S", "standard-therapy", doses=[]), Person("I", "il-2", doses=[])]
    roster = prepare(study, trial(study, people)).roster
    assert dict(roster.select("participant", "treated").rows()) == {"S": True, "I": False}


def test_strata_are_read_from_the_allocation():
    study = dose_finding()
    people = [Person("P1", "placebo", stratum="site=site-2; activity=from-12")]
    roster = prepare(study, trial(study, people)).roster
    assert roster["stratum:site"].to_list() == ["site-2"]
    assert roster["stratum:activity"].to_list() == ["from-12"]


def test_a_stay_in_a_parallel_study_ends_with_participation():
    study = dose_finding()
    people = [
        Person("done", "placebo"),
        Person("left", "placebo", ended=(30, "lost to follow-up")),
        Person("going on", "placebo", ended=None),
    ]
    stays = prepare(study, trial(study, people)).stays
    assert dict(stays.select("participant", "to_on").rows()) == {
        "done": day(169),
        "left": day(30),
        "going on": day(169),
    }


def test_stays_in_a_crossover_follow_the_sequence():
    study = infection("crossover")
    people = [
        Person("A", "il-2-first", ended=(170, "completed"), stratum="all participants"),
        Person("B", "standard-first", ended=(50, "death"), stratum="all participants"),
    ]
    stays = prepare(study, trial(study, people)).stays
    assert stays.rows() == [
        ("A", "il-2", "period-1", day(1), day(70)),
        ("A", "standard-therapy", "period-2", day(99), day(168)),
        ("B", "standard-therapy", "period-1", day(1), day(50)),
    ]


def test_an_allocation_of_another_reading_is_refused():
    data = trial(infection("crossover"), [Person("A", "il-2-first")])
    with pytest.raises(UnusableInputError, match="no arm 'il-2-first'") as caught:
        prepare(infection("parallel"), data)
    assert "another of its readings (parallel, crossover)" in caught.value.remedy


def test_a_trial_without_allocations_is_refused():
    with pytest.raises(UnusableInputError, match="nobody was randomized"):
        prepare(dose_finding(), trial(dose_finding(), [Person("S1", None)]))


def test_unmet_criteria_know_both_kinds():
    study = dose_finding()
    against = {"E3": "met", "I2": "not met", "E5": "unknown"}
    data = trial(study, [Person("P1", "placebo", failed_criteria=against)])
    rows = unmet_criteria(study, data).select("criterion", pl.col("verdict").cast(pl.String)).rows()
    assert rows == [("I2", "not met"), ("E3", "met"), ("E5", "unknown")]
