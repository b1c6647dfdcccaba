"""The baseline row beside later rows, missing values included."""

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.sle.baseline import beside_baseline
from trialwright.sle.instrument import Item
from trialwright.sle.visits import read_visits

VALUE = Item(key="value", label="Value", kind="number", high=100)


def compared(rows: list[tuple], baseline: object = None) -> list[tuple]:
    table = pl.DataFrame(rows, schema=["participant", "visit", "value"], orient="row")
    visits = read_visits(table, [VALUE])
    found = beside_baseline(visits, baseline, {"twice": pl.col("value") * 2}).collect()
    return found.select("participant", "visit", "after_baseline", "base_twice").rows()


def test_the_first_row_of_each_participant_is_baseline():
    assert compared([("P1", 0, 5.0), ("P1", 1, 6.0), ("P2", 0, 7.0), ("P2", 1, 8.0)]) == [
        ("P1", 0, False, None),
        ("P1", 1, True, 10.0),
        ("P2", 0, False, None),
        ("P2", 1, True, 14.0),
    ]


def test_an_empty_baseline_stays_empty_and_is_not_borrowed():
    assert compared([("P1", 0, 5.0), ("P1", 1, 6.0), ("P2", 0, None), ("P2", 1, 8.0)])[3] == (
        "P2", 1, True, None,
    )  # fmt: skip


def test_rows_before_a_named_baseline_have_none():
    rows = [("P1", "screening", 1.0), ("P1", "day 1", 2.0), ("P1", "week 4", 3.0)]
    assert compared(rows, "day 1") == [
        ("P1", "screening", False, None),
        ("P1", "day 1", False, None),
        ("P1", "week 4", True, 4.0),
    ]


def test_rows_out_of_order_are_compared_in_order_and_given_back_as_they_were():
    assert compared([("P1", 2, 9.0), ("P1", 0, 5.0), ("P1", 1, 6.0)]) == [
        ("P1", 2, True, 10.0),
        ("P1", 0, False, None),
        ("P1", 1, True, 10.0),
    ]


def test_a_participant_without_the_named_baseline_is_refused():
    with pytest.raises(UnusableInputError, match="participant P2 has no baseline visit day 1"):
        compared([("P1", "day 1", 1.0), ("P2", "week 4", 2.0)], "day 1")
