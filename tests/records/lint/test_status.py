"""Recruiting past completion, and a record without its id."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from trialwright.records.lint import Finding
from trialwright.records.lint.status import last_day

Lint = Callable[[dict[str, Any]], list[Finding]]


def codes(findings: list[Finding]) -> list[str]:
    return [found.code for found in findings]


@pytest.mark.parametrize(
    ("partial", "day"),
    [
        ("2024-12-31", date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2023", date(2023, 12, 31)),
    ],
)
def test_the_last_day_of_a_date(partial: str, day: date) -> None:
    assert last_day(partial) == day


# The tests lint on March 1, 2022.
@pytest.mark.parametrize(
    ("status", "completion", "flawed"),
    [
        ("RECRUITING", "2022-02-28", True),
        ("RECRUITING", "2022-02", True),
        ("NOT_YET_RECRUITING", "2021-06", True),
        ("ENROLLING_BY_INVITATION", "2021", True),
        ("RECRUITING", "2022-03-01", False),
        ("RECRUITING", "2022-03", False),
        ("RECRUITING", "2022", False),
        ("COMPLETED", "2021-06", False),
        ("UNKNOWN", "2021-06", False),
    ],
)
def test_recruiting_past_completion(
    lint_with: Lint, status: str, completion: str, flawed: bool
) -> None:
    findings = lint_with(
        {
            "statusModule.overallStatus": status,
            "statusModule.completionDateStruct": {"date": completion},
        }
    )
    assert ("TWR005" in codes(findings)) is flawed
    if flawed:
        (found,) = findings
        assert found.words == f"{status}; completion date {completion}"
        assert "2022-03-01" in found.reason


def test_without_a_completion_date_nothing_is_past(lint_with: Lint) -> None:
    assert lint_with({"statusModule.completionDateStruct": None}) == []


def test_a_record_without_its_id(lint_with: Lint) -> None:
    (found,) = lint_with({"identificationModule.nctId": None})
    assert found.code == "TWR010"
    assert found.words == "A Trial of Stopping Hydroxychloroquine in Quiet Lupus"
    assert found.line is None


def test_without_a_completion_date_the_primary_completion_counts(lint_with: Lint) -> None:
    changes = {
        "statusModule.overallStatus": "RECRUITING",
        "statusModule.completionDateStruct": None,
        "statusModule.primaryCompletionDateStruct": {"date": "2020-01"},
    }
    assert [found.code for found in lint_with(changes)] == ["TWR005"]
