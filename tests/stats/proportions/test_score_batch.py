"""Limits of many trials, compiled, against one trial at a time, plain."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy

from trialwright.stats.proportions.score import difference_limits
from trialwright.stats.proportions.score_batch import difference_limits_batch

QUANTILE = 1.959963984540054  # of 0.975


@st.composite
def one_stratum(draw):
    n1, n0 = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    return draw(st.integers(0, n1)), n1, draw(st.integers(0, n0)), n0


@given(
    strata=st.lists(one_stratum(), min_size=1, max_size=4),
    weights=st.lists(st.floats(0.1, 10), min_size=4, max_size=4),
    corrected=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_many_trials_are_each_trial_alone(strata, weights, corrected):
    tables = np.array([strata, strata[::-1]], dtype=float)
    weight = np.array([weights[: len(strata)], weights[: len(strata)][::-1]])
    many = difference_limits_batch(QUANTILE, tables, weight, corrected)
    for trial in range(2):
        alone = difference_limits(QUANTILE, tables[trial], weight[trial], corrected)
        assert many[trial] == pytest.approx(alone, abs=1e-12, nan_ok=True)


def score_by_hand(delta, strata, weights, corrected):
    """The weighted score of a common difference, each stratum's risks found by search."""
    deviation = variance = 0.0
    for (x1, n1, x0, n0), weight in zip(strata, weights, strict=True):

        def unlikely(p0, x1=x1, n1=n1, x0=x0, n0=n0):
            p1 = min(max(p0 + delta, 0), 1)
            return -(xlogy(x1, p1) + xlog1py(n1 - x1, -p1) + xlogy(x0, p0) + xlog1py(n0 - x0, -p0))

        p0 = minimize_scalar(
            unlikely,
            bounds=(max(0, -delta), min(1, 1 - delta)),
            method="bounded",
            options={"xatol": 1e-12},
        ).x
        own = (p0 + delta) * (1 - p0 - delta) / n1 + p0 * (1 - p0) / n0
        variance += weight**2 * own * ((n1 + n0) / (n1 + n0 - 1) if corrected else 1)
        deviation += weight * (x1 / n1 - x0 / n0 - delta)
    return deviation / variance**0.5


@pytest.mark.parametrize("corrected", [True, False])
def test_limits_over_strata_have_the_score_of_the_level(corrected):
    tables = np.array(
        [
            [[5, 12, 2, 11], [8, 20, 6, 22], [1, 9, 3, 7]],
            [[9, 12, 2, 11], [18, 20, 6, 22], [1, 9, 0, 7]],
        ],
        dtype=float,
    )
    weights = np.array([[0.2, 0.5, 0.3], [5.7, 10.5, 3.9]])
    limits = difference_limits_batch(QUANTILE, tables, weights, corrected)
    for trial, (low, high) in enumerate(limits):
        for limit, score in ((low, QUANTILE), (high, -QUANTILE)):
            found = score_by_hand(limit, tables[trial], weights[trial], corrected)
            assert found == pytest.approx(score, abs=1e-5)


@given(strata=st.lists(one_stratum(), min_size=1, max_size=3), data=st.data())
@settings(max_examples=20, deadline=None)
def test_order_scale_and_empty_strata_do_not_matter(strata, data):
    table, weights = np.array(strata, dtype=float), np.arange(1.0, len(strata) + 1)
    limits = difference_limits(QUANTILE, table, weights, True)
    order = data.draw(st.permutations(range(len(strata))))
    moved = difference_limits(QUANTILE, table[order], weights[order], True)
    heavier = difference_limits(QUANTILE, table, 7 * weights, True)
    empty = np.vstack([table, [[0, 0, 3, 8]], [[2, 5, 0, 0]], [[1, 4, 3, 4]]])
    beside_empty = difference_limits(QUANTILE, empty, np.append(weights, [3, 3, 0]), True)
    for same in (moved, heavier, beside_empty):
        assert same == pytest.approx(limits, abs=1e-9, nan_ok=True)


def test_a_second_stratum_of_the_same_counts_narrows_the_interval_by_the_root_of_two():
    # By hand: a mean of two independent copies, whose restricted risks hardly move.
    table = np.array([[300.0, 1000, 250, 1000]])
    low, high = difference_limits(QUANTILE, table, np.ones(1), False)
    twice = difference_limits(QUANTILE, np.vstack([table, table]), np.full(2, 0.5), False)
    assert twice[1] - twice[0] == pytest.approx((high - low) / 2**0.5, rel=1e-3)


def test_a_trial_without_both_arms_has_no_limits():
    tables, weight = np.array([[[3.0, 9, 0, 0]]]), np.ones((1, 1))
    assert np.isnan(difference_limits_batch(QUANTILE, tables, weight, True)).all()
    assert np.isnan(difference_limits(QUANTILE, tables[0], weight[0], True)).all()


def test_one_analysis_does_without_the_compiler():
    # given a new process, when one trial is analyzed, then nothing was compiled or could be
    code = """
import sys
from trialwright.stats.proportions.difference import risk_difference
from trialwright.stats.stratified.mantel_haenszel import cmh_test
from trialwright.stats.stratified.risk_difference import stratified_risk_difference
tables = [(3, 9, 0, 6), (2, 9, 1, 9)]
risk_difference(16, 29, 9, 30)
cmh_test(tables)
for weights in ("mantel-haenszel", "miettinen-nurminen"):
    stratified_risk_difference(tables, weights=weights)
sys.exit("numba" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
