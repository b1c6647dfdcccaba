"""Families and graphs of hypotheses other than the public ones, closed in plain R."""

from pathlib import Path

import pytest

from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles_more"
CASES = read_cases(ORACLES / "multiplicity.json")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_figure_of_r_is_found(case):
    outcome = run_case(case, METHODS)
    assert outcome.figures
    assert outcome.out == ()
