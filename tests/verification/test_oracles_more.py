"""Further cases from other R programs, beside the public ones: every figure of every case.

Each file of tests/stats/oracles_more is made by the R script of the same name beside it.
"""

import json
from pathlib import Path

import pytest

from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.methods import METHODS

FOLDER = Path(__file__).parents[1] / "stats" / "oracles_more"
FILES = sorted(FOLDER.glob("*.json"))
CASES = {f"{path.stem}/{case.id}": case for path in FILES for case in read_cases(path)}


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name: str) -> None:
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert outcome.figures


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_names_the_programs_that_made_it_and_its_script(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))["created_with"]
    assert made["R"]
    assert len(made) > 1
    assert path.with_suffix(".R").read_text(encoding="utf-8").startswith("# Makes")
