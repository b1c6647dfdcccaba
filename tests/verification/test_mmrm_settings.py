"""What a case of a mixed model may name, in which words, and what is refused.

A small table with the right answers known: complete data at two visits, so that generalized least
squares is least squares, and the paired covariance of the residuals is the unstructured one.
"""

from typing import Any

import numpy as np
import polars as pl
import pytest

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.mmrm import METHODS

PARTICIPANTS = 24


def table() -> pl.DataFrame:
    draw = np.random.default_rng(20)
    own = draw.normal(0, 1, PARTICIPANTS)
    arm = np.arange(PARTICIPANTS) % 3
    sex = draw.permutation(PARTICIPANTS) % 4 == 0
    rows = [
        {
            "usubjid": f"P{k:02d}",
            "arm": int(arm[k]),
            "week": week,
            "base": float(np.round(draw.normal(20, 4), 1)) if week == 4 else 0.0,
            "female": int(not sex[k]),
            "chg": float(np.round(own[k] + 0.5 * arm[k] + week / 8 + draw.normal(0, 1), 2)),
        }
        for k in range(PARTICIPANTS)
        for week in (4, 12)
    ]
    frame = pl.DataFrame(rows)
    return frame.with_columns(base=pl.col("base").max().over("usubjid"))


DATA = table()


def case(expect: Any, data: pl.DataFrame = DATA, **spec: Any) -> Case:
    given = {"formula": "chg ~ arm*week", **spec}
    kept = {key: value for key, value in given.items() if value is not None}
    return Case(id="own", method="mmrm", data=data, spec=kept, expect=expect, tol_rel=1e-9)


def found(expect: Any, data: pl.DataFrame = DATA, **spec: Any) -> dict[str, Any]:
    outcome = run_case(case(expect, data, **spec), METHODS)
    assert outcome.figures
    assert not [f.problem for f in outcome.figures if f.problem.startswith("not computed")]
    return {figure.path: figure.found for figure in outcome.figures}


def problem(expect: Any, data: pl.DataFrame = DATA, **spec: Any) -> str:
    """The one reason why no figure passes."""
    outcome = run_case(case(expect, data, **spec), METHODS)
    assert len(outcome.out) == len(outcome.figures) > 0
    (reason,) = {figure.problem for figure in outcome.figures}
    return reason


def cell_means() -> dict[tuple[int, int], float]:
    means = {}
    for arm in (0, 1, 2):
        for week in (4, 12):
            rows = [r for r in DATA.iter_rows(named=True) if (r["arm"], r["week"]) == (arm, week)]
            means[arm, week] = sum(r["chg"] for r in rows) / len(rows)
    return means


LOG_LIK = {"log_lik": 0.0}


def test_means_and_contrasts_of_complete_data_are_those_of_the_cells() -> None:
    means = cell_means()
    expect = {
        "lsmeans": [{"arm": str(a), "week": str(w), "est": 0.0} for a, w in means],
        "contrasts_vs_placebo": [
            {"contrast": "arm1 - arm0", "week": "4", "est": 0.0},
            {"contrast": "arm2 - arm0", "week": "12", "est": 0.0},
            {"contrast": "2 - 1", "week": "12", "est": 0.0},
        ],
        "contrasts_of_visits": [
            {"contrast": "week12 - week4", "arm": "1", "est": 0.0},
            {"contrast": "arm2 - arm1", "est": 0.0},
        ],
        "lsmeans_overall": [{"arm": "2", "est": 0.0}],
    }
    got = found(expect)
    for k, value in enumerate(means.values()):
        assert got[f"lsmeans[{k}].est"] == pytest.approx(value, rel=1e-9)
    differences = [
        means[1, 4] - means[0, 4],
        means[2, 12] - means[0, 12],
        means[2, 12] - means[1, 12],
    ]
    for k, value in enumerate(differences):
        assert got[f"contrasts_vs_placebo[{k}].est"] == pytest.approx(value, rel=1e-9)
    assert got["contrasts_of_visits[0].est"] == pytest.approx(means[1, 12] - means[1, 4])
    overall = [(means[a, 4] + means[a, 12]) / 2 for a in (0, 1, 2)]
    assert got["contrasts_of_visits[1].est"] == pytest.approx(overall[2] - overall[1])
    assert got["lsmeans_overall[0].est"] == pytest.approx(overall[2])


