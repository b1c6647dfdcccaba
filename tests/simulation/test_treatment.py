import numpy as np
import polars as pl
import pytest

from simulation.shipped import load
from trialwright.simulation.draws import Draws
from trialwright.simulation.parameters import number, table
from trialwright.simulation.treatment import exposures, takes_antimalarial
from trialwright.trialdata.tables import check_table

COUNT = 400
PEOPLE = Draws(2, 0, np.arange(COUNT))
NAMES = [f"{number:04d}" for number in range(COUNT)]
FIRST = np.full(COUNT, np.datetime64("2020-03-01"))


def due(name, groups, ends):
    study = load(name)
    return exposures(study, PEOPLE, NAMES, groups, FIRST, np.asarray(ends, dtype=float))


def test_doses_are_due_on_the_days_of_the_schedule():
    study = load("dose-finding")
    place = list(study.randomization.ratio).index("il-2-1-miu")
    table_ = due("dose-finding", np.full(COUNT, place), np.full(COUNT, 168))
    check_table("exposures", table_)
    one = table_.filter(pl.col("participant") == "0000")
    days = ((one["due_on"] - FIRST[0].astype(object)).dt.total_days() + 1).to_list()
    assert days == [*range(1, 85, 2), *range(85, 169, 7)]
    assert set(one["unit"]) == {"10*6.[iU]"}
    assert set(one.filter("given")["dose"]) == {1.0}


def test_none_is_due_after_treatment_has_ended():
    ends = np.where(np.arange(COUNT) % 2, 20, 168)
    table_ = due("dose-finding", np.zeros(COUNT, dtype=int), ends)
    counts = dict(table_.group_by("participant").len().iter_rows())
    assert counts["0001"] == 10  # days 1, 3 … 19
    assert counts["0000"] == 54


def test_standard_therapy_has_no_doses_of_the_study():
    place = list(load("infection").randomization.ratio).index("standard-therapy")
    assert due("infection", np.full(COUNT, place), np.full(COUNT, 71)).is_empty()


def test_most_doses_are_given_and_one_not_given_has_no_amount():
    table_ = due("dose-finding", np.zeros(COUNT, dtype=int), np.full(COUNT, 168))
    expected = number("participation.dose_given")
    error = 5 * (expected * (1 - expected) / table_.height) ** 0.5
    assert table_["given"].mean() == pytest.approx(expected, abs=error)
    assert table_["dose"].is_null().equals(~table_["given"].alias("dose"))


def test_the_doses_of_a_participant_do_not_depend_on_the_other_participants():
    everybody = due("dose-finding", np.zeros(COUNT, dtype=int), np.full(COUNT, 168))
    some = PEOPLE.of(np.arange(7, 12))
    few = exposures(
        load("dose-finding"), some, NAMES[7:12], np.zeros(5, dtype=int), FIRST[7:12],
        np.full(5, 168.0),
    )  # fmt: skip
    assert few.equals(everybody.filter(pl.col("participant").is_in(NAMES[7:12])))


def test_antimalarials_are_as_frequent_as_stated():
    many = Draws(2, 0, np.arange(20_000))
    assert takes_antimalarial(many).mean() == pytest.approx(0.85, abs=0.013)


def test_every_drug_has_its_usual_dose():
    drugs = {*table("medication.immunosuppressants"), "hydroxychloroquine"} - {"none"}
    assert drugs == set(table("medication.doses"))
