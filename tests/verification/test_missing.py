"""Cases of missing data."""

from dataclasses import replace
from pathlib import Path

import polars as pl
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


def test_a_strategy_may_stand_in_the_setting_the_id_or_the_words():
    base, strategy = CASES["reference_based_cir"], "cr"
    few = base.table().filter(pl.col("week").is_in([8, 12]))
    base = replace(base, data=few, expect={"est": [0.0] * 3})
    by_id = run_case(replace(base, id=f"imputed_{strategy}"), METHODS).figures
    words = f"conditional-mean imputation under {strategy.upper()} , ANCOVA at week 12"
    assert run_case(replace(base, id="imputed_weeks", what=words), METHODS).figures == by_id
    spec = {**base.spec, "strategy": strategy}
    assert run_case(replace(base, spec=spec, what="under CIR"), METHODS).figures == by_id
    assert by_id[0].found != run_case(base, METHODS).figures[0].found


def test_an_unknown_strategy_is_told():
    case = CASES["reference_based_mar"]
    outcome = run_case(replace(case, spec={**case.spec, "strategy": "LOCF"}), METHODS)
    assert "no strategy" in outcome.out[0].problem