def test_the_unstructured_covariance_of_complete_data_is_that_of_the_residuals() -> None:
    means = cell_means()
    wide = {}
    for row in DATA.iter_rows(named=True):
        residual = row["chg"] - means[row["arm"], row["week"]]
        wide.setdefault(row["usubjid"], []).append(residual)
    residuals = np.array(list(wide.values()))
    # 24 participants in three arms: 21 degrees of freedom; by maximum likelihood 24
    by_reml = residuals.T @ residuals / 21
    got = found(
        {"sigma": [[0.0] * 2] * 2, "n_theta": 0, "n_obs": 0, "n_subjects": 0, "converged": True}
    )
    assert [got[f"sigma[{i}][{j}]"] for i in (0, 1) for j in (0, 1)] == pytest.approx(
        by_reml.ravel().tolist(), rel=1e-7
    )
    assert (got["n_theta"], got["n_obs"], got["n_subjects"]) == (3, 48, 24)
    by_ml = found({"sigma": [[0.0] * 2] * 2}, reml=False)
    assert by_ml["sigma[0][1]"] == pytest.approx(by_reml[0, 1] * 21 / 24, rel=1e-7)


def test_likelihood_figures_follow_from_each_other() -> None:
    # mmrm: AIC adds twice the covariance parameters, BIC log(participants) times them (REML)
    got = found({"log_lik": 0.0, "deviance": 0.0, "aic": 0.0, "bic": 0.0})
    assert got["deviance"] == pytest.approx(-2 * got["log_lik"])
    assert got["aic"] == pytest.approx(got["deviance"] + 2 * 3)
    assert got["bic"] == pytest.approx(got["deviance"] + 3 * np.log(24))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"covariance": "cs"}, {"formula": "chg ~ arm*week + cs(week | usubjid)"}),
        ({"covariance": "ar1"}, {"formula": "chg ~ arm*week + ar1(week|usubjid)"}),
        ({}, {"formula": "chg ~ us(week | usubjid) + arm*week"}),
        ({}, {"covariance": "us", "visit": "week", "participant": "usubjid", "reml": True}),
        (
            {"covariance": "csh", "group": "female"},
            {"formula": "chg ~ arm*week + csh(week | female / usubjid)"},
        ),
        ({"formula": "chg ~ us(week | usubjid)"}, {"formula": "chg ~ 1"}),
        ({"weights": "base"}, {"weights": "1 * base"}),
        ({}, {"weights": 1}),
        ({"method": "Satterthwaite"}, {"method": None}),
        ({"vcov": "Asymptotic"}, {"vcov": None}),
        ({"method": "Kenward-Roger"}, {"method": "Kenward-Roger", "vcov": "Kenward-Roger"}),
        (
            {"method": "Kenward-Roger-Linear"},
            {"method": "Kenward-Roger", "vcov": "Kenward-Roger-Linear"},
        ),
    ],
)
def test_two_ways_to_write_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    figures = {"log_lik": 0.0, "coef": [{"term": "(Intercept)", "se": 0.0, "df": 0.0}]}
    assert found(figures, **one) == found(figures, **other)


def test_groups_have_a_covariance_each_by_the_names_of_their_levels() -> None:
    expect = {"sigma": {"0": [[0.0] * 2] * 2, "1": [[0.0] * 2] * 2}, "n_theta": 0}
    got = found(expect, covariance="us", group="female")
    assert got["n_theta"] == 6
    assert got["sigma.0[0][0]"] != got["sigma.1[0][0]"]
    listed = found({"sigma": [[[0.0] * 2] * 2] * 2}, covariance="us", group="female")
    assert listed["sigma[1][0][0]"] == got["sigma.1[0][0]"]


