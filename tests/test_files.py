"""Files and directories are written whole or not at all."""

import errno
import os
from pathlib import Path

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


WHOLE = pytest.mark.parametrize("whole", [whole_file, whole_directory])


def fill(path):
    """Write something whole, be it a file or a directory."""
    (path / "report.html" if path.is_dir() else path).write_text("whole")


def refused(whole, target, write=fill):
    with pytest.raises(UnusableInputError) as caught, whole(target) as temporary:
        write(temporary)
    assert caught.value.where == str(target)
    kind = "file" if whole is whole_file else "directory"
    assert caught.value.remedy.startswith(f"name a {kind} in ")
    return caught.value.what


@WHOLE
def test_a_place_below_a_file_is_named(tmp_path, whole):
    (tmp_path / "notes.txt").write_text("mine")
    file = tmp_path / "notes.txt"
    assert refused(whole, file / "out") == f"it cannot be written: {file} is a file"
    assert refused(whole, file / "deep" / "out") == "it cannot be written: Not a directory"
    assert left_in(tmp_path) == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


@WHOLE
def test_a_name_that_is_too_long_is_named(tmp_path, whole):
    assert refused(whole, tmp_path / ("x" * 300)) == "it cannot be written: File name too long"
    assert left_in(tmp_path) == []


def test_a_file_cannot_replace_a_directory(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert refused(whole_file, tmp_path / "out") == "it cannot be written: Is a directory"
    assert left_in(tmp_path) == ["mine.txt", "out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
@WHOLE
def test_a_directory_that_may_not_be_written_is_named(tmp_path, whole):
    tmp_path.chmod(0o500)
    try:
        assert refused(whole, tmp_path / "out") == "it cannot be written: Permission denied"
    finally:
        tmp_path.chmod(0o700)


@WHOLE
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_disk_that_is_full_is_named_and_the_old_remains(tmp_path, whole, number):
    target = tmp_path / "out"
    with whole(target) as temporary:
        fill(temporary)

    def overflow(temporary):
        fill(temporary)
        raise OSError(number, os.strerror(number))

    before = left_in(tmp_path)
    assert refused(whole, target, overflow) == f"it cannot be written: {os.strerror(number)}"
    assert left_in(tmp_path) == before


@WHOLE
def test_an_error_of_another_file_stays_what_it_is(tmp_path, whole):
    """What goes wrong in the block may be an input that vanished: its place is not the target."""
    with pytest.raises(FileNotFoundError, match="input"), whole(tmp_path / "out"):
        (tmp_path / "input.csv").read_text()
    assert left_in(tmp_path) == []


def test_a_directory_is_open_to_others_as_a_new_one_is(tmp_path):
    with whole_directory(tmp_path / "out"):
        pass
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755


def test_a_directory_does_not_take_the_place_of_a_file(tmp_path):
    (tmp_path / "out").write_text("mine")
    assert refused(whole_directory, tmp_path / "out") == "it cannot be written: Not a directory"
    assert left_in(tmp_path) == ["out"]
    assert (tmp_path / "out").read_text() == "mine"


def test_a_directory_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path, monkeypatch):
    target = tmp_path / "out"
    with whole_directory(target) as temporary:
        fill(temporary)
    move = Path.replace

    def fail(self, to):
        if to == target and not self.name.endswith(".old"):
            raise OSError(errno.EIO, "Input/output error")
        return move(self, to)

    monkeypatch.setattr(Path, "replace", fail)
    assert refused(whole_directory, target) == "it cannot be written: Input/output error"
    assert left_in(tmp_path) == ["out", "report.html"]


@WHOLE
def test_folders_on_the_way_are_made(tmp_path, whole):
    with whole(tmp_path / "a" / "b" / "out") as temporary:
        fill(temporary)
    assert left_in(tmp_path)[:3] == ["a", "b", "out"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a,b,c\n1,2,3\n4,5\n", "row 2: the row has 2 cells and the header 3 names"),
        (b"a,b\n1,2,3\n", "row 1: the row has 3 cells and the header 2 names"),
        (b"a,b\n\xff\xfe,2\n", "not UTF-8"),
        (b"a,b,a\n1,2,3\n", "the header names a twice"),
        (b"a,,b,\n1,2,3,4\n", "the header names nothing twice"),
        (b'a,b\n"1,2\n', "row 1: the row has 1 cells and the header 2 names"),
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


@pytest.mark.parametrize(("name", "why"), [("", "Is a directory"), ("nowhere.csv", "No such file")])
def test_what_is_no_file_is_named(tmp_path, name, why):
    with pytest.raises(UnusableInputError, match=f"it cannot be read: {why}") as caught:
        refuse_ragged_rows(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)
