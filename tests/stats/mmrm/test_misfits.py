"""Settings and arrays that do not fit, and data at the edge of what a structure can describe."""

import numpy as np
import polars as pl
import pytest

from stats.mmrm.dense import made_trial
from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm, infer, mmrm, mmrm_batch


@pytest.fixture(scope="module")
def trial():
    return made_trial(3, people=30)


def batch(trial, responses, rows=(0, 0, 1.0, 0, 0, 0), **given):
    arrays = {key: trial[key] for key in ("design", "participant", "visit")} | given
    return mmrm_batch(responses, rows=rows, **arrays)


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ({"method": "welch"}, "no method for degrees of freedom"),
        ({"errors": "HC3"}, "no standard errors"),
        ({"method": "kenward-roger", "errors": "empirical"}, "adjusts the model's"),
    ],
)
def test_a_setting_that_does_not_exist_is_no_trial_that_shows_nothing(trial, setting, what):
    with pytest.raises(UnusableInputError, match=what):
        batch(trial, [trial["response"]] * 2, **setting)


def test_negative_visits_are_refused(trial):
    with pytest.raises(UnusableInputError, match="counted from 0"):
        batch(trial, [trial["response"]] * 2, visit=trial["visit"] - 1)


def test_designs_are_one_or_as_many_as_trials(trial):
    with pytest.raises(UnusableInputError, match="design"):
        batch(trial, [trial["response"]] * 3, design=np.stack([trial["design"]] * 2))


@pytest.mark.parametrize("start", [None, np.eye(4)])
@pytest.mark.parametrize("rows", [np.zeros((1, 6)), np.eye(5)])
def test_combinations_that_are_none(trial, rows, start):
    with pytest.raises(UnusableInputError, match="combination"):
        batch(trial, [trial["response"]] * 2, rows=rows, start=start)


def test_visits_and_participants_of_other_lengths(trial):
    with pytest.raises(UnusableInputError, match="as many as"):
        batch(trial, [trial["response"]], visit=trial["visit"][1:])


@pytest.mark.parametrize("covariance", ["sp_exp", "sp_gau"])
def test_residuals_that_repel_each_other_end_at_least_squares(covariance):
    """The best correlation is zero: errors and n - p degrees of freedom of ordinary regression."""
    rng = np.random.default_rng(0)
    who, visit = np.repeat(np.arange(20), 3), np.tile(np.arange(3), 20)
    x = np.column_stack([np.ones(60), visit == 1, visit == 2]).astype(float)
    e = rng.normal(size=(20, 3))
    e[:, 1] -= 0.3 * e[:, 0]
    e[:, 2] -= 0.3 * e[:, 1]
    fit = fit_mmrm(e.ravel(), x, who, visit, covariance=covariance)
    beta, squares = np.linalg.lstsq(x, e.ravel())[:2]
    expected = np.sqrt(squares[0] / 57 * np.diag(np.linalg.inv(x.T @ x)))
    assert fit.coefficients == pytest.approx(beta)
    assert np.sqrt(np.diag(fit.model_covariance)) == pytest.approx(expected, rel=1e-6)
    assert infer(fit, x).degrees_of_freedom(np.eye(3)) == pytest.approx([57] * 3, rel=1e-3)


@pytest.mark.parametrize("covariance", ["cs", "csh", "ar1", "ar1h", "toep", "ad", "sp_exp"])
def test_correlations_need_somebody_seen_twice(covariance):
    rng = np.random.default_rng(1)
    x, people = np.ones((24, 1)), np.arange(24)
    with pytest.raises(UnusableInputError, match="no participant has records at two visits"):
        fit_mmrm(rng.normal(size=24), x, people, people % 2, covariance=covariance)


def few(arm=("a", "b")):
    rng = np.random.default_rng(1)
    return pl.DataFrame({
        "who": np.repeat(np.arange(20), 3), "visit": np.tile(np.arange(3), 20),
        "arm": np.repeat(np.array(arm * (20 // len(arm))), 3), "y": rng.normal(size=60),
        "w": ["heavy"] * 60,
    })  # fmt: skip


def test_text_as_weight_is_refused():
    with pytest.raises(UnusableInputError, match="'w' holds no numbers"):
        mmrm(few(), "y ~ arm*visit", participant="who", visit="visit", weights="w")


def test_one_arm_has_no_differences():
    found = mmrm(few(("a",)), "y ~ arm*visit", participant="who", visit="visit")
    assert found.differences("arm") == {}


def test_an_outcome_computed_from_a_column_leaves_a_visit_of_nobody_out():
    table = few().with_columns(
        y=pl.when(pl.col("visit") == 1).then(None).otherwise(pl.col("y").exp())
    )
    found = mmrm(table, "log(y) ~ arm*visit", participant="who", visit="visit")
    assert found.visits == ("0", "2")


def test_rows_of_another_width_are_refused(trial):
    arrays = {key: trial[key] for key in ("response", "design", "participant", "visit")}
    with pytest.raises(UnusableInputError, match="combination"):
        infer(fit_mmrm(**arrays), trial["design"]).combinations(np.eye(5))
