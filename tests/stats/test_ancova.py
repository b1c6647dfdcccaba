"""ANCOVA against R's lm, emmeans, sandwich and car-like type III tests; properties; bad input."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import ancova, fit_linear

# R 4.2.2: lm, emmeans 1.8.4.1, sandwich 3.0.2
ORACLES = Path(__file__).parent / "oracles"
CASES = json.loads((ORACLES / "rank_ancova.json").read_text())["cases"]
EXPECTED = next(case for case in CASES if case["id"] == "ancova")["expect"]
FORMULA = "chg ~ arm + sledai0 + ocs_hi + region"
LEVELS = {"arm": ["0", "1", "2", "3"], "region": ["ASIA", "EUR", "AME"]}


@pytest.fixture(scope="module")
def week_12():
    data = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv")
    return data.filter(pl.col("week") == 12)


def column(rows, name):
    return [getattr(row, name) for row in rows.values()]


def test_coefficients(week_12):
    fit = fit_linear(week_12, FORMULA, levels=LEVELS)
    assert fit.coefficients.estimates == pytest.approx([r["est"] for r in EXPECTED["coef"]], 1e-10)
    errors = [r["se"] for r in EXPECTED["coef"]]
    assert fit.coefficients.standard_errors == pytest.approx(errors, 1e-10)
    assert fit.residual_deviation == pytest.approx(EXPECTED["sigma"], 1e-10)
    assert fit.r_squared == pytest.approx(EXPECTED["r2"], 1e-10)
    assert fit.coefficients.counts == {"records": 127, "left out": 33}


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_robust_errors(week_12, kind):
    fit = fit_linear(week_12, FORMULA, levels=LEVELS, errors=kind)
    assert fit.coefficients.standard_errors == pytest.approx(EXPECTED["robust_se"][kind], 1e-10)


def test_ls_means(week_12):
    fit = fit_linear(week_12, FORMULA, levels=LEVELS)
    # emmeans puts a covariate of two values halfway between them under equal weights
    equal = fit.ls_means("arm", at={"ocs_hi": 0.5})
    proportional = fit.ls_means("arm", weights="proportional")
    for found, name in ((equal, "lsmeans_equal"), (proportional, "lsmeans_proportional")):
        assert column(found, "estimate") == pytest.approx(EXPECTED[name]["est"], 1e-10)
        assert column(found, "standard_error") == pytest.approx(EXPECTED[name]["se"], 1e-10)
    assert equal["0"].degrees_of_freedom == EXPECTED["lsmeans_equal"]["df"]


def test_differences(week_12):
    found = fit_linear(week_12, FORMULA, levels=LEVELS).differences("arm")
    expected = EXPECTED["contrasts"]
    assert list(found) == ["1", "2", "3"]
    for name, key in (
        ("estimate", "est"), ("standard_error", "se"), ("statistic", "t"), ("p_value", "p"),
        ("lower", "lo"), ("upper", "hi"),
    ):  # fmt: skip
        assert column(found, name) == pytest.approx(expected[key], 1e-10)


def test_type_3(week_12):
    found = fit_linear(week_12, FORMULA, levels=LEVELS).type_3()
    assert list(found) == ["arm", "sledai0", "ocs_hi", "region"]
    assert column(found, "statistic") == pytest.approx(EXPECTED["type3_F"]["F"], 1e-10)
    assert column(found, "p_value") == pytest.approx(EXPECTED["type3_F"]["p"], 1e-10)


def test_type_3_of_a_main_effect_beside_its_interaction_averages_over_the_other_factor(week_12):
    # given a 2 x 2 layout, where type III of arm tests the mean of the two simple differences
    two = week_12.filter(pl.col("arm").is_in([0, 2]))
    fit = fit_linear(two, "chg ~ arm * sledai_hi", levels={"arm": [0, 2], "sledai_hi": [0, 1]})
    cells = (
        two.drop_nulls("chg")
        .group_by("arm", "sledai_hi")
        .agg(pl.col("chg").mean().alias("mean"), pl.len().alias("n"))
    )
    mean = {(a, s): m for a, s, m, _ in cells.rows()}
    average = (mean[2, 0] - mean[0, 0] + mean[2, 1] - mean[0, 1]) / 2
    variance = fit.residual_deviation**2 * (1 / cells["n"]).sum() / 4
    assert fit.type_3()["arm"].statistic == pytest.approx(average**2 / variance, 1e-10)


def test_the_two_faces_agree(week_12):
    given = week_12.with_columns(pl.col("arm").cast(pl.String))
    covariates = {name: given[name] for name in ("sledai0", "ocs_hi", "region")}
    one = ancova(given["chg"].to_numpy(), given["arm"], covariates).differences("arm")
    other = fit_linear(week_12, FORMULA, levels=LEVELS).differences("arm")
    assert column(one, "estimate") == pytest.approx(column(other, "estimate"), 1e-12)
    assert column(one, "p_value") == pytest.approx(column(other, "p_value"), 1e-10)


@given(
    scale=st.floats(0.01, 100),
    shift=st.floats(-50, 50),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=25, deadline=None)
def test_units_and_order_of_rows_do_not_matter(scale, shift, seed):
    rng = np.random.default_rng(seed)
    arm = np.repeat(["a", "b", "c"], 6)
    baseline = rng.normal(size=18)
    response = baseline + rng.normal(size=18)
    order = rng.permutation(18)
    one = ancova(response, arm, {"baseline": baseline}).differences("arm")
    other = ancova(
        (scale * response + shift)[order], arm[order], {"baseline": 3 * baseline[order] - 1}
    ).differences("arm")
    for name in one:
        assert other[name].estimate == pytest.approx(scale * one[name].estimate, abs=1e-8 * scale)
        assert other[name].p_value == pytest.approx(one[name].p_value, rel=1e-6, abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_another_reference_turns_the_difference_around(seed):
    rng = np.random.default_rng(seed)
    arm, response = np.repeat(["a", "b"], 5), rng.normal(size=10)
    one = ancova(response, arm, arms=["a", "b"]).differences("arm")["b"]
    other = ancova(response, arm, arms=["b", "a"]).differences("arm")["a"]
    assert one.estimate == pytest.approx(-other.estimate, abs=1e-12)
    assert one.lower == pytest.approx(-other.upper, abs=1e-12)


def test_without_covariates_it_is_students_test(week_12):
    # R 4.2.2, t.test(var.equal = TRUE), arm 2 against arm 0
    case = next(case for case in CASES if case["id"] == "two_groups_arm2")["expect"]
    two = week_12.filter(pl.col("arm").is_in([0, 2]))
    found = ancova(two["chg"].to_numpy(), two["arm"]).differences("arm")["2"]
    assert found.statistic == pytest.approx(case["student"]["t"], 1e-10)
    assert found.degrees_of_freedom == case["student"]["df"]


def test_a_constant_outcome_is_said_not_divided_by():
    fit = ancova([2.0] * 6, ["a", "a", "a", "b", "b", "b"])
    difference = fit.differences("arm")["b"]
    assert difference.estimate == pytest.approx(0, abs=1e-12)
    assert difference.p_value is None
    assert fit.r_squared is None
    assert fit.type_3()["arm"].p_value is None
    assert "fitted without error" in fit.coefficients.notes[0]


@pytest.mark.parametrize(
    ("response", "arm", "given", "match"),
    [
        ([1.0, 2.0], ["a", "b"], {}, "too few"),
        ([1.0, 2.0, 4.0], ["a", "a", "b"], {"arms": ["a", "b", "c"]}, "too few"),
        ([1.0, 2.0, 4.0, 3.0], ["a", "a", "b", "b"], {"arms": ["a", "b", "c"]}, r"arm\[c\]"),
        ([1.0, 2.0, 4.0], ["a", "a", "b"], {"errors": "HC9"}, "no standard errors"),
        ([1.0, 2.0, 4.0], ["a", "a", "b"], {"errors": "HC3"}, "one record alone"),
        ([1.0, 2.0, 4.0], ["a", "a", "b"], {"arms": ["a", "c"]}, "none of its levels: b"),
        (
            [1.0, 2.0, 4.0, 5.0],
            ["a", "a", "b", "b"],
            {"covariates": {"x": [0.0, 0, 1, 1]}},
            "follow from the others: x",
        ),
    ],
)
def test_data_that_decide_nothing_are_refused(response, arm, given, match):
    with pytest.raises(UnusableInputError, match=match):
        ancova(response, arm, **given)


def test_type_3_of_a_covariate_and_its_square_is_that_of_the_smaller_models():
    """Terms that are functions of one covariate: each F from the model without that term."""
    rng = np.random.default_rng(12)
    table = pl.DataFrame({"x": rng.normal(3, 1, 40), "arm": list("ab") * 20})
    table = table.with_columns(y=pl.col("x") ** 2 / 4 + rng.normal(size=40))
    fit = fit_linear(table, "y ~ arm + x + I(x^2) + log(x + 9)")
    squares = fit.residuals @ fit.residuals
    assert list(fit.type_3()) == ["arm", "x", "I(x^2)", "log(x + 9)"]
    for term, test in fit.type_3().items():
        kept = [name for name in ("arm", "x", "I(x^2)", "log(x + 9)") if name != term]
        small = fit_linear(table, f"y ~ {' + '.join(kept)}").residuals
        expected = (small @ small - squares) / (squares / 35)
        assert test.statistic == pytest.approx(expected, rel=1e-8)
        assert test.denominator == 35


def test_type_3_of_many_covariates_needs_no_table_of_their_combinations():
    rng = np.random.default_rng(13)
    names = [f"x{k}" for k in range(30)]
    table = pl.DataFrame({name: rng.normal(size=90) for name in (*names, "y")})
    table = table.with_columns(arm=pl.Series(list("abc") * 30))
    fit = fit_linear(table, f"y ~ arm + {' + '.join(names)}")
    t = fit.coefficients.of("x7").statistic
    assert fit.type_3()["x7"].statistic == pytest.approx(t**2, rel=1e-9)


def test_type_3_of_factors_that_cross_in_any_order_of_names():
    """Balanced cells: sums of squares of the classical table, whatever the order of the names."""
    rng = np.random.default_rng(14)
    rows = [(a, b, c) for a in "xyz" for b in "pq" for c in "mn" for _ in range(2)]
    table = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    table = table.with_columns(y=pl.Series(rng.normal(size=len(rows))))
    one = fit_linear(table, "y ~ a*b*c").type_3()
    other = fit_linear(table, "y ~ c + b + a + b:a + c:a + c:b + c:b:a").type_3()
    for term, test in one.items():
        same = next(
            each for name, each in other.items() if set(name.split(":")) == set(term.split(":"))
        )
        assert same.statistic == pytest.approx(test.statistic, rel=1e-9)
    by_a = table.group_by("a").agg(pl.col("y").mean())["y"].to_numpy()
    between = 8 * ((by_a - by_a.mean()) ** 2).sum() / 2
    within = table.with_columns(m=pl.col("y").mean().over("a", "b", "c"))
    error = ((within["y"] - within["m"]) ** 2).sum() / 12
    assert one["a"].statistic == pytest.approx(between / error, rel=1e-9)


def test_differences_at_a_value_of_a_covariate(week_12):
    # given slopes of their own: the difference is the arm's coefficient plus its slope there
    fit = fit_linear(week_12, "chg ~ arm*sledai0", levels={"arm": LEVELS["arm"]})
    estimate = dict(zip(fit.design.names, fit.coefficients.estimates, strict=True))
    for at in (0.0, 7.5):
        found = fit.differences("arm", at={"sledai0": at})
        expected = {k: estimate[f"arm[{k}]"] + at * estimate[f"arm[{k}]:sledai0"] for k in "123"}
        assert {k: each.estimate for k, each in found.items()} == pytest.approx(expected)
    with pytest.raises(UnusableInputError, match="no such factor or covariate: age"):
        fit.differences("arm", at={"age": 1.0})
