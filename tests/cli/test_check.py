"""`trialwright check`: findings, their answers, and the exit code that says whether any is open."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOSE_FINDING = ROOT / "studies/il2-sle-dose-finding/study.yaml"
INFECTION = ROOT / "studies/il2-sle-infection/study.yaml"
SEEDS = ROOT.parent / "shared/seeds"
RECORDS = {
    DOSE_FINDING: SEEDS / "000_bb595da736273c65.txt",
    INFECTION: SEEDS / "001_46e35d0dd0f5de8d.txt",
}


@pytest.fixture
def changed(tmp_path):
    """Write a shipped study with words replaced, and return its path."""

    def write(study: Path, **replaced: str) -> Path:
        text = study.read_text()
        for old, new in replaced.pop("words", {}).items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "study.yaml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("study", [DOSE_FINDING, INFECTION], ids=["dose finding", "infection"])
def test_a_shipped_study_has_no_open_findings(trialwright, study):
    ran = trialwright("check", study)
    assert ran.code == 0
    assert ": 0 findings" in ran.out


@pytest.mark.parametrize("study", RECORDS, ids=["dose finding", "infection"])
def test_a_shipped_study_agrees_with_its_record(trialwright, study):
    if not RECORDS[study].exists():
        pytest.skip("the registry records are not beside this repository")
    ran = trialwright("check", study, "--record", RECORDS[study])
    assert ran.code == 0, ran.out


def test_every_reading_is_checked_unless_one_is_named(trialwright):
    both = trialwright("check", INFECTION)
    one = trialwright("check", INFECTION, "--reading", "crossover")
    assert "reading parallel" in both.out
    assert "reading crossover" in both.out
    assert "reading parallel" not in one.out


def test_a_finding_is_told_with_code_place_and_remedy(trialwright, changed):
    study = changed(DOSE_FINDING, words={"block_sizes: [4, 8]": "block_sizes: [4, 6]"})
    ran = trialwright("check", study)
    assert ran.code == 1
    assert "1 findings" in ran.out
    assert "TWP106 randomization.block_sizes: a block of 6" in ran.out
    assert "take multiples of 4" in ran.out


def test_a_program_reads_the_findings_as_json(trialwright, changed):
    study = changed(INFECTION, words={"block_sizes: [2, 4]": "block_sizes: [3]"})
    ran = trialwright("check", study, "--json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert {(row["reading"], row["name"]) for row in found} == {
        ("parallel", "TWP106 randomization.block_sizes"),
        ("crossover", "TWP106 randomization.block_sizes"),
    }


def test_a_gap_is_a_finding_and_a_slip_of_the_pen_an_error(trialwright, changed):
    gap = changed(DOSE_FINDING, words={"rule: allergy}": "rule: penicillin_reaction}"})
    assert trialwright("check", gap).code == 1
    slip = changed(DOSE_FINDING, words={"rule: allergy}": "rule: alergy}"})
    ran = trialwright("check", slip)
    assert ran.code == 2
    assert "did you mean allergy?" in ran.err
    assert "line " in ran.err


def test_an_unknown_reading_names_those_there_are(trialwright):
    ran = trialwright("check", INFECTION, "--reading", "factorial")
    assert ran.code == 2
    assert "its readings are parallel, crossover" in ran.err


def test_an_answer_to_a_finding_of_the_record_is_not_stale_without_the_record(trialwright):
    assert "TWP901" not in trialwright("check", INFECTION, "--reading", "parallel").out
