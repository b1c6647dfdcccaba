"""The verb `score`: what it prints, where it writes, and how it ends."""

import json
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from trialwright import sle
from trialwright.cli.score import score
from trialwright.errors import UnusableInputError

app = typer.Typer()
app.command()(score)


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """Two visits of one participant: arthritis and rash, then arthritis with DNA not assessed."""
    keys = [item.key for item in sle.INSTRUMENTS["selena-sledai"].items]
    first = dict.fromkeys(keys, "no") | {"arthritis": "yes", "rash": "yes"}
    second = dict.fromkeys(keys, "no") | {"arthritis": "yes", "increased_dna_binding": "ND"}
    rows = [{"participant": "P1", "visit": 0, **first}, {"participant": "P1", "visit": 4, **second}]
    path = tmp_path / "visits.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


def test_scores_go_to_standard_output_as_csv(visits: Path):
    result = run("selena-sledai", visits)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == ["P1,0,6,0,6,6", "P1,4,,1,4,4"]


def test_options_are_set_by_name(visits: Path):
    result = run("selena-sledai", visits, "--set", "missing=zero", "--set", "bands=eular2019")

    assert result.stdout.splitlines()[1:] == ["P1,0,6,0,6,6,moderate", "P1,4,4,1,4,4,low"]


def test_json_holds_the_same_rows(visits: Path):
    rows = json.loads(run("selena-sledai", visits, "--json").stdout)

    assert [row["selena_sledai"] for row in rows] == [6, None]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_scores_go_to_a_file(visits: Path, tmp_path: Path, ending: str):
    out = tmp_path / f"scores.{ending}"
    result = run("selena-sledai", visits, "--out", out)

    assert result.exit_code == 0
    assert result.stdout == ""
    read = pl.read_csv(out) if ending == "csv" else pl.read_parquet(out)
    assert read["selena_sledai"].to_list() == [6, None]


def test_parquet_in(visits: Path, tmp_path: Path):
    parquet = tmp_path / "visits.parquet"
    pl.read_csv(visits).write_parquet(parquet)

    assert run("selena-sledai", parquet).stdout == run("selena-sledai", visits).stdout


def test_from_parquet_to_parquet(visits: Path, tmp_path: Path):
    parquet, out = tmp_path / "visits.parquet", tmp_path / "scores.parquet"
    pl.read_csv(visits).write_parquet(parquet)

    assert run("selena-sledai", parquet, "--out", out, "--set", "missing=zero").exit_code == 0
    assert pl.read_parquet(out)["selena_sledai"].to_list() == [6, 4]

    parquet.write_bytes(parquet.read_bytes()[:-9])
    error = run("selena-sledai", parquet, "--out", tmp_path / "again.parquet").exception
    assert isinstance(error, UnusableInputError)
    assert "cannot be read as a table" in error.what
    assert not (tmp_path / "again.parquet").exists()


def test_explain_names_the_items_of_one_visit(visits: Path):
    result = run("selena-sledai", visits, "--explain", "P1", "4")

    assert "no score, 1 not assessed (between 4 and 6)" in result.stdout
    assert "+4  Arthritis" in result.stdout
    assert "not assessed: Increased DNA binding" in result.stdout


def test_check_lists_findings_and_exits_with_1(visits: Path):
    table = pl.read_csv(visits).with_columns(pl.Series("joint_count", [0, 5]))
    table.write_csv(visits)
    result = run("selena-sledai", visits, "--check")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == [
        "P1,0,SLEDAI-JOINTS,arthritis is present and no joint was counted"
    ]


def test_check_without_findings_exits_with_0(visits: Path):
    assert run("selena-sledai", visits, "--check").exit_code == 0


def test_a_mistake_names_file_row_and_column_and_leaves_no_output(visits: Path, tmp_path: Path):
    text = visits.read_text().replace("ND", "perhaps")
    visits.write_text(text)
    out = tmp_path / "scores.csv"
    error = run("selena-sledai", visits, "--out", out).exception

    assert isinstance(error, UnusableInputError)
    assert error.where == (
        f"{visits}, row 2, column increased_dna_binding (participant P1, visit 4)"
    )
    assert error.what == "'perhaps' is neither yes nor no"
    assert not out.exists()
    assert list(tmp_path.iterdir()) == [visits]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["selena-sledia", "{visits}"], "there is no instrument selena-sledia"),
        (["selena-sledai", "{visits}", "--set", "mising=zero"], "there is no option mising"),
        (["selena-sledai", "{visits}", "--set", "missing=none"], "'none' is no choice of missing"),
        (["selena-sledai", "{visits}", "--set", "missing"], "missing is no option"),
        (["selena-sledai", "{visits}.gone"], "there is no such file"),
        (["selena-sledai", "{visits}", "--explain", "P9", "0"], "participant and visit P9, 0"),
        (["bilag-2004", "{visits}"], "column pyrexia is missing"),
    ],
)
def test_unusable_words_and_files(visits: Path, words: list[str], what: str):
    error = run(*(word.format(visits=visits) for word in words)).exception

    assert isinstance(error, UnusableInputError)
    assert error.what.startswith(what)


def test_half_a_parquet_file_is_refused(visits: Path, tmp_path: Path):
    parquet = tmp_path / "visits.parquet"
    pl.read_csv(visits).write_parquet(parquet)
    parquet.write_bytes(parquet.read_bytes()[:400])
    error = run("selena-sledai", parquet).exception

    assert isinstance(error, UnusableInputError)
    assert "cannot be read as a table" in error.what


def test_a_file_that_is_no_text_is_refused(tmp_path: Path):
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe")
    error = run("selena-sledai", picture).exception

    assert isinstance(error, UnusableInputError)


def test_a_file_cut_within_a_row_is_refused(trialwright, tmp_path):
    whole = Path(__file__).parents[2] / "docs/tutorial/data/visits.csv"
    cut = tmp_path / "visits.csv"
    cut.write_bytes(whole.read_bytes()[:-30])
    ran = trialwright("score", "selena-sledai", cut, "--out", tmp_path / "scores.csv")
    assert ran.code == 2
    assert "row 4: the row has" in ran.err
    assert not (tmp_path / "scores.csv").exists()
