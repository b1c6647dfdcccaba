"""A page keeps facts with their lines, and what nobody understood."""

import re

import pytest

from trialwright.errors import UnusableInputError
from trialwright.records.page import Page, cells_of, furniture, named_cells, read_lines
from trialwright.records.record import Unclaimed


def test_facts_keep_their_first_line() -> None:
    page = Page(("a", "b"), at=1)
    page.put("statusModule.overallStatus", "COMPLETED")
    page.at = 0
    page.put("statusModule.overallStatus", "COMPLETED")
    assert page.places == {"protocolSection.statusModule.overallStatus": 2}


def test_a_fact_cannot_change() -> None:
    page = Page(("a",))
    page.put("/hasResults", value=True)
    with pytest.raises(ValueError, match="hasResults"):
        page.put("/hasResults", value=False)


def test_entries_of_a_list_know_their_lines() -> None:
    page = Page(("a", "b"))
    page.append("conditionsModule.keywords", "x")
    page.append("conditionsModule.keywords", "y", line=2)
    assert page.get("conditionsModule.keywords") == ["x", "y"]
    assert page.places == {
        "protocolSection.conditionsModule.keywords": 1,
        "protocolSection.conditionsModule.keywords[0]": 1,
        "protocolSection.conditionsModule.keywords[1]": 2,
    }
    assert page.get("conditionsModule.conditions") is None
    assert page.get("conditionsModule.keywords.deeper") is None


def test_lines_go_to_the_first_rule_and_the_rest_is_left() -> None:
    page = Page(("skip", "number 3", "number x", "stray"))

    def number(page: Page, found: re.Match[str]) -> None:
        page.put("/number", int(found[1]))

    rules = ((re.compile("skip"), furniture), (re.compile("number (.)"), number))
    read_lines(page, rules, Page.leave)
    assert page.facts == {"number": 3}
    assert page.unclaimed == [Unclaimed(3, "number x"), Unclaimed(4, "stray")]


def test_a_reader_that_fails_late_gives_back_the_lines_behind_the_first() -> None:
    page = Page(("table", "skip", "row"))

    def table(page: Page, _: re.Match[str]) -> None:
        page.at += 2
        raise ValueError

    read_lines(page, ((re.compile("table"), table), (re.compile("skip"), furniture)), Page.leave)
    assert page.unclaimed == [Unclaimed(1, "table"), Unclaimed(3, "row")]


def test_facts_that_no_study_can_have() -> None:
    page = Page(("a",))
    page.put("identificationModule.nctId", "17")
    with pytest.raises(UnusableInputError, match="nctId"):
        page.record("classic-page", "")


def test_cells() -> None:
    assert cells_of("a | b | | |") == ["a", "b"]
    assert cells_of("| b") == ["", "b"]
    assert named_cells(("x", "y"), ["", "b"]) == {"y": "b"}
    with pytest.raises(ValueError, match="c"):
        named_cells(("x", "y"), ["a", "b", "c"])
