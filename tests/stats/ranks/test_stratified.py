"""Stratified rank tests against R's coin, and against permuting by hand."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.ranks import stratified_wilcoxon, van_elteren, wilcoxon

# R 4.2.2, coin 1.4.2
ORACLES = Path(__file__).parents[1] / "oracles"
CASES = {c["id"]: c for c in json.loads((ORACLES / "rank_ancova.json").read_text())["cases"]}
BOTH = [van_elteren, stratified_wilcoxon]


@pytest.fixture(scope="module")
def columns():
    data = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv")
    two = data.filter((pl.col("week") == 12) & pl.col("arm").is_in([0, 2]))
    return two["chg"].to_numpy(), (two["arm"] == 2).to_numpy(), two["ocs_hi"].to_numpy()


def test_van_elteren(columns):
    found, expected = van_elteren(*columns), CASES["van_elteren_kw_jt"]["expect"]
    assert found.statistic == pytest.approx(expected["van_elteren_z"], 1e-12)
    assert found.p_value == pytest.approx(expected["van_elteren_p"], 1e-12)


def test_stratified_wilcoxon(columns):
    found, expected = stratified_wilcoxon(*columns), CASES["two_groups_arm2"]["expect"]
    assert -found.statistic == pytest.approx(expected["stratified_z"], 1e-12)  # sign of the control
    assert found.p_value == pytest.approx(expected["stratified_p"], 1e-12)


@pytest.mark.parametrize("method", BOTH)
def test_mean_and_variance_are_those_of_all_permutations(method):
    # given two strata of three and four, with a tie; every assignment within strata is as likely
    response = np.array([1.0, 4, 2, 2, 7, 5, 9])
    strata = np.array([0, 0, 0, 1, 1, 1, 1])
    treated = np.array([True, False, False, True, False, True, False])
    weights = np.where(strata == 0, 1 / 4, 1 / 5) if method is van_elteren else np.ones(7)
    ranks = stats.rankdata(response)
    if method is van_elteren:
        ranks = np.concatenate([stats.rankdata(response[strata == s]) for s in (0, 1)])
    sums = [
        float((weights * ranks)[np.array(choice)].sum())
        for choice in product([False, True], repeat=7)
        if sum(choice[:3]) == 1 and sum(choice[3:]) == 2
    ]
    observed = float((weights * ranks)[treated].sum())
    z = (observed - np.mean(sums)) / np.std(sums)
    assert method(response, treated, strata).statistic == pytest.approx(z, 1e-12)


@pytest.mark.parametrize("method", BOTH)
def test_one_stratum_is_wilcoxons_test(method, columns):
    response, treated, _ = columns
    seen = ~np.isnan(response)
    found = method(response, treated, np.zeros(len(response)))
    plain = wilcoxon(response[treated & seen], response[~treated & seen], continuity=False)
    assert found.p_value == pytest.approx(plain.p_value, 1e-10)


@pytest.mark.parametrize("method", BOTH)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_order_labels_and_arms(method, seed):
    rng = np.random.default_rng(seed)
    response, treated = rng.integers(0, 6, size=24), np.tile([True, False], 12)
    strata = np.repeat([0, 1, 2], 8)
    one = method(response, treated, strata)
    order = rng.permutation(24)
    other = method(response[order], treated[order], np.array(list("xyz"))[strata][order])
    assert other.statistic == pytest.approx(one.statistic)
    assert method(response, ~treated, strata).statistic == pytest.approx(-one.statistic)
    assert method(3 * response + 1, treated, strata).statistic == pytest.approx(one.statistic)


@pytest.mark.parametrize("method", BOTH)
def test_a_stratum_with_one_arm_is_counted(method):
    found = method([1, 2, 3, 4, 9, 9.5], [1, 0, 1, 0, 1, 1], [0, 0, 0, 0, 1, 1])
    assert found.notes == ("1 strata with one arm alone",)


@pytest.mark.parametrize("method", BOTH)
def test_equal_outcomes_are_no_difference(method):
    found = method([1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 1])
    assert (found.statistic, found.p_value) == (0, 1)


@pytest.mark.parametrize("method", BOTH)
def test_no_stratum_with_both_arms_is_refused(method):
    with pytest.raises(UnusableInputError, match="both arms"):
        method([1, 2, 3], [1, 0, 1], ["a", "b", "c"])
    with pytest.raises(UnusableInputError, match="differ in length"):
        method([1, 2, 3], [1, 0], ["a", "b", "c"])
