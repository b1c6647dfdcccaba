import numpy as np
import pytest

from simulation.shipped import load
from trialwright import sle
from trialwright.simulation.activity import untreated_level
from trialwright.simulation.course import END_REASONS, STAYS, simulate_course, sledai_of
from trialwright.simulation.draws import Draws
from trialwright.simulation.manifestations import manifestations, position
from trialwright.simulation.parameters import number
from trialwright.simulation.plan import dose_changes
from trialwright.simulation.scenarios import scenario
from trialwright.simulation.timeline import timeline

LINE = timeline(load("dose-finding"), dose_changes(load("dose-finding")))
COUNT = 4_000
PEOPLE = Draws(4, 0, np.arange(COUNT))
NO_SITE = np.zeros(COUNT)
VISITS = LINE.days[LINE.visit_at]


def walk(dose=0.0, name="he2020-like", people=PEOPLE):
    given = np.where((LINE.days >= 1) & (LINE.days <= 168), dose, 0.0)
    doses = np.repeat(given[None], people.count, axis=0)
    return simulate_course(people, LINE, doses, np.zeros(people.count), scenario(name))


PLACEBO, TREATED = walk(), walk(1.0)


def plain_sledai(level):
    """The sum of the weights of the items that show any manifestation, for one participant."""
    weights = {item.key: item.weight for item in sle.instrument("selena-sledai").items}
    shown = {each.sledai for each, one in zip(manifestations(), level, strict=True) if one > 0}
    return sum(weights[item] for item in shown if item)


def test_sledai_equals_the_sum_item_by_item():
    for person in range(0, COUNT, 50):
        for visit in range(len(VISITS)):
            level = PLACEBO.level[person, visit]
            assert PLACEBO.sledai[person, visit] == plain_sledai(level)


def test_two_manifestations_of_one_item_count_once():
    level = np.full(len(manifestations()), -1.0)
    level[[position("low_c3"), position("low_c4")]] = 1.0
    assert sledai_of(level) == 2


def test_before_treatment_nothing_has_improved():
    untreated = untreated_level(PEOPLE, LINE.days)[:, LINE.visit_at]
    start = slice(0, LINE.baseline + 1)
    assert np.array_equal(TREATED.level[:, start], untreated[:, start])
    assert np.array_equal(TREATED.level[:, start], PLACEBO.level[:, start])


def test_the_effect_rises_to_its_target_by_its_half_time_while_treatment_lasts():
    stayed = TREATED.treatment_ends_after == len(VISITS) - 1
    expected = 1 - 0.5 ** ((VISITS[2:] - 1) / number("treatment.onset_half_time"))
    assert TREATED.effect[stayed][:, 2:] == pytest.approx(
        np.repeat(expected[None], stayed.sum(), axis=0)
    )
    assert not PLACEBO.effect.any()


def test_the_effect_fades_by_its_half_time_once_treatment_has_ended():
    left = TREATED.treatment_ends_after < len(VISITS) - 2
    assert left.sum() > 50
    for person in np.flatnonzero(left)[:40]:
        last = TREATED.treatment_ends_after[person]
        gap = VISITS[last + 2] - VISITS[last + 1]
        kept = 0.5 ** (gap / number("treatment.offset_half_time"))
        assert TREATED.effect[person, last + 2] == pytest.approx(
            TREATED.effect[person, last + 1] * kept
        )


def test_immune_cells_react_and_recover_within_days():
    study = load("infection")
    line = timeline(study, dose_changes(study))
    days = line.days
    due = ((days >= 1) & (days < 15)) | ((days >= 29) & (days < 43)) | ((days >= 57) & (days < 71))
    people = Draws(4, 0, np.arange(10))
    course = simulate_course(
        people, line, np.repeat(due[None].astype(float), 10, axis=0), np.zeros(10), scenario("emax")
    )
    # day 71 ends a course of 14 days: 1 - 2^-(14/4) = .912, with next to nothing left from before
    stayed = course.treatment_ends_after == 2
    assert course.immune[stayed, 2] == pytest.approx(1 - 0.5 ** (14 / 4), abs=0.01)


def test_treatment_lowers_sledai_more_than_care_alone():
    change = TREATED.sledai - TREATED.sledai[:, [LINE.baseline]]
    plain = PLACEBO.sledai - PLACEBO.sledai[:, [LINE.baseline]]
    assert change[:, 4].mean() < plain[:, 4].mean() - 1