def test_weights_that_are_twice_as_large_double_the_variance() -> None:
    once, twice = (found({"sigma": [[0.0] * 2] * 2}, weights=w) for w in (1, 2))
    assert twice["sigma[0][0]"] == pytest.approx(2 * once["sigma[0][0]"], rel=1e-8)


def test_a_spatial_covariance_of_two_visits_is_compound_symmetry() -> None:
    # With one distance there is one correlation, whatever the unit of time.
    plain = found(LOG_LIK, covariance="cs")["log_lik"]
    months = DATA.with_columns(month=pl.col("week") / 4)
    spatial = found(LOG_LIK, months, formula="chg ~ arm*week + sp_exp(month | usubjid)")
    assert spatial["log_lik"] == pytest.approx(plain, rel=1e-8)


def test_a_covariate_of_two_values_is_averaged_as_a_factor_would_be() -> None:
    # Given 18 women and 6 men, and coefficients c of an additive model
    formula = "chg ~ female + arm*week"
    terms = ["(Intercept)", "female", "arm1", "arm2", "week12", "arm1:week12", "arm2:week12"]
    coef = [{"term": term, "est": 0.0} for term in terms]
    row = [{"arm": "0", "week": "4", "est": 0.0}]
    got = found({"coef": coef, "lsmeans": row, "lsmeans_proportional": row}, formula=formula)
    intercept, slope = (got[f"coef[{term}].est"] for term in ("(Intercept)", "female"))
    # then equal weights put it halfway, proportional ones at its mean
    assert got["lsmeans[0].est"] == pytest.approx(intercept + slope / 2, rel=1e-9)
    assert got["lsmeans_proportional[0].est"] == pytest.approx(intercept + slope * 0.75, rel=1e-9)


def test_joint_tests_by_several_names() -> None:
    figures = {"F": 0.0, "num_df": 0, "denom_df": 0.0, "p": 0.0}
    names = [
        "arm_by_week",
        "week_by_arm",
        "arm:week",
        "arm_at_week12",
        "arm_at_12",
        "arm_at_week_12",
    ]
    got = found({"joint": dict.fromkeys(names, figures)})
    for name in figures:
        interaction = {got[f"joint.{each}.{name}"] for each in names[:3]}
        at_visit = {got[f"joint.{each}.{name}"] for each in names[3:]}
        assert (len(interaction), len(at_visit)) == (1, 1)
    assert got["joint.arm_by_week.num_df"] == got["joint.arm_at_week12.num_df"] == 2


def test_a_joint_test_at_a_visit_is_the_analysis_of_variance_there() -> None:
    # Complete data: the unstructured fit at a visit is least squares there, 21 degrees of freedom.
    groups = [
        [r["chg"] for r in DATA.iter_rows(named=True) if r["arm"] == a and r["week"] == 12]
        for a in (0, 1, 2)
    ]
    grand = np.mean(np.concatenate(groups))
    between = sum(len(g) * (np.mean(g) - grand) ** 2 for g in groups) / 2
    within = sum(((np.array(g) - np.mean(g)) ** 2).sum() for g in groups) / 21
    got = found({"joint": {"arm_at_week12": {"F": 0.0, "denom_df": 0.0}}})
    assert got["joint.arm_at_week12.F"] == pytest.approx(between / within, rel=1e-7)
    assert got["joint.arm_at_week12.denom_df"] == pytest.approx(21, rel=1e-6)


def test_the_first_expected_levels_tell_the_reference() -> None:
    # Given terms for arms 0 and 1 alone, so that 2 is the reference
    got = found({"coef": [{"term": t, "est": 0.0} for t in ("armf0", "armf1", "wk12")]})
    means = cell_means()
    assert got["coef[armf0].est"] == pytest.approx(means[0, 4] - means[2, 4])
    assert got["coef[wk12].est"] == pytest.approx(means[2, 12] - means[2, 4])


def test_arms_and_weeks_of_the_spec_keep_those_rows() -> None:
    got = found({"n_obs": 0, "n_subjects": 0}, arms="0 and 2 only")
    assert (got["n_obs"], got["n_subjects"]) == (32, 16)
    alone = found({"n_obs": 0}, weeks=[12], formula="chg ~ arm")
    assert alone["n_obs"] == 24


