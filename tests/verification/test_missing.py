"""Cases of missing data."""

from dataclasses import replace
from pathlib import Path

import pytest

from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.missing import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "missing.json")}


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name):
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert outcome.figures


def test_without_complete_data_degrees_of_freedom_they_are_rubins():
    case = CASES["rubin_scalar"]
    spec = {"est": case.spec["est"], "var": case.spec["var"]}
    expect = {"df_barnard_rubin": 0, "df_large_sample": 0}
    first, second = run_case(replace(case, spec=spec, expect=expect), METHODS).figures
    assert first.found == second.found == pytest.approx(204.549362604019)


def test_an_unknown_strategy_is_told():
    case = CASES["reference_based_mar"]
    outcome = run_case(replace(case, spec={**case.spec, "strategy": "LOCF"}), METHODS)
    assert "no strategy" in outcome.out[0].problem
