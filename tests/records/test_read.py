"""Any file gives a record or one clear error, and no text is lost in silence."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.records.read import read_content, read_record
from trialwright.records.record import Record

SAMPLES = Path(__file__).parent / "samples"
NAMES = ("study.json", "classic.txt", "mirror.txt")
CONTENTS = {name: (SAMPLES / name).read_bytes() for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_the_hash_is_that_of_the_bytes(name: str) -> None:
    record = read_record(SAMPLES / name)
    assert record.sha256 == hashlib.sha256(CONTENTS[name]).hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "byte 0 is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "binary"),
        (b"a,b\n1,2\n", "no registry record"),
        (b"Dear colleague,\nthe trial is closed.", "no registry record"),
        (b"<!DOCTYPE html><html></html>", "no registry record"),
        (CONTENTS["classic.txt"].decode().encode("utf-16"), "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_record_gets_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "record.txt"
    file.write_bytes(content)
    with pytest.raises(UnusableInputError, match=words) as raised:
        read_record(file)
    assert raised.value.where.startswith(str(file))
    assert raised.value.remedy


def test_a_file_that_is_missing_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(UnusableInputError, match="cannot be read"):
            read_record(path)


@pytest.mark.parametrize("name", NAMES)
def test_half_a_file_is_refused(name: str, tmp_path: Path) -> None:
    content = CONTENTS[name]
    file = tmp_path / name
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnusableInputError, match="cut"):
        read_record(file)


def test_a_mark_of_byte_order_makes_no_difference() -> None:
    for content in CONTENTS.values():
        assert read_content(b"\xef\xbb\xbf" + content).study == read_content(content).study


def record_or_none(content: bytes) -> Record | None:
    """The record, or None if the content gets its one error; anything else fails the test."""
    try:
        return read_content(content)
    except UnusableInputError:
        return None


def nothing_lost(text: str, record: Record) -> bool:
    """Whether every word of the text is in the record, reported, or among a page's own words."""
    known = " ".join(
        (
            json.dumps(record.as_json(), ensure_ascii=False),
            *(left.text for left in record.unclaimed),
            *(f"{trial.title} {trial.nct_id}" for trial in record.related_trials),
        )
    )
    return all(word in known for word in re.findall(r"\bzq\w+", text))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.floats(0, 1))
def test_a_cut_at_any_byte_gives_an_error_or_a_record(name: str, share: float) -> None:
    content = CONTENTS[name][: int(len(CONTENTS[name]) * share)]
    record = record_or_none(content)
    lost = CONTENTS[name][len(content) :]
    # A whole table of related trials may be missing: the page does not say how many it has.
    assert record is None or not lost.strip(b"\n| ") or len(record.related_trials) < 2


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_foreign_line_anywhere_is_kept_or_reported(name: str) -> None:
    lines = CONTENTS[name].decode().split("\n")
    for at in range(len(lines) + 1):
        for foreign in ("zqforeign words", "zqlabel: zqvalue", "zqcell | zqother |"):
            text = "\n".join([*lines[:at], foreign, *lines[at:]])
            record = record_or_none(text.encode())
            assert record is None or nothing_lost(text, record), (at, foreign)


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_foreign_word_anywhere_is_kept_or_reported(name: str) -> None:
    text = CONTENTS[name].decode()
    for word in re.finditer(r"\S+", text):
        foreign = f"{text[: word.end()]} zqword{text[word.end() :]}"
        record = record_or_none(foreign.encode())
        assert record is None or nothing_lost(foreign, record), foreign[: word.end() + 7][-60:]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_damage_anywhere_gives_an_error_or_a_record(name: str, data: st.DataObject) -> None:
    content = CONTENTS[name]
    at = data.draw(st.integers(0, len(content) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=12))
    record = record_or_none(content[:at] + noise + content[at + len(noise) :])
    assert record is None or record.study.as_json()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_behind_the_marks_of_a_page(text: str) -> None:
    for mark in ("ClinicalTrials.gov Identifier: NCT90000001\n", "Status | x\nOfficial title:\n"):
        with pytest.raises(UnusableInputError):
            read_content((mark + text).encode("utf-8", "ignore"))
