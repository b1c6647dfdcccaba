"""Completed data sets of a case against least squares by hand and Rubin's rules written out."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.missing import METHODS

SETS, SIZE = 5, 24


def stacked() -> pl.DataFrame:
    """Five data sets that agree where the outcome was observed."""
    rng = np.random.default_rng(8)
    arm = np.repeat(["placebo", "active"], SIZE // 2)
    base = rng.normal(8, 2, SIZE).round(2)
    lost = np.arange(SIZE) % 4 == 1
    seen = base + 1.5 * (arm == "placebo") + rng.normal(0, 2, SIZE)
    parts = []
    for k in range(1, SETS + 1):
        y = np.where(lost, base + rng.normal(0, 2, SIZE), seen).round(3)
        parts.append(
            pl.DataFrame({"imputation": k, "arm": arm, "base": base, "y": y, "y_missing": lost})
        )
    return pl.concat(parts).with_columns(pl.col("y_missing").cast(pl.Int64))


DATA = stacked()


def case(method: str, expect: Any, data: pl.DataFrame | None = DATA, **spec: Any) -> Case:
    return Case(id="sets", method=method, data=data, spec=spec, expect=expect, tol_rel=1e-9)


def found(given_: Case) -> dict[str, Any]:
    outcome = run_case(given_, METHODS)
    assert not outcome.unusable, outcome.unusable[0]
    return {figure.path: figure.found for figure in outcome.figures}


def problems(given_: Case) -> list[str]:
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in run_case(given_, METHODS).out]


def rubin(estimates: list[float], variances: list[float], free: float, level: float = 0.95) -> Any:
    """Rubin's rules with Barnard and Rubin's degrees of freedom, as in their papers."""
    m = len(estimates)
    mean = sum(estimates) / m
    within = sum(variances) / m
    between = sum((each - mean) ** 2 for each in estimates) / (m - 1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    old = (m - 1) / share**2
    observed = (free + 1) / (free + 3) * free * (1 - share)
    df = 1 / (1 / old + 1 / observed) if math.isfinite(free) else old
    reach = stats.t.ppf((1 + level) / 2, df) * math.sqrt(total)
    riv = (1 + 1 / m) * between / within
    return {
        "est": mean, "se": math.sqrt(total), "df": df, "t": mean / math.sqrt(total),
        "p": 2 * stats.t.sf(abs(mean) / math.sqrt(total), df), "lo": mean - reach,
        "hi": mean + reach, "within": within, "between": between, "total": total, "riv": riv,
        "lambda": share, "fmi": (riv + 2 / (df + 3)) / (1 + riv),
    }  # fmt: skip


def least_squares(data: pl.DataFrame, active: str = "active") -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of intercept, active arm and baseline, and their covariance."""
    x = np.column_stack(
        [np.ones(data.height), (data["arm"] == active).to_numpy(), data["base"].to_numpy()]
    ).astype(float)
    y = data["y"].to_numpy()
    coefficients, residual, *_ = np.linalg.lstsq(x, y, rcond=None)
    return coefficients, residual[0] / (data.height - 3) * np.linalg.inv(x.T @ x)


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_each_set_is_analyzed_and_pooled(level: float) -> None:
    fits = [least_squares(part) for part in DATA.partition_by("imputation")]
    names = ["(Intercept)", "armactive", "base"]
    rows = [
        {
            "term": name,
            **rubin([f[0][k] for f in fits], [f[1][k, k] for f in fits], SIZE - 3, level),
        }
        for k, name in enumerate(names)
    ]
    given_ = case("rubin", {"pooled": rows, "coef": rows}, formula="y ~ arm + base", level=level)
    assert problems(given_) == []


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(-5, 5), min_size=3, max_size=8, unique=True),
    st.floats(0.1, 3),
    st.integers(10, 300),
)
def test_scalars_are_pooled_by_rubins_rules(
    estimates: list[float], variance: float, free: int
) -> None:
    if np.ptp(estimates) < 1e-3:
        return
    variances = [variance * (1 + k / 10) for k in range(len(estimates))]
    wanted = rubin(estimates, variances, free)
    both = {"est": estimates, "dfcom": free}
    expect = {"qbar": wanted["est"], "t": wanted["total"], "r": wanted["riv"],
              "df_barnard_rubin": wanted["df"], "fmi": wanted["fmi"], "lo": wanted["lo"],
              "df_large_sample": rubin(estimates, variances, math.inf)["df"]}  # fmt: skip
    first = replace(case("rubin", expect, None, var=variances, **both), tol_rel=1e-7)
    assert problems(first) == []
    errors = np.sqrt(variances).tolist()
    assert (
        problems(replace(first, spec={"se": errors, "est": estimates, "n": free + 4, "k": 4})) == []
    )


