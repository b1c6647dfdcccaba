"""The verb `randomize`: what it writes, what it says, and that it can be repeated."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from trialwright.protocol import load_study
from trialwright.protocol.scheme import randomization_scheme
from trialwright.randomization import read_list, replay

STUDIES = Path(__file__).parents[2] / "studies"
DOSE_FINDING = STUDIES / "il2-sle-dose-finding" / "study.yaml"
INFECTION = STUDIES / "il2-sle-infection" / "study.yaml"


def test_the_list_goes_to_a_file_with_its_hash_beside_it(trialwright, tmp_path):
    out = tmp_path / "list.csv"
    ran = trialwright("randomize", DOSE_FINDING, "--seed", 7, "--out", out)
    assert ran.code == 0
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    assert (tmp_path / "list.csv.sha256").read_text() == f"{digest}  list.csv\n"
    assert digest in ran.out
    assert "Keep the list and the seed apart from the study" in ran.out
    # and the written list is the one of this study and seed
    scheme = randomization_scheme(load_study(DOSE_FINDING).study)
    replay(read_list(out), scheme, 7)


def test_every_stratum_can_take_the_whole_enrollment(trialwright, tmp_path):
    trialwright("randomize", DOSE_FINDING, "--seed", 7, "--out", tmp_path / "list.csv")
    rows = read_list(tmp_path / "list.csv").rows
    study = load_study(DOSE_FINDING).study
    counts = rows.group_by("stratum").len()
    assert counts.height == 2 * len(study.sites)
    assert counts["len"].min() >= study.design.enrollment.count


def test_without_a_file_the_list_itself_is_printed_and_the_warning_aside(trialwright, tmp_path):
    ran = trialwright("randomize", INFECTION, "--seed", 1)
    table = pl.read_csv(ran.out.encode())
    assert set(table["allocated_to"]) == {"standard-therapy", "il-2"}
    assert hashlib.sha256(ran.out.encode()).hexdigest() in ran.err
    assert "Keep the list" in ran.err


def test_the_crossover_reading_allocates_sequences(trialwright):
    ran = trialwright("randomize", INFECTION, "--seed", 1, "--reading", "crossover")
    table = pl.read_csv(ran.out.encode())
    assert set(table["allocated_to"]) == {"il-2-first", "standard-first"}


def test_json_holds_the_rows_and_the_hash_of_their_file(trialwright, tmp_path):
    answer = json.loads(trialwright("randomize", INFECTION, "--seed", 5, "--json").out)
    out = tmp_path / "list.csv"
    written = json.loads(
        trialwright("randomize", INFECTION, "--seed", 5, "--json", "--out", out).out
    )
    assert answer["sha256"] == written["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert pl.DataFrame(answer["rows"])["allocated_to"].equals(read_list(out).rows["allocated_to"])
    assert written["rows"] is None
    assert written["file"] == str(out)
    assert answer["reading"] == "parallel"


def test_another_seed_gives_another_list(trialwright):
    hashes = {
        json.loads(trialwright("randomize", INFECTION, "--seed", seed, "--json").out)["sha256"]
        for seed in (1, 1, 2, 3)
    }
    assert len(hashes) == 3


def test_blocks_that_can_not_hold_the_ratio_are_refused_and_nothing_is_written(
    trialwright, tmp_path
):
    broken = tmp_path / "study.yaml"
    text = INFECTION.read_text(encoding="utf-8").replace("block_sizes: [2, 4]", "block_sizes: [3]")
    broken.write_text(text, encoding="utf-8")
    ran = trialwright("randomize", broken, "--seed", 1, "--out", tmp_path / "list.csv")
    assert ran.code == 2
    assert "block" in ran.err
    assert not (tmp_path / "list.csv").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--seed", "-1"],
        ["--seed", "many"],
        [],
        ["--seed", "1", "--reading", "factorial"],
    ],
)
def test_a_bad_word_ends_with_2(trialwright, words):
    ran = trialwright("randomize", INFECTION, *words)
    assert ran.code == 2
    assert ran.err


@pytest.mark.parametrize(
    ("out", "blocked", "words"),
    [
        ("folder", "folder", "not a directory"),
        ("list.csv", "list.csv.sha256", "a directory stands where the hash goes"),
        ("study.yaml/list.csv", None, "cannot be written"),
    ],
)
def test_a_list_that_can_not_be_written_leaves_nothing(trialwright, tmp_path, out, blocked, words):
    (tmp_path / "study.yaml").write_bytes(INFECTION.read_bytes())
    if blocked:
        (tmp_path / blocked).mkdir()
    before = sorted(tmp_path.rglob("*"))

    ran = trialwright("randomize", tmp_path / "study.yaml", "--seed", 1, "--out", tmp_path / out)

    assert ran.code == 2
    assert words in ran.err
    assert "name a file in a directory" in ran.err
    assert sorted(tmp_path.rglob("*")) == before
