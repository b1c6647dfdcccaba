import numpy as np
import pytest

from simulation.shipped import load
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.simulation.course import simulate_course
from trialwright.simulation.draws import Draws
from trialwright.simulation.manifestations import manifestations, position
from trialwright.simulation.observations import Person, check_items, observe
from trialwright.simulation.plan import dose_changes
from trialwright.simulation.scenarios import scenario
from trialwright.simulation.timeline import timeline

COUNT = 300


EVERYBODY = np.arange(COUNT)


def person_of(study, numbers=EVERYBODY):
    line = timeline(study, dose_changes(study))
    draws = Draws(3, 0, numbers)
    none = np.zeros((len(numbers), len(line.days)))
    course = simulate_course(draws, line, none, np.zeros(len(numbers)), scenario("null"))
    return Person(draws, course, line.baseline)


def by_item(columns):
    return {column.item: column for column in columns}


def test_every_form_is_filled_item_by_item(study):
    filled = observe(study, person_of(study))
    for form in study.forms:
        wanted = (
            [item.key for item in sle.instrument(form.instrument).items]
            if form.instrument
            else [item.id for item in form.items]
        )
        assert [column.item for column in filled[form.id]] == wanted
        for column in filled[form.id]:
            assert column.values.shape == (COUNT, len(study.visits))


def test_one_participant_is_observed_the_same_alone_and_among_others(study):
    everybody = observe(study, person_of(study))
    alone = observe(study, person_of(study, np.array([17])))
    for form, columns in everybody.items():
        for one, other in zip(columns, alone[form], strict=True):
            same = one.values[17:18] == other.values
            if one.values.dtype.kind == "f":
                same |= np.isnan(one.values[17:18]) & np.isnan(other.values)
            assert same.all(), one.item


def test_a_sledai_item_is_present_just_when_a_manifestation_of_it_is_active():
    study = load("infection")
    person = person_of(study)
    columns = by_item(observe(study, person)["selena_sledai"])
    for key, column in columns.items():
        places = [position(each.key) for each in manifestations() if each.sledai == key]
        active = (person.course.level[:, :, places] > 0).any(axis=2)
        assert np.array_equal(column.values == 1, active)


def test_acr_criteria_hold_what_is_active_now_and_do_not_change():
    study = load("infection")
    person = person_of(study)
    columns = by_item(observe(study, person)["acr_1997"])
    arthritis = person.course.level[:, 0, position("arthritis")] > 0
    assert columns["arthritis"].values[arthritis, 0].all()
    for column in columns.values():
        assert (column.values == column.values[:, [0]]).all()


def test_nearly_all_are_classified_as_lupus():
    study = load("infection")
    columns = observe(study, person_of(study))["acr_1997"]
    met = sum(column.values[:, 0] for column in columns)
    assert (met >= 4).mean() > 0.95


def test_limits_of_normal_stand_beside_the_values():
    study = load("dose-finding")
    c3 = by_item(observe(study, person_of(study))["laboratory"])["c3"]
    assert (c3.lower_limit, c3.upper_limit, c3.unit) == (0.79, 1.52, "g/L")


def test_the_protein_of_the_laboratory_is_that_of_bilag():
    study = load("dose-finding")
    filled = observe(study, person_of(study))
    laboratory, bilag = by_item(filled["laboratory"]), by_item(filled["bilag_2004"])
    assert np.array_equal(laboratory["urine_protein"].values, bilag["protein_24h"].values)
    assert np.array_equal(laboratory["creatinine"].values, bilag["creatinine"].values)
    assert bilag["haemoglobin"].values == pytest.approx(
        laboratory["hemoglobin"].values / 10, abs=0.1
    )


def test_only_conditional_questions_may_stay_unasked():
    study = load("dose-finding")
    history = by_item(observe(study, person_of(study))["history"])
    unasked = {name for name, column in history.items() if not column.asked}
    assert {"last_biologic", "cancer_cured_on", "urine_pregnancy_test"} <= unasked
    assert "allergy" not in unasked


def test_an_instrument_without_a_model_is_named():
    study = load("infection")
    form = study.form("selena_sledai").model_copy(update={"instrument": "sledai-2k"})
    forms = tuple(form if each.id == form.id else each for each in study.forms)
    with pytest.raises(UnusableInputError, match=r"selena_sledai \(instrument sledai-2k\)"):
        check_items(study.model_copy(update={"forms": forms}))


def test_the_shipped_studies_ask_nothing_that_virtual_participants_cannot_answer(study):
    check_items(study)
