"""Limits of many trials, compiled, against one trial at a time, plain."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
