"""Cases whose figures are drawn at random, or shifted: what is allowed, and what is out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from trialwright.stats.missing.pooling import pool
from trialwright.verification import missing
from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import Outcome, run_case
from trialwright.verification.missing import METHODS
from trialwright.verification.sampling import sampled_figures

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "missing.json")}
REFERENCE = CASES["reference_based_jr"]


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "DRAWS", 120)


def few(case: Case) -> pl.DataFrame:
    """Three weeks only, which are drawn faster."""
    return case.table().filter(pl.col("week").is_in([4, 8, 12]))


def run(case: Case, expect: Any, *, data: pl.DataFrame | None = None, method: str = "",
        **spec: Any) -> Outcome:  # fmt: skip
    return run_case(
        replace(case, spec={**case.spec, **spec}, expect=expect, data=few(case) if data is None
                else data, method=method or case.method),
        METHODS,
    )  # fmt: skip


def found(outcome: Outcome) -> dict[str, Any]:
    return {figure.path: figure.found for figure in outcome.figures}


def test_drawn_at_random_it_agrees_with_conditional_means_within_the_sampling_error() -> None:
    # given the conditional-mean estimate at three weeks
    exact = found(run(REFERENCE, {"est": [0.0] * 3}))
    expect = {"est": [exact[f"est[{k}]"] for k in range(3)]}
    # when the same is drawn from the posterior
    outcome = run(REFERENCE, expect, method="bayesian_reference_based_imputation", imputations=100)
    # then it is allowed, and said to be
    assert outcome.out == ()
    assert all("own error" in figure.allowed for figure in outcome.allowed)
    assert len(outcome.allowed) == 3


def test_what_lies_beyond_the_sampling_error_is_out() -> None:
    exact = found(run(REFERENCE, {"est": [0.0] * 3}))
    expect = {"est": [exact[f"est[{k}]"] + 1.0 for k in range(3)]}
    outcome = run(REFERENCE, expect, method="bayesian_reference_based_imputation", imputations=400)
    assert len(outcome.out) == 3


@pytest.mark.parametrize("theirs", [None, 50, 5000])
def test_the_sampling_error_is_four_standard_errors_of_both_programs(theirs: int | None) -> None:
    """By hand: 4 √(B/m + B/m'); of the between-variance 4 B √(2/m + 2/m')."""
    rng = np.random.default_rng(1)
    pooled = pool(rng.normal(size=200), np.full(200, 0.5), complete_degrees_of_freedom=60)
    figures = sampled_figures(pooled, theirs, 60)
    share = 1 / 200 + (1 / theirs if theirs else 0)
    assert figures["est"].value == pooled.estimate
    assert figures["est"].error == pytest.approx(4 * np.sqrt(pooled.between * share))
    assert figures["between"].error == pytest.approx(
        pooled.between * max(4 * np.sqrt(2 * share), 0)
    )
    # the interval's end moves with the estimate and, more slowly, with the error
    assert figures["hi"].error > figures["est"].error
    assert 0 < figures["se"].error < figures["est"].error * 4


def test_sampled_estimates_of_many_other_programs_lie_within() -> None:
    """Four hundred other programs: normal estimates about the same truth, 60 draws each."""
    rng = np.random.default_rng(4)
    ours = pool(rng.normal(size=500), np.full(500, 1.0), complete_degrees_of_freedom=90)
    figures = sampled_figures(ours, 60, 90)
    for _ in range(400):
        theirs = pool(rng.normal(size=60), np.full(60, 1.0), complete_degrees_of_freedom=90)
        assert abs(theirs.estimate - figures["est"].value) < figures["est"].error
        assert abs(theirs.standard_error - figures["se"].value) < figures["se"].error
        assert abs(theirs.upper - figures["hi"].value) < figures["hi"].error


def test_multiple_imputation_of_a_longitudinal_outcome() -> None:
    case = REFERENCE
    terms = ["(Intercept)", "arm1", "arm2", "arm3", "sledai0"]
    expect = {"pooled": [{"term": term, "est": 0.0, "se": 0.0} for term in terms]}
    spec = {"analysis": "chg12 ~ arm + sledai0", "imputations": 100}
    by_arm = found(run(case, expect, method="multiple_imputation", **spec, arms=[0, 1, 2, 3]))
    shared = found(run(case, expect, method="multiple_imputation", **spec, by_arm=False,
                       arms=[0, 1, 2, 3]))  # fmt: skip
    assert by_arm.keys() == shared.keys()
    # two models of the same data: alike, not the same
    for path, value in by_arm.items():
        assert value != shared[path]
        assert value == pytest.approx(shared[path], rel=0.3, abs=0.6)


def test_a_shift_of_what_is_imputed_moves_that_arm() -> None:
    expect = {"pooled": [{"term": "arm2", "est": 0.0}]}
    spec = {"analysis": "chg12 ~ arm", "arms": [0, 2]}
    zero = found(run(REFERENCE, expect, method="multiple_imputation", **spec))
    moved = found(run(REFERENCE, expect, method="multiple_imputation", **spec, delta=3.0,
                      delta_arms=[2]))  # fmt: skip
    at = few(REFERENCE).filter((pl.col("week") == 12) & (pl.col("arm") == 2))
    share = at["chg"].null_count() / at.height
    path = "pooled[arm2].est"
    assert moved[path] - zero[path] == pytest.approx(3 * share, rel=1e-9)


SETS = CASES["rubin_ancova"]


def test_shifted_completed_sets_without_covariates_move_by_the_share_imputed() -> None:
    rows = [{"delta": d, "est": 0.0} for d in (0.0, 2.0)]
    data = SETS.table().filter(pl.col("arm").is_in([0, 3]))
    figures = found(
        run(SETS, {"grid": rows}, data=data, method="delta_adjustment", formula="chg12 ~ arm")
    )
    one = data.filter((pl.col("imputation") == 1) & (pl.col("arm") == 3))
    share = one["chg12_missing"].mean()
    assert figures["grid[1].est"] - figures["grid[0].est"] == pytest.approx(2 * share, rel=1e-9)


def test_one_shift_in_the_settings_stands_alone() -> None:
    data = SETS.table().filter(pl.col("arm").is_in([0, 3]))
    alone = run(SETS, {"est": 0.0, "p": 0.0}, data=data, method="delta_adjustment", delta=1.5)
    row = run(SETS, {"grid": [{"delta": 1.5, "est": 0.0, "p": 0.0}]}, data=data,
              method="delta_adjustment")  # fmt: skip
    assert found(alone)["est"] == found(row)["grid[0].est"]
    assert found(alone)["p"] == found(row)["grid[0].p"]


def test_two_arms_are_named_in_words_or_lists() -> None:
    expect = {"est": [0.0] * 3}
    words = found(run(REFERENCE, expect, arms="0 and 3 only"))
    assert words == found(run(REFERENCE, expect, arms=[0, 3]))
    assert words == found(run(REFERENCE, expect, arms=[3, 0], reference=0))
    assert words != found(run(REFERENCE, expect, arms="0 and 1 only"))


def test_arms_with_covariances_of_their_own() -> None:
    shared = "chg ~ trt*week, unstructured, REML, one covariance for both arms"
    apart = "chg ~ trt*week, unstructured, REML, own covariance in each arm"
    expect = {"est": [0.0] * 3}
    one, two = (found(run(REFERENCE, expect, imputation_model=m)) for m in (shared, apart))
    assert one["est[0]"] != two["est[0]"]
    assert one["est[0]"] == pytest.approx(two["est[0]"], abs=0.5)


def test_other_visits_of_one_imputation() -> None:
    names = ["trt_8", "lsm_ref_8", "lsm_alt_12"]
    eight = found(run(REFERENCE, {"parameters": names, "est": [0.0] * 3}))
    assert [eight[f"parameters[{k}]"] for k in range(3)] == names
    twelve = found(run(REFERENCE, {"est": [0.0] * 3}))
    assert eight["est[2]"] == twelve["est[2]"]
    assert eight["est[0]"] != twelve["est[0]"]


def test_failures_are_imputed_and_counted() -> None:
    data = pl.DataFrame(
        {"arm": [0, 0, 0, 1, 1], "y": [1, None, 1, 1, 1], "rescue": [0, 0, 1, 0, 0]}
    )
    case = Case(
        id="nri",
        method="non_responder_imputation",
        data=data,
        spec={"response": "y", "failed": "rescue"},
        expect={"responders": [1, 2], "n": [3, 2], "rates": [1 / 3, 1.0]},
        tol_rel=1e-9,
    )
    assert run_case(case, METHODS).out == ()


@pytest.mark.parametrize(
    ("case", "change", "words"),
    [
        (REFERENCE, {"arms": "0 and 9 only"}, "no row has arm 9"),
        (REFERENCE, {"arms": [0, 1, 2]}, "two arms are compared"),
        (REFERENCE, {"analysis": "chg12 ~ trt + weight"}, "weight"),
        (REFERENCE, {"imputation_model": "gain ~ trt*week"}, "gain"),
        (SETS, {"formula": "gain ~ arm"}, "gain"),
    ],
)
def test_what_cannot_be_served_is_told(case: Case, change: dict[str, Any], words: str) -> None:
    outcome = run_case(replace(case, spec={**case.spec, **change}), METHODS)
    assert len(outcome.out) == len(outcome.figures)
    assert words in json.dumps([figure.problem for figure in outcome.out])
