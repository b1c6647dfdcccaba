"""Clauses of the SLE Responder Index joined by “or”."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]


def test_each_or_is_a_finding_of_its_own(lint_with: Lint) -> None:
    text = "a fall in SLEDAI, or no new BILAG A/at most 1 BILAG B, or no worsening in PGA"
    assert len(found_in(lint_with, text)) == 2


def found_in(lint_with: Lint, text: str) -> list[Finding]:
    outcome = {"measure": "SRI-4", "description": text, "timeFrame": "week 12"}
    findings = lint_with({"outcomesModule.primaryOutcomes": [outcome]})
    return [found for found in findings if found.code == "TWR002"]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("no new BILAG A score or = 1 new BILAG B score", "no new BILAG A score and no more than 1 new BILAG B score"),
        ("no new BILAG A or no more than 1 new BILAG B", "no new BILAG A and no more than 1 new BILAG B"),
        ("no new A domain or at most one new B domain", "no new A domain and no more than one new B domain"),
        ("a fall in SLEDAI of 4 points, or no new BILAG A", "a fall in SLEDAI of 4 points, and no new BILAG A"),
        ("no BILAG A flare or at most 1 BILAG B", "no BILAG A flare and no more than 1 BILAG B"),
        ("at most 1 new BILAG B or no new BILAG A", "at most 1 new BILAG B and no new BILAG A"),
        ("SLEDAI down by 4 or no worsening in PGA", "SLEDAI down by 4 and no worsening in PGA"),
        ("and at most 1 B, or (3) no increase of the PGA", "and at most 1 B, and (3) no increase of the PGA"),
    ],
)  # fmt: skip
def test_or_where_and_is_meant(lint_with: Lint, text: str, reading: str) -> None:
    (found,) = found_in(lint_with, text)
    assert found.reading == reading
    assert "or" in found.words
    assert found.section == "protocolSection.outcomesModule.primaryOutcomes[0].description"


@pytest.mark.parametrize(
    "text",
    [
        "no new BILAG A score and no more than 1 new BILAG B score",
        "no new BILAG A or 2 new BILAG B",  # not (A or two B): right by the laws of logic
        "no new BILAG A or more than 1 new BILAG B",
        "response in SLEDAI or PGA",
        "fall of SLEDAI by 4 or no worsening of the skin",
    ],
)
def test_clauses_that_are_right(lint_with: Lint, text: str) -> None:
    assert found_in(lint_with, text) == []