def test_the_joint_test_of_one_term_is_its_squared_t_with_other_degrees_of_freedom() -> None:
    rows = {"pooled": [{"term": "armactive", "t": 0}], "D1_arm": {"F": 0, "df1": 0, "r1": 0}}
    figures = found(case("rubin", rows, formula="y ~ arm + base"))
    fits = [least_squares(part) for part in DATA.partition_by("imputation")]
    one = rubin([f[0][1] for f in fits], [f[1][1, 1] for f in fits], SIZE - 3)
    # Li, Raghunathan and Rubin 1991: the variance is (1 + r) times the one within
    assert figures["D1_arm.r1"] == pytest.approx(one["riv"])
    assert figures["D1_arm.F"] == pytest.approx(
        one["est"] ** 2 / (one["within"] * (1 + one["riv"]))
    )
    assert figures["D1_arm.df1"] == 1


def test_the_incomplete_set_of_mice_is_left_out_and_columns_may_have_other_names() -> None:
    expect = {"pooled": [{"term": "armactive", "est": 0, "se": 0, "df": 0}]}
    whole = found(case("rubin", expect, formula="y ~ arm + base"))
    first = DATA.filter(pl.col("imputation") == 1).with_columns(
        imputation=pl.lit(0, pl.Int64), y=pl.when(pl.col("y_missing") == 0).then("y")
    )
    own = pl.concat([first, DATA.with_columns(pl.col("imputation").cast(pl.Int64))])
    assert found(case("rubin", expect, own, formula="y ~ arm + base")) == whole
    for name in (".imp", "_mult", "imp"):
        renamed = own.rename({"imputation": name})
        assert found(case("rubin", expect, renamed, formula="y ~ arm + base")) == whole
    renamed = own.rename({"imputation": "draw"})
    assert (
        found(case("rubin", expect, renamed, analysis="y ~ arm + base", imputation="draw")) == whole
    )


@pytest.mark.parametrize("shift", [0.0, 1.0, -2.5])
def test_a_shift_is_added_to_what_was_imputed_in_the_arm(shift: float) -> None:
    moved = DATA.with_columns(
        y=pl.col("y") + shift * pl.col("y_missing") * (pl.col("arm") == "active")
    )
    fits = [least_squares(part) for part in moved.partition_by("imputation")]
    wanted = rubin([f[0][1] for f in fits], [f[1][1, 1] for f in fits], SIZE - 3)
    spec = {"formula": "y ~ arm + base", "arm": "active", "reference": "placebo"}
    assert problems(case("delta_adjusted", {"grid": [{"delta": shift, **wanted}]}, **spec)) == []
    assert problems(case("delta", wanted, **spec, delta=shift)) == []


def test_at_the_tipping_point_the_interval_ends_at_zero() -> None:
    better = DATA.with_columns(y=pl.col("y") - 5 * (pl.col("arm") == "active"))
    spec = {"formula": "y ~ arm + base", "arm": "active", "reference": "placebo", "bound": 50}
    for level in (0.95, 0.8):
        given_ = case("tipping_point", {"tipping_point": 0}, better, **spec, level=level)
        delta = found(given_)["tipping_point"]
        row = {"delta": delta, "hi": 0}
        figures = found(case("tipping", {"rows": [row]}, better, **spec, level=level))
        assert figures["rows[0].hi"] == pytest.approx(0, abs=1e-8)
    assert delta > 0


def test_covariates_that_were_imputed_too_are_those_of_each_set() -> None:
    rng = np.random.default_rng(1)
    own = DATA.with_columns(base=pl.col("base") + pl.Series(rng.normal(0, 1, DATA.height).round(2)))
    fits = [least_squares(part) for part in own.partition_by("imputation")]
    rows = [
        {"term": name, **rubin([f[0][k] for f in fits], [f[1][k, k] for f in fits], SIZE - 3)}
        for k, name in enumerate(["(Intercept)", "armactive", "base"])
    ]
    assert problems(case("rubin", {"pooled": rows}, own, formula="y ~ arm + base")) == []
    spec = {"formula": "y ~ arm + base", "arm": "active", "reference": "placebo"}
    grid = {"grid": [{"delta": 0, **{k: v for k, v in rows[1].items() if k != "term"}}]}
    assert problems(case("delta", grid, own, **spec)) == []
    (figure,) = run_case(case("tipping", {"tipping_point": 1}, own, **spec, bound=9), METHODS).out
    assert "the same covariates in every data set" in figure.problem