def test_records_without_a_response_are_left_out() -> None:
    missing = DATA.with_columns(
        chg=pl.when((pl.col("usubjid") == "P03") & (pl.col("week") == 12))
        .then(None)
        .otherwise("chg")
    )
    got = found({"n_obs": 0, "n_subjects": 0}, missing)
    assert (got["n_obs"], got["n_subjects"]) == (47, 24)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"method": "Welch"}, "no method 'Welch'; it has satterthwaite, kenward-roger,"),
        ({"vcov": "Empirical-CR9"}, "no vcov 'Empirical-CR9'; it has asymptotic, kenward-roger,"),
        ({"covariance": "banded"}, "'banded' is no covariance structure"),
        ({"method": "Kenward-Roger", "reml": False}, "needs a fit by restricted likelihood"),
        ({"method": "Kenward-Roger", "vcov": "Empirical"}, "Kenward-Roger"),
        ({"formula": "chg ~ arm + bmi"}, "no column bmi"),
        ({"formula": "qol ~ arm"}, "no column qol"),
        ({"formula": "chg ~ arm + ("}, "is no formula"),
        ({"formula": None}, "the spec has no 'formula'"),
        ({"formula": "chg ~ arm + un(week | usubjid)"}, "'un(week | usubjid)' is not understood"),
        ({"visit": "day"}, "none of the columns day"),
        ({"group": "site"}, "none of the columns site"),
        ({"participant": "patient"}, "no column patient"),
        ({"formula": "chg ~ arm + us(day | usubjid)"}, "none of the columns day"),
        ({"formula": "chg ~ arm + us(week | site / usubjid)"}, "none of the columns site"),
        ({"formula": "chg ~ arm + sp_exp(day | usubjid)"}, "none of the columns day"),
        ({"weights": "dose"}, "no column 'dose'"),
        ({"weights": -1}, "weights must be positive numbers"),
        ({"arms": [0, 7]}, "no row has arm 7"),
        ({"weeks": [99]}, "no row has week 99"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_out_with_its_reason(
    spec: dict[str, Any], said: str
) -> None:
    assert said in problem(LOG_LIK, **spec)


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"lsmeans": [{"region": "EUR", "est": 0.0}]}, "no factor 'region'"),
        ({"lsmeans": [{"arm": "9", "week": "4", "est": 0.0}]}, "no mean of 9, 4; its levels are 0, 1, 2; 4, 12"),
        ({"contrasts": [{"contrast": "arm9 - arm0", "week": "4", "est": 0.0}]}, "no factor has both levels"),
        ({"contrasts": [{"contrast": "arm1", "week": "4", "est": 0.0}]}, "'arm1' is no contrast"),
        ({"contrasts": [{"contrast": "arm1 - arm0", "week": "9", "est": 0.0}]}, "no mean of 1, 9"),
        ({"joint": {"region": {"F": 0.0}}}, "no factor 'region'"),
        ({"joint": {"arm_at_week9": {"F": 0.0}}}, "there is no visit '9'; there are 4, 12"),
        ({"coef": [{"term": "base", "est": 0.0}]}, "no term base"),
        ({"r_squared": 0.5}, "not computed"),
    ],
)  # fmt: skip
def test_a_figure_that_is_not_known_is_out(expect: dict[str, Any], said: str) -> None:
    outcome = run_case(case({**expect, "n_obs": 48}), METHODS)
    assert [figure.path for figure in outcome.figures if not figure.problem] == ["n_obs"]
    assert all(said in figure.problem for figure in outcome.out)


def test_a_response_that_never_varies_is_refused() -> None:
    flat = DATA.with_columns(chg=pl.lit(1.0))
    assert problem(LOG_LIK, flat).startswith("not computed: ")
    assert "Error" not in problem(LOG_LIK, flat)


def test_participants_with_two_records_at_a_visit_are_refused() -> None:
    twice = pl.concat([DATA, DATA.head(1)])
    assert "a participant has two records at the same visit" in problem(LOG_LIK, twice)
