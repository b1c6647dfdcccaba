"""Splitting an eligibility text into numbered criteria."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.records.criteria import split_criteria


def names_and_texts(text: str) -> list[tuple[str, str]]:
    return [(each.name, each.text) for each in split_criteria(text, 1, line_breaks=True)]


@pytest.mark.parametrize(
    "text",
    [
        "Inclusion Criteria:\n\n* a b\n* c\n\nExclusion Criteria:\n\n* d",
        "Inclusion Criteria:\n1. a b\n2. c\nExclusion Criteria:\n1. d",
        "Inclusion Criteria:\n- a b\n- c\nExclusion Criteria:\n- d",
        "Key Inclusion Criteria:\n(1) a b\n(2) c\nKey Exclusion Criteria\n(1) d",
        "INCLUSION:\n• a b\n• c\nEXCLUSION:\n• d",
        "Inclusion Criteria: 1. a b 2. c Exclusion Criteria: 1. d",
        "Inclusion Criteria: - a b - c Exclusion Criteria: - d",
        "Inclusion Criteria:\n\na b\n\nc\n\nExclusion Criteria:\n\nd",
        "Inclusion Criteria:\n\nRegistration:\n\n* a b\n\nRandomization:\n\n* c\n\nExclusion:\n\n* d",
    ],
)
def test_each_way_to_write_a_list(text: str) -> None:
    assert names_and_texts(text) == [
        ("inclusion 1", "a b"),
        ("inclusion 2", "c"),
        ("exclusion 1", "d"),
    ]


def test_nested_items_belong_to_their_criterion() -> None:
    text = "Inclusion Criteria:\n\n* one of:\n\n  * x\n  * y\n* z"
    assert names_and_texts(text) == [("inclusion 1", "one of: * x * y"), ("inclusion 2", "z")]


def test_lines_that_go_on_belong_to_their_criterion() -> None:
    assert names_and_texts("Inclusion Criteria:\n- a\n  and b\n- c") == [
        ("inclusion 1", "a and b"),
        ("inclusion 2", "c"),
    ]


def test_numbers_within_a_criterion_do_not_split_it() -> None:
    text = "Inclusion Criteria: 1. dose (=1.0 mg/kg) or 3. line therapy 2. age 18 to 75."
    assert [words for _, words in names_and_texts(text)] == [
        "dose (=1.0 mg/kg) or 3. line therapy",
        "age 18 to 75.",
    ]


def test_text_without_headings_is_inclusion() -> None:
    assert names_and_texts("* adults") == [("inclusion 1", "adults")]


def test_an_empty_text_has_no_criteria() -> None:
    assert names_and_texts("") == []


def test_lines_are_those_of_the_file() -> None:
    text = "Inclusion Criteria:\n- a\n- b\n\nExclusion Criteria:\n- c"
    found = split_criteria(text, 10, line_breaks=True)
    assert [each.line for each in found] == [11, 12, 15]
    assert {each.line for each in split_criteria(text, 10, line_breaks=False)} == {10}
    assert {each.line for each in split_criteria(text, None, line_breaks=True)} == {None}


WORDS = st.text(st.sampled_from("abcdefg ="), min_size=1, max_size=30).map(
    lambda text: "x" + " ".join(text.split())
)


@settings(max_examples=50, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12), st.lists(WORDS, min_size=1, max_size=12))
def test_lists_are_split_as_they_were_joined(first: list[str], second: list[str]) -> None:
    def numbered(items: list[str], separator: str) -> str:
        return separator.join(f"{number}. {words}" for number, words in enumerate(items, 1))

    expected = [(f"inclusion {n}", words) for n, words in enumerate(first, 1)]
    expected += [(f"exclusion {n}", words) for n, words in enumerate(second, 1)]
    for separator in ("\n", " "):
        text = (
            f"Inclusion Criteria:{separator}{numbered(first, separator)}{separator}"
            f"Exclusion Criteria:{separator}{numbered(second, separator)}"
        )
        assert names_and_texts(text) == expected
