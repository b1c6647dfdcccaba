import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.trials import Found, Person, dose_finding, trial
from trialwright.errors import UnusableInputError
from trialwright.trialdata import TABLES, TrialData, read_data, write_data
from trialwright.trialdata.files import in_key_order
from trialwright.trialdata.tables import empty_table


@pytest.fixture(scope="module")
def data() -> TrialData:
    return trial(
        dose_finding(),
        [
            Person("P1", "placebo", {"baseline": Found(numbers={"alt": 20.5}), "week-4": None}),
            Person("P2", "il-2-1-miu", {"baseline": Found(pga=None)}, treatment_ended=(9, "death")),
            Person("S1", None, failed_criteria={"I2": "not met"}),
        ],
        adverse_events=[{"participant": "P1", "started": 3, "ended": None, "term": 'a "b", c'}],
        medications=[{"participant": "P1", "medication": "prednisone", "dose": 7.5, "started": -3}],
    )


def same(one: TrialData, other: TrialData) -> bool:
    return all(
        table.equals(other.tables()[name], null_equal=True) for name, table in one.tables().items()
    )


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_what_is_written_is_read_back(data, tmp_path, form):
    write_data(data, tmp_path, form)
    assert same(read_data(tmp_path), in_key_order(data))
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.{form}" for name in TABLES}


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_tables_without_rows_are_read_back(tmp_path, form):
    empty = TrialData(**{name: empty_table(name) for name in TABLES})
    write_data(empty, tmp_path, form)
    assert same(read_data(tmp_path), empty)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_bytes_do_not_depend_on_the_order_of_rows(data, tmp_path, form):
    shuffled = TrialData(
        **{
            name: table.sample(fraction=1, shuffle=True, seed=3)
            for name, table in data.tables().items()
        }
    )
    for name, each in (("one", data), ("other", shuffled)):
        (tmp_path / name).mkdir()
        write_data(each, tmp_path / name, form)
    for name in TABLES:
        paths = [tmp_path / side / f"{name}.{form}" for side in ("one", "other")]
        assert paths[0].read_bytes() == paths[1].read_bytes()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    text=st.none() | st.text(min_size=1).filter(lambda text: "\r" not in text),
    on=st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
)
def test_any_value_survives_csv(tmp_path, number, text, on):
    table = pl.DataFrame(
        [("P", "v", "f", "i", number, text, None, None, None, on)],
        schema=TABLES["item_values"].columns,
        orient="row",
    )
    tables = {name: empty_table(name) for name in TABLES} | {"item_values": table}
    write_data(TrialData(**tables), tmp_path, "csv")
    assert read_data(tmp_path).item_values.equals(table, null_equal=True)


def refused(directory: Path) -> UnusableInputError:
    with pytest.raises(UnusableInputError) as caught:
        read_data(directory)
    return caught.value


def test_no_directory(tmp_path):
    error = refused(tmp_path / "nowhere")
    assert error.where.endswith("nowhere")
    assert "out/" in error.remedy


def test_a_missing_table_is_named(data, tmp_path):
    write_data(data, tmp_path)
    (tmp_path / "visits.parquet").unlink()
    error = refused(tmp_path)
    assert error.what == "the table visits is missing"
    assert error.where == str(tmp_path)
    assert "visits.parquet" in error.remedy


@pytest.mark.parametrize("length", [0, 100, 2000])
def test_a_file_cut_short_is_named(data, tmp_path, length):
    write_data(data, tmp_path)
    path = tmp_path / "item_values.parquet"
    path.write_bytes(path.read_bytes()[:length])
    error = refused(tmp_path)
    assert "cut short" in error.what
    assert error.where == str(path)


def test_a_missing_column_is_named(data, tmp_path):
    write_data(data, tmp_path)
    path = tmp_path / "visits.parquet"
    data.visits.drop("study_day").write_parquet(path)
    error = refused(tmp_path)
    assert "study_day is missing" in error.what
    assert str(path) in error.where


def test_a_second_row_for_a_key_is_named(data, tmp_path):
    write_data(data, tmp_path)
    pl.concat([data.visits, data.visits]).write_parquet(tmp_path / "visits.parquet")
    error = refused(tmp_path)
    assert "appears more than once" in error.what
    assert "visits.parquet" in error.where


