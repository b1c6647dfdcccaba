"""Proportional odds against R's MASS::polr, against logistic regression, and on separated data."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.discrete.discrete_model import Logit

from trialwright.errors import UnusableInputError
from trialwright.stats.proportional_odds import (
    _likelihood,
    fit_proportional_odds,
    proportional_odds,
)

# R 4.2.2, MASS 7.3.58.2, polr; its optimizer stops at about six digits
ORACLES = Path(__file__).parent / "oracles"
EXPECTED = json.loads((ORACLES / "rank_ancova.json").read_text())["cases"][3]["expect"]


@pytest.fixture(scope="module")
def table():
    data = pl.read_csv(ORACLES / "data" / "t1_sri4.csv")
    score = data["sledai0"] - 10 * data["sri4_nri"]
    cut = pl.Series(np.digitize(score.to_numpy(), [-3, 2, 8], right=True) + 1)
    return data.with_columns(category=cut)


def test_coefficients_and_cuts(table):
    found = proportional_odds(table, "category ~ arm + ocs_hi", levels={"arm": [0, 1, 2, 3]})
    assert found.terms == ("arm[1]", "arm[2]", "arm[3]", "ocs_hi", "1|2", "2|3", "3|4")
    assert found.estimates == pytest.approx(EXPECTED["est"], rel=1e-6)
    assert found.standard_errors == pytest.approx(EXPECTED["se"], rel=1e-5)
    assert found.log_likelihood == pytest.approx(EXPECTED["log_lik"], rel=1e-10)
    assert [found.counts[name] for name in "1234"] == EXPECTED["counts"]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_two_categories_are_logistic_regression(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 2))
    category = (rng.logistic(size=60) + x[:, 0] > 0).astype(int)
    found, covariance, value = fit_proportional_odds(category, x)
    plain = Logit(category, np.column_stack([x, np.ones(60)])).fit(disp=0, method="newton")
    assert found[:2] == pytest.approx(plain.params[:2], rel=1e-6, abs=1e-8)
    assert -found[2] == pytest.approx(plain.params[2], rel=1e-6, abs=1e-8)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(plain.bse, rel=1e-6)
    assert value == pytest.approx(plain.llf, rel=1e-10)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_slope_and_information_are_differences(seed):
    rng = np.random.default_rng(seed)
    x, codes = rng.normal(size=(30, 2)), np.arange(30) % 3
    at = np.concatenate([rng.normal(size=2), np.sort(rng.normal(size=2)) + np.array([0, 0.5])])
    _, slope, information = _likelihood(codes, x, at)
    for k, step in enumerate(1e-6 * np.eye(4)):
        up, down = _likelihood(codes, x, at + step), _likelihood(codes, x, at - step)
        assert slope[k] == pytest.approx((up[0] - down[0]) / 2e-6, rel=1e-5, abs=1e-6)
        assert information[k] == pytest.approx((down[1] - up[1]) / 2e-6, rel=1e-5, abs=1e-5)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_reading_the_scale_backwards_turns_the_signs(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, 1))
    category = np.digitize(rng.logistic(size=80) + x[:, 0], [-1, 1])
    one, other = (fit_proportional_odds(each, x)[0] for each in (category, 2 - category))
    assert other[0] == pytest.approx(-one[0], rel=1e-6, abs=1e-8)
    assert other[1:] == pytest.approx(-one[:0:-1], rel=1e-6, abs=1e-8)


def test_without_terms_the_cuts_are_the_shares():
    found = fit_proportional_odds([0, 0, 1, 1, 1, 2, 2, 2], np.empty((8, 0)))[0]
    assert found == pytest.approx([np.log(2 / 6), np.log(5 / 3)], rel=1e-9)


def test_text_categories_in_given_order():
    table = pl.DataFrame(
        {"grade": ["mild", "severe", "mild", "none", "severe", "none"], "x": [1.0, 2, 3, 1, 0, 2]}
    )
    found = proportional_odds(table, "grade ~ x", categories=["none", "mild", "severe"])
    assert found.terms == ("x", "none|mild", "mild|severe")


def test_an_empty_category_is_named():
    table = pl.DataFrame({"grade": [1, 1, 3], "x": [1.0, 2, 3]})
    with pytest.raises(UnusableInputError, match="no record is in category 2"):
        proportional_odds(table, "grade ~ x", categories=[1, 2, 3])
    with pytest.raises(UnusableInputError, match="one category"):
        proportional_odds(table.filter(pl.col("grade") == 1), "grade ~ x")


@pytest.mark.parametrize(
    "x", [[[0.0], [0], [0], [1], [1], [1]], [[1.0, 2], [1, 2], [2, 4], [1, 2], [3, 6], [2, 4]]]
)
def test_separation_and_collinearity_are_refused(x):
    with pytest.raises(UnusableInputError, match="no finite or no single estimate"):
        fit_proportional_odds([0, 0, 0, 1, 1, 1], x)
