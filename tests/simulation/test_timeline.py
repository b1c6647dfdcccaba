import numpy as np

from simulation.shipped import load
from trialwright.simulation.plan import dose_changes
from trialwright.simulation.timeline import timeline


def test_the_timeline_finds_each_visit_and_the_day_four_weeks_before(study):
    line = timeline(study, dose_changes(study))
    visits = np.array([visit.day for visit in study.visits])
    assert (np.diff(line.days) > 0).all()
    assert np.array_equal(line.days[line.visit_at], visits)
    assert np.array_equal(line.days[line.look_back_at], visits - 28)
    assert study.visits[line.baseline].day == 1


def test_every_change_of_dose_is_a_day_of_the_timeline(study):
    line = timeline(study, dose_changes(study))
    assert set(dose_changes(study)) <= set(line.days.astype(int))


def test_without_a_baseline_visit_the_first_visit_on_treatment_is_taken():
    study = load("dose-finding")
    visits = tuple(visit.model_copy(update={"kind": "treatment"}) for visit in study.visits)
    line = timeline(study.model_copy(update={"visits": visits}), ())
    assert study.visits[line.baseline].id == "baseline"
