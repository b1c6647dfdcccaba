"""Derived facts, by hand and against every real record."""

from pathlib import Path

import pytest

from trialwright.records.derive import (
    age_in_years,
    intervention_names,
    masking_agrees,
    standard_ages,
)
from trialwright.records.model.arms import ArmGroup, ArmsInterventionsModule, Intervention
from trialwright.records.model.design import MaskingBlock
from trialwright.records.model.eligibility import EligibilityModule
from trialwright.records.read import read_record


@pytest.mark.parametrize(
    ("age", "years"),
    [("18 Years", 18), ("1 Year", 1), ("18 Months", 1.5), ("0 Days", 0), ("731 Days", 2.001369)],
)
def test_ages_in_years(age: str, years: float) -> None:
    assert age_in_years(age) == pytest.approx(years, abs=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "groups"),
    [
        (None, None, ("CHILD", "ADULT", "OLDER_ADULT")),
        ("18 Years", None, ("ADULT", "OLDER_ADULT")),
        ("18 Years", "64 Years", ("ADULT",)),
        ("18 Years", "65 Years", ("ADULT", "OLDER_ADULT")),
        (None, "17 Years", ("CHILD",)),
        ("6 Months", "18 Years", ("CHILD", "ADULT")),
        ("65 Years", None, ("OLDER_ADULT",)),
        ("64 Years", None, ("ADULT", "OLDER_ADULT")),
    ],
)
def test_standard_ages(low: str | None, high: str | None, groups: tuple[str, ...]) -> None:
    assert standard_ages(EligibilityModule(minimum_age=low, maximum_age=high)) == groups


def test_intervention_names_follow_the_interventions() -> None:
    module = ArmsInterventionsModule(
        arm_groups=(ArmGroup(label="A"), ArmGroup(label="B"), ArmGroup(label="C")),
        interventions=(
            Intervention(type="DRUG", name="x", arm_group_labels=("A", "B")),
            Intervention(type="DIETARY_SUPPLEMENT", name="y", arm_group_labels=("B", "gone")),
            Intervention(type="DRUG", name="x", arm_group_labels=("A",)),
        ),
    )
    assert intervention_names(module) == {
        "A": ("Drug: x",),
        "B": ("Drug: x", "Dietary Supplement: y"),
        "C": (),
    }


def test_masking_counts_roles() -> None:
    assert masking_agrees(MaskingBlock())
    assert masking_agrees(MaskingBlock(masking="DOUBLE"))
    assert masking_agrees(MaskingBlock(masking="SINGLE", who_masked=("PARTICIPANT",)))
    assert not masking_agrees(MaskingBlock(masking="DOUBLE", who_masked=("PARTICIPANT",)))
    assert not masking_agrees(MaskingBlock(masking="NONE", who_masked=("PARTICIPANT",)))
    assert not masking_agrees(MaskingBlock(who_masked=("PARTICIPANT",)))


def test_real_records_hold_what_is_derived(shared: Path) -> None:
    files = sorted((shared / "records/ctgov_v2").glob("*.json"))
    assert files
    for file in files:
        protocol = read_record(file).study.protocol_section
        eligibility, arms = protocol.eligibility_module, protocol.arms_interventions_module
        assert standard_ages(eligibility) == eligibility.std_ages, file.name
        assert masking_agrees(protocol.design_module.design_info.masking_info), file.name
        derived = intervention_names(arms)
        for arm in arms.arm_groups:
            assert arm.label is not None
            assert derived[arm.label] == arm.intervention_names, (file.name, arm.label)
