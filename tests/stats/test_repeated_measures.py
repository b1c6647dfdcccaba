"""The model against R's mmrm, against the compiled one, against sums by hand, and on bad input."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import mmrm
from trialwright.stats.repeated_measures import repeated_measures

ORACLES = Path(__file__).parent / "oracles"
# R 4.2.2, mmrm 0.3.18 with TMB 1.9.2, emmeans 1.8.4.1
R = next(
    case["expect"]
    for case in json.loads((ORACLES / "mmrm.json").read_text())["cases"]
    if case["id"] == "us_reml_satterthwaite"
)
FORMULA = "chg ~ sledai0 + ocs_hi + arm*week"


@pytest.fixture(scope="module")
def lupus():
    return pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv")


def fitted(frame, formula=FORMULA, **levels):
    weeks = frame.filter(pl.col("chg").is_not_null())["week"].unique().sort().to_list()
    settled = {"arm": [0, 1, 2, 3], "week": weeks} | levels
    return repeated_measures(frame, formula, participant="usubjid", visit="week", levels=settled)


def compiled(frame, formula=FORMULA, method="kenward-roger"):
    return mmrm(
        frame,
        formula,
        participant="usubjid",
        visit="week",
        method=method,
        levels={"arm": [0, 1, 2, 3]},
    )


def test_coefficients_and_degrees_of_freedom_are_those_of_r(lupus):
    fit = fitted(lupus)
    found = fit.combinations(np.eye(len(fit.coefficients)))
    assert [each.estimate for each in found] == pytest.approx(
        [row["est"] for row in R["coef"]], rel=2e-7
    )
    # Of single coefficients Kenward and Roger's degrees of freedom are Satterthwaite's.
    assert [each.degrees_of_freedom for each in found] == pytest.approx(
        [row["df"] for row in R["coef"]], rel=2e-7
    )
    assert fit.records == R["n_obs"]


def test_standard_errors_are_those_of_r_before_the_adjustment_and_larger_after_it(lupus):
    fit = fitted(lupus)
    before = np.sqrt(np.diag(fit.model_covariance))
    assert before == pytest.approx([row["se"] for row in R["coef"]], rel=2e-7)
    after = np.sqrt(np.diag(fit.covariance))
    assert (after > before).all()
    assert (after < 1.05 * before).all()  # a correction for 160 participants is small


@pytest.mark.parametrize(
    "formula",
    [FORMULA, "chg ~ sledai0*week + arm*week", "chg ~ arm*week", "chg ~ sledai0*week + ocs_hi*arm*week"],
)  # fmt: skip
def test_means_and_contrasts_are_those_of_the_compiled_model(lupus, formula):
    mine, other = fitted(lupus, formula), compiled(lupus, formula)
    pairs = [(mine.differences("arm"), other.differences("arm"))]
    for weights in ("equal", "proportional"):
        pairs.append(
            (mine.ls_means("arm", weights=weights), other.ls_means(["arm", "week"], weights=weights))
        )  # fmt: skip
    for found, expected in pairs:
        assert found.keys() == expected.keys()
        for name in ("estimate", "standard_error", "lower", "upper", "degrees_of_freedom",
                     "p_value"):  # fmt: skip
            mine_all = [getattr(found[key], name) for key in expected]
            assert mine_all == pytest.approx(
                [getattr(each, name) for each in expected.values()], rel=1e-6, abs=1e-12
            )


def thinned(table, share):
    """A share of the visits missing at random leaves many patterns of few participants."""
    chance = np.random.default_rng(3).uniform(size=table.height)
    return table.filter(pl.Series(chance > share))


@pytest.mark.parametrize("share", [0.15, 0.35])
def test_with_visits_missing_at_random_it_still_agrees(lupus, share):
    table = thinned(lupus, share)
    mine, other = fitted(table), compiled(table)
    assert mine.covariance == pytest.approx(other.inference.covariance, rel=1e-5, abs=1e-9)
    assert mine.visit_covariance == pytest.approx(other.fit.visit_covariance[0], rel=1e-5)


def test_a_likelihood_without_a_maximum_is_refused_by_both(lupus):
    for fit in (fitted, compiled):
        with pytest.raises(UnusableInputError, match=r"no maximum|did not converge"):
            fit(thinned(lupus, 0.5))


def complete(people=12, seed=5):
    """Two arms, two visits, nobody missing."""
    rng = np.random.default_rng(seed)
    change = rng.normal(size=(people, 2)) + rng.normal(size=(people, 1))
    return pl.DataFrame(
        {
            "usubjid": np.repeat(np.arange(people), 2),
            "week": [4, 8] * people,
            "arm": np.repeat(np.arange(people) % 2, 2),
            "chg": change.ravel(),
        }
    )


def test_if_all_come_to_all_visits_it_is_a_t_test_at_each_visit():
    """Then least squares and the pooled covariance of the arms are the exact maximum."""
    table = complete()
    fit = fitted(table, "chg ~ arm*week", arm=[0, 1])
    for week in (4, 8):
        values = table.filter(pl.col("week") == week)
        first, second = (values.filter(pl.col("arm") == arm)["chg"].to_numpy() for arm in (0, 1))
        found = fit.differences("arm")["1", str(week)]
        assert found.estimate == pytest.approx(second.mean() - first.mean())
        pooled = (first.var(ddof=1) + second.var(ddof=1)) / 2
        assert found.standard_error == pytest.approx(np.sqrt(pooled * 2 / 6))
        assert found.degrees_of_freedom == pytest.approx(10)  # 12 participants less 2 means


def test_the_covariance_among_visits_is_then_the_pooled_one_of_the_arms():
    table = complete(20)
    fit = fitted(table, "chg ~ arm*week", arm=[0, 1])
    wide = table.pivot("week", index=["usubjid", "arm"], values="chg")
    squares = sum(
        9 * np.cov(wide.filter(pl.col("arm") == arm).select("4", "8").to_numpy().T)
        for arm in (0, 1)
    )
    assert fit.visit_covariance == pytest.approx(squares / 18)


def test_neither_order_nor_names_nor_units_matter(lupus):
    plain = fitted(lupus).differences("arm")
    shuffled = lupus.sample(fraction=1, shuffle=True, seed=1).with_columns(
        pl.lit("x") + pl.col("usubjid"), chg=pl.col("chg") * 1000
    )
    other = fitted(shuffled).differences("arm")
    for key, found in plain.items():
        assert other[key].estimate == pytest.approx(1000 * found.estimate, rel=1e-6)
        assert other[key].p_value == pytest.approx(found.p_value, rel=1e-6)


def test_a_value_that_is_missing_is_left_out(lupus):
    known = lupus.filter(pl.col("chg").is_not_null())
    assert known.height < lupus.height
    assert fitted(lupus).records == known.height
    assert np.array_equal(fitted(lupus).coefficients, fitted(known).coefficients)


def row(who, week, arm, chg):
    return {"usubjid": who, "week": week, "arm": arm, "chg": chg}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(1, 4, 0, 1.0), row(2, 8, 1, 2.0)], "2 records are too few for 4 coefficients"),
        (
            [row(n, 4 + 4 * (n % 2), n // 2 % 2, n**2 % 7) for n in range(16)],
            "nobody has records of two of the visits",
        ),
        (
            [*complete().to_dicts(), row(0, 4, 0, 1.0)],
            "a participant has two records of a visit",
        ),
        (
            [each | {"chg": float(each["arm"])} for each in complete().to_dicts()],
            "the response is fitted without error",
        ),
        (
            [each | {"arm": 0} for each in complete().to_dicts()],
            "columns of the design follow from the others",
        ),
        (
            # The second visit repeats the first, so the covariance has no inverse.
            [each | {"chg": float(each["usubjid"] ** 2 % 11)} for each in complete().to_dicts()],
            "no maximum|do not determine|did not converge",
        ),
    ],
)
def test_what_cannot_be_fitted_is_said(rows, message):
    with pytest.raises(UnusableInputError, match=message):
        fitted(pl.DataFrame(rows), "chg ~ arm*week", arm=[0, 1])
