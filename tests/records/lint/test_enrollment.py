"""The size of the study in prose and in its field."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]


def found_in(lint_with: Lint, text: str, count: int, kind: str) -> list[Finding]:
    return lint_with(
        {
            "descriptionModule.briefSummary": text,
            "designModule.enrollmentInfo": {"count": count, "type": kind},
        }
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A total of 60 SLE patients is planned.", "ESTIMATED"),
        ("A total of SLE patients (n=60) were divided.", "ACTUAL"),
        ("A total of 1,060 participants is planned.", "ESTIMATED"),
        ("60 patients will be enrolled.", "ESTIMATED"),
        ("60 adult patients were randomized.", "ACTUAL"),
        ("We will enroll 60 participants.", "ESTIMATED"),
        ("This study will include about 60 SLE patients.", "ESTIMATED"),
        ("The sample size is 60.", "ESTIMATED"),
        ("The planned enrollment is 60 participants.", "ESTIMATED"),
        ("Patients (n=60) were randomized.", "ACTUAL"),
        ("A total of 60 patients will be enrolled.", "ESTIMATED"),  # two patterns, one finding
    ],
)
def test_two_sizes(lint_with: Lint, text: str, kind: str) -> None:
    (found,) = found_in(lint_with, text, 30, kind)
    assert found.code == "TWR007"
    assert "60" in found.words
    assert found.reading.startswith("30 participants")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A total of 30 SLE patients is planned.", "ESTIMATED"),
        ("A total of SLE patients (n=30) were divided.", "ACTUAL"),
        ("A total of 60 patients is planned.", "ACTUAL"),  # the plan; 30 were reached
        ("60 patients had a flare.", "ESTIMATED"),
        ("Of 60 sites, two take part.", "ESTIMATED"),
        ("15 patients will be enrolled in each group.", "ESTIMATED"),
        ("Each site will enroll 10 participants.", "ESTIMATED"),
        ("In a previous study 12 patients were included.", "ESTIMATED"),
    ],
)
def test_one_size(lint_with: Lint, text: str, kind: str) -> None:
    assert found_in(lint_with, text, 30, kind) == []


def test_no_size(lint_with: Lint) -> None:
    text = {"descriptionModule.briefSummary": "A total of 60 patients is planned."}
    assert lint_with({**text, "designModule.enrollmentInfo": None}) == []
