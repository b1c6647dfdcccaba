"""The verb `rehearse`: what it writes, that it repeats, and that it leaves nothing half done."""

import json
import shutil
from pathlib import Path

import pytest

from trialwright import trialdata
from trialwright.cli.main import run_words
from trialwright.trialdata import TABLES, read_data, read_origin

STUDIES = Path(__file__).parents[2] / "studies"
DOSE_FINDING = STUDIES / "il2-sle-dose-finding" / "study.yaml"
INFECTION = STUDIES / "il2-sle-infection" / "study.yaml"


def test_it_writes_report_results_and_data(trialwright, tmp_path):
    ran = trialwright("rehearse", DOSE_FINDING, "--seed", 5, "--out", tmp_path / "t1")
    assert ran.code == 0
    assert {path.name for path in (tmp_path / "t1").iterdir()} == {
        "report.html",
        "results.json",
        "data",
    }
    assert {path.name for path in (tmp_path / "t1" / "data").iterdir()} == {
        *(f"{name}.parquet" for name in TABLES),
        "origin.json",
    }
    lines = ran.out.splitlines()
    assert "Virtual participants, scenario emax, seed 5." in lines
    assert lines[-1] == f"report: {tmp_path / 't1' / 'report.html'}"
    assert sum("responded by SRI-4" in line for line in lines) == 3
    assert "Simulating 160 participants" in ran.err
    assert "Virtual" not in ran.err
    document = json.loads((tmp_path / "t1" / "results.json").read_text())
    assert document["format"] == "trialwright-results/1"
    assert document["study"]["id"] == "il2-sle-dose-finding"
    assert document["results"]["flow"]["randomized"] == 160
    assert len(read_data(tmp_path / "t1" / "data").allocations) == 160
    assert read_origin(tmp_path / "t1" / "data").seed == 5
    for sentence in lines[3:-1]:
        assert (
            sentence.strip().replace("<", "&lt;") in (tmp_path / "t1" / "report.html").read_text()
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A rehearsal of the infection trial with seed 1 on one worker."""
    out = tmp_path_factory.mktemp("first") / "out"
    words = ["rehearse", INFECTION, "--seed", 1, "--workers", 1, "--out", out]
    assert run_words([str(word) for word in words]) == 0
    return out


def test_the_same_seed_gives_the_same_bytes_on_one_worker_or_two(trialwright, first, tmp_path):
    two = tmp_path / "two"
    trialwright("rehearse", INFECTION, "--seed", 1, "--out", two, "--workers", 2)
    files = [path.relative_to(first) for path in first.rglob("*") if path.is_file()]
    assert len(files) == len(TABLES) + 3
    for name in files:
        assert (first / name).read_bytes() == (two / name).read_bytes(), name


def test_a_reading_by_name(trialwright, tmp_path):
    out = tmp_path / "crossover"
    ran = trialwright("rehearse", INFECTION, "--reading", "crossover", "--out", out, "--json")
    answer = json.loads(ran.out)
    assert answer["reading"] == "crossover"
    assert answer["report"] == str(out / "report.html")
    assert len(answer["comparisons"]) == 4
    assert "Carry-over" in (out / "report.html").read_text()
    assert json.loads((out / "results.json").read_text())["study"]["reading"] == "crossover"


def test_another_seed_replaces_the_earlier_rehearsal_as_a_whole(trialwright, first, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(first, out)
    (out / "data" / "stale.parquet").write_text("stale")
    assert trialwright("rehearse", INFECTION, "--seed", 2, "--out", out).code == 0
    assert not (out / "data" / "stale.parquet").exists()
    assert read_origin(out / "data").seed == 2
    assert (out / "results.json").read_bytes() != (first / "results.json").read_bytes()


def test_a_directory_with_other_files_is_left_alone(trialwright, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    ran = trialwright("rehearse", INFECTION, "--out", tmp_path)
    assert ran.code == 2
    assert "thesis.txt" in ran.err
    assert "--out" in ran.err
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_place_of_the_directory_is_left_alone(trialwright, tmp_path):
    (tmp_path / "out").write_text("a file")
    assert trialwright("rehearse", INFECTION, "--out", tmp_path / "out").code == 2
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--scenario", "miracle"), "no scenario 'miracle'"),
        (("--reading", "sideways"), "no reading 'sideways'"),
    ],
)
def test_what_cannot_be_used_ends_with_2_and_leaves_nothing(trialwright, tmp_path, words, message):
    ran = trialwright("rehearse", INFECTION, "--out", tmp_path / "out", *words)
    assert ran.code == 2
    assert message in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_study_that_cannot_be_read_ends_with_2(trialwright, tmp_path):
    text = INFECTION.read_text().replace("item: selena_sledai,", "item: selena_sledia,")
    study = tmp_path / "study.yaml"
    study.write_text(text)
    ran = trialwright("rehearse", study, "--out", tmp_path / "out")
    assert ran.code == 2
    assert "selena_sledia" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_failure_while_writing_leaves_the_earlier_rehearsal(
    trialwright, first, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    shutil.copytree(first, out)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(trialdata, "write_origin", full)  # the tables are in the directory by then
    with pytest.raises(OSError, match="no space"):
        trialwright("rehearse", INFECTION, "--seed", 2, "--out", out)
    for name in ("report.html", "results.json"):
        assert (out / name).read_bytes() == (first / name).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_help_has_an_example(trialwright):
    ran = trialwright("rehearse", "--help")
    assert ran.code == 0
    assert "Example" in ran.out
