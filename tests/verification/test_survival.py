"""Cases of times to an event, also under other names."""

from dataclasses import replace
from pathlib import Path

import pytest

from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.survival import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {
    case.id: case for case in read_cases(ORACLES / "counts_tte.json") if case.method in METHODS
}


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name):
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert outcome.figures


def test_other_names_of_the_columns():
    case = CASES["cox_stratified"]
    data = case.table().rename({"time1": "aval", "status1": "status", "ocs_hi": "steroid"})
    spec = {"formula": "Surv(aval, status == 1) ~ arm + strata(steroid)"}
    assert run_case(replace(case, data=data, spec=spec), METHODS).out == ()


def test_a_column_that_is_absent_is_told():
    case = CASES["log_rank"]
    outcome = run_case(replace(case, data=case.table().drop("time1")), METHODS)
    assert "no column of the time" in outcome.out[0].problem