@pytest.mark.parametrize(
    ("table", "column", "cell", "remedy"),
    [
        ("visits", "study_day", "tomorrow", "whole number"),
        ("visits", "visited_on", "5.1.2026", "2026-01-31"),
        ("visits", "status", "late", "attended, missed"),
        ("item_values", "number", "3,5", "a number"),
        ("exposures", "given", "perhaps", "true or false"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(data, tmp_path, table, column, cell, remedy):
    write_data(data, tmp_path, "csv")
    path = tmp_path / f"{table}.csv"
    text = pl.read_csv(path, infer_schema=False)
    text = text.with_columns(
        pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(cell)).otherwise(column).alias(column)
    )
    text.write_csv(path)
    error = refused(tmp_path)
    assert error.what == f"{cell!r} does not fit"
    assert error.where == f"{path}, row 2, column {column}"
    assert remedy in error.remedy


def test_parquet_goes_before_csv(data, tmp_path):
    write_data(data, tmp_path)
    (tmp_path / "visits.csv").write_text("nonsense")
    assert same(read_data(tmp_path), in_key_order(data))


@pytest.fixture
def csv(data, tmp_path):
    """Read the trial after one table was edited as a person edits a text."""
    write_data(data, tmp_path, "csv")

    def edited(name, *changes):
        path = tmp_path / f"{name}.csv"
        text = path.read_bytes().decode()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_bytes(text.encode())
        return tmp_path

    return edited


@pytest.mark.parametrize("name", ["007", "1e3", "true", "NaN", "2026-01-31", "é 1"])
def test_a_participant_is_a_word_whatever_it_looks_like(csv, name):
    assert (
        read_data(csv("participants", ("P1,", f"{name},"))).participants["participant"][0] == name
    )


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("site", "participant", "the header names participant twice"),
        ("sex,age", "age,age", "the header names age twice"),
        ("participant,site", "site,site", "the header names site twice"),
    ],
)
def test_a_column_that_is_there_twice_is_named_as_it_stands(csv, tmp_path, old, new, what):
    error = refused(csv("participants", (old, new)))
    assert error.what == what
    assert error.where == str(tmp_path / "participants.csv")


@pytest.mark.parametrize("ending", ["\n\n", "\r\n", "\n\r\n"])
def test_other_ends_of_lines_and_empty_lines_change_nothing(csv, data, tmp_path, ending):
    csv("participants")
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", ending.encode()))
    assert same(read_data(tmp_path), in_key_order(data))


def test_a_mark_of_byte_order_changes_nothing(csv, data, tmp_path):
    csv("participants")
    for path in tmp_path.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert same(read_data(tmp_path), in_key_order(data))


@pytest.mark.parametrize(
    ("new", "what", "place"),
    [
        ("P1,pkuph,female,nan,", "the age is nan", "table participants, row 1"),
        ("P1,pkuph,female,-inf,", "the age is -inf", "table participants, row 1"),
        ("P1,pkuph,female,1e999,", "the age is inf", "table participants, row 1"),
        (",pkuph,female,30.0,", "the participant is empty", "table participants, row 1"),
        ('"",pkuph,female,30.0,', "the participant is empty", "table participants, row 1"),
        ("P2,pkuph,female,30.0,", "P2 appears more than once", "table participants, row 1"),
        ("P1,pkuph,Female,30.0,", "'Female' does not fit", "row 1, column sex"),
        ('P1,pkuph,female,"30,0",', "'30,0' does not fit", "row 1, column age"),
    ],
)
def test_a_cell_by_hand_that_no_trial_can_use(csv, tmp_path, new, what, place):
    error = refused(csv("participants", ("P1,pkuph,female,30.0,", new)))
    assert error.what == what
    assert error.where == f"{tmp_path / 'participants.csv'}, {place}"


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_directory_in_the_place_of_a_table(data, tmp_path, form):
    write_data(data, tmp_path, form)
    path = tmp_path / f"visits.{form}"
    path.unlink()
    path.mkdir()
    assert refused(tmp_path).where == str(path)
