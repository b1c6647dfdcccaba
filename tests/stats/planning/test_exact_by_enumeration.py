"""Exact tests and their power, table by table in loops, and sizes beside base R.

R is 4.2.2. Every table's test is a function of four numbers here; the package works on whole grids.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    binomial_chances,
    means_size,
    rate_test_power,
    rate_test_size,
    rates_power,
    rates_size,
    rejection_region,
)

Z = 1.959963984540054  # of 0.975
RATE = st.integers(0, 1000).map(lambda per_mille: per_mille / 1000)


def chance(k, n, p):
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def fisher(x, n, y, m):
    """P(X ≥ x) among all ways to place the responders, one by one."""
    ways = sum(
        math.comb(n, k) * math.comb(m, x + y - k)
        for k in range(x, min(n, x + y) + 1)
        if 0 <= x + y - k <= m
    )
    return ways / math.comb(n + m, x + y)


def pooled(x, n, y, m):
    p = (x + y) / (n + m)
    error = math.sqrt(p * (1 - p) * (1 / n + 1 / m))
    return 0.0 if x / n == y / m else (x / n - y / m) / error


def unpooled(x, n, y, m):
    error = math.sqrt(x * (n - x) / n**3 + y * (m - y) / m**3)
    apart = x / n - y / m
    if apart == 0:
        return 0.0
    return apart / error if error > 0 else math.copysign(math.inf, apart)


REJECTS = {
    "fisher": lambda *table: fisher(*table) <= 0.025,
    "z-pooled": lambda *table: pooled(*table) > Z,
    "z-unpooled": lambda *table: unpooled(*table) > Z,
}


@pytest.mark.parametrize("test", REJECTS)
@given(n=st.integers(1, 14), m=st.integers(1, 14))
@settings(max_examples=12, deadline=None)
def test_regions_table_by_table(test, n, m):
    expected = [[REJECTS[test](x, n, y, m) for y in range(m + 1)] for x in range(n + 1)]
    assert rejection_region(test, n, m, alpha=0.025).tolist() == expected


@pytest.mark.parametrize("test", REJECTS)
@given(rate=RATE, control=RATE)
@settings(max_examples=8, deadline=None)
def test_power_sums_the_chances_of_the_rejected_tables(test, rate, control):
    expected = math.fsum(
        chance(x, 9, rate) * chance(y, 7, control)
        for x in range(10)
        for y in range(8)
        if REJECTS[test](x, 9, y, 7)
    )
    found = rate_test_power(test, rate, control, 9, 7, alpha=0.025)
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("rates", "sizes", "alpha", "by_fisher", "by_pooled"),
    [
        # The sum of dbinom · dbinom over the tables whose p-value is at most alpha, by
        # fisher.test(alternative = "greater") and prop.test(correct = FALSE)
        ((0.6, 0.25), (11, 9), 0.05, 0.30807103329, 0.5218403522597),
        ((0.9, 0.4), (7, 12), 0.025, 0.4044739529271, 0.6422897625231),
    ],
)
def test_power_agrees_with_r(rates, sizes, alpha, by_fisher, by_pooled):
    for test, expected in (("fisher", by_fisher), ("z-pooled", by_pooled)):
        assert rate_test_power(test, *rates, *sizes, alpha=alpha) == pytest.approx(
            expected, rel=1e-10
        )


@pytest.mark.parametrize(("n", "m", "alpha"), [(6, 6, 0.05), (9, 5, 0.025), (4, 11, 0.1)])
def test_boschloo_rejects_as_many_tables_as_the_level_allows(n, m, alpha):
    """Boschloo 1970: tables join by rising Fisher p, ties together, while the size is kept."""
    tables = [(x, y) for x in range(n + 1) for y in range(m + 1)]
    p = {table: round(fisher(table[0], n, table[1], m), 13) for table in tables}

    def size(region):
        def lost(rate):
            return -sum(chance(x, n, rate) * chance(y, m, rate) for x, y in region)

        starts = np.linspace(0.005, 0.995, 100)
        best = starts[int(np.argmin([lost(rate) for rate in starts]))]
        around = (max(best - 0.01, 0), min(best + 0.01, 1))
        return -minimize_scalar(lost, bounds=around, method="bounded").fun

    expected = []
    for level in sorted(set(p.values())):
        joined = [table for table in tables if p[table] <= level]
        if size(joined) > alpha:
            break
        expected = joined
    found = rejection_region("boschloo", n, m, alpha=alpha)
    assert {tuple(table) for table in np.argwhere(found)} == set(expected)


@pytest.mark.parametrize("test", ["fisher", "z-pooled", "boschloo"])
def test_the_size_is_the_first_of_ten_in_a_row_that_suffice(test):
    found = rate_test_size(test, 0.75, 0.25, alpha=0.025, power=0.8)
    power = {
        size: rate_test_power(test, 0.75, 0.25, size, size, alpha=0.025) for size in range(9, 40)
    }
    enough = [size for size in power if power[size] >= 0.8]
    lasting = next(s for s in enough if all(power[s + step] >= 0.8 for step in range(10)))
    assert (found.per_group, found.smallest_with_power) == (lasting, enough[0])
    assert found.power == pytest.approx(power[lasting], rel=1e-12)


def test_a_power_that_no_size_reaches_is_named():
    with pytest.raises(UnusableInputError, match="Power must lie between the level and one"):
        rate_test_size("fisher", 0.6, 0.2, alpha=0.025, power=1)


@given(n=st.integers(0, 40), p=RATE)
@settings(max_examples=20, deadline=None)
def test_binomial_chances_are_pascals_triangle(n, p):
    expected = [chance(k, n, p) for k in range(n + 1)]
    assert binomial_chances(p, n) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize(
    ("rates", "alpha", "power", "per_group"),
    # power.prop.test(p1, p2, power, sig.level = 2 alpha, tol = 1e-13)$n
    [((0.4, 0.15), 0.025, 0.9, 64.93465415581), ((0.65, 0.8), 0.01, 0.8, 176.5206041497)],
)
def test_sizes_for_rates_agree_with_r(rates, alpha, power, per_group):
    found = rates_size(*rates, alpha=alpha, power=power)
    assert found.groups == pytest.approx((per_group, per_group), rel=1e-9)


@pytest.mark.parametrize(
    ("rates", "per_group", "alpha", "power"),
    # power.prop.test(n, p1, p2, sig.level = 2 alpha)$power
    [((0.4, 0.15), 35, 0.025, 0.6547417987084), ((0.65, 0.8), 120, 0.01, 0.6101738736291)],
)
def test_power_for_rates_agrees_with_r(rates, per_group, alpha, power):
    assert rates_power(*rates, 2 * per_group, alpha=alpha) == pytest.approx(power, rel=1e-9)


@pytest.mark.parametrize(
    ("difference", "deviation", "alpha", "power", "per_group"),
    # power.t.test(delta, sd, power, sig.level = 2 alpha, tol = 1e-13)$n
    [
        (1.5, 3.5, 0.05, 0.85, 78.9689033171),
        (-0.6, 0.5, 0.025, 0.9, 15.61967441414),
        (3, 1, 0.025, 0.8, 3.070009746949),
    ],
)
def test_sizes_for_means_agree_with_r(difference, deviation, alpha, power, per_group):
    found = means_size(difference, deviation, alpha=alpha, power=power)
    assert found.groups == pytest.approx((per_group, per_group), rel=1e-7)
