"""Plans, timelines, doses due and medications against a calendar kept day by day."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.shipped import load
from trialwright.protocol.design import Schedule
from trialwright.simulation.course import STAYS, Course
from trialwright.simulation.draws import Draws
from trialwright.simulation.parameters import number, table
from trialwright.simulation.plan import dose_changes, doses, injections, stretches
from trialwright.simulation.timeline import timeline
from trialwright.simulation.treatment import exposures, medications, takes_antimalarial
from trialwright.trialdata.tables import check_table

FIRST = dt.date(2020, 2, 20)  # a leap day follows within two weeks


@st.composite
def schedules(draw):
    """One or two stretches of doses that do not overlap, as protocols write them."""
    found, day = [], 1
    for _ in range(draw(st.integers(1, 3))):
        first = day + draw(st.integers(0, 6))
        last = first + draw(st.integers(0, 25))
        found.append(
            Schedule(
                dose=draw(st.sampled_from([0, 0.2, 1])),
                unit="10*6.[iU]",
                route=draw(st.sampled_from(["subcutaneous", "oral"])),
                from_day=first,
                to_day=last,
                every_days=draw(st.integers(1, 9)),
            )
        )
        day = last + 1
    return tuple(found)


def with_schedules(of_drug):
    """The infection trial whose drug is given by other schedules."""
    study = load("infection")
    arm = study.arm("il-2")
    changed = tuple(
        each.model_copy(update={"schedules": of_drug})
        if each.id in arm.interventions and each.schedules
        else each
        for each in study.interventions
    )
    return study.model_copy(update={"interventions": changed})


def calendar_of(of_drug):
    """For each study day: the schedule that it lies in, and whether a dose is due on it."""
    days = {}
    for schedule in of_drug:
        for day in range(schedule.from_day, schedule.to_day + 1):
            due = (day - schedule.from_day) % schedule.every_days == 0
            days[day] = (schedule, due)
    return days


@settings(max_examples=25, deadline=None)
@given(schedules())
def test_doses_and_injections_of_a_day_are_those_of_its_schedule(of_drug):
    study, plan = with_schedules(of_drug), calendar_of(of_drug)
    days = np.arange(-3.0, 120.0)
    place = list(study.randomization.ratio).index("il-2")
    active, injected = doses(study, days)[place], injections(study, days)[place]
    for day, dose, by_injection in zip(days, active, injected, strict=True):
        schedule, _ = plan.get(int(day), (None, False))
        assert dose == (schedule.dose if schedule else 0)
        assert by_injection == bool(schedule and schedule.route == "subcutaneous")


@settings(max_examples=25, deadline=None)
@given(schedules())
def test_between_two_changes_of_dose_nothing_changes(of_drug):
    study = with_schedules(of_drug)
    changes = dose_changes(study)
    days = np.arange(1.0, 120.0)
    by_day = np.concatenate([doses(study, days), injections(study, days)])
    changed = {int(day) for day in days[1:][(np.diff(by_day) != 0).any(axis=0)]}
    assert changed <= set(changes)
    line = timeline(study, changes)
    assert set(changes) <= set(line.days)
    assert len(set(line.days)) == len(line.days)


@settings(max_examples=20, deadline=None)
@given(schedules(), st.lists(st.integers(0, 100), min_size=5, max_size=5))
def test_exposures_are_the_doses_of_the_calendar_until_treatment_ends(of_drug, ends):
    # given five people, of whom the second and the last are in the arm without the drug
    study, plan = with_schedules(of_drug), calendar_of(of_drug)
    groups = np.array([list(study.randomization.ratio).index("il-2")] * 5)
    groups[[1, 4]] = list(study.randomization.ratio).index("standard-therapy")
    names = ["e", "d", "c", "b", "a"]
    starts = np.array([np.datetime64(FIRST) + days for days in range(5)])
    draws = Draws(1, 0, np.arange(5))
    # when
    found = exposures(study, draws, names, groups, starts, np.array(ends, dtype=float))
    # then
    check_table("exposures", found)
    expected = [
        (name, FIRST + dt.timedelta(days=person + day - 1), schedule.route)
        for person, (name, end) in enumerate(zip(names, ends, strict=True))
        for day, (schedule, due) in plan.items()
        if due and day <= end and person not in (1, 4)
    ]
    rows = found.select("participant", "due_on", "route").rows()
    assert rows == sorted(expected)
    for row in found.iter_rows(named=True):
        day = (row["due_on"] - FIRST).days - names.index(row["participant"]) + 1
        assert row["dose"] == (plan[day][0].dose if row["given"] else None)


def test_a_stretch_keeps_what_the_protocol_says_of_it():
    (first, *_) = stretches(load("dose-finding"), "il-2-0.2-miu")
    schedule = next(
        each for each in load("dose-finding").interventions if each.id == first.intervention
    ).schedules[0]
    assert (first.unit, first.route, first.every_days) == (
        schedule.unit, schedule.route, schedule.every_days,
    )  # fmt: skip


def test_a_comparator_that_is_injected_is_no_active_dose():
    # given the top dose named an active comparator: only experimental arms change the disease
    study = load("dose-finding")
    arms = tuple(
        arm.model_copy(update={"type": "active comparator"}) if arm.id == "il-2-1-miu" else arm
        for arm in study.arms
    )
    changed = study.model_copy(update={"arms": arms})
    place = list(study.randomization.ratio).index("il-2-1-miu")
    day = np.array([1.0])
    assert doses(changed, day)[place].tolist() == [0]
    assert injections(changed, day)[place].tolist() == [1]


# Medications -------------------------------------------------------------------------------------

COUNT, VISITS = 400, 4
VISITED = np.datetime64("2021-01-01") + np.array([0, 28, 56, 84])[None] + np.zeros((COUNT, 1), int)
SINCE = np.full(COUNT, np.datetime64("2020-06-15"))
PEOPLE = Draws(8, 0, np.arange(COUNT))
NAMES = [f"{place:04d}" for place in range(COUNT)]


def course_of(prednisone, started=None, ends_after=VISITS - 1):
    """A course with these daily doses: before the trial, then from each visit on."""
    daily = np.repeat(np.array([prednisone], dtype=float), COUNT, axis=0)
    blank = np.zeros((COUNT, VISITS))
    flags = np.zeros((COUNT, VISITS), dtype=bool)
    if started is not None:
        flags[:, started] = True
    return Course(
        days=np.array([1.0, 29, 57, 85]),
        level=blank[:, :, None],
        level_before=blank[:, :, None],
        effect=blank,
        immune=blank,
        sledai=blank,
        prednisone=daily[:, :-1],
        prednisone_after=daily[:, 1:],
        immunosuppressant_started=flags,
        treatment_ends_after=np.full(COUNT, ends_after),
        ends_after=np.full(COUNT, ends_after),
        end_reason=np.full(COUNT, STAYS),
    )


def steroids(course):
    rows = medications(PEOPLE, NAMES, course, SINCE, VISITED)
    check_table("medications", rows)
    return rows.filter(medication_class="glucocorticoid", participant="0007").select(
        "dose", "started_on", "ended_on", "reason"
    )


def test_each_change_of_prednisone_ends_one_row_and_starts_the_next_the_day_after_its_visit():
    # 15 mg, raised to 25 after the visit of 1 January 2021, tapered to 20 after that of 26 February
    assert steroids(course_of([15, 25, 25, 20, 20])).rows() == [
        (15.0, dt.date(2020, 6, 15), dt.date(2021, 1, 1), "lupus"),
        (25.0, dt.date(2021, 1, 2), dt.date(2021, 2, 26), "flare"),
        (20.0, dt.date(2021, 2, 27), None, "taper"),
    ]


def test_a_dose_that_never_changes_is_one_open_row():
    assert steroids(course_of([10] * 5)).rows() == [(10.0, dt.date(2020, 6, 15), None, "lupus")]


def test_who_takes_none_has_no_row_until_a_flare():
    assert steroids(course_of([0] * 5)).is_empty()
    assert steroids(course_of([0, 0, 10, 10, 10])).rows() == [
        (10.0, dt.date(2021, 1, 30), None, "flare")
    ]


def test_changes_at_the_last_visit_and_after_leaving_are_not_known():
    assert steroids(course_of([15, 15, 15, 15, 25])).height == 1
    assert steroids(course_of([15, 15, 25, 25, 25], ends_after=1)).height == 1
    assert steroids(course_of([15, 15, 25, 25, 25], ends_after=2)).height == 2


def test_background_drugs_are_those_drawn_at_their_usual_dose():
    rows = medications(PEOPLE, NAMES, course_of([10] * 5), SINCE, VISITED)
    usual = table("medication.doses")
    for row in rows.filter(pl.col("medication_class") != "glucocorticoid").iter_rows(named=True):
        assert row["dose"] == usual[row["medication"]]
        assert (row["started_on"], row["ended_on"]) == (dt.date(2020, 6, 15), None)
        assert row["reason"] == "lupus"
    antimalarial = set(rows.filter(medication="hydroxychloroquine")["participant"])
    taken = takes_antimalarial(PEOPLE)
    assert antimalarial == {name for name, takes in zip(NAMES, taken, strict=True) if takes}
    # the share without any immunosuppressant, within 5 standard errors
    on_any = rows.filter(medication_class="immunosuppressant")["participant"].n_unique() / COUNT
    without = table("medication.immunosuppressants")["none"]
    assert 1 - on_any == pytest.approx(without, abs=5 * (without * (1 - without) / COUNT) ** 0.5)
    assert set(rows["unit"]) == {"mg/d"}


def test_rescue_is_mycophenolate_or_azathioprine_for_those_who_take_it_already():
    rows = medications(PEOPLE, NAMES, course_of([10] * 5, started=1), SINCE, VISITED)
    flares = rows.filter(medication_class="immunosuppressant", reason="flare")
    before = rows.filter(medication="mycophenolate mofetil", reason="lupus")["participant"]
    assert flares.height == COUNT
    assert set(flares["started_on"]) == {dt.date(2021, 1, 30)}
    second = flares.filter(pl.col("participant").is_in(before.implode()))
    assert set(second["medication"]) == {"azathioprine"}
    others = flares.filter(~pl.col("participant").is_in(before.implode()))
    assert set(others["medication"]) == {"mycophenolate mofetil"}
    assert second.height > COUNT * 0.15


def test_rows_of_a_participant_are_numbered_by_their_start():
    rows = medications(PEOPLE, NAMES, course_of([15, 25, 25, 20, 20], started=2), SINCE, VISITED)
    for _, own in rows.group_by("participant"):
        assert own["number"].to_list() == list(range(1, own.height + 1))
        assert own["started_on"].is_sorted()


def test_the_share_of_doses_given_does_not_depend_on_the_arm():
    study = load("dose-finding")
    arms = len(study.randomization.ratio)
    groups = np.arange(COUNT) % arms
    found = exposures(study, PEOPLE, NAMES, groups, SINCE, np.full(COUNT, 168.0))
    shares = found.group_by("intervention").agg(pl.col("given").mean(), pl.len())
    expected = number("participation.dose_given")
    assert shares.height == arms
    for _, share, count in shares.iter_rows():
        error = 5 * (expected * (1 - expected) / count) ** 0.5
        assert share == pytest.approx(expected, abs=error)
