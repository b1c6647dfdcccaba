"""Words of pages to codes of the register, and every code has words."""

from collections.abc import Mapping
from typing import get_args

import pytest

from trialwright.records import wording
from trialwright.records.model import codes


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (wording.STATUS, codes.Status),
        (wording.STUDY_TYPE, codes.StudyType),
        (wording.PHASE, codes.Phase),
        (wording.ALLOCATION, codes.DesignAllocation),
        (wording.INTERVENTION_MODEL, codes.InterventionalAssignment),
        (wording.MASKING, codes.DesignMasking),
        (wording.WHO_MASKED, codes.WhoMasked),
        (wording.PURPOSE, codes.PrimaryPurpose),
        (wording.ARM_TYPE, codes.ArmGroupType),
        (wording.INTERVENTION_TYPE, codes.InterventionType),
        (wording.OFFICIAL_ROLE, codes.OfficialRole),
        (wording.SEX, codes.Sex),
        (wording.STANDARD_AGE, codes.StandardAge),
        (wording.IPD_SHARING, codes.IpdSharing),
        (wording.OBSERVATIONAL_MODEL, codes.ObservationalModel),
        (wording.TIME_PERSPECTIVE, codes.DesignTimePerspective),
        (wording.SAMPLING, codes.SamplingMethod),
    ],
)
def test_every_code_has_words_and_every_word_a_code(
    words: Mapping[str, str], known: object
) -> None:
    assert set(words.values()) == set(get_args(known))


def test_words_of_a_code() -> None:
    assert wording.words_of(wording.STATUS, "ACTIVE_NOT_RECRUITING") == "Active, not recruiting"
    assert wording.words_of(wording.STATUS, None) == ""
    assert wording.words_of(wording.STATUS, "NEW_CODE") == "NEW_CODE"


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("March 15, 2018", "2018-03-15"),
        ("March 5, 2018", "2018-03-05"),
        ("December 2018", "2018-12"),
        ("2018-03-15", "2018-03-15"),
        ("2018-12", "2018-12"),
    ],
)
def test_dates(words: str, day: str) -> None:
    assert wording.read_date(words) == day


@pytest.mark.parametrize(
    "words",
    ["soon", "2018", "2018-13", "2018-3-5", "Mar 15, 2018", "15 March 2018", "March 15 2018"],
)
def test_words_that_are_no_date(words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wording.read_date(words)


@pytest.mark.parametrize(
    ("words", "ages"),
    [
        ("18 Years to 60 Years", ("18 Years", "60 Years")),
        ("18 Years and older", ("18 Years", None)),
        ("65 Years and over", ("65 Years", None)),
        ("up to 6 Months", (None, "6 Months")),
        ("All", (None, None)),
        ("", (None, None)),
    ],
)
def test_ages(words: str, ages: tuple[str | None, str | None]) -> None:
    assert wording.read_ages(words) == ages


def test_words_that_are_no_ages() -> None:
    with pytest.raises(ValueError, match="old enough"):
        wording.read_ages("old enough")


@pytest.mark.parametrize(
    ("words", "phases"),
    [
        ("Phase 2", ["PHASE2"]),
        ("Early Phase 1", ["EARLY_PHASE1"]),
        ("Phase 1/Phase 2", ["PHASE1", "PHASE2"]),
        ("Phase 2 Phase 3", ["PHASE2", "PHASE3"]),
        ("Phase 2\nPhase 3", ["PHASE2", "PHASE3"]),
        ("N/A", ["NA"]),
        ("Not Applicable", ["NA"]),
        ("", []),
    ],
)
def test_phases(words: str, phases: list[str]) -> None:
    assert wording.read_phases(words) == phases


@pytest.mark.parametrize("words", ["Phase", "Phase 5", "Phase 22", "Phase 2 or so"])
def test_words_that_are_no_phase(words: str) -> None:
    with pytest.raises(ValueError, match="Phase"):
        wording.read_phases(words)
