import json

import pytest

from trialwright.errors import UnusableInputError
from trialwright.trialdata import Origin, read_origin, write_origin


@pytest.mark.parametrize("reading", [None, "crossover"])
def test_what_is_written_is_read_back(tmp_path, reading):
    origin = Origin(study_sha256="ab" * 32, reading=reading, seed=7, scenario="emax")
    write_origin(origin, tmp_path)
    assert read_origin(tmp_path) == origin


def test_data_of_a_real_trial_have_none(tmp_path):
    assert read_origin(tmp_path) is None


GOOD = {"study_sha256": "ab", "reading": None, "seed": 7, "scenario": "emax"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        json.dumps({"seed": 7}),
        json.dumps(GOOD | {"seed": "seven"}),
        json.dumps(GOOD | {"scenario": None}),
        json.dumps(GOOD | {"mood": "good"}),
    ],
)
def test_a_spoiled_file_is_refused_for_it_says_that_participants_are_virtual(tmp_path, text):
    (tmp_path / "origin.json").write_text(text)
    with pytest.raises(UnusableInputError, match="origin of these data") as caught:
        read_origin(tmp_path)
    assert caught.value.where == str(tmp_path / "origin.json")
    assert "virtual" in caught.value.remedy