def test_data_sets_may_be_written_in_other_orders() -> None:
    named = DATA.with_columns(usubjid=pl.int_range(pl.len()).over("imputation"))
    mixed = named.sample(fraction=1, shuffle=True, seed=4)
    expect = {
        "pooled": [{"term": t, "est": 0, "se": 0} for t in ("(Intercept)", "armactive", "base")]
    }
    spec = {"formula": "y ~ arm + base", "arm": "active", "reference": "placebo"}
    assert found(case("rubin", expect, mixed, **spec)) == pytest.approx(
        found(case("rubin", expect, DATA, **spec))
    )
    grid = {"grid": [{"delta": 2.0, "est": 0, "se": 0}]}
    assert found(case("delta", grid, mixed, **spec)) == pytest.approx(
        found(case("delta", grid, DATA, **spec))
    )


def test_an_outcome_that_is_still_missing_is_told() -> None:
    gap = DATA.with_columns(y=pl.when(pl.int_range(pl.len()) != 30).then("y"))
    (figure,) = run_case(case("rubin", {"D1_arm": {"F": 1}}, gap, formula="y ~ arm"), METHODS).out
    assert "y is missing in a completed data set" in figure.problem


def test_failures_and_the_missing_are_no_responders() -> None:
    rows = pl.DataFrame(
        {
            "arm": ["b", "a", "a", "b", "b", None],
            "resp": [1, None, 1, 1, 0, 1],
            "rescue": [0, 0, None, 1, 0, 0],
            "dropout": [0, 0, 1, 0, 0, 0],
        }
    ).drop_nulls("arm")
    spec = {"response": "RESP", "failed": "rescue and dropout"}
    expect = {"arms": ["a", "b"], "responders": [0, 1], "n": [2, 3], "rates": [0, 1 / 3]}
    assert problems(case("non_responders", expect, rows, **spec)) == []
    alone = {"responders": [1, 2], "rates": [0.5, 2 / 3]}
    assert problems(case("non_responder_imputation", alone, rows, response="resp")) == []


@pytest.mark.parametrize(
    ("method", "data", "spec", "words"),
    [
        ("rubin", None, {"formula": "y ~ arm"}, "method rubin needs data"),
        ("rubin", DATA, {}, "the spec has no 'formula'"),
        ("rubin", DATA, {"formula": "z ~ arm"}, "z"),
        ("rubin", DATA.drop("imputation"), {"formula": "y ~ arm"}, "imputation"),
        ("rubin", DATA.tail(-1), {"formula": "y ~ arm"}, "differ in their numbers of rows"),
        ("rubin", DATA.with_columns(base=pl.lit(None, pl.Float64)), {"formula": "y ~ arm + base"},
         "0 complete records are too few"),
        ("rubin", None, {"est": [1.0], "var": [1.0]}, "two data sets or more"),
        ("rubin", None, {"est": [1.0, 2.0]}, "the spec has no 'se'"),
        ("delta", DATA.drop("y_missing"), {"formula": "y ~ arm"}, "no column says what was imputed"),
        ("delta", DATA, {"formula": "y ~ base", "arm": "active"}, "arm active has no term"),
        ("delta", DATA, {"formula": "y ~ arm", "arm": "active"}, "arm active has no term"),
        ("tipping", DATA, {"formula": "y ~ arm"}, "the spec has no 'bound'"),
        ("non_responder", DATA, {}, "the spec has no 'response'"),
        ("non_responder", DATA, {"response": "y_missing", "failed": ["died"]}, "died"),
    ],
)  # fmt: skip
def test_what_a_case_lacks_is_told(
    method: str, data: pl.DataFrame | None, spec: dict[str, Any], words: str
) -> None:
    expect = {"tipping_point": 1.0} if method == "tipping" else {"grid": [{"delta": 1, "est": 1.0}]}
    out = run_case(case(method, expect, data, **spec), METHODS).out
    assert words in out[-1].problem
    assert out[-1].found is None
