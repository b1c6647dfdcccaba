"""The verb `analyze`: the same numbers from the data as from the rehearsal that wrote them."""

import json
from pathlib import Path

import polars as pl
import pytest

from trialwright.cli.main import run_words
from trialwright.trialdata import read_data, write_data

STUDIES = Path(__file__).parents[2] / "studies"
INFECTION = STUDIES / "il2-sle-infection" / "study.yaml"
DOSE_FINDING = STUDIES / "il2-sle-dose-finding" / "study.yaml"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("rehearsal") / "out"
    run_words(
        ["rehearse", str(INFECTION), "--seed", "4", "--reading", "crossover", "--out", str(out)]
    )
    return out


def test_the_data_of_a_rehearsal_give_its_results_byte_for_byte(trialwright, rehearsed, tmp_path):
    # The reading is that of the data, though the study's default is another.
    ran = trialwright("analyze", INFECTION, rehearsed / "data", "--out", tmp_path / "again")
    assert ran.code == 0
    again = (tmp_path / "again" / "results.json").read_bytes()
    assert again == (rehearsed / "results.json").read_bytes()
    page = (tmp_path / "again" / "report.html").read_text()
    assert "All participants on this page are virtual." in page
    assert f"trialwright analyze {INFECTION} {rehearsed / 'data'} --reading crossover" in page
    assert "Virtual participants, scenario emax, seed 4." in ran.out
    assert ran.out.splitlines()[-1] == f"report: {tmp_path / 'again' / 'report.html'}"


def test_json_is_the_results_file(trialwright, rehearsed):
    ran = trialwright("analyze", INFECTION, rehearsed / "data", "--json")
    assert ran.out == (rehearsed / "results.json").read_text()


def test_csv_tables_give_the_same_results(trialwright, rehearsed, tmp_path):
    write_data(read_data(rehearsed / "data"), tmp_path, "csv")
    ran = trialwright("analyze", INFECTION, tmp_path, "--reading", "crossover", "--json")
    assert ran.out == (rehearsed / "results.json").read_text()


def test_data_without_an_origin_are_those_of_people(trialwright, rehearsed, tmp_path):
    write_data(read_data(rehearsed / "data"), tmp_path)
    words = ("--reading", "crossover", "--out", tmp_path / "out")
    ran = trialwright("analyze", INFECTION, tmp_path, *words)
    assert ran.code == 0
    assert "Virtual" not in ran.out
    assert "participants on this page are virtual" not in (tmp_path / "out/report.html").read_text()


def test_other_files_of_the_directory_stay(trialwright, rehearsed, tmp_path):
    (tmp_path / "notes.txt").write_text("keep")
    trialwright("analyze", INFECTION, rehearsed / "data", "--out", tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"notes.txt", "results.json", "report.html"}
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("study", "words", "message"),
    [
        (INFECTION, ("--reading", "parallel"), "another of its readings"),
        (DOSE_FINDING, ("--reading", "crossover"), "no reading 'crossover'"),
    ],
)
def test_data_of_another_study_or_reading_end_with_2(
    trialwright, rehearsed, tmp_path, study, words, message
):
    ran = trialwright("analyze", study, rehearsed / "data", "--out", tmp_path / "out", *words)
    assert ran.code == 2
    assert message in ran.err
    assert list(tmp_path.iterdir()) == []


def spoil_cut(directory):
    path = directory / "visits.parquet"
    path.write_bytes(path.read_bytes()[:300])


def spoil_column(directory):
    pl.read_parquet(directory / "visits.parquet").drop("status").write_parquet(
        directory / "visits.parquet"
    )


def spoil_twice(directory):
    table = pl.read_parquet(directory / "visits.parquet")
    pl.concat([table, table.head(1)]).write_parquet(directory / "visits.parquet")


def spoil_missing(directory):
    (directory / "visits.parquet").unlink()


def spoil_origin(directory):
    (directory / "origin.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_cut, "cut short"),
        (spoil_column, "status is missing"),
        (spoil_twice, "appears more than once"),
        (spoil_missing, "the table visits is missing"),
        (spoil_origin, "origin of these data cannot be read"),
    ],
)
def test_spoiled_data_end_with_2_and_leave_nothing(
    trialwright, rehearsed, tmp_path, spoil, message
):
    data = tmp_path / "data"
    data.mkdir()
    for path in (rehearsed / "data").iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    spoil(data)
    ran = trialwright("analyze", INFECTION, data, "--out", tmp_path / "out")
    assert ran.code == 2
    assert message in ran.err
    assert not (tmp_path / "out").exists()


def test_no_data_at_all(trialwright, tmp_path):
    ran = trialwright("analyze", INFECTION, tmp_path / "nowhere")
    assert ran.code == 2
    assert "no such directory" in ran.err


def test_a_file_in_the_place_of_the_directory(trialwright, rehearsed, tmp_path):
    (tmp_path / "out").write_text("a file")
    ran = trialwright("analyze", INFECTION, rehearsed / "data", "--out", tmp_path / "out")
    assert ran.code == 2
    assert (tmp_path / "out").read_text() == "a file"


def test_results_that_cannot_be_written_leave_no_report(trialwright, rehearsed, tmp_path):
    (tmp_path / "results.json").mkdir()
    ran = trialwright("analyze", INFECTION, rehearsed / "data", "--out", tmp_path)
    assert ran.code == 2
    assert "results.json: it cannot be written: " in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_help_has_an_example(trialwright):
    ran = trialwright("analyze", "--help")
    assert ran.code == 0
    assert "Example" in ran.out


def test_results_name_study_and_reading(rehearsed):
    document = json.loads((rehearsed / "results.json").read_text())
    assert set(document) == {"format", "study", "results"}
    assert document["study"]["reading"] == "crossover"
    assert len(document["study"]["sha256"]) == 64
