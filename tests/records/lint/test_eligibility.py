"""Criteria against the fields of age and sex. The sample is female, 18 years and older."""

from collections.abc import Callable
from typing import Any

import pytest

from trialwright.records.lint import Finding

Lint = Callable[[dict[str, Any]], list[Finding]]
CRITERIA = "eligibilityModule.eligibilityCriteria"
MAXIMUM = "eligibilityModule.maximumAge"
GROUPS = "eligibilityModule.stdAges"


def codes(findings: list[Finding]) -> list[str]:
    return [found.code for found in findings]


@pytest.mark.parametrize(
    ("criteria", "keys"),
    [
        ("Inclusion Criteria:\n* Age 20 to 65 years", ["minimumAge"]),
        ("Inclusion Criteria:\n* age:18 to 75 years, weight 45-80Kg", ["maximumAge"]),
        ("Inclusion Criteria:\n* aged between 16 and 70", ["minimumAge", "maximumAge"]),
        ("Inclusion Criteria:\n* Age ≥ 16 years", ["minimumAge"]),
        ("Inclusion Criteria:\n* 21 years or older", ["minimumAge"]),
        ("Exclusion Criteria:\n* Patients under 16 years of age", ["minimumAge"]),
        ("Inclusion Criteria:\n* older than 20 years", ["minimumAge"]),
        ("Inclusion Criteria:\n* Age under 60 years", ["maximumAge"]),
        ("Inclusion Criteria:\n* Age ≥ 20 and ≤ 60 years", ["maximumAge", "minimumAge"]),
        ("Inclusion Criteria:\n* 70 years and younger", ["maximumAge"]),
        ("Exclusion Criteria:\n* Age > 60 years", ["maximumAge"]),
        ("Exclusion Criteria:\n* age <18 or >70 years", ["maximumAge"]),
        ("Exclusion Criteria:\n* < 16 years", ["minimumAge"]),
    ],
)
def test_ages_that_differ(lint_with: Lint, criteria: str, keys: list[str]) -> None:
    findings = lint_with(
        {CRITERIA: criteria, MAXIMUM: "65 Years", GROUPS: ["ADULT", "OLDER_ADULT"]}
    )
    assert codes(findings) == ["TWR008"] * len(keys)
    assert [found.section.rsplit(".", 1)[1] for found in findings] == keys
    assert {found.criterion.split()[1] for found in findings} == {"1"}


@pytest.mark.parametrize(
    "criteria",
    [
        "Inclusion Criteria:\n* Age 18 to 65 years",
        "Inclusion Criteria:\n* 18-65 years old",
        "Inclusion Criteria:\n* At least 18 years of age",
        "Inclusion Criteria:\n* weight 45-80 kg at any age",
        "Inclusion Criteria:\n* Lansky (age 1 to 16) above 60",
        "Inclusion Criteria:\n* onset within 2 to 5 years",
        "Inclusion Criteria:\n* Age > 17 years",  # which may be registered as 18
        "Inclusion Criteria:\n* age < 66 years",
        "Inclusion Criteria:\n* Age ≥ 18 and ≤ 65 years",
        "Inclusion Criteria:\n* Post-menopausal, aged more than 50 years without menses",
        "Inclusion Criteria:\n* adults of any age whose lupus is older than 2 months",
        "Exclusion Criteria:\n* Age over 65 years",
        "Exclusion Criteria:\n* age <18 or ≥ 66 years",
        "Exclusion Criteria:\n* Malignancy less than 5 years ago",
        "Exclusion Criteria:\n* Disease duration less than 5 years",
        "Exclusion Criteria:\n* Patients under 18 years of age",
        "Exclusion Criteria:\n* less than 5 years since a cancer of any kind that was treated with "
        "radiation",
    ],
)
def test_ages_that_agree(lint_with: Lint, criteria: str) -> None:
    changes = {CRITERIA: criteria, MAXIMUM: "65 Years", GROUPS: ["ADULT", "OLDER_ADULT"]}
    assert lint_with(changes) == []


@pytest.mark.parametrize(
    ("sex", "criteria", "reading"),
    [
        ("FEMALE", "Inclusion Criteria:\n* Healthy male adult 19 to 45", "sex MALE"),
        ("ALL", "Inclusion Criteria:\n* Female patients", "sex FEMALE"),
        ("ALL", "Inclusion Criteria:\n* Women, aged 18 years and older", "sex FEMALE"),
        ("ALL", "Exclusion Criteria:\n* Male sex", "sex FEMALE"),
        ("ALL", "Inclusion Criteria:\n* Patients must be female", "sex FEMALE"),
        ("ALL", "Inclusion Criteria:\n* Sex: male", "sex MALE"),
        ("ALL", "Inclusion Criteria:\n* Female SLE patients", "sex FEMALE"),
        ("FEMALE", "Inclusion Criteria:\n* Male or female patients with SLE", "sex ALL"),
        ("MALE", "Inclusion Criteria:\n* Participants of either sex", "sex ALL"),
    ],
)
def test_sexes_that_differ(lint_with: Lint, sex: str, criteria: str, reading: str) -> None:
    findings = lint_with({CRITERIA: criteria, "eligibilityModule.sex": sex})
    assert codes(findings) == ["TWR009"]
    assert findings[0].reading.startswith(reading)


@pytest.mark.parametrize(
    ("sex", "criteria"),
    [
        ("FEMALE", "Inclusion Criteria:\n* Female patients"),
        ("ALL", "Inclusion Criteria:\n* Male or female, 18 years or older"),
        ("ALL", "Inclusion Criteria:\n* Men and women with lupus"),
        ("ALL", "Inclusion Criteria:\n* Women of childbearing potential must use contraception"),
        ("ALL", "Inclusion Criteria:\n* Female patients with a negative pregnancy test"),
        ("ALL", "Exclusion Criteria:\n* Female patients, if they are breastfeeding"),
    ],
)
def test_sexes_that_agree(lint_with: Lint, sex: str, criteria: str) -> None:
    assert lint_with({CRITERIA: criteria, "eligibilityModule.sex": sex}) == []


def test_age_groups_that_the_ages_do_not_give(lint_with: Lint) -> None:
    (found,) = lint_with({GROUPS: ["CHILD", "ADULT"]})
    assert found.code == "TWR012"
    assert found.reading == "ADULT, OLDER_ADULT"
