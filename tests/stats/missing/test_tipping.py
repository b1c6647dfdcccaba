"""Shifts of imputed values against R's mice and uniroot, and the closed form of the pooled t."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.delta import delta_grid, tipping_delta
from trialwright.stats.missing.last_visit import compare_last_visit

NONE = np.empty((14, 0))


def test_shifted_data_sets_in_mice(small) -> None:
    """R 4.2.2, mice 3.15.0: s[, c(10, 14)] + 3 and s[, c(3, 7)] - 1, then summary(pool(...))."""
    sets, missing, arm, x = small
    found = delta_grid(sets, missing, arm, x, active_deltas=[0, 3], reference_deltas=[-1, 0])
    assert found.estimates[1, 0] == pytest.approx(-0.366703296703297, rel=1e-9)
    assert found.standard_errors[1, 0] == pytest.approx(0.682394888550154, rel=1e-9)
    assert found.p_values[1, 0] == pytest.approx(0.60705073588435110, rel=1e-9)
    assert found.p_values[0, 1] == pytest.approx(0.02723289568024344, rel=1e-9)
    assert (found.active_deltas.tolist(), found.reference_deltas.tolist()) == ([0, 3], [-1, 0])


def test_the_tipping_point_of_uniroot(small) -> None:
    """R 4.2.2: uniroot of the upper 95% limit of summary(pool(...)) over the shift, tol = 1e-13."""
    found = tipping_delta(*small, bound=40)
    assert found.delta == pytest.approx(0.873480579936228, rel=1e-9)
    assert found.difference.upper == pytest.approx(0, abs=1e-12)
    assert found.notes == ()


def test_a_shift_of_the_reference_arm_moves_the_tipping_point(small) -> None:
    """The reference arm's values get better: the point is nearer, and is found by the grid too."""
    nearer = tipping_delta(*small, bound=40, reference_delta=-0.2)
    assert nearer.delta < tipping_delta(*small, bound=40).delta
    grid = delta_grid(*small, active_deltas=[nearer.delta], reference_deltas=[-0.2])
    assert grid.p_values[0, 0] == pytest.approx(0.05, abs=1e-9)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 300))
def test_the_point_without_covariates_from_sums(seed) -> None:
    """A shift d of k of the n of an arm moves its mean by k d / n; squares follow by the identity
    sum (y + d z)^2 = sum y^2 + 2 d sum y z + d^2 sum z^2, centered."""
    rng = np.random.Generator(np.random.Philox(seed))
    arm, missing = np.arange(14) >= 7, np.isin(np.arange(14), [1, 2, 9, 13])
    sets = np.tile(rng.normal(size=14) - 5.0 * arm, (4, 1))
    sets[:, missing] += 0.5 * rng.normal(size=(4, 4))
    z = (missing & arm).astype(float)
    zc = z - np.where(arm, 2 / 7, 0)

    def p_value(d: float) -> float:
        differences, variances = [], []
        for y in sets:
            centered = y - np.where(arm, y[arm].mean(), y[~arm].mean())
            squares = centered @ centered + 2 * d * centered @ zc + d * d * zc @ zc
            differences.append(y[arm].mean() - y[~arm].mean() + 2 * d / 7)
            variances.append(squares / 12 * (2 / 7))
        return pooled_p(differences, variances, 12)

    found = tipping_delta(sets, missing, arm, NONE, bound=60.0)
    assert p_value(0.0) < 0.05 < p_value(found.delta * 1.01)
    assert found.delta == pytest.approx(
        brentq(lambda d: p_value(d) - 0.05, 0, found.delta * 1.01, xtol=1e-12), rel=1e-7
    )


def pooled_p(q, u, complete: float) -> float:
    m, within, between = len(q), np.mean(u), np.var(q, ddof=1)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    free = 1 / (share**2 / (m - 1) + 1 / observed)
    return float(2 * stats.t.sf(abs(np.mean(q)) / np.sqrt(total), free))


def test_exchanging_arms_and_signs_mirrors_the_point(small) -> None:
    sets, missing, arm, x = small
    one = tipping_delta(sets, missing, arm, x, bound=40)
    mirrored = tipping_delta(-sets, missing, arm, x, bound=-40)
    assert mirrored.delta == pytest.approx(-one.delta)
    assert mirrored.difference.estimate == pytest.approx(-one.difference.estimate)
    # The other arm's values are shifted: what was the reference arm's shift is the active one's.
    grid = delta_grid(sets, missing, arm, x, active_deltas=[0, 1], reference_deltas=[0, -2, 4])
    turned = delta_grid(sets, missing, ~arm, x, active_deltas=[0, -2, 4], reference_deltas=[0, 1])
    assert turned.estimates == pytest.approx(-grid.estimates.T)
    assert turned.p_values == pytest.approx(grid.p_values.T)


def test_a_shift_of_zero_changes_nothing_and_observed_values_never_move(small) -> None:
    sets, missing, arm, x = small
    found = delta_grid(sets, missing, arm, x, active_deltas=[0, 5])
    plain = compare_last_visit(sets, arm, x).difference
    assert found.estimates[0, 0] == plain.estimate
    nobody = delta_grid(sets, np.zeros(14), arm, x, active_deltas=[0, 5])
    assert nobody.estimates[0, 0] == nobody.estimates[1, 0] == plain.estimate
    assert delta_grid(sets, missing, arm, x, active_deltas=[]).p_values.shape == (0, 1)


def test_a_bound_that_makes_values_better_never_tips(small) -> None:
    found = tipping_delta(*small, bound=-5)
    assert (found.delta, found.notes) == (None, ("still significant with a shift of -5",))
    assert found.difference.estimate < compare_last_visit(small[0], *small[2:]).difference.estimate


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"bound": np.nan}, "the bound of the shifts must be a number other than zero"),
        ({"bound": -np.inf}, "the bound of the shifts must be a number other than zero"),
        (
            {"bound": 5, "missing": np.zeros(3)},
            "outcomes, arms and what was missing differ in length",
        ),
        ({"bound": 5, "active": [2] * 14}, "'active' is either true or false"),
        ({"bound": 5, "completed": np.full((2, 14), -3.3)}, "the outcome is fitted without error"),
    ],
)
def test_points_that_cannot_be_found_are_refused(small, arguments, words) -> None:
    given = dict(zip(("completed", "missing", "active", "covariates"), small, strict=True))
    with pytest.raises(UnusableInputError, match=words):
        tipping_delta(**(given | arguments))


@pytest.mark.parametrize("deltas", [1.0, [[1.0]], [np.nan], [0, -np.inf]])
def test_deltas_are_lists_of_finite_numbers(small, deltas) -> None:
    with pytest.raises(UnusableInputError, match="deltas are lists of finite numbers"):
        delta_grid(*small, active_deltas=[0], reference_deltas=deltas)
