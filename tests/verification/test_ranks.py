"""Cases of ranks, ANCOVA and proportional odds, also with other arms, data and settings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from trialwright.stats import ranks
from trialwright.verification.cases import read_cases
from trialwright.verification.compare import run_case
from trialwright.verification.ranks import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "rank_ancova.json")}


def found(case, **changes):
    outcome = run_case(replace(case, **changes), METHODS)
    return {figure.path: figure.found for figure in outcome.figures}


@pytest.mark.parametrize("name", list(CASES))
def test_every_figure_of_every_case(name):
    outcome = run_case(CASES[name], METHODS)
    assert outcome.out == ()
    assert outcome.figures


def test_another_arm_and_week():
    case = CASES["two_groups_arm2"]
    expect = {"W": 0, "welch": {"est": 0.0}, "n": [0, 0]}
    at = case.table().filter(pl.col("week") == 8).drop_nulls("chg")
    x, y = (at.filter(pl.col("arm") == k)["chg"].to_numpy() for k in (3, 1))
    figures = found(case, spec={"arm": 3, "reference": 1, "week": 8}, expect=expect)
    assert figures["W"] == ranks.wilcoxon(x, y).statistic
    assert figures["welch.est"] == pytest.approx(np.mean(x) - np.mean(y))
    assert [figures["n[0]"], figures["n[1]"]] == [len(x), len(y)]


def test_the_arm_in_the_name_of_the_method():
    case = CASES["two_groups_arm2"]
    named = found(case, method="two_groups_arm1", expect={"W": 0})
    assert named == found(case, spec={"arm": 1}, expect={"W": 0})


def test_other_strata():
    case = CASES["van_elteren_kw_jt"]
    expect = {"van_elteren_z": 0.0}
    one, both = (
        found(case, spec={"strata": strata}, expect=expect)
        for strata in ("region", ["region", "ocs_hi"])
    )
    assert one != both


def test_text_arms():
    case = CASES["two_groups_arm2"]
    data = case.table().with_columns(
        arm=pl.col("arm").replace_strict({0: "a", 1: "b", 2: "c", 3: "d"}, return_dtype=pl.String)
    )
    figures = found(case, data=data, spec={"arm": "c"}, expect=case.expect)
    assert figures["W"] == case.expect["W"]


def test_ancova_with_another_formula():
    case = CASES["ancova"]
    coef = [{"term": f"armf{k}", "est": 0.0} for k in (1, 2, 3)]
    expect = {"coef": coef, "contrasts": {"est": [0.0, 0, 0]}}
    figures = found(case, spec={"formula": "chg ~ arm*sledai0"}, expect=expect)
    assert figures["coef[armf2].est"] != figures["contrasts.est[1]"]
    plain = found(case, spec={"formula": "chg ~ arm"}, expect=expect)
    assert plain["coef[armf2].est"] == pytest.approx(plain["contrasts.est[1]"])


def test_ancova_without_a_formula_takes_the_expected_terms():
    case = CASES["ancova"]
    assert run_case(replace(case, spec={}), METHODS).out == ()


def test_proportional_odds_with_a_column_of_categories():
    case = CASES["proportional_odds"]
    score = case.table()["sledai0"] - 10 * case.table()["sri4_nri"]
    category = pl.Series("category", 1 + np.digitize(score.to_numpy(), [-3, 2, 8], right=True))
    given = replace(case, data=case.table().with_columns(category), spec={
        "formula": "category ~ arm + ocs_hi"})  # fmt: skip
    assert run_case(given, METHODS).out == ()


def test_proportional_odds_with_other_cuts():
    case = CASES["proportional_odds"]
    figures = found(case, spec={**case.spec, "cut": "right-closed at 0"}, expect={"counts": [0, 0]})
    score = (case.table()["sledai0"] - 10 * case.table()["sri4_nri"]).to_numpy()
    assert figures["counts[0]"] == (score <= 0).sum()


def test_a_missing_response_is_a_reason():
    outcome = run_case(replace(CASES["two_groups_arm2"], spec={"response": "absent"}), METHODS)
    assert all("absent" in figure.problem for figure in outcome.out)
    assert len(outcome.out) == len(outcome.figures)
