"""Cases of crossover trials and counts, also under other names and codings."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from trialwright.verification import counts, crossover
from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
METHODS = {**crossover.METHODS, **counts.METHODS}
CASES = {
    f"{file}:{case.id}": case
    for file in ("crossover", "counts_tte", "exact")
    for case in read_cases(ORACLES / f"{file}.json")
    if case.method in METHODS
}


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name):
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert outcome.figures


def test_other_names_and_labels_of_the_same_trial():
    case = CASES["crossover:grizzle_sledai10"]
    data = case.table().drop("il2").rename({"usubjid": "patient", "treatment": "trt"})
    data = data.with_columns(pl.col("trt").replace_strict({"A": "il-2", "B": "none"}))
    renamed = replace(case, data=data.sample(fraction=1.0, shuffle=True, seed=3))
    assert run_case(renamed, METHODS).out == ()
    turned = replace(
        renamed, spec={**case.spec, "active": "none"}, expect={"treatment": {"est": 0}}
    )
    (figure,) = run_case(turned, METHODS).figures
    assert figure.found == pytest.approx(1.63019861538462)


def test_another_reference_arm_of_counts():
    case = CASES["counts_tte:poisson"]
    codes = {0: "placebo", 1: "low", 2: "mid", 3: "high"}
    data = case.table().with_columns(pl.col("arm").replace_strict(codes))
    expect = {"coef": [{"term": f"arm{name}", "est": 0} for name in ("placebo", "mid", "high")]}
    formula = "n_inf ~ arm + ocs_hi + offset(log(exposure_days))"
    outcome = run_case(replace(case, data=data, spec={"formula": formula}, expect=expect), METHODS)
    found = {figure.path: figure.found for figure in outcome.figures}
    assert found["coef[armplacebo].est"] == pytest.approx(-0.087209336375502)


def test_what_a_case_lacks_is_told():
    case = CASES["crossover:grizzle_sledai10"]
    for change, words in (
        ({"spec": {"response": "sledai99"}}, "no column 'sledai99'"),
        ({"spec": {}}, "no 'response'"),
        ({"data": case.table().drop("period")}, "no column of the period"),
    ):
        outcome = run_case(replace(case, **change), METHODS)
        assert words in outcome.out[0].problem