def test_prednisone_is_in_steps_and_moves_only_after_baseline():
    step = number("prednisone.step")
    for course in (PLACEBO, TREATED):
        assert course.prednisone / step == pytest.approx(np.round(course.prednisone / step))
        assert (course.prednisone[:, : LINE.baseline + 2] == course.prednisone[:, [0]]).all()
        assert np.array_equal(course.prednisone[:, 1:], course.prednisone_after[:, :-1])
        assert course.prednisone.min() >= 0


def test_a_taper_needs_improvement_and_stops_at_the_lowest_dose():
    change = PLACEBO.sledai - PLACEBO.sledai[:, [LINE.baseline]]
    fell = PLACEBO.prednisone_after < PLACEBO.prednisone
    assert fell.any()
    assert (change[fell] <= -2).all()
    assert (PLACEBO.prednisone_after[fell] >= number("prednisone.lowest")).all()


def test_rescue_comes_mostly_to_those_who_are_worse():
    change = PLACEBO.sledai - PLACEBO.sledai[:, [LINE.baseline]]
    raised = PLACEBO.prednisone_after > PLACEBO.prednisone
    rescued = raised | PLACEBO.immunosuppressant_started
    worse = change >= 3
    after = slice(LINE.baseline + 1, None)
    # 5 standard errors around the stated probability
    expected = number("rescue.when_worse")
    share = rescued[:, after][worse[:, after]].mean()
    error = 5 * np.sqrt(expected * (1 - expected) / worse[:, after].sum())
    # who has started an immunosuppressant doesn't start it again, so somewhat fewer
    assert expected - 0.12 - error < share <= expected + error
    assert rescued[:, after][~worse[:, after]].mean() == pytest.approx(
        number("rescue.otherwise"), abs=0.003
    )
    assert PLACEBO.immunosuppressant_started.sum(axis=1).max() == 1
    assert not rescued[:, : LINE.baseline + 1].any()


def test_a_rescue_lowers_the_level_afterwards():
    raised = (PLACEBO.prednisone_after > PLACEBO.prednisone)[:, 2]
    untreated = untreated_level(PEOPLE, LINE.days)[:, LINE.visit_at]
    place = position("rash")  # responds by 1
    fall = (untreated - PLACEBO.level)[:, 4, place]
    quiet = ~raised & ~PLACEBO.immunosuppressant_started.any(axis=1)
    assert fall[raised].mean() > fall[quiet].mean() + 0.2


def test_who_leaves_has_a_reason_and_who_stays_has_none():
    left = PLACEBO.end_reason != STAYS
    assert (PLACEBO.treatment_ends_after[left] < len(VISITS) - 1).all()
    assert (PLACEBO.treatment_ends_after[~left] == len(VISITS) - 1).all()
    assert (PLACEBO.ends_after >= PLACEBO.treatment_ends_after).all()
    assert PLACEBO.end_reason.max() < len(END_REASONS)


def test_the_dead_and_the_lost_are_not_followed():
    for reason in ("death", "lost to follow-up", "withdrawal by participant"):
        gone = PLACEBO.end_reason == END_REASONS.index(reason)
        assert np.array_equal(PLACEBO.ends_after[gone], PLACEBO.treatment_ends_after[gone])
    ill = PLACEBO.end_reason == END_REASONS.index("adverse event")
    assert (PLACEBO.ends_after[ill] > PLACEBO.treatment_ends_after[ill]).any()


def test_those_who_are_worse_leave_more_often():
    visit = 3
    there = PLACEBO.treatment_ends_after >= visit
    leaves = there & (PLACEBO.treatment_ends_after == visit)
    worse = PLACEBO.sledai[:, visit] > PLACEBO.sledai[:, LINE.baseline]
    assert leaves[there & worse].mean() > 2 * leaves[there & ~worse].mean()
    lack = END_REASONS.index("lack of efficacy")
    assert not (leaves & ~worse & (PLACEBO.end_reason == lack)).any()


def test_half_of_the_participants_have_the_same_course_as_among_all():
    half = walk(1.0, people=PEOPLE.of(np.arange(0, COUNT, 2)))
    assert np.array_equal(half.level, TREATED.level[::2])
    assert np.array_equal(half.ends_after, TREATED.ends_after[::2])
    assert np.array_equal(half.prednisone, TREATED.prednisone[::2])
