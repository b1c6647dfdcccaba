"""The tables of a trial hold their columns, types and keys, and say which row breaks them."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.trialdata import TABLES, TrialData
from trialwright.trialdata.tables import check_table, empty_table

EMPTY = {name: empty_table(name) for name in TABLES}
KEYED = {
    # each key, by hand: what may occur once only
    "participants": ["participant"],
    "criteria": ["participant", "criterion"],
    "allocations": ["participant"],
    "visits": ["participant", "visit"],
    "item_values": ["participant", "visit", "form", "item"],
    "adverse_events": ["participant", "number"],
    "exposures": ["participant", "intervention", "due_on"],
    "medications": ["participant", "number"],
}
PARTS = {pl.String: "one", pl.Int32: 1, pl.Date: dt.date(2026, 1, 1)}


def rows(name, count):
    """Rows of nulls but for their keys, of which the participant tells them apart."""
    table = pl.DataFrame({"participant": [f"P{number}" for number in range(count)]})
    columns = {
        column: pl.lit(PARTS[type(dtype)] if column in KEYED[name] else None, dtype)
        for column, dtype in TABLES[name].columns.items()
        if column != "participant"
    }
    return table.with_columns(**columns).select(list(TABLES[name].columns))


def refused(name, table):
    with pytest.raises(UnusableInputError) as caught:
        check_table(name, table)
    assert caught.value.where.startswith(f"table {name}")
    assert caught.value.remedy
    return caught.value


def test_a_trial_without_rows_is_a_trial():
    data = TrialData(**EMPTY)
    assert list(data.tables()) == list(TABLES)
    assert all(table.is_empty() for table in data.tables().values())


@pytest.mark.parametrize("name", TABLES)
def test_the_key_of_each_table(name):
    assert list(TABLES[name].key) == KEYED[name]
    assert set(TABLES[name].key) <= set(TABLES[name].columns)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_refuses_a_column_that_is_missing_unknown_or_of_another_type(name):
    table = rows(name, 3)
    check_table(name, table)
    for column in TABLES[name].columns:
        assert f"{column} is missing" in refused(name, table.drop(column)).what
        renamed = refused(name, table.rename({column: f"{column}_"})).what
        assert f"{column} is missing; {column}_ is unknown" in renamed
        other = pl.Duration("ms")
        wrong = refused(name, table.with_columns(pl.lit(None, other).alias(column))).what
        assert f"{column} is {other}, not {TABLES[name].columns[column]}" in wrong


@pytest.mark.parametrize("name", TABLES)
def test_columns_stand_in_their_order(name):
    table = rows(name, 1)
    assert "their order differs" in refused(name, table.select(reversed(table.columns))).what


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("place", [0, 2])
def test_a_row_that_is_there_twice_is_named_by_its_first_place(name, place):
    # given three rows and one of them again at the end
    table = rows(name, 3)
    error = refused(name, pl.concat([table, table[place : place + 1]]))
    assert error.where == f"table {name}, row {place + 1}"
    assert f"P{place}" in error.what
    assert ", ".join(KEYED[name]) in error.remedy


@pytest.mark.parametrize("name", [name for name, key in KEYED.items() if len(key) > 1])
def test_rows_that_differ_in_any_part_of_the_key_are_two(name):
    first = {"visit": "baseline", "form": "laboratory", "item": "alt", "criterion": "I1",
             "number": 1, "intervention": "drug", "due_on": dt.date(2026, 1, 1)}  # fmt: skip
    second = {"visit": "week-4", "form": "vital_signs", "item": "ast", "criterion": "I2",
              "number": 2, "intervention": "placebo", "due_on": dt.date(2026, 1, 2)}  # fmt: skip
    keys = [part for part in KEYED[name] if part != "participant"]
    for part in keys:
        pair = pl.concat([rows(name, 1)] * 2).with_columns(
            pl.Series(key, [first[key], second[key] if key == part else first[key]]).cast(
                TABLES[name].columns[key]
            )
            for key in keys
        )
        check_table(name, pair)
        same = pair.with_columns(pl.col(part).first())
        refused(name, same)


@pytest.mark.parametrize("name", TABLES)
def test_a_trial_checks_each_of_its_tables(name):
    broken = EMPTY | {name: EMPTY[name].drop(TABLES[name].key[0])}
    with pytest.raises(UnusableInputError, match=f"table {name}: the columns do not fit"):
        TrialData(**broken)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=6))
def test_a_key_is_refused_exactly_if_a_set_would_lose_a_row(pairs):
    table = pl.DataFrame(
        {"participant": [name for name, _ in pairs], "number": [number for _, number in pairs]},
        schema={"participant": pl.String, "number": pl.Int32},
    ).with_columns(
        **{
            column: pl.lit(None, dtype)
            for column, dtype in TABLES["medications"].columns.items()
            if column not in ("participant", "number")
        }
    ).select(list(TABLES["medications"].columns))  # fmt: skip
    if len(set(pairs)) == len(pairs):
        check_table("medications", table)
        return
    error = refused("medications", table)
    first = next(row for row, pair in enumerate(pairs) if pairs.count(pair) > 1)
    assert error.where.endswith(f"row {first + 1}")


def changed(name, column, row, value):
    """Three rows, one of them with another value in this column."""
    table = rows(name, 3)
    chosen = pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value, table.schema[column]))
    return table.with_columns(chosen.otherwise(column).alias(column))


@pytest.mark.parametrize(("name", "part"), [(name, part) for name in KEYED for part in KEYED[name]])
def test_every_part_of_a_key_is_there(name, part):
    error = refused(name, changed(name, part, 1, None))
    assert error.what == f"the {part} is empty"
    assert error.where == f"table {name}, row 2"
    assert error.remedy == f"each row of {name} needs its {part}"


@pytest.mark.parametrize("name", TABLES)
def test_a_participant_without_a_letter_is_empty(name):
    assert refused(name, changed(name, "participant", 0, "")).what == "the participant is empty"


NUMBERS = [
    (name, column)
    for name, definition in TABLES.items()
    for column, dtype in definition.columns.items()
    if dtype == pl.Float64
]


@pytest.mark.parametrize(("name", "column"), NUMBERS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_is_finite(name, column, value):
    check_table(name, changed(name, column, 2, 0.0))
    error = refused(name, changed(name, column, 2, value))
    assert error.what == f"the {column} is {value}"
    assert error.where == f"table {name}, row 3"
    assert error.remedy == "leave it empty if it is not known"
