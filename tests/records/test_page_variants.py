"""One page, saved, copied and mailed in many ways: the same record, or one error."""

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.records.criteria import split_criteria
from trialwright.records.read import read_content
from trialwright.records.record import Record

SAMPLES = Path(__file__).parent / "samples"
PAGES = {name: (SAMPLES / name).read_text("utf-8") for name in ("classic.txt", "mirror.txt")}
WHOLE = {name: read_content(text.encode()) for name, text in PAGES.items()}
DOCUMENT = json.loads((SAMPLES / "study.json").read_text("utf-8"))


def plain(node: Any) -> Any:
    """JSON with single spaces between words."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return " ".join(node.split()) if isinstance(node, str) else node


def told(record: Record) -> tuple[object, ...]:
    """All that a record says but for the lines and the white space between words."""
    criteria = [(each.name, each.text) for each in record.criteria]
    related = [(each.status, each.nct_id, each.title) for each in record.related_trials]
    unclaimed = [each.text for each in record.unclaimed]
    return plain(record.as_json()), criteria, related, unclaimed


VARIANTS: dict[str, Callable[[str], str]] = {
    "spaces at the ends of lines": lambda text: text.replace("\n", "  \n"),
    "tabs at the ends of lines": lambda text: text.replace("\n", "\t\n"),
    "every line indented": lambda text: re.sub(r"^(?=.)", "    ", text, flags=re.MULTILINE),
    "every line behind a tab": lambda text: re.sub(r"^(?=.)", "\t", text, flags=re.MULTILINE),
    "blank lines doubled": lambda text: text.replace("\n\n", "\n\n\n"),
    "blank lines of spaces": lambda text: text.replace("\n\n", "\n   \n"),
    "blank lines before": lambda text: "\n\n\n" + text,
    "blank lines behind": lambda text: text + "\n\n\n",
    "a feed of the page": lambda text: text.replace("\n\n", "\n\f\n"),
    "spaces that do not break": lambda text: text.replace(" ", "\N{NO-BREAK SPACE}"),
    "no end of the last line": lambda text: text.rstrip("\n"),
    "rules of tables longer": lambda text: text.replace("---", "-----"),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_white_space_is_not_what_a_page_says(name: str, variant: str) -> None:
    changed = VARIANTS[variant](PAGES[name])
    assert told(read_content(changed.encode())) == told(WHOLE[name])


@pytest.mark.parametrize("name", PAGES)
def test_all_changes_of_white_space_at_once(name: str) -> None:
    text = PAGES[name]
    for variant in ("blank lines doubled", "spaces at the ends of lines", "every line indented"):
        text = VARIANTS[variant](text)
    content = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    assert told(read_content(content)) == told(WHOLE[name])


LABELED = re.compile(r"^(?:Allocation|Intervention Model|Masking|Masking Description|Primary Purpose"
                     r"|Official Title|Acronym ?|Actual Study Start Date ?"
                     r"|Estimated Study Completion Date ?):.*\|$")  # fmt: skip


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_labeled_rows_may_stand_in_any_order(random: Random) -> None:
    lines = PAGES["classic.txt"].split("\n")
    places = [at for at, line in enumerate(lines) if LABELED.match(line)]
    assert len(places) == 9
    rows = [lines[at] for at in places]
    random.shuffle(rows)
    for at, row in zip(places, rows, strict=True):
        lines[at] = row
    changed = read_content("\n".join(lines).encode())
    assert changed.study == WHOLE["classic.txt"].study
    at = next(n for n, line in enumerate(lines, 1) if line.startswith("Masking:"))
    assert changed.line_of("protocolSection.designModule.designInfo.maskingInfo.masking") == at


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_values_of_a_mirror_page_may_stand_in_any_order(random: Random) -> None:
    lines = PAGES["mirror.txt"].split("\n")
    first = next(at for at, line in enumerate(lines) if line.startswith("Status |"))
    last = next(at for at, line in enumerate(lines) if line.startswith("Eligibility |"))
    rows = lines[first + 1 : last + 1]  # the first value ends the summary
    random.shuffle(rows)
    lines[first + 1 : last + 1] = rows
    assert told(read_content("\n".join(lines).encode())) == told(WHOLE["mirror.txt"])


TABLES = {
    "locations": ("Country |", "Lead Sponsor |"),
    "sponsors": ("Lead Sponsor |", "Norway, United"),
    "outcomes": ("Type |", "Status | Clinical Trial"),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_a_mirror_page_may_stand_before_the_others(table: str) -> None:
    text = PAGES["mirror.txt"]
    start, end = (text.index(f"\n{words}") for words in TABLES[table])
    moved, rest = text[start:end], text[:start] + text[end:]
    at = rest.index("\nCountry |") if "\nCountry |" in rest else rest.index("\nLead Sponsor |")
    found = read_content((rest[:at] + moved + rest[at:]).encode())
    assert found.study == WHOLE["mirror.txt"].study
    assert found.unclaimed == ()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_ends_after_any_line_adds_nothing_to_the_whole(name: str) -> None:
    """Each fact of the part is a fact of the whole, or the beginning of one."""

    def within(part: object, whole: object) -> bool:
        if isinstance(part, dict):
            assert isinstance(whole, dict)
            return all(key in whole and within(part[key], whole[key]) for key in part)
        if isinstance(part, list):
            assert isinstance(whole, list)
            return len(part) <= len(whole) and all(map(within, part, whole))
        if isinstance(part, str):
            return str(whole).startswith(part)
        return part == whole

    lines = PAGES[name].split("\n")
    whole = WHOLE[name].as_json()
    refused = 0
    for count in range(1, len(lines)):
        try:
            found = read_content("\n".join(lines[:count]).encode())
        except UnusableInputError:
            refused += 1
            continue
        part = found.as_json()
        # A row of keywords or headings is told by what follows it.
        for key in ("conditionsModule", "derivedSection"):
            part["protocolSection"].pop(key, None)
            part.pop(key, None)
        assert within(part, whole), count
    assert refused > len(lines) / 2


SHAPES: dict[str, Callable[[object], str]] = {
    "one line": lambda document: json.dumps(document, separators=(",", ":")),
    "indented by a tab": lambda document: json.dumps(document, indent="\t"),
    "keys in order of letters": lambda document: json.dumps(document, sort_keys=True, indent=2),
    "letters as they are": lambda document: json.dumps(document, ensure_ascii=False),
    "blank lines between": lambda document: json.dumps(document, indent=0).replace("\n", "\n\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_json_in_any_shape_is_the_same_study(shape: str, study_json: Record) -> None:
    found = read_content(SHAPES[shape](DOCUMENT).encode())
    assert found.study == study_json.study
    assert [each.text for each in found.criteria] == [each.text for each in study_json.criteria]
    assert found.unclaimed == ()


ITEMS = ["adults", "SLE by the criteria", "no biologics"]


@pytest.mark.parametrize("indent", ["", " ", "   ", "\t", "\t\t"])
@pytest.mark.parametrize("mark", ["* ", "- ", "• ", "{}. ", "({}) ", "{}) ", ""])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_list_of_criteria_may_be_indented_as_a_whole(
    indent: str, mark: str, between: str
) -> None:
    """An indented list lost all its criteria once, in silence."""
    if not mark and between == "\n":
        between = "\n\n"  # without marks, blank lines part the items
    rows = between.join(f"{indent}{mark.format(n)}{words}" for n, words in enumerate(ITEMS, 1))
    text = f"Inclusion Criteria:\n\n{rows}\n\nExclusion Criteria:\n\n{indent}{mark.format(1)}none"
    found = split_criteria(text, 1, line_breaks=True)
    assert [(each.name, each.text) for each in found] == [
        ("inclusion 1", "adults"),
        ("inclusion 2", "SLE by the criteria"),
        ("inclusion 3", "no biologics"),
        ("exclusion 1", "none"),
    ]
    lines = text.split("\n")
    for each in found:
        assert each.line is not None
        assert each.text in lines[each.line - 1]


def test_numbers_set_flush_right_are_one_list() -> None:
    text = "\n".join(f"{number:2}. item" for number in range(1, 12))
    assert len(split_criteria(text, 1, line_breaks=True)) == 11


def test_a_title_and_its_indented_list() -> None:
    text = "Inclusion Criteria:\nAt screening:\n  * adults\n    * or children\n  * SLE"
    assert [each.text for each in split_criteria(text, None, line_breaks=False)] == [
        "adults * or children",
        "SLE",
    ]


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["* zqa", "  * zqb", "zqc", "  zqd:", "1. zqe", "", "zqf:", "\t- zqg"])
    )
)
def test_no_word_of_a_list_is_lost_but_its_titles(lines: list[str]) -> None:
    text = "Inclusion Criteria:\n" + "\n".join(lines)
    found = " ".join(each.text for each in split_criteria(text, None, line_breaks=False))
    for word in re.findall(r"zq\w(?!:)\b", text):
        assert word in found, text


def texts(node: Any) -> list[str]:
    """Every text of a JSON document but codes, which are in capitals."""
    if isinstance(node, dict | list):
        parts = node.values() if isinstance(node, dict) else node
        return [text for part in parts for text in texts(part)]
    return [node] if isinstance(node, str) and not node.isupper() else []


def words_of(record: Record) -> set[str]:
    """Every word of the facts and of what was left."""
    left = [each.text for each in record.unclaimed]
    related = [f"{each.status} {each.title}" for each in record.related_trials]
    return set(re.findall(r"[^\W\d_]{3,}", " ".join([*texts(record.as_json()), *left, *related])))


@pytest.mark.parametrize(
    ("name", "width"), [("classic.txt", 60), ("classic.txt", 72), ("classic.txt", 100),
                        ("mirror.txt", 40), ("mirror.txt", 60), ("mirror.txt", 100)],
)  # fmt: skip
def test_no_word_is_lost_where_a_mail_wrapped_the_lines(name: str, width: int) -> None:
    """What a broken line can no longer say as a fact is reported."""
    wrapped = [textwrap.wrap(line, width) or [""] for line in PAGES[name].split("\n")]
    found = read_content("\n".join(part for line in wrapped for part in line).encode())
    assert words_of(WHOLE[name]) - words_of(found) == set()
    assert found.unclaimed


def test_a_page_wrapped_to_shreds_is_refused() -> None:
    wrapped = [textwrap.wrap(line, 40) or [""] for line in PAGES["classic.txt"].split("\n")]
    with pytest.raises(UnusableInputError, match="cut or damaged: it does not state"):
        read_content("\n".join(part for line in wrapped for part in line).encode())
