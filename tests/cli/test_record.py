"""`trialwright record` in a shell: what it prints and how it ends."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from trialwright.cli.record import record
from trialwright.errors import UnusableInputError

SAMPLES = Path(__file__).parents[1] / "records" / "samples"
app = typer.Typer()
app.command()(record)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_record_for_people() -> None:
    code, out = run(str(SAMPLES / "classic.txt"))
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "Stopping Hydroxychloroquine in Quiet Lupus"
    assert "Registry id             NCT90000001" in lines
    assert "  2. SELENA-SLEDAI < 4" in lines
    assert all(line == line.rstrip() for line in lines)


def test_on_a_terminal_words_keep_their_column() -> None:
    result = CliRunner().invoke(
        app, [str(SAMPLES / "classic.txt")], env={"FORCE_COLOR": "1", "COLUMNS": "50"}
    )
    lines = result.stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if "Official title" in line)
    assert "A Trial of Stopping" in lines[at]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", lines[at + 1])
    assert plain.startswith(" " * 24 + "Hydroxychloroquine")


def test_square_brackets_are_no_markup() -> None:
    _, out = run(str(SAMPLES / "classic.txt"))
    assert "  Mean PGA [weeks 26 and 52]" in out.splitlines()


@pytest.mark.parametrize("name", ["study.json", "classic.txt", "mirror.txt"])
def test_json_reads_back(name: str, tmp_path: Path) -> None:
    code, out = run(str(SAMPLES / name), "--json")
    assert code == 0
    again = tmp_path / "again.json"
    again.write_text(out, "utf-8")
    assert run(str(again), "--json") == (0, out)


def test_json_of_json_is_the_same() -> None:
    _, out = run(str(SAMPLES / "study.json"), "--json")
    assert json.loads(out) == json.loads((SAMPLES / "study.json").read_text("utf-8"))


def test_findings_end_with_one() -> None:
    code, out = run(str(SAMPLES / "mirror.txt"), "--lint")
    assert code == 1
    assert out.splitlines()[0] == "TWR001 comparator lost in copying"
    assert "eligibilityCriteria, inclusion 2" in out.splitlines()[1]
    assert "  reading  Urine protein of ≥ 1 g/day" in out.splitlines()
    assert out.splitlines()[-1] == "2 findings"


def test_findings_as_json() -> None:
    code, out = run(str(SAMPLES / "mirror.txt"), "--lint", "--json")
    assert code == 1
    found = json.loads(out)
    assert [each["code"] for each in found] == ["TWR001", "TWR010"]
    assert found[0]["line"] == 15


@pytest.mark.parametrize("option", ["--json", "--lint"])
def test_what_no_reader_claimed_is_named_beside_the_output(option: str, tmp_path: Path) -> None:
    text = (SAMPLES / "mirror.txt").read_text("utf-8")
    file = tmp_path / "page.txt"
    file.write_text(text.replace("Gender |", "Shoe size |"), "utf-8")
    result = CliRunner().invoke(app, [str(file), option])
    assert result.stderr == "warning: line 13 is claimed by no reader: Shoe size | Female |\n"
    assert "Shoe size" not in result.stdout
    assert "line 13: Shoe size | Female |" in run(str(file))[1]


def test_no_findings_end_with_zero(tmp_path: Path) -> None:
    study = json.loads((SAMPLES / "study.json").read_text("utf-8"))
    protocol = study["protocolSection"]
    protocol["outcomesModule"]["primaryOutcomes"].pop()
    protocol["statusModule"]["overallStatus"] = "COMPLETED"
    file = tmp_path / "study.json"
    file.write_text(json.dumps(study), "utf-8")
    assert run(str(file), "--lint") == (0, "No findings\n")
    assert run(str(file), "--lint", "--json") == (0, "[]\n")


def test_unusable_input(tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.touch()
    with pytest.raises(UnusableInputError, match="empty"):
        run(str(file))


def test_help_has_an_example() -> None:
    _, out = run("--help")
    assert "trialwright record NCT02932137.json --lint" in " ".join(out.split())
