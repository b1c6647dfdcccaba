"""Log-rank tests of several arms: urns in loops, what adds up, and arms that never meet."""

import numpy as np
import pytest
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.log_rank import log_rank_test


@pytest.mark.parametrize("rho", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("stratified", [False, True])
def test_three_arms_draw_from_an_urn_each_day(made, rho: float, stratified: bool) -> None:
    """Multivariate hypergeometric, weighted by the stratum's survival before, to the power rho."""
    data = made(71, 60)
    event, arm = data.code == 1, np.arange(60) % 3
    strata = data.stratum if stratified else np.zeros(60, dtype=int)
    away, variance = np.zeros(3), np.zeros((3, 3))
    for stratum in np.unique(strata):
        free = 1.0
        for day in np.unique(data.time[event & (strata == stratum)]):
            risk = (strata == stratum) & (data.time >= day)
            died = risk & event & (data.time == day)
            n, d = risk.sum(), died.sum()
            share = np.array([(risk & (arm == a)).sum() for a in range(3)]) / n
            weight = free**rho
            away += weight * (np.array([(died & (arm == a)).sum() for a in range(3)]) - d * share)
            if n > 1:
                spread = d * (n - d) / (n - 1)
                variance += weight**2 * spread * (np.diag(share) - np.outer(share, share))
            free *= 1 - d / n
    found = log_rank_test(
        data.time, event, arm, strata=data.stratum if stratified else None, rho=rho
    )
    expected = away[:2] @ np.linalg.solve(variance[:2, :2], away[:2])
    assert found.observed - found.expected == pytest.approx(away)
    assert found.variance == pytest.approx(variance)
    assert found.statistic == pytest.approx(expected)
    assert found.p_value == pytest.approx(chi2.sf(expected, 2))
    assert (found.degrees_of_freedom, found.arms) == (2, ("0", "1", "2"))
    assert found.counts == {"participants": 60, "events": event.sum()}


def test_strata_add_up(made) -> None:
    data = made(72, 60)
    event = data.code == 1
    whole = log_rank_test(data.time, event, data.arm, strata=data.stratum)
    parts = [
        log_rank_test(*(column[data.stratum == s] for column in (data.time, event, data.arm)))
        for s in range(3)
    ]
    for name in ("observed", "expected", "variance"):
        total = sum(getattr(part, name) for part in parts)
        assert getattr(whole, name) == pytest.approx(total)


def test_only_the_order_of_times_counts(made) -> None:
    data = made(73)
    one = log_rank_test(data.time, data.code == 1, data.arm, strata=data.stratum, rho=1.0)
    other = log_rank_test(data.time**3, data.code == 1, data.arm, strata=data.stratum, rho=1.0)
    assert other.statistic == one.statistic


def test_an_arm_that_left_before_the_first_event_is_not_counted() -> None:
    """Of three arms one left on day 1; the other two are compared with one degree of freedom."""
    found = log_rank_test([1, 1, 3, 5, 4, 6], [0, 0, 1, 1, 1, 0], list("xxaabb"))
    two = log_rank_test([3, 5, 4, 6], [1, 1, 1, 0], list("aabb"))
    assert found.statistic == pytest.approx(two.statistic)
    assert (found.degrees_of_freedom, found.p_value) == (1, pytest.approx(two.p_value))
    assert found.notes == ("some arms were never compared with others",)


def test_pairs_of_arms_in_strata_of_their_own_are_two_comparisons() -> None:
    """a meets b, c meets d, and nobody else: the chi-squares of the pairs add up, on two degrees."""
    time, event = [3, 5, 4, 6, 2, 7, 3, 8], [1, 1, 1, 0, 1, 0, 1, 1]
    found = log_rank_test(time, event, list("aabbccdd"), strata=[1] * 4 + [2] * 4)
    first = log_rank_test(time[:4], event[:4], list("aabb"))
    second = log_rank_test(time[4:], event[4:], list("ccdd"))
    assert found.statistic == pytest.approx(first.statistic + second.statistic)
    assert found.degrees_of_freedom == 2
    assert found.notes == ("some arms were never compared with others",)


def test_arms_that_never_meet_are_not_compared() -> None:
    """Strata of one arm each, or the first arm gone before: nothing to compare, so p is one."""
    for found in (
        log_rank_test([1, 2, 3, 4], [1, 1, 1, 1], list("aabb"), strata=[1, 1, 2, 2]),
        log_rank_test([1, 1, 3, 4], [0, 0, 1, 1], list("aabb")),
    ):
        assert (found.statistic, found.degrees_of_freedom, found.p_value) == (0.0, 0.0, 1.0)
        assert found.notes == ("some arms were never compared with others",)


@pytest.mark.parametrize(
    ("event", "arm", "settings", "words"),
    [
        ([1, 0, 1, 0], list("aaaa"), {}, "there is one arm only"),
        ([0, 0, 0, 0], list("aabb"), {}, "nobody had the event"),
        ([1, 2, 0, 0], list("aabb"), {}, "more than one kind of event\n  use Gray's test"),
        ([1, 0, 1, 0], list("aab"), {}, "differ in length"),
        ([1, 0, 1, 0], [0, 0, 1, np.nan], {}, "a label is missing among the arms"),
        ([1, 0, 1, 0], list("aabb"), {"strata": [0, np.nan, 1, 1]}, "missing among the strata"),
        ([1, 0, 1, 1], list("aabb"), {"rho": np.nan}, "do not determine"),
    ],
)
def test_what_cannot_be_compared_is_refused(event, arm, settings, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        log_rank_test([1.0, 2, 3, 4], event, arm, **settings)
