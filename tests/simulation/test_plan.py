import numpy as np
import pytest

from simulation.shipped import load
from trialwright.simulation.plan import dose_changes, doses, injections, stretches


def test_the_dose_finding_trial_injects_every_other_day_then_weekly():
    found = stretches(load("dose-finding"), "il-2-0.5-miu")
    assert [(s.first_day, s.last_day, s.every_days, s.dose) for s in found] == [
        (1, 84, 2, 0.5),
        (85, 168, 7, 0.5),
    ]
    assert all(stretch.active for stretch in found)


def test_placebo_is_injected_and_does_nothing():
    study = load("dose-finding")
    days = np.array([-1.0, 1.0, 100.0, 168.0, 169.0])
    place = list(study.randomization.ratio).index("placebo")
    assert injections(study, days)[place].tolist() == [0, 1, 1, 1, 0]
    assert doses(study, days)[place].tolist() == [0, 0, 0, 0, 0]
    assert not any(stretch.active for stretch in stretches(study, "placebo"))


def test_doses_of_the_arms_at_a_day():
    study = load("dose-finding")
    days = np.array([-14.0, 1.0, 84.0, 85.0, 169.0])
    by_arm = dict(zip(study.randomization.ratio, doses(study, days).tolist(), strict=True))
    assert by_arm["il-2-0.2-miu"] == [0, 0.2, 0.2, 0.2, 0]
    assert by_arm["il-2-1-miu"] == [0, 1, 1, 1, 0]


def test_the_infection_trial_pauses_between_its_courses():
    study = load("infection")
    days = np.array([1.0, 14, 15, 28, 29, 42, 43, 57, 70, 71])
    by_arm = dict(zip(study.randomization.ratio, doses(study, days).tolist(), strict=True))
    assert by_arm["il-2"] == [1, 1, 0, 0, 1, 1, 0, 1, 1, 0]
    assert by_arm["standard-therapy"] == [0] * 10


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [("il-2-first", [1, 0, 0, 0, 0]), ("standard-first", [0, 0, 1, 1, 0])],
)
def test_a_sequence_shifts_the_days_of_a_period_to_its_start(sequence, expected):
    # given the second period from day 99: its first course is days 99 to 112, its last 155 to 168
    study = load("crossover")
    days = np.array([1.0, 98.0, 99.0, 168.0, 169.0])
    by_sequence = dict(zip(study.randomization.ratio, doses(study, days).tolist(), strict=True))
    assert by_sequence[sequence] == expected


def test_changes_of_dose_are_first_days_and_days_after_last_days():
    assert dose_changes(load("dose-finding")) == (1, 85, 169)
    assert dose_changes(load("infection")) == (1, 15, 29, 43, 57, 71)
    assert dose_changes(load("crossover")) == (1, 15, 29, 43, 57, 71, 99, 113, 127, 141, 155, 169)
