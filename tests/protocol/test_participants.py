"""Files of participants: what is read, and one clear message for each way to get it wrong."""

import datetime as dt

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.protocol.participants import read_participants

GOOD = """participant,age,informed_consent,sex,last_biologic,alt,alt_upper_limit,alt_date,alt_source,\
screening_date,selena_sledai,selena_sledai.rash,remark,site
P1,34,yes,F,2025-07-31,79.5,40,2026-01-04,central laboratory,2026-01-20,8,1,"tall, shy",north
P2,,NO,M,,,,,,,,,,
"""


@pytest.fixture
def read(study_with, tmp_path):
    """Read a file with this text, or these bytes, against the small study."""

    def read_text(content):
        path = tmp_path / "participants.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_participants(path, study_with().study)

    return read_text


def refused(read, content):
    with pytest.raises(UnusableInputError) as caught:
        read(content)
    assert "participants.csv" in caught.value.where
    return caught.value


def test_cells_are_read_by_the_types_of_their_items(read):
    table = read(GOOD)

    assert table.row(0, named=True) == {
        "participant": "P1",
        "age": 34.0,
        "informed_consent": True,
        "sex": "F",
        "last_biologic": dt.date(2025, 7, 31),
        "alt": 79.5,
        "alt__upper_limit": 40.0,
        "alt__date": dt.date(2026, 1, 4),
        "alt__source": "central laboratory",
        "screening_date": dt.date(2026, 1, 20),
        "selena_sledai": 8.0,
        "selena_sledai.rash": True,
    }
    rest = table.row(1, named=True)
    assert {name for name, value in rest.items() if value is not None} == {
        "participant", "informed_consent", "sex",
    }  # fmt: skip
    assert (rest["informed_consent"], table.schema["age"]) == (False, pl.Float64)


@pytest.mark.parametrize("word", ["yes", "Yes", "Y", "true", "TRUE", "1", " yes "])
def test_yes_may_be_written_in_several_ways(read, word):
    assert read(f"participant,informed_consent\nP1,{word}\n")["informed_consent"].to_list() == [
        True
    ]


@pytest.mark.parametrize("word", ["no", "N", "False", "0"])
def test_no_may_be_written_in_several_ways(read, word):
    assert read(f"participant,informed_consent\nP1,{word}\n")["informed_consent"].to_list() == [
        False
    ]


def test_the_ends_of_a_range_are_within_it(read):
    assert read("participant,age\nP1,0\nP2,120\n")["age"].to_list() == [0.0, 120.0]


@pytest.mark.parametrize("cell", ["", " ", "ND", "nd"])
def test_what_was_not_done_is_not_known(read, cell):
    table = read(f"participant,age,informed_consent,sex,last_biologic\nP1{f',{cell}' * 4}\n")
    assert table.row(0) == ("P1", None, None, None, None)


def test_a_mark_of_byte_order_and_windows_line_ends_are_fine(read):
    assert read("\ufeffparticipant,age\r\nP1,34\r\n\r\n")["age"].to_list() == [34.0]


@pytest.mark.parametrize(
    ("column", "cell", "what", "remedy"),
    [
        ("age", "abc", "'abc' is no number", "write a number in a, without the unit"),
        ("age", "34 a", "'34 a' is no number", "without the unit"),
        ("age", "nan", "'nan' is no number", "leave the cell empty"),
        ("age", "inf", "'inf' is no number", "leave the cell empty"),
        ("age", "-1", "'-1' is out of range", "age lies from 0 to 120 a"),
        ("age", "121", "'121' is out of range", "age lies from 0 to 120 a"),
        ("informed_consent", "maybe", "is neither yes nor no", "write yes, no"),
        ("sex", "female", "'female' is no code", "write one of F, M"),
        ("last_biologic", "31.07.2025", "is no date", "write dates as 2026-01-31"),
        ("last_biologic", "2025-02-30", "is no date", "write dates as 2026-01-31"),
        ("last_biologic", "2025-7-1", "is no date", "write dates as 2026-01-31"),
        ("alt_upper_limit", "x", "'x' is no number", "write a number"),
        ("alt_date", "x", "'x' is no date", "write dates as"),
        ("screening_date", "x", "'x' is no date", "write dates as"),
        ("selena_sledai.rash", "2", "is neither yes nor no", "write yes, no"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(read, column, cell, what, remedy):
    error = refused(read, f"participant,{column}\nP1,\nP2,{cell}\nP3,{cell}\n")

    assert error.where.endswith(f"row 3, column {column} (participant P2)")
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize(
    ("text", "where", "what", "remedy"),
    [
        ("age\n34\n", "", "column participant is missing", "add it"),
        ("particpant,age\nP1,34\n", "", "participant is missing", "rename particpant"),
        ("participant;age\nP1;34\n", "", "participant is missing", "by commas, not semicolons"),
        ("participant,agee\nP1,34\n", "column agee", "no form", "did you mean age?"),
        ("participant,alt_upper\nP1,4\n", "column alt_upper", "no form", "alt_upper_limit"),
        ("participant,zzz\nP1,34\n", "column zzz", "no form", "leave the column away"),
        ("participant,rash\nP1,1\n", "column rash", "no form", "selena_sledai.rash?"),
        ("participant,\nP1,34\n", "column 2", "no form", "leave the column away"),
        ("participant,age,age\nP1,3,4\n", "column age", "there twice", ""),
        ("participant,sex_upper_limit\nP1,4\n", "column sex_upper_limit", "no form", ""),
        ("participant\nP1\nP2\nP1\n", "row 4, column participant", "a second time", "one row"),
        ("participant,age\nP1,34\n,35\n", "row 3, column participant", "is empty", "its own"),
        ("participant,age\nP1\n", "row 2", "1 cells, the header has 2", "cut short"),
        ("participant,age\nP1,34\n\nP2,3\n", "row 3", "0 cells", "cut short"),
        ("participant,age\nP1,3,4\n", "row 2", "3 cells, the header has 2", "without quotes"),
        ('participant,age\nP1,"34\n', "", "cannot be read", "whole CSV file"),
        ("participant,age\n", "", "no participants", "one row per participant"),
        ("", "", "the file is empty", "header row"),
    ],
)
def test_a_wrong_shape_is_named_with_a_remedy(read, text, where, what, remedy):
    error = refused(read, text)

    assert error.where.endswith(where)
    assert what in error.what
    assert remedy in error.remedy


def test_every_file_cut_within_a_row_is_refused(read):
    whole = "participant,age,alt,sex\nP1,34,20,F\nP2,35,21,M\n"
    last_row = whole.index("P2")
    for cut in range(last_row + 1, whole.rindex(",")):
        assert "row 3" in refused(read, whole[:cut]).where


def test_bytes_that_are_no_text_are_refused(read):
    assert "not UTF-8" in refused(read, b"participant,age\n\xff\xfe,3\n").what


def test_a_file_that_is_not_there_is_refused(study_with, tmp_path):
    with pytest.raises(UnusableInputError, match="No such file"):
        read_participants(tmp_path / "none.csv", study_with().study)
