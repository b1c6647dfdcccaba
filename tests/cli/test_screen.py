"""The verb `screen`: what it prints and how it ends."""

import json
from pathlib import Path

import pytest

SMALL = Path(__file__).parents[1] / "protocol" / "small.yaml"
HEADER = "participant,age,selena_sledai,selena_sledai_date,selena_sledai_source,alt\n"
FITS = "P1,34,9,2026-01-04,visit screening,20\n"
CALM = "P2,34,6,2026-01-04,visit screening,20\n"
UNSEEN = "P3,34,,,,20\n"


@pytest.fixture
def screen(trialwright, tmp_path):
    """Screen these rows by the small study."""

    def run(rows, *options, header=HEADER):
        path = tmp_path / "participants.csv"
        path.write_text(header + rows)
        return trialwright("screen", SMALL, path, "--on", "2026-01-20", *options)

    return run


def test_every_criterion_is_told_with_its_reason(screen):
    ran = screen(FITS + CALM + UNSEEN)

    assert ran.out.splitlines() == [
        "P1 is eligible",
        "  I1  met      age is 34 years, >= 18",
        "  I2  met      selena_sledai is 9 (2026-01-04, visit screening), >= 8",
        "  E1  not met  alt is 20 U/L (limits of normal from the study, not the laboratory), "
        "not >= 2 * uln(alt), which is 80 (alt upper limit 40)",
        "P2 is ineligible: I2",
        "  I1  met      age is 34 years, >= 18",
        "  I2  not met  selena_sledai is 6 (2026-01-04, visit screening), not >= 8",
        "  E1  not met  alt is 20 U/L (limits of normal from the study, not the laboratory), "
        "not >= 2 * uln(alt), which is 80 (alt upper limit 40)",
        "P3 is undecided",
        "  I1  met      age is 34 years, >= 18",
        "  I2  unknown  selena_sledai is not known",
        "  E1  not met  alt is 20 U/L (limits of normal from the study, not the laboratory), "
        "not >= 2 * uln(alt), which is 80 (alt upper limit 40)",
        "  collect next: selena_sledai",
        "3 screened: 1 eligible, 1 ineligible, 1 undecided",
    ]


@pytest.mark.parametrize(("rows", "code"), [(FITS, 0), (CALM, 1), (UNSEEN, 1), (FITS + UNSEEN, 1)])
def test_the_exit_code_is_0_only_if_everyone_is_eligible(screen, rows, code):
    assert screen(rows).code == code


def test_columns_that_are_missing_leave_their_criteria_unknown(screen):
    ran = screen("P1,34\n", header="participant,age\n")

    assert ran.code == 1
    assert "I1  met      age is 34 years, >= 18" in ran.out
    assert "collect next: selena_sledai, alt" in ran.out


def test_what_is_missing_of_an_ineligible_participant_need_not_be_collected(screen):
    ran = screen("P1,17\n", header="participant,age\n")

    assert "P1 is ineligible: I1" in ran.out
    assert "collect next" not in ran.out


def test_brief_tells_eligibility_only(screen):
    assert screen(FITS + CALM, "--brief").out.splitlines() == [
        "P1 is eligible",
        "P2 is ineligible: I2",
        "2 screened: 1 eligible, 1 ineligible, 0 undecided",
    ]


def test_many_participants_are_screened_in_slices_and_told_in_order(screen):
    rows = "".join(f"P{number},{17 + number % 2},9,,,20\n" for number in range(1203))
    ran = screen(rows)

    told = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert told[:2] == ["P0 is ineligible: I1", "P1 is eligible"]
    assert told[-2:] == [
        "P1202 is ineligible: I1",
        "1203 screened: 601 eligible, 602 ineligible, 0 undecided",
    ]
    assert len(told) == 1204


def test_brief_json_leaves_criteria_and_reasons_away(screen):
    assert json.loads(screen(CALM, "--brief", "--json").out) == [
        {
            "participant": "P2",
            "eligibility": "ineligible",
            "assessed_on": "2026-01-20",
            "failed": ["I2"],
        }
    ]


def test_json_holds_the_same(screen):
    ran = screen(UNSEEN, "--json")

    (person,) = json.loads(ran.out)
    assert ran.code == 1
    assert (person["participant"], person["eligibility"]) == ("P3", "unknown")
    assert (person["assessed_on"], person["failed"]) == ("2026-01-20", [])
    assert person["criteria"][1] == {
        "criterion": "I2",
        "kind": "inclusion",
        "verdict": "unknown",
        "reason": "selena_sledai is not known",
        "collect": ["selena_sledai"],
    }


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        ("P1,old\n", "participant,age\n", ["row 2, column age (participant P1)", "'old'"]),
        ("P1,-3\n", "participant,age\n", ["row 2, column age", "age lies from 0 to 120"]),
        ("P1,3\nP1,4\n", "participant,age\n", ["row 3", "'P1' appears a second time"]),
        ("34\n", "age\n", ["column participant is missing"]),
        ("P1,3\n", "participant,alz\n", ["column alz", "did you mean alt?"]),
        ("P1\n", "participant,age\n", ["row 2", "may be cut short"]),
    ],
)
def test_unusable_input_exits_with_2_and_prints_no_verdict(screen, rows, header, words):
    ran = screen(rows, header=header)

    assert (ran.code, ran.out) == (2, "")
    assert "participants.csv" in ran.err
    for word in words:
        assert word in ran.err


def test_a_study_with_a_misspelled_item_exits_with_2(trialwright, tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(
        SMALL.read_text().replace("rule: selena_sledai >= 8", "rule: selena_sledia >= 8")
    )
    people = tmp_path / "participants.csv"
    people.write_text(HEADER + FITS)
    ran = trialwright("screen", study, people)

    assert (ran.code, ran.out) == (2, "")
    assert "did you mean selena_sledai?" in ran.err


def test_a_day_that_is_none_exits_with_2(trialwright, tmp_path):
    assert trialwright("screen", SMALL, tmp_path / "none.csv", "--on", "20 January").code == 2


def test_help_has_an_example(trialwright):
    assert "Example: trialwright screen" in trialwright("screen", "--help").out
