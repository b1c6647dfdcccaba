import numpy as np
import pytest

from trialwright.simulation.draws import Draws
from trialwright.simulation.global_assessment import global_assessment

COUNT = 20_000
DAYS = np.array([-14.0, 1.0, 85.0, 169.0])
REACHED = np.array([0.0, 0.0, 0.9, 1.0])


def assess(sledai, seed=1):
    return global_assessment(Draws(seed, 0, np.arange(COUNT)), DAYS, sledai, 1, REACHED)


def constant(points):
    return np.full((COUNT, len(DAYS)), float(points))


def test_it_is_a_tenth_of_a_point_between_0_and_3():
    found = assess(constant(12))
    assert ((found >= 0) & (found <= 3)).all()
    assert np.round(found * 10) == pytest.approx(found * 10)


def test_at_baseline_it_has_the_mean_and_spread_of_the_trials():
    sledai = np.repeat(np.random.default_rng(1).normal(11.8, 3.6, (COUNT, 1)), 4, axis=1)
    found = assess(sledai)[:, 1]
    # telitacicept 2b 1.80 (0.40), TULIP pooled 1.8 (0.4); MUSE correlation with SLEDAI .14
    assert found.mean() == pytest.approx(1.8, abs=0.02)
    assert found.std() == pytest.approx(0.4, abs=0.02)
    assert np.corrcoef(sledai[:, 1], found)[0, 1] == pytest.approx(0.14, abs=0.04)


def test_a_fall_of_sledai_lowers_it_by_the_stated_slope():
    # given a middling start, so that few are cut off at 0 or 3
    falls = constant(12)
    falls[:, 2] -= 5
    difference = (assess(falls) - assess(constant(12)))[:, 2].mean()
    assert difference == pytest.approx(-5 * 0.06, abs=0.02)


def test_high_starters_fall_further():
    found = assess(constant(12))
    change = found[:, 3] - found[:, 1]
    slope = np.polyfit(found[:, 1], change, 1)[0]
    assert -0.65 < slope < -0.35  # -0.5, and MUSE placebo -0.58


def test_before_treatment_nothing_but_the_rater_moves_it():
    found = assess(constant(12))
    assert (found[:, 0] - found[:, 1]).mean() == pytest.approx(0, abs=0.02)
