"""Cases of mixed models as R writes them, also with other names, formulas and settings."""

import json
from pathlib import Path

import polars as pl
import pytest

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.mmrm import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "mmrm.json")}


def changed(case, *, data=None, expect=None, **spec):
    kept = {key: value for key, value in {**case.spec, **spec}.items() if value is not None}
    return Case(
        id=case.id,
        method=case.method,
        data=case.data if data is None else data,
        spec=kept,
        expect=case.expect if expect is None else expect,
        tol_rel=case.tol_rel,
    )


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name):
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert len(outcome.figures) > 500


def test_the_covariance_may_stand_in_the_formula():
    case = CASES["cs_by_arm_reml_satterthwaite"]
    moved = changed(
        case,
        formula="chg ~ sledai0 + ocs_hi + arm*week + cs(week | arm / usubjid)",
        covariance=None,
        group=None,
    )
    assert run_case(moved, METHODS).out == ()


def test_a_spatial_covariance_in_the_formula_names_the_time():
    case = CASES["sp_exp_reml_satterthwaite"]
    data = case.table().with_columns(weeknum=pl.col("week") * 1.0)
    moved = changed(
        case,
        data=data,
        formula="chg ~ sledai0 + ocs_hi + arm*week + sp_exp(weeknum | usubjid)",
        covariance=None,
    )
    assert run_case(moved, METHODS).out == ()


def test_other_names_and_labels():
    # given the first case with its columns, arms and visits renamed
    case = CASES["us_reml_satterthwaite"]
    data = case.table().with_columns(
        treatment=pl.format("dose{}", pl.col("arm")), visit=pl.format("V{}", 10 + pl.col("week"))
    )
    data = data.rename({"usubjid": "subject", "sledai0": "base", "ocs_hi": "ocs"})
    text = json.dumps(case.expect)
    for old, new in (("sledai0", "base"), ("ocs_hi", "ocs"), ("arm_by_week", "treatment_by_visit")):
        text = text.replace(old, new)
    expect = json.loads(text)
    expect.pop("joint")
    for row in expect["coef"]:
        parts = [
            f"treatmentdose{part[3:]}" if part.startswith("arm")
            else f"visitV{10 + int(part[4:])}" if part.startswith("week") else part
            for part in row["term"].split(":")
        ]  # fmt: skip
        row["term"] = ":".join(parts)
    for row in expect["lsmeans"]:
        row["treatment"], row["visit"] = f"dose{row.pop('arm')}", f"V{10 + int(row.pop('week'))}"
    for row in expect["contrasts_vs_placebo"]:
        row["contrast"] = row["contrast"].replace("arm", "dose")
        row["visit"] = f"V{10 + int(row.pop('week'))}"
    renamed = changed(
        case, data=data.drop("arm", "week"), expect=expect,
        formula="chg ~ base + ocs + treatment*visit",
    )  # fmt: skip
    assert run_case(renamed, METHODS).out == ()


def test_another_formula_is_computed_from_its_terms():
    # given no formula, only the names of the expected terms
    case = CASES["us_reml_satterthwaite"]
    terms = ["(Intercept)", "sledai0", "regionEUR", "regionAME", "arm1", "arm2", "arm3"]
    expect = {"coef": [{"term": term, "est": 0.0} for term in terms]}
    outcome = run_case(changed(case, expect=expect, formula=None), METHODS)
    assert [figure.problem for figure in outcome.figures] == ["out"] * 7
    by_term = {figure.path: figure.found for figure in outcome.figures}
    given = changed(case, expect=expect, formula="chg ~ sledai0 + region + arm")
    again = {figure.path: figure.found for figure in run_case(given, METHODS).figures}
    assert by_term == again


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("1 + (integer part of usubjid mod 5)/4", 1 + (pl.col("number") % 5) / 4),
        ("age / 10", pl.col("age") / 10),
        ("1 + week mod 2", 1 + pl.col("week") % 2),
    ],
)
def test_weights_as_an_expression(text, column):
    case = CASES["us_reml_weighted"]
    data = case.table().with_columns(
        age=pl.col("sledai0") + 30, number=pl.col("usubjid").str.slice(3).cast(pl.Int64)
    )
    expect = {"log_lik": 0.0}
    expression = run_case(changed(case, data=data, expect=expect, weights=text), METHODS)
    named = run_case(
        changed(case, data=data.with_columns(w=column), expect=expect, weights="w"), METHODS
    )
    assert expression.figures[0].found == named.figures[0].found


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"method": "Welch"}, "no method 'Welch'"),
        ({"covariance": "banded"}, "no covariance structure"),
        ({"formula": "chg ~ absent"}, "no column absent"),
    ],
)
def test_what_cannot_be_computed_is_out_with_the_reason(spec, problem):
    outcome = run_case(changed(CASES["us_reml_satterthwaite"], **spec), METHODS)
    assert len(outcome.out) == len(outcome.figures)
    assert problem in outcome.out[0].problem


def test_a_wrong_figure_is_out():
    case = CASES["us_reml_satterthwaite"]
    outcome = run_case(changed(case, expect={"log_lik": -2047.2, "n_obs": 988}), METHODS)
    assert [figure.path for figure in outcome.out] == ["log_lik"]


def test_the_linear_form_by_its_name():
    case = changed(
        CASES["us_reml_kenward_roger"],
        expect={"coef": [{"term": "arm1", "se": 0.4506}]},
        vcov="Kenward-Roger-Linear",
    )
    linear = run_case(case, METHODS).figures[0].found
    second = run_case(changed(case, vcov="Kenward-Roger"), METHODS).figures[0].found
    assert linear > second
