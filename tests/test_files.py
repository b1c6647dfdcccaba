"""Files and directories are written whole or not at all."""

import pytest

from trialwright.errors import UnusableInputError
from trialwright.files import refuse_ragged_rows, whole_directory, whole_file


class InterruptedWriteError(Exception):
    """Stands for anything that goes wrong while writing."""


def write_half(target, name=""):
    """Begin to write the target, or a file within it, and fail."""
    with target as temporary:
        (temporary / name).write_text("half")
        raise InterruptedWriteError


def left_in(directory):
    return sorted(path.name for path in directory.rglob("*"))


def test_a_file_appears_when_it_is_complete(tmp_path):
    target = tmp_path / "new" / "results.json"
    with whole_file(target) as temporary:
        temporary.write_text("half")
        assert not target.exists()
        temporary.write_text("whole")
    assert target.read_text() == "whole"
    assert left_in(tmp_path) == ["new", "results.json"]


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "results.json"
    target.write_text("old")
    with pytest.raises(InterruptedWriteError):
        write_half(whole_file(target))
    assert target.read_text() == "old"
    assert left_in(tmp_path) == ["results.json"]


def test_a_directory_replaces_the_old_one_when_it_is_complete(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "stale.txt").write_text("old")
    with whole_directory(target) as temporary:
        (temporary / "report.html").write_text("new")
        assert left_in(target) == ["stale.txt"]
    assert left_in(tmp_path) == ["out", "report.html"]


def test_a_directory_that_fails_leaves_the_old_one(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "report.html").write_text("old")
    with pytest.raises(InterruptedWriteError):
        write_half(whole_directory(target), "report.html")
    assert (target / "report.html").read_text() == "old"
    assert left_in(tmp_path) == ["out", "report.html"]


def test_a_directory_that_fails_at_first_leaves_nothing(tmp_path):
    with pytest.raises(InterruptedWriteError):
        write_half(whole_directory(tmp_path / "out"), "report.html")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a,b,c\n1,2,3\n4,5\n", "row 2: the row has 2 cells and the header 3 names"),
        (b"a,b\n1,2,3\n", "row 1: the row has 3 cells and the header 2 names"),
        (b"a,b\n\xff\xfe,2\n", "not UTF-8"),
    ],
)
def test_a_row_that_is_not_as_long_as_the_header_is_refused(tmp_path, content, what):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(UnusableInputError, match=what):
        refuse_ragged_rows(path)


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b'\xef\xbb\xbfa,b\n"1,5",2\n\n', b"a,b\r\n1,\r\n", b""]
)
def test_whole_rows_pass(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    refuse_ragged_rows(path)
