import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.stratified.mantel_haenszel import cmh_test
from trialwright.stats.trend import (
    cochran_armitage_test,
    general_association_test,
    stratified_trend_test,
)

DOSES = [0, 0.2, 0.5, 1]
# Responders and participants by stratum and arm: the oracle file 'binary', case 'counts'.
EVENTS = [[0, 3, 5, 3], [1, 2, 3, 2], [6, 3, 10, 7], [3, 6, 4, 2]]
SIZES = [[6, 9, 7, 14], [9, 9, 8, 6], [10, 7, 14, 12], [15, 15, 11, 8]]
ARM = st.integers(2, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("scores", "chi_square", "p"),
    [
        (DOSES, 0.994302496328929, 0.318693075551743),
        (range(4), 2.13333333333334, 0.144127034816015),
    ],
)
def test_cochran_armitage_agrees_with_r(scores: list[float], chi_square: float, p: float) -> None:
    # R 4.2.2 prop.trend.test.
    result = cochran_armitage_test([10, 14, 22, 14], [40] * 4, list(scores))
    assert (result.statistic**2, result.p_value) == pytest.approx((chi_square, p), rel=1e-10)


@pytest.mark.parametrize(
    ("scores", "z", "p"),
    [(DOSES, 0.71641731418393, 0.473733707023398), (range(4), 1.19753933392031, 0.231096405871275)],
)
def test_stratified_trend_agrees_with_r(scores: list[float], z: float, p: float) -> None:
    # R 4.2.2, coin 1.4.2.
    result = stratified_trend_test(EVENTS, SIZES, list(scores))
    assert (result.statistic, result.p_value) == pytest.approx((z, p), rel=1e-10)


def test_general_association_agrees_with_r() -> None:
    # R 4.2.2 mantelhaen.test and coin 1.4.2.
    result = general_association_test(EVENTS, SIZES)
    assert (result.statistic, result.p_value) == pytest.approx(
        (6.93246787695994, 0.0740816853265359), rel=1e-10
    )
    assert result.degrees_of_freedom == 3


def test_stratified_trend_is_the_permutation_variance() -> None:
    # All assignments of three events to the participants of one small stratum.
    scores, sizes = [0.0, 1.0, 3.0], [2, 2, 1]
    each = np.repeat(scores, sizes)
    totals = [sum(p) for p in {tuple(sorted(q)) for q in permutations(range(5), 3)}]
    sums = np.array(
        [each[list(c)].sum() for c in {tuple(sorted(q)) for q in permutations(range(5), 3)}]
    )
    assert len(totals) == 10
    observed = 0 * 1 + 1 * 1 + 3 * 1
    expected = (observed - sums.mean()) / sums.std()
    result = stratified_trend_test([[1, 1, 1]], [sizes], scores)
    assert result.statistic == pytest.approx(expected)


@given(arms=st.lists(ARM, min_size=3, max_size=5), shift=st.floats(-5, 5), scale=st.floats(0.1, 9))
@settings(max_examples=30, deadline=None)
def test_only_relative_distances_of_scores_matter(
    arms: list[tuple[int, int]], shift: float, scale: float
) -> None:
    x, n = zip(*arms, strict=True)
    scores = np.arange(len(x)) ** 1.5
    result = cochran_armitage_test(x, n, scores)
    moved = cochran_armitage_test(x, n, scale * scores + shift)
    if result.statistic is None:
        assert moved.statistic is None
    else:
        assert moved.statistic == pytest.approx(result.statistic, abs=1e-7)


@given(arms=st.lists(ARM, min_size=3, max_size=5), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_order_of_arms_does_not_matter(arms: list[tuple[int, int]], seed: int) -> None:
    x, n = (np.array(column) for column in zip(*arms, strict=True))
    order = np.random.default_rng(seed).permutation(len(x))
    scores = np.arange(len(x))
    general = general_association_test([x], [n])
    shuffled = general_association_test([x[order]], [n[order]])
    trend = cochran_armitage_test(x, n, scores)
    again = cochran_armitage_test(x[order], n[order], scores[order])
    for one, other in ((general, shuffled), (trend, again)):
        assert (one.statistic is None) == (other.statistic is None)
        if one.statistic is not None:
            assert other.statistic == pytest.approx(one.statistic, abs=1e-8)


@given(arms=st.lists(st.tuples(ARM, ARM), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_two_arms_are_the_cmh_test(arms: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    tables = [(*active, *control) for active, control in arms]
    events = [[x0, x1] for x1, _, x0, _ in tables]
    sizes = [[n0, n1] for _, n1, _, n0 in tables]
    expected = cmh_test(tables).statistic
    trend = stratified_trend_test(events, sizes, [0, 1]).statistic
    general = general_association_test(events, sizes).statistic
    if expected is None:
        assert trend is None
        assert general is None
    else:
        assert trend**2 == pytest.approx(expected, abs=1e-8)
        assert general == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("events", [[0, 0, 0], [5, 6, 7]])
def test_no_events_and_all_events_leave_nothing_to_test(events: list[int]) -> None:
    sizes = [5, 6, 7]
    for result in (
        cochran_armitage_test(events, sizes, [0, 1, 2]),
        stratified_trend_test([events], [sizes], [0, 1, 2]),
        general_association_test([events], [sizes]),
    ):
        assert (result.statistic, result.p_value) == (None, None)
        assert result.notes


def test_an_empty_stratum_and_an_empty_arm() -> None:
    events, sizes = [*EVENTS, [0, 0, 0, 0]], [*SIZES, [0, 0, 0, 0]]
    assert stratified_trend_test(events, sizes, DOSES).statistic == pytest.approx(
        stratified_trend_test(EVENTS, SIZES, DOSES).statistic
    )
    without = [[*row, 0] for row in EVENTS], [[*row, 0] for row in SIZES]
    result = general_association_test(*without)
    assert result.degrees_of_freedom == 3
    assert result.statistic == pytest.approx(general_association_test(EVENTS, SIZES).statistic)


def test_one_participant_per_arm() -> None:
    # By hand: Σ (s − 1)(y − 2/3) = 1 − … ; events in the upper two of three scores.
    result = stratified_trend_test([[0, 1, 1]], [[1, 1, 1]], [0, 1, 2])
    assert result.statistic == pytest.approx(1 / math.sqrt(2 * (1 / 3) * 2 / 2))


def test_impossible_input_is_refused() -> None:
    for events, sizes, scores in (
        ([1, 2], [1, 1], [0, 1]),
        ([1, 1], [2, 2], [0, 1, 2]),
        ([1, 1], [2, 2], [0, math.inf]),
        ([0.5, 1], [2, 2], [0, 1]),
    ):
        with pytest.raises(UnusableInputError):
            cochran_armitage_test(events, sizes, scores)
