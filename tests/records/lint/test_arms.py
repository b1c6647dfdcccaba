"""Arms and interventions name each other."""

from collections.abc import Callable
from typing import Any

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]
ARMS = "armsInterventionsModule.armGroups"


def test_an_arm_that_names_what_it_does_not_get(lint_with: Lint) -> None:
    arms = [
        {"label": "Go on", "interventionNames": ["Drug: Hydroxychloroquine"]},
        {"label": "Stop", "interventionNames": ["Drug: Placebo"]},
    ]
    first, second = lint_with({ARMS: arms})
    assert {first.code, second.code} == {"TWR014"}
    assert first.words == "Go on: Drug: Hydroxychloroquine"
    assert first.reading == "Drug: Hydroxychloroquine, Other: Questionnaire"
    assert second.reading == "none"
    assert (
        second.section == "protocolSection.armsInterventionsModule.armGroups[1].interventionNames"
    )


def test_the_order_of_interventions_does_not_matter(lint_with: Lint) -> None:
    names = ["Other: Questionnaire", "Drug: Hydroxychloroquine"]
    assert lint_with({ARMS: [{"label": "Go on", "interventionNames": names}]}) == []
