"""Clauses of the SLE Responder Index joined by “or”."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]


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
    ],
)
def test_clauses_that_are_right(lint_with: Lint, text: str) -> None:
    assert found_in(lint_with, text) == []
