"""Whatever becomes of a file of a record, it is a record again or one error in plain words."""

import json
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.records.lint import lint
from trialwright.records.read import read_content
from trialwright.records.record import Record

SAMPLES = Path(__file__).parent / "samples"
TODAY = date(2026, 1, 15)
NAMES = ["study.json", "classic.txt", "mirror.txt"]
WHOLE = {name: (SAMPLES / name).read_bytes() for name in NAMES}


def read_or_refuse(content: bytes) -> Record | UnusableInputError:
    """The record, or the error; anything else that is raised fails the test."""
    try:
        return read_content(content)
    except UnusableInputError as error:
        refused = error
    assert refused.what
    assert refused.what == refused.what.strip()
    assert len(str(refused)) < 2000
    return refused


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_never_gives_more_than_the_whole(name: str) -> None:
    # given: JSON cut anywhere is no JSON; a page cut at its end may still be read in part
    whole = read_content(WHOLE[name])
    cuts = range(1, len(WHOLE[name]) - 1, 97)
    for cut in cuts:
        found = read_or_refuse(WHOLE[name][:cut])
        if isinstance(found, UnusableInputError):
            continue
        assert name != "study.json"
        assert found.format == whole.format
        ours = found.study.protocol_section
        theirs = whole.study.protocol_section
        assert ours.identification_module.nct_id in (None, theirs.identification_module.nct_id)
        assert len(ours.arms_interventions_module.arm_groups) <= len(
            theirs.arms_interventions_module.arm_groups
        )


@pytest.mark.parametrize("name", NAMES)
def test_bytes_changed_at_random_never_break_the_reader(name: str) -> None:
    random = Random(name)
    for _ in range(60):
        content = bytearray(WHOLE[name])
        for _ in range(random.randint(1, 6)):
            content[random.randrange(len(content))] = random.randrange(256)
        read_or_refuse(bytes(content))


@pytest.mark.parametrize("name", ["classic.txt", "mirror.txt"])
def test_lines_lost_doubled_or_moved_never_break_the_reader_or_the_lint(name: str) -> None:
    random = Random(name)
    lines = WHOLE[name].decode().splitlines(keepends=True)
    for _ in range(40):
        changed = list(lines)
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(changed))
            match random.choice(["lose", "double", "move"]):
                case "lose":
                    del changed[at]
                case "double":
                    changed.insert(at, changed[at])
                case _:
                    changed.insert(random.randrange(len(changed)), changed.pop(at))
        found = read_or_refuse("".join(changed).encode())
        if isinstance(found, Record):
            assert all(each.code and each.reason for each in lint(found, TODAY))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(content: bytes) -> None:
    read_or_refuse(content)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["protocolSection", "designModule", "phases", "conditions", "other"]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_record_or_refused(document: object) -> None:
    read_or_refuse(json.dumps(document).encode())


def replaced(node: object, path: tuple[object, ...], value: object) -> object:
    """A copy with the value at a path."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, dict):
        return {k: replaced(part, rest, value) if k == head else part for k, part in node.items()}
    assert isinstance(node, list)
    return [replaced(part, rest, value) if n == head else part for n, part in enumerate(node)]


def paths(node: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Every place in JSON, the whole included."""
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(found for key, part in parts for found in paths(part, (*path, key)))]


def test_a_value_of_another_kind_anywhere_is_refused_with_its_place_or_kept_as_it_is() -> None:
    document = json.loads(WHOLE["study.json"])
    refused = 0
    for path in paths(document):
        for odd in (7, "odd", [], {}, None):
            content = json.dumps(replaced(document, path, odd)).encode()
            found = read_or_refuse(content)
            if isinstance(found, UnusableInputError):
                refused += 1
                names = [str(step) for step in path if isinstance(step, str)]
                if len(path) > 1:
                    assert names[-1] in str(found) or names[-2] in str(found), path
    assert refused > len(paths(document))


@pytest.mark.parametrize("name", NAMES)
def test_reading_and_linting_twice_gives_the_same(name: str) -> None:
    one, two = read_content(WHOLE[name]), read_content(WHOLE[name])
    assert one == two
    before = one.as_json()
    assert lint(one, TODAY) == lint(two, TODAY)
    assert one.as_json() == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "change", ["byte order mark", "windows line ends", "old line ends", "blank lines after"]
)
def test_how_an_editor_saved_the_file_does_not_matter(name: str, change: str) -> None:
    content = {
        "byte order mark": b"\xef\xbb\xbf" + WHOLE[name],
        "windows line ends": WHOLE[name].replace(b"\n", b"\r\n"),
        "old line ends": WHOLE[name].replace(b"\n", b"\r"),
        "blank lines after": WHOLE[name] + b"\n\n",
    }[change]
    assert read_content(content).as_json() == read_content(WHOLE[name]).as_json()
