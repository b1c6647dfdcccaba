"""Outcomes that lack what, when or their rank."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]


@pytest.mark.parametrize("rank", ["primaryOutcomes", "secondaryOutcomes", "otherOutcomes"])
@pytest.mark.parametrize(
    ("outcome", "key"),
    [
        ({"measure": "Flare"}, "timeFrame"),
        ({"measure": "Flare", "timeFrame": " "}, "timeFrame"),
        ({"description": "Flares", "timeFrame": "week 52"}, "measure"),
    ],
)
def test_what_or_when_is_missing(
    lint_with: Lint, rank: str, outcome: dict[str, str], key: str
) -> None:
    (found,) = lint_with({f"outcomesModule.{rank}": [outcome]})
    assert found.code == "TWR006"
    assert found.section == f"protocolSection.outcomesModule.{rank}[0].{key}"
    assert found.reading == {"measure": "a measure", "timeFrame": "a time frame"}[key]
    assert found.line == 1


def test_whole_outcomes_are_left_alone(lint_with: Lint) -> None:
    assert lint_with({}) == []


def test_an_outcome_without_a_rank(lint_with: Lint) -> None:
    outcome = {"measure": "Virus titers", "timeFrame": "week 10"}
    (found,) = lint_with({"outcomesModule.unrankedOutcomes": [outcome]})
    assert found.code == "TWR011"
    assert found.words == "Virus titers"
