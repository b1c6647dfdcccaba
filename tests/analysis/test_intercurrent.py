import pytest

from analysis.trials import Found, Person, day, dose_finding, trial
from trialwright.analysis.dataset import prepare
from trialwright.analysis.intercurrent import first_days
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import IntercurrentEvent, ParticipationEnded


def found(medications=(), events=None, study=None, **person):
    study = study or dose_finding()
    people = [
        Person("P1", "placebo", {"baseline": Found()}, **person),
        Person("P2", "placebo", {"baseline": Found()}),
    ]
    dataset = prepare(study, trial(study, people, medications=medications))
    days = first_days(dataset, events or [each.id for each in study.intercurrent_events])
    return days.rows()


def medication(kind, dose, started, ended=None, name="drug", participant="P1", unit="mg/d"):
    return {
        "participant": participant,
        "medication": name,
        "medication_class": kind,
        "dose": dose,
        "unit": unit,
        "started": started,
        "ended": ended,
    }


def test_nothing_happened():
    assert found() == []


def test_treatment_stopped():
    stopped = found(treatment_ended=(20, "lack of efficacy"))
    assert stopped == [("P1", "treatment-stopped", day(20))]


def test_participation_ended_for_one_of_the_reasons():
    study = dose_finding()
    event = IntercurrentEvent(
        id="died",
        title="Died",
        detection=ParticipationEnded(kind="participation ended", end_reasons=("death",)),
    )
    study = study.model_copy(update={"intercurrent_events": (event,)})
    assert found(study=study, ended=(50, "death")) == [("P1", "died", day(50))]
    assert found(study=study, ended=(50, "lost to follow-up")) == []


def test_a_new_medication_counts_from_day_1():
    kind = "immunosuppressant"
    assert found([medication(kind, 1, -5)]) == []
    assert found([medication(kind, 1, 1)]) == [("P1", "rescue", day(1))]
    assert found([medication(kind, 1, 60), medication(kind, 2, 30)]) == [("P1", "rescue", day(30))]


def test_a_new_dose_of_an_old_medication_is_not_a_new_medication():
    rows = [medication("immunosuppressant", 1, -5, 20), medication("immunosuppressant", 2, 20)]
    assert found(rows) == []


def test_other_classes_do_not_count():
    assert found([medication("antimalarial", 400, 30)]) == []


def test_the_dose_of_a_class_is_the_sum_of_its_medications():
    rows = [
        medication("glucocorticoid", 5, -50, name="prednisone"),
        medication("glucocorticoid", 4, -10, 40, name="methylprednisolone"),
        medication("glucocorticoid", 9, 40, name="methylprednisolone"),  # 14 instead of 9
        medication("glucocorticoid", 9.5, 70, name="dexamethasone"),  # 23.5
    ]
    assert found(rows) == [("P1", "more-prednisone", day(70))]


def test_a_rise_is_compared_in_decimals():
    rows = [medication("glucocorticoid", 5.1, -50, 30), medication("glucocorticoid", 10.1, 30)]
    assert found(rows) == []  # 10.1 - 5.1 is 5, not more


def test_without_glucocorticoids_at_day_1_any_large_dose_is_a_rise():
    assert found([medication("glucocorticoid", 5, 9)]) == []
    assert found([medication("glucocorticoid", 5.5, 9)]) == [("P1", "more-prednisone", day(9))]


def test_a_fall_and_a_return_are_no_rise():
    rows = [
        medication("glucocorticoid", 20, -50, 30),
        medication("glucocorticoid", 10, 30, 60),
        medication("glucocorticoid", 20, 60),
    ]
    assert found(rows) == []


def test_a_dose_in_another_unit_is_refused():
    with pytest.raises(UnusableInputError, match="counts mg/d") as caught:
        found([medication("glucocorticoid", 1, 9, unit="g/d")])
    assert "participant P1, number 1" in caught.value.where


def test_only_the_events_asked_for():
    rows = [medication("biologic", 1, 9)]
    assert found(rows, events=["treatment-stopped"]) == []
    assert found(rows, events=["rescue"]) == [("P1", "rescue", day(9))]
