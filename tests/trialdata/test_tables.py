import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.trialdata import TABLES, TrialData
from trialwright.trialdata.tables import check_table, empty_table


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_the_right_shape(name):
    check_table(name, empty_table(name))
    assert set(TABLES[name].key) <= set(TABLES[name].columns)


def refused(name, table):
    with pytest.raises(UnusableInputError) as caught:
        check_table(name, table)
    return caught.value


def test_every_wrong_column_is_named():
    table = empty_table("visits").drop("status").with_columns(mood=pl.lit("good"))
    table = table.with_columns(pl.col("study_day").cast(pl.String))
    error = refused("visits", table)
    assert "status is missing" in error.what
    assert "mood is unknown" in error.what
    assert "study_day is String, not Int32" in error.what
    assert error.where == "table visits"
    assert error.remedy == "the columns of visits are " + ", ".join(TABLES["visits"].columns)


def test_the_order_of_columns_is_part_of_the_shape():
    table = empty_table("visits")
    assert "order differs" in refused("visits", table.select(reversed(table.columns))).what


def test_the_second_row_of_a_key_is_named_with_its_place():
    row = ("P1", "s", None, None, None)
    table = pl.DataFrame(
        [("P0", *row[1:]), row, row], schema=TABLES["allocations"].columns, orient="row"
    )
    error = refused("allocations", table)
    assert error.what == "P1 appears more than once"
    assert error.where == "table allocations, row 2"
    assert error.remedy == "one row is allowed per participant"


def test_trial_data_check_every_table():
    tables = {name: empty_table(name) for name in TABLES}
    assert list(TrialData(**tables).tables()) == list(TABLES)
    with pytest.raises(UnusableInputError, match="grade is missing"):
        TrialData(**(tables | {"adverse_events": tables["adverse_events"].drop("grade")}))
