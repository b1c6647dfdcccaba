"""The origin beside simulated data: read as written, and never silently lost."""

import json

import pytest

from trialwright.errors import UnusableInputError
from trialwright.trialdata import Origin, read_origin, write_origin

VIRTUAL = Origin(study_sha256="ab" * 32, reading="crossover", seed=7, scenario="emax")


def file_in(directory):
    write_origin(VIRTUAL, directory)
    (path,) = directory.iterdir()
    return path


@pytest.mark.parametrize("reading", [None, "crossover"])
def test_it_reads_back_as_written(tmp_path, reading):
    origin = Origin(study_sha256="cd" * 32, reading=reading, seed=0, scenario="null")
    write_origin(origin, tmp_path)
    assert read_origin(tmp_path) == origin


def test_the_same_origin_gives_the_same_bytes(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert file_in(tmp_path / "one").read_bytes() == file_in(tmp_path / "two").read_bytes()


def test_data_of_a_real_trial_have_none(tmp_path):
    assert read_origin(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", "{}", "\ufffe", '{"seed": 1}', '{"seed": NaN}'],
)
def test_a_file_that_is_none_is_refused_and_not_taken_for_a_real_trial(tmp_path, text):
    path = file_in(tmp_path)
    path.write_text(text)
    with pytest.raises(UnusableInputError, match="cannot be read") as caught:
        read_origin(tmp_path)
    assert caught.value.where == str(path)
    assert "do not delete it" in caught.value.remedy


@pytest.mark.parametrize(
    "change",
    [{"seed": "seven"}, {"seed": 7.5}, {"seed": None}, {"scenario": None}, {"scenario": 3},
     {"colour": "blue"}],
)  # fmt: skip
def test_a_part_of_another_kind_is_refused(tmp_path, change):
    path = file_in(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_origin(tmp_path)


@pytest.mark.parametrize("part", ["study_sha256", "reading", "seed", "scenario"])
def test_a_part_that_is_missing_is_refused(tmp_path, part):
    path = file_in(tmp_path)
    content = json.loads(path.read_text())
    del content[part]
    path.write_text(json.dumps(content))
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_origin(tmp_path)


def test_bytes_that_are_no_text_and_a_folder_are_refused(tmp_path):
    path = file_in(tmp_path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_origin(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UnusableInputError, match="cannot be read"):
        read_origin(tmp_path)
