import numpy as np
import pytest

from trialwright.simulation.draws import Draws
from trialwright.simulation.facts import answer, fact_entries
from trialwright.simulation.manifestations import manifestations, position

COUNT = 20_000
PEOPLE = Draws(9, 0, np.arange(COUNT))
LEVEL = np.full((COUNT, len(manifestations())), -1.0)
LEVEL[::4, position("psychosis")] = 0.5
LEVEL[1::4, position("rash")] = 0.5


@pytest.mark.parametrize("name", list(fact_entries()))
def test_every_fact_can_be_asked(name):
    found = answer(name, PEOPLE, LEVEL)
    assert found.shape == (COUNT,)


@pytest.mark.parametrize(
    "name", [n for n, e in fact_entries().items() if e["kind"] == "yes/no" and "when" not in e]
)
def test_yes_is_as_frequent_as_its_share(name):
    share = fact_entries()[name]["share"]
    found = answer(name, PEOPLE, LEVEL).mean()
    assert found == pytest.approx(share, abs=5 * np.sqrt(share * (1 - share) / COUNT) + 1e-9)


@pytest.mark.parametrize(
    "name", [n for n, e in fact_entries().items() if e["kind"] == "code" and "when" not in e]
)
def test_codes_are_as_frequent_as_their_shares(name):
    found = answer(name, PEOPLE, LEVEL)
    for code, share in fact_entries()[name]["shares"].items():
        error = 5 * np.sqrt(share * (1 - share) / COUNT) + 1e-9
        assert (found == str(code)).mean() == pytest.approx(share, abs=error)


def test_age_and_weight_are_those_of_the_trials():
    age, weight = answer("age", PEOPLE, LEVEL), answer("weight", PEOPLE, LEVEL)
    men = answer("sex", PEOPLE, LEVEL) == "M"
    assert age.mean() == pytest.approx(33, abs=1)  # He 2020 31.6 and 29.8, telitacicept 34.9
    assert weight[~men].mean() == pytest.approx(56.5, abs=0.3)  # He 2020 54.8 and 58.7 kg
    assert weight[men].mean() - weight[~men].mean() == pytest.approx(11, abs=1.5)
    assert age.min() >= 16


def test_only_women_can_be_pregnant_or_breast_feeding():
    men = answer("sex", PEOPLE, LEVEL) == "M"
    possible = answer("pregnancy_possible", PEOPLE, LEVEL)
    test = answer("urine_pregnancy_test", PEOPLE, LEVEL)
    assert not possible[men].any()
    assert not answer("lactating", PEOPLE, LEVEL)[men].any()
    assert set(test[possible == 0]) == {""}
    assert set(test[possible == 1]) == {"negative", "positive"}


@pytest.mark.parametrize(
    ("date", "condition", "value"),
    [
        ("last_biologic", "biologic_ever", 1),
        ("cancer_cured_on", "cancer", "cured"),
        ("last_high_dose_steroid", "high_dose_steroid_ever", 1),
        ("other_trial_ended_on", "other_trial", 1),
    ],
)
def test_a_date_is_there_just_when_there_is_something_to_date(date, condition, value):
    days, asked = answer(date, PEOPLE, LEVEL), answer(condition, PEOPLE, LEVEL) == value
    assert np.array_equal(~np.isnan(days), asked)
    assert days[asked].min() >= 1
    assert (days[asked] == np.round(days[asked])).all()


def test_manifestations_at_screening_answer_the_questions_about_them():
    severe = answer("severe_neuropsychiatric_lupus", PEOPLE, LEVEL)
    rash = answer("disease_associated_rash", PEOPLE, LEVEL)
    assert np.array_equal(severe, np.tile([1, 0, 0, 0], COUNT // 4))
    assert np.array_equal(rash, np.tile([0, 1, 0, 0], COUNT // 4))
