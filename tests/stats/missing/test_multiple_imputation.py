"""Completed data sets: what stays, what varies, and what pooling them recovers."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.bayesian_reference import bayesian_reference_imputation
from trialwright.stats.missing.last_visit import compare_last_visit
from trialwright.stats.missing.multiple_imputation import multiple_imputation
from trialwright.stats.missing.reference_based import STRATEGIES, reference_based_imputation


def philox(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def trial(n: int = 80, seed: int = 3):
    """Three visits, two arms, a covariate; some leave, and some miss the middle visit."""
    rng = philox(seed)
    arm, x = np.arange(n) % 2 == 1, rng.normal(size=(n, 1))
    y = rng.normal(size=(n, 1)) + x + 0.6 * rng.normal(size=(n, 3)) - np.outer(arm, [0.5, 1, 2])
    y[:16, 2] = y[:6, 1] = y[40:46, 1] = np.nan
    return y, arm, x


@pytest.mark.parametrize("by_arm", [True, False])
def test_observed_values_stay_and_missing_ones_vary(by_arm) -> None:
    y, arm, x = trial()
    found = multiple_imputation(y, arm, x, philox(), imputations=6, sweeps=10, by_arm=by_arm)
    again = multiple_imputation(y, arm, x, philox(), imputations=6, sweeps=10, by_arm=by_arm)
    seen = ~np.isnan(y)
    assert found.shape == (6, *y.shape)
    assert (found[:, seen] == y[seen]).all()
    assert (found[:, ~seen].std(axis=0) > 0).all()
    assert found.tolist() == again.tolist()


def test_nothing_missing_is_returned_as_it_is() -> None:
    y = np.arange(24.0).reshape(8, 3)
    found = multiple_imputation(y, [0, 1] * 4, np.empty((8, 0)), philox(), imputations=2)
    assert (found == y).all()


def test_by_arm_the_other_arms_do_not_matter() -> None:
    y, arm, x = trial()
    one = multiple_imputation(y, arm, x, philox(), imputations=3, sweeps=5)
    changed = np.where(arm[:, None], 5 * y + 100, y)
    other = multiple_imputation(changed, arm, x, philox(), imputations=3, sweeps=5)
    assert (one[:, ~arm] == other[:, ~arm]).all()
    assert (one[:, arm] != other[:, arm]).any()


def test_units_of_outcome_and_covariate_do_not_matter() -> None:
    y, arm, x = trial()
    for by_arm in (True, False):
        one = multiple_imputation(y, arm, x, philox(), imputations=3, sweeps=5, by_arm=by_arm)
        other = multiple_imputation(
            10 * y + 3, arm, 2 * x - 1, philox(), imputations=3, sweeps=5, by_arm=by_arm
        )
        # Other units of a covariate are other coordinates of the same draws only in distribution.
        assert other.mean() == pytest.approx(10 * one.mean() + 3, rel=0.15)


def test_pooled_at_random_agrees_with_the_conditional_mean() -> None:
    """One model, two ways: within 4.5 Monte Carlo errors of 400 data sets."""
    y, arm, x = trial()
    exact = reference_based_imputation(y, arm, x, by_visit=[True])
    sets = multiple_imputation(y, arm, x, philox(), imputations=400, sweeps=40, by_arm=False)
    found = compare_last_visit(sets[:, :, -1], arm, x).difference
    assert abs(found.estimate - exact.difference.estimate) < 4.5 * np.sqrt(found.between / 400)
    assert found.standard_error == pytest.approx(exact.difference.standard_error, rel=0.25)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_reference_based_agrees_with_the_conditional_mean(strategy) -> None:
    y, arm, x = trial()
    exact = reference_based_imputation(y, arm, x, strategy=strategy)
    found = bayesian_reference_imputation(
        y, arm, x, philox(), strategy=strategy, imputations=400, sweeps=40
    )
    for name in ("difference", "reference_mean", "active_mean"):
        pooled, expected = getattr(found, name), getattr(exact, name)
        error = np.sqrt(pooled.between / 400)
        # The posterior mean of a ratio of covariances is not its value at the REML estimate: a
        # fiftieth of the standard error is left for that.
        reach = 4.5 * error + 0.02 * pooled.standard_error
        assert abs(pooled.estimate - expected.estimate) < reach
    seen = ~np.isnan(y)
    assert (found.imputed[:, seen] == y[seen]).all()
    assert found.strategy == strategy


def test_borrowing_from_the_reference_does_not_sharpen_rubin_s_errors() -> None:
    """Information-anchoring: Cro, Carpenter and Kenward 2019."""
    y, arm, x = trial()
    error = {
        s: bayesian_reference_imputation(y, arm, x, philox(), strategy=s, sweeps=30)
        .difference.standard_error
        for s in ("MAR", "JR")
    }  # fmt: skip
    jackknife = reference_based_imputation(y, arm, x, strategy="JR").difference.standard_error
    assert error["JR"] > jackknife
    assert error["JR"] == pytest.approx(error["MAR"], rel=0.2)


def test_the_last_visit_of_one_data_set_is_analysis_of_covariance() -> None:
    """Two equal sets: least squares by hand."""
    y, arm, x = trial()
    last = np.nan_to_num(y[:, -1])
    found = compare_last_visit([last, last], arm, x)
    matrix = np.column_stack([np.ones(80), arm, x])
    beta, squares, *_ = np.linalg.lstsq(matrix, last, rcond=None)
    error = np.sqrt(squares[0] / 77 * np.linalg.inv(matrix.T @ matrix)[1, 1])
    assert found.difference.estimate == pytest.approx(beta[1])
    assert found.difference.standard_error == pytest.approx(error)
    assert found.reference_mean.estimate == pytest.approx(beta[0] + beta[2] * x.mean())
    assert found.active_mean.estimate - found.reference_mean.estimate == pytest.approx(beta[1])


Y, ARM, X = trial(24)


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: multiple_imputation(Y, ARM[1:], X, philox()), "differ in length"),
        (lambda: multiple_imputation(Y, ARM, X * np.nan, philox()), "covariate is missing"),
        (
            lambda: multiple_imputation(Y, np.arange(24), X, philox()),
            "nobody of arm 0 was seen at visit 2",
        ),
        (lambda: bayesian_reference_imputation(Y, ARM, X, philox(), imputations=1), "two imp"),
        (lambda: bayesian_reference_imputation(Y, ARM, X, philox(), strategy="x"), "no strategy"),
        (lambda: compare_last_visit(Y.T, ARM, X), "is missing"),
        (lambda: compare_last_visit(Y.T, ARM[1:], X), "differ in length"),
        (lambda: compare_last_visit(np.ones((2, 24)), ARM, X), "fitted without error"),
        (lambda: compare_last_visit([[1.0, 2]] * 2, [0, 1], [[]] * 2), "too few"),
    ],
)
def test_what_cannot_be_imputed_or_compared_is_refused(compute, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        compute()


def test_the_trial_of_r() -> None:
    """R 4.2.2, rbmi 1.5.2, conditional means: the estimates; its jackknife under MAR: the errors.

    The figures are those of `reference_based_*` in oracles/missing.json.
    """
    folder = Path(__file__).parents[1] / "oracles"
    rows = pl.read_csv(folder / "data/t1_sledai_long.csv").filter(pl.col("arm").is_in([0, 2]))
    wide = rows.pivot("week", index=["usubjid", "arm", "sledai0", "ocs_hi"], values="chg")
    weeks = [str(week) for week in sorted(rows["week"].unique().to_list())]
    y = wide.select(pl.col(weeks).cast(pl.Float64)).fill_null(float("nan")).to_numpy()
    cases = json.loads((folder / "missing.json").read_text(encoding="utf-8"))["cases"]
    expected = {c["id"].rpartition("_")[2].upper(): c["expect"] for c in cases}
    for strategy in ("MAR", "JR", "CIR"):
        found = bayesian_reference_imputation(
            y, wide["arm"].to_numpy() == 2, wide.select("sledai0", "ocs_hi").to_numpy(), philox(),
            strategy=strategy, by_visit=[True, False], imputations=300, sweeps=40,
        ).difference  # fmt: skip
        # Four and a half Monte Carlo errors, and a fiftieth of the standard error for the
        # difference between a posterior mean and the REML estimate.
        reach = 4.5 * np.sqrt(found.between / 300) + 0.02 * found.standard_error
        assert abs(found.estimate - expected[strategy]["est"][0]) < reach
        if strategy == "MAR":
            assert found.standard_error == pytest.approx(expected["MAR"]["se"][0], rel=0.1)
