"""Tipping points: shifts by hand, every grid by loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.delta import delta_grid, tipping_delta
from trialwright.stats.missing.last_visit import compare_last_visit
from trialwright.stats.missing.response_grid import response_grid, spread


def trial(seed: int = 1, effect: float = -2.0):
    rng = np.random.Generator(np.random.Philox(seed))
    arm, missing = np.arange(40) % 2 == 1, np.arange(40) < 12
    sets = np.repeat(rng.normal(size=40)[None] + effect * arm, 5, axis=0)
    sets[:, missing] += rng.normal(size=(5, 12))
    return sets, missing, arm, rng.normal(size=(40, 1))


def test_the_grid_is_every_shifted_data_set_analyzed() -> None:
    sets, missing, arm, x = trial()
    active, reference = [0.0, 1.0, 2.5], [-1.0, 0.0]
    found = delta_grid(
        sets, missing, arm, x, active_deltas=active, reference_deltas=reference, level=0.9
    )
    for i, a in enumerate(active):
        for j, b in enumerate(reference):
            shifted = sets.copy()
            shifted[:, missing & arm] += a
            shifted[:, missing & ~arm] += b
            one = compare_last_visit(shifted, arm, x).difference
            assert found.estimates[i, j] == pytest.approx(one.estimate)
            assert found.standard_errors[i, j] == pytest.approx(one.standard_error)
            assert found.p_values[i, j] == pytest.approx(one.p_value)


def test_without_covariates_the_difference_moves_by_the_share_imputed() -> None:
    """Six of twenty of each arm are imputed: a shift of 1 moves its mean by 0.3."""
    sets, missing, arm, _ = trial()
    found = delta_grid(
        sets, missing, arm, np.empty((40, 0)), active_deltas=[0, 1], reference_deltas=[0, 1]
    )
    assert np.diff(found.estimates, axis=0) == pytest.approx(np.full((1, 2), 0.3))
    assert np.diff(found.estimates, axis=1) == pytest.approx(np.full((2, 1), -0.3))


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.9, 0.95]), st.sampled_from([-1, 1]))
def test_at_the_tipping_point_the_interval_touches_zero(seed, level, sign) -> None:
    sets, missing, arm, x = trial(seed, effect=2.5 * sign)
    found = tipping_delta(sets, missing, arm, x, bound=-50.0 * sign, level=level)
    assert found.delta is not None
    assert found.delta * sign < 0
    assert found.difference.p_value == pytest.approx(1 - level, abs=1e-9)
    before = delta_grid(sets, missing, arm, x, active_deltas=[0.999 * found.delta])
    assert before.p_values[0, 0] < 1 - level


def test_units_do_not_matter() -> None:
    sets, missing, arm, x = trial()
    one = tipping_delta(sets, missing, arm, x, bound=20)
    other = tipping_delta(10 * sets + 4, missing, arm, x / 3, bound=200)
    assert other.delta == pytest.approx(10 * one.delta)


def test_verdicts_that_do_not_tip_say_so() -> None:
    sets, missing, arm, x = trial()
    near = tipping_delta(sets, missing, arm, x, bound=0.01)
    assert near.delta is None
    assert near.notes == ("still significant with a shift of 0.01",)
    nothing = tipping_delta(
        sets - np.mean(sets[:, arm]) * arm, missing, arm, x, bound=9, level=0.9999
    )
    assert nothing.delta is None
    assert nothing.notes == ("not significant without a shift",)
    none_missing = tipping_delta(sets, np.zeros(40), arm, x, bound=1000)
    assert none_missing.delta is None


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: tipping_delta(*trial(), bound=0.0), "other than zero"),
        (lambda: delta_grid(*trial(), active_deltas=[np.inf]), "finite"),
        (lambda: delta_grid(trial()[0], [1], *trial()[2:], active_deltas=[1]), "differ in length"),
        (lambda: response_grid([[1, 5, 1, 5]], [1, 2], [1]), "differ in their strata"),
        (lambda: response_grid([[4, 5, 1, 5]], [2], [1]), "more are missing"),
    ],
)
def test_shifts_that_cannot_be_are_refused(compute, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        compute()


def by_hand(tables) -> float:
    """Cochran–Mantel–Haenszel: hypergeometric means and variances summed over strata."""
    away, variance = 0.0, 0.0
    for x1, n1, x0, n0 in tables:
        law = stats.hypergeom(n1 + n0, x1 + x0, n1)
        away, variance = away + x1 - law.mean(), variance + law.var()
    return float(stats.chi2.sf(away**2 / variance, 1)) if variance else 1.0


def test_the_response_grid_is_every_table_tested() -> None:
    found = response_grid([[6, 12, 3, 12], [2, 7, 1, 8]], [2, 1], [0, 3])
    assert found.shape == (4, 4)
    for a in range(4):
        for b in range(4):
            a1, a2 = spread(a, np.array([2, 1]))
            b1, b2 = spread(b, np.array([0, 3]))
            tables = [[6 + a1, 12, 3 + b1, 12], [2 + a2, 7, 1 + b2, 8]]
            assert found[a, b] == pytest.approx(by_hand(tables))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 5), st.integers(0, 5))
def test_renaming_the_arms_turns_the_grid(x1, x0, lost, control_lost) -> None:
    one = response_grid([[x1, 10, x0, 10]], [lost], [control_lost])
    other = response_grid([[x0, 10, x1, 10]], [control_lost], [lost])
    assert pytest.approx(one) == other.T
    failed = response_grid(
        [[10 - x1 - lost, 10, 10 - x0 - control_lost, 10]], [lost], [control_lost]
    )
    assert failed[::-1, ::-1] == pytest.approx(one)
