"""Rows of item values, from columns made by hand."""

import numpy as np
import polars as pl

from simulation.shipped import load
from trialwright.simulation.capture import Attendance, item_values
from trialwright.simulation.draws import Draws
from trialwright.simulation.observations import Column
from trialwright.trialdata.tables import check_table

STUDY = load("infection")  # screening, week-0, week-10
VISITS = len(STUDY.visits)
DAYS = np.array(
    [["2016-05-10", "2016-05-24", "2016-08-02"], ["2016-06-01", "2016-06-15", "2016-08-24"]],
    dtype="datetime64[D]",
)


def rows_of(columns, attended=None, form="treatment"):
    count = 2
    who = Attendance(
        ["0001", "0002"],
        np.ones((count, VISITS), dtype=bool) if attended is None else attended,
        DAYS,
        DAYS[:, 0],
    )
    return item_values(STUDY, {form: columns}, who, Draws(1, 0, np.arange(count)), baseline=2)


def column(values, kind="number", asked=True, **more):
    return Column("item", kind, np.array(values), asked, **more)


def test_a_number_stands_with_its_unit_limits_and_day():
    rows = rows_of(
        [column([[1.5, 2, 3], [4, 5, 6]], unit="g/L", lower_limit=0.79, upper_limit=1.52)]
    )
    check_table("item_values", rows)
    assert rows["number"].to_list() == [1.5, 2, 3, 4, 5, 6]
    assert rows["visit"].to_list() == ["screening", "week-0", "week-10"] * 2
    assert set(rows["unit"]) == {"g/L"}
    assert set(rows["lower_limit"]) == {0.79}
    assert np.array_equal(rows["collected_on"].to_numpy().astype("datetime64[D]"), DAYS.ravel())


def test_what_was_asked_and_not_assessed_has_a_row_without_a_value():
    rows = rows_of([column([[1, np.nan, 3], [4, 5, 6]])])
    assert rows.height == 6
    assert rows.filter(pl.col("number").is_null()).select("participant", "visit").rows() == [
        ("0001", "week-0")
    ]


def test_what_was_never_asked_has_no_row():
    rows = rows_of([column([[1, np.nan, 3], [4, 5, 6]], asked=False)])
    assert rows.height == 5


def test_a_form_has_rows_only_at_its_visits():
    rows = rows_of([column(np.ones((2, VISITS)))], form="demography")
    assert set(rows["visit"]) == {"screening"}


def test_a_visit_that_was_not_attended_has_no_rows():
    attended = np.array([[True, True, False], [True, False, False]])
    rows = rows_of([column(np.ones((2, VISITS)))], attended)
    assert rows.select("participant", "visit").rows() == [
        ("0001", "screening"),
        ("0001", "week-0"),
        ("0002", "screening"),
    ]


def test_a_date_is_counted_back_from_consent():
    rows = rows_of([column([[10, 10, 10], [366, 366, np.nan]], kind="date", asked=False)])
    # By hand: ten days before 10 May 2016, and 366 days before 1 June 2016, 2016 being a leap year
    assert rows["text"].to_list() == ["2016-04-30"] * 3 + ["2015-06-01"] * 2
    assert rows["number"].null_count() == rows.height


def test_a_code_stands_as_text():
    rows = rows_of([column([["none", "I", ""], ["II", "IV", "III"]], kind="code")])
    assert rows["text"].to_list() == ["none", "I", None, "II", "IV", "III"]


def test_after_baseline_some_items_are_not_assessed_and_before_it_none():
    count = 40_000
    who = Attendance(
        [f"{number:05d}" for number in range(count)],
        np.ones((count, VISITS), dtype=bool),
        np.repeat(DAYS[:1], count, axis=0),
        np.repeat(DAYS[:1, 0], count),
    )
    draws = Draws(1, 0, np.arange(count))
    rows = item_values(STUDY, {"treatment": [column(np.ones((count, VISITS)))]}, who, draws, 1)
    lost = rows.filter(pl.col("number").is_null())
    assert set(lost["visit"]) == {"week-10"}
    assert 0 < lost.height < 30  # 8 expected of 40,000 at 2 in 10,000
