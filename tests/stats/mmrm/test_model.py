"""The friendly face against R's mmrm, every figure of every case, and on input that fails."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import mmrm

# R 4.2.2, mmrm 0.3.18 with TMB 1.9.2, emmeans 1.8.4.1
ORACLES = Path(__file__).parents[1] / "oracles"
CASES = {c["id"]: c for c in json.loads((ORACLES / "mmrm.json").read_text())["cases"]}
FORMULA = "chg ~ sledai0 + ocs_hi + arm*week"
LEVELS = {"arm": [0, 1, 2, 3]}
METHODS = {
    "Satterthwaite": "satterthwaite",
    "Kenward-Roger": "kenward-roger-second-order",  # what mmrm means by that name
    "Between-Within": "between-within",
}
ERRORS = {"Empirical": "empirical", "Empirical-Jackknife": "jackknife", None: "model"}


def data():
    table = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv")
    number = pl.col("usubjid").str.slice(3).cast(pl.Int64)
    return table.with_columns(w=1 + (number % 5) / 4)


def fitted(case, **changes):
    spec = case["spec"]
    settings = {
        "covariance": spec["covariance"],
        "method": METHODS[spec.get("method", "Satterthwaite")],
        "errors": ERRORS[spec.get("vcov")],
        "restricted": spec.get("reml", True),
        "group": spec.get("group"),
        "weights": "w" if "weights" in spec else None,
        "levels": LEVELS,
    }
    return mmrm(data(), FORMULA, participant="usubjid", visit="week", **(settings | changes))


@pytest.fixture(scope="module", params=list(CASES))
def pair(request):
    case = CASES[request.param]
    return fitted(case), case["expect"]


def same(found, rows, **names):
    for name, key in names.items():
        values = [getattr(each, name) for each in found]
        assert values == pytest.approx([row[key] for row in rows], rel=2e-7), name


def test_criteria(pair):
    found, expected = pair
    assert found.fit.converged
    assert found.fit.largest_slope < 1e-8
    assert found.fit.log_likelihood == pytest.approx(expected["log_lik"], rel=1e-12)
    assert found.fit.aic == pytest.approx(expected["aic"], rel=1e-12)
    assert found.fit.bic == pytest.approx(expected["bic"], rel=1e-12)
    assert found.fit.records == expected["n_obs"]
    if "sigma" in expected:
        assert found.fit.visit_covariance[0] == pytest.approx(np.array(expected["sigma"]), rel=1e-7)


def test_coefficients(pair):
    found, expected = pair
    same(
        found.estimates().values(), expected["coef"],
        estimate="est", standard_error="se", degrees_of_freedom="df", statistic="t", p_value="p",
    )  # fmt: skip


def test_ls_means(pair):
    found, expected = pair
    means = found.ls_means(["arm", "week"])
    assert list(means) == [(row["arm"], row["week"]) for row in expected["lsmeans"]]
    same(
        means.values(), expected["lsmeans"],
        estimate="est", standard_error="se", degrees_of_freedom="df", lower="lo", upper="hi",
    )  # fmt: skip


def test_differences_at_every_visit(pair):
    found, expected = pair
    differences = found.differences("arm")
    rows = expected["contrasts_vs_placebo"]
    assert [(f"arm{arm} - arm0", week) for arm, week in differences] == [
        (row["contrast"], row["week"]) for row in rows
    ]
    same(
        differences.values(), rows, estimate="est", standard_error="se", degrees_of_freedom="df",
        statistic="t", p_value="p", lower="lo", upper="hi",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["us_reml_satterthwaite", "us_reml_kenward_roger"])
def test_joint_tests(name):
    found, expected = fitted(CASES[name]), CASES[name]["expect"]["joint"]
    tests = {
        "arm_by_week": found.type_3()["arm:week"],
        "arm_at_week12": found.at_visit("arm", "12"),
    }
    for key, test in tests.items():
        assert test.statistic == pytest.approx(expected[key]["F"], rel=1e-7)
        assert test.numerator == expected[key]["num_df"]
        assert test.denominator == pytest.approx(expected[key]["denom_df"], rel=1e-7)
        assert test.p_value == pytest.approx(expected[key]["p"], rel=1e-7)


def test_the_linear_form_widens_the_errors_that_the_second_order_form_can_shrink():
    # mmrm 0.3.18, arm 2 at week 12: model 0.992, linear 0.996, second order 0.978
    plain = fitted(CASES["us_reml_satterthwaite"])
    linear = fitted(CASES["us_reml_satterthwaite"], method="kenward-roger")
    second = fitted(CASES["us_reml_kenward_roger"])
    errors = [each.differences("arm")["2", "12"].standard_error for each in (plain, linear, second)]
    assert [round(error, 3) for error in errors] == [0.992, 0.996, 0.978]


def test_residual_degrees_of_freedom():
    found = fitted(CASES["us_reml_satterthwaite"], method="residual")
    assert {each.degrees_of_freedom for each in found.estimates().values()} == {988 - 30}


def test_proportional_weights_and_covariates_elsewhere():
    found = fitted(CASES["us_reml_satterthwaite"])
    one = found.ls_means(["arm", "week"])["2", "8"]
    moved = found.ls_means(["arm", "week"], at={"ocs_hi": 1.0})["2", "8"]
    mean = found.design.columns["ocs_hi"].mean()
    slope = found.estimates()["ocs_hi"].estimate
    assert moved.estimate - one.estimate == pytest.approx((1 - mean) * slope, rel=1e-9)
    overall = found.ls_means(["arm"], weights="proportional")["2",]
    shares = np.bincount(found.design.columns["week"]) / found.fit.records
    by_week = [found.ls_means(["arm", "week"])["2", week].estimate for week in found.visits]
    assert overall.estimate == pytest.approx(float(shares @ by_week), rel=1e-9)


def test_a_model_without_the_visit_repeats_the_difference_at_every_visit():
    table = data()
    found = mmrm(
        table, "chg ~ sledai0 + arm", participant="usubjid", visit="week", covariance="ar1",
        levels=LEVELS,
    )  # fmt: skip
    differences = found.differences("arm")
    assert {each.estimate for (arm, _), each in differences.items() if arm == "1"} == {
        differences["1", "1"].estimate
    }


def test_a_visit_that_nobody_attended_is_left_out():
    table = data().with_columns(
        chg=pl.when(pl.col("week") == 6).then(None).otherwise(pl.col("chg"))
    )
    found = mmrm(table, FORMULA, participant="usubjid", visit="week", levels=LEVELS)
    assert found.visits == ("1", "2", "4", "8", "10", "12")
    assert found.fit.converged


def test_a_visit_that_was_declared_but_not_attended_is_named():
    levels = LEVELS | {"week": [1, 2, 4, 6, 8, 10, 12, 24]}
    with pytest.raises(UnusableInputError, match=r"week\[24\]"):
        mmrm(data(), FORMULA, participant="usubjid", visit="week", levels=levels)


def test_what_was_left_out_is_counted():
    found = fitted(CASES["us_reml_satterthwaite"])
    assert found.coefficients.counts == {"records": 988, "participants": 160, "left out": 132}


def small(seed=1, per_arm=12, visits=3):
    rng = np.random.default_rng(seed)
    participants = 2 * per_arm
    base = rng.normal(size=participants)
    rows = [
        {
            "who": f"p{i}",
            "arm": "ab"[i % 2],
            "visit": f"v{v}",
            "base": base[i],
            "change": base[i] + 0.5 * v * (i % 2) + noise,
        }
        for i in range(participants)
        for v, noise in enumerate(rng.normal(size=visits).cumsum())
    ]
    return pl.DataFrame(rows).filter(pl.Series(rng.uniform(size=len(rows)) > 0.1))


def differences(table, **given):
    fit = mmrm(table, "change ~ base + arm*visit", participant="who", visit="visit", **given)
    return fit.differences("arm")


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(1e-3, 1e3),
    covariance=st.sampled_from(["us", "csh", "ar1", "toep"]),
)
@settings(max_examples=12, deadline=None)
def test_units_and_order_of_records_do_not_matter(seed, scale, covariance):
    table = small(seed)
    turned = table.sample(fraction=1, shuffle=True, seed=seed).with_columns(
        change=scale * pl.col("change"), base=10 * pl.col("base") + 3
    )
    one = differences(table, covariance=covariance, method="kenward-roger")
    other = differences(turned, covariance=covariance, method="kenward-roger")
    for key, each in one.items():
        assert other[key].estimate == pytest.approx(scale * each.estimate, rel=1e-5)
        assert other[key].standard_error == pytest.approx(scale * each.standard_error, rel=1e-6)
        assert other[key].degrees_of_freedom == pytest.approx(each.degrees_of_freedom, rel=1e-5)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_names_of_arms_and_participants_do_not_matter(seed):
    table = small(seed)
    renamed = table.with_columns(
        arm=pl.col("arm").replace({"a": "zeta", "b": "alpha"}), who=pl.col("who").str.reverse()
    )
    one, other = differences(table), differences(renamed)
    for (_, visit), each in one.items():
        assert other["zeta", visit].estimate == pytest.approx(-each.estimate, rel=1e-6, abs=1e-9)
        assert other["zeta", visit].p_value == pytest.approx(each.p_value, rel=1e-6)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=6, deadline=None)
def test_equal_weights_only_scale_the_covariance(seed):
    table = small(seed).with_columns(w=pl.lit(4.0))
    plain, weighted = (
        mmrm(table, "change ~ arm*visit", participant="who", visit="visit", weights=w)
        for w in (None, "w")
    )
    assert weighted.fit.visit_covariance == pytest.approx(4 * plain.fit.visit_covariance, rel=1e-6)
    assert weighted.fit.log_likelihood == pytest.approx(plain.fit.log_likelihood, rel=1e-9)
    assert weighted.fit.coefficients == pytest.approx(plain.fit.coefficients, rel=1e-6, abs=1e-9)


def test_one_visit_is_analysis_of_covariance():
    table = small().filter(pl.col("visit") == "v1")
    found = mmrm(table, "change ~ base + arm", participant="who", visit="visit")
    x = np.column_stack(
        [np.ones(table.height), table["base"].to_numpy(), (table["arm"] == "b").to_numpy()]
    )
    y = table["change"].to_numpy()
    beta, squares = np.linalg.lstsq(x, y)[:2]
    variance = squares[0] / (len(y) - 3)
    estimate = found.differences("arm")["b", "v1"]
    assert estimate.estimate == pytest.approx(beta[2], rel=1e-9)
    assert estimate.standard_error**2 == pytest.approx(
        variance * np.linalg.inv(x.T @ x)[2, 2], rel=1e-8
    )
    assert estimate.degrees_of_freedom == pytest.approx(len(y) - 3, rel=1e-8)


def test_text_as_position_is_refused():
    with pytest.raises(UnusableInputError, match="no time"):
        differences(small(), covariance="sp_exp")


def test_no_complete_record_is_said():
    empty = small().with_columns(change=pl.lit(None, dtype=pl.Float64))
    with pytest.raises(UnusableInputError):
        differences(empty)


def test_a_visit_without_name_is_named_in_the_error():
    found = mmrm(small(), "change ~ arm*visit", participant="who", visit="visit")
    with pytest.raises(UnusableInputError, match="no visit 'v9'"):
        found.at_visit("arm", "v9")


def few():
    return pl.DataFrame(
        {
            "who": [1, 1, 2, 2, 3, 3],
            "visit": ["v1", "v2"] * 3,
            "arm": ["a", "a", "b", "b", "b", "b"],
            "change": [1.0, 2.0, 3.0, 5.0, 2.0, 2.5],
        }
    )


def test_one_participant_in_an_arm_needs_a_simple_covariance():
    given = {"participant": "who", "visit": "visit"}
    with pytest.raises(UnusableInputError, match="no maximum"):
        mmrm(few(), "change ~ arm*visit", **given)
    found = mmrm(few(), "change ~ arm*visit", covariance="cs", **given)
    # by hand: (3 + 2) / 2 - 1 and (5 + 2.5) / 2 - 2
    assert found.differences("arm")["b", "v1"].estimate == pytest.approx(1.5)
    assert found.differences("arm")["b", "v2"].estimate == pytest.approx(1.75)


def test_one_participant_in_each_arm_is_refused():
    with pytest.raises(UnusableInputError, match="too few"):
        mmrm(few().head(4), "change ~ arm*visit", participant="who", visit="visit")
