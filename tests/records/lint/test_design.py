"""Crossover described as groups, blinding without masking, and masked roles."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]
SUMMARY = "descriptionModule.briefSummary"
MODEL = "designModule.designInfo.interventionModel"
MASKING = "designModule.designInfo.maskingInfo"


def of(findings: list[Finding], code: str) -> list[Finding]:
    return [found for found in findings if found.code == code]


@pytest.mark.parametrize(
    "text",
    [
        "Patients (n=30) were divided into two groups randomly.",
        "They are randomized to one of 2 treatment arms.",
        "A parallel-group comparison.",
        "One received standard therapy, while another one was given IL-2.",
        "Patients are put into group A or B by chance.",
        "The treatment group has IL-2; the control group has none.",
    ],
)
def test_crossover_of_parallel_groups(lint_with: Lint, text: str) -> None:
    plain = {"designModule.designInfo.interventionModelDescription": None}
    (found,) = of(lint_with({**plain, MODEL: "CROSSOVER", SUMMARY: text}), "TWR003")
    assert found.section.endswith("interventionModel")
    assert found.line == 1
    assert found.words.startswith("CROSSOVER; ")
    assert found.reading.startswith("PARALLEL")


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("PARALLEL", "They were divided into two groups."),
        ("CROSSOVER", "They were divided into two groups and crossed over after a washout."),
        ("CROSSOVER", "They were divided into two groups with two periods."),
        ("CROSSOVER", "Everybody gets both treatments."),
    ],
)
def test_crossover_that_crosses_is_left_alone(lint_with: Lint, model: str, text: str) -> None:
    plain = {"designModule.designInfo.interventionModelDescription": None}
    assert of(lint_with({**plain, MODEL: model, SUMMARY: text}), "TWR003") == []


def test_double_blind_without_masking(lint_with: Lint) -> None:
    (found,) = of(lint_with({MASKING: None, SUMMARY: "A double-blind trial."}), "TWR004")
    assert found.words == "A double-blind trial."
    assert found.reading.startswith("masking DOUBLE")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("A doubleblind trial.", "masking DOUBLE"),
        ("A triple-masked trial.", "masking TRIPLE"),
        ("Assessor-blinded comparison.", "masking SINGLE or more"),
        ("Participants will be blinded.", "masking SINGLE or more"),
        ("A randomized, blinded trial.", "masking SINGLE or more"),
    ],
)
def test_other_words_for_masking(lint_with: Lint, text: str, reading: str) -> None:
    (found,) = of(lint_with({MASKING: None, SUMMARY: text}), "TWR004")
    assert found.reading == f"{reading}, and who is masked"


@pytest.mark.parametrize(
    "text", ["An unblinded trial.", "This is not a double-blind trial.", "They walk blindfolded."]
)
def test_words_that_do_not_say_that_the_study_is_masked(lint_with: Lint, text: str) -> None:
    assert of(lint_with({MASKING: None, SUMMARY: text}), "TWR004") == []


def test_a_title_may_not_say_blind_where_nobody_is_masked(lint_with: Lint) -> None:
    open_label = {MASKING: {"masking": "NONE"}}
    title = {"identificationModule.officialTitle": "A single blind trial"}
    assert of(lint_with({**open_label, **title}), "TWR004")
    # A summary may speak of the blinded study that came before.
    assert of(lint_with({**open_label, SUMMARY: "After a double-blind trial."}), "TWR004") == []


def test_masking_that_is_stated_is_left_alone(lint_with: Lint) -> None:
    assert of(lint_with({SUMMARY: "A double-blind trial."}), "TWR004") == []
    assert of(lint_with({MASKING: None, SUMMARY: "An open trial."}), "TWR004") == []


def test_masked_roles_are_counted(lint_with: Lint) -> None:
    (found,) = of(
        lint_with({MASKING: {"masking": "TRIPLE", "whoMasked": ["PARTICIPANT"]}}), "TWR013"
    )
    assert found.words == "masking TRIPLE; whoMasked PARTICIPANT"
    assert of(lint_with({}), "TWR013") == []
