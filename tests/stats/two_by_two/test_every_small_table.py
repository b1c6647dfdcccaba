"""All tables of small trials, each exact test written out from its definition.

The references list tables in loops and compare probabilities as exact fractions, so that ties are
ties; the programs under test use convolutions, cumulative sums and trigonometric polynomials.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import binom

from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.proportions.difference import risk_difference
from trialwright.stats.two_by_two.conditional import exact_test, fisher_test
from trialwright.stats.two_by_two.freeman_halton import freeman_halton_test
from trialwright.stats.two_by_two.unconditional import unconditional_test

SIZES = [(1, 1), (2, 3), (4, 4), (5, 3), (6, 2)]


def tables(n1: int, n0: int) -> Iterator[tuple[int, int]]:
    return product(range(n1 + 1), range(n0 + 1))


def given_total(x1: int, n1: int, x0: int, n0: int) -> Fraction:
    """The hypergeometric probability of a table."""
    return Fraction(comb(n1, x1) * comb(n0, x0), comb(n1 + n0, x1 + x0))


def fisher(x1: int, n1: int, x0: int, n0: int, side: str) -> Fraction:
    total, seen = x1 + x0, given_total(x1, n1, x0, n0)
    p = Fraction(0)
    for a in range(max(0, total - n0), min(n1, total) + 1):
        chance = given_total(a, n1, total - a, n0)
        if {"greater": a >= x1, "less": a <= x1, "two-sided": chance <= seen}[side]:
            p += chance
    return p


@pytest.mark.parametrize(("n1", "n0"), SIZES)
@pytest.mark.parametrize("side", ["greater", "less", "two-sided"])
def test_fisher(n1: int, n0: int, side: str) -> None:
    for x1, x0 in tables(n1, n0):
        found = fisher_test(x1, n1, x0, n0, alternative=side).p_value
        assert found == pytest.approx(float(fisher(x1, n1, x0, n0, side)), rel=1e-12)


@pytest.mark.parametrize(("n1", "n0"), SIZES)
def test_mid_p_counts_half_of_the_seen_table(n1: int, n0: int) -> None:
    for x1, x0 in tables(n1, n0):
        half = given_total(x1, n1, x0, n0) / 2
        greater, less = (fisher(x1, n1, x0, n0, side) - half for side in ("greater", "less"))
        found = [
            fisher_test(x1, n1, x0, n0, alternative=side, mid_p=True).p_value
            for side in ("greater", "less", "two-sided")
        ]
        expected = [greater, less, min(2 * min(greater, less), Fraction(1))]
        assert found == pytest.approx([float(p) for p in expected], rel=1e-12)


def z_squared(x1: int, n1: int, x0: int, n0: int, *, pooled: bool) -> Fraction | None:
    """The square of the z statistic; None for infinity."""
    p1, p0, mean = Fraction(x1, n1), Fraction(x0, n0), Fraction(x1 + x0, n1 + n0)
    variance = (
        mean * (1 - mean) * (Fraction(1, n1) + Fraction(1, n0))
        if pooled
        else p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    )
    if p1 == p0:
        return Fraction(0)
    return None if variance == 0 else (p1 - p0) ** 2 / variance


def extreme(n1: int, n0: int, seen: tuple[int, int], statistic: str) -> list[tuple[int, int]]:
    """Every table at least as extreme as the one that was seen, two-sided."""
    if statistic == "fisher":
        bar = fisher(seen[0], n1, seen[1], n0, "two-sided")
        return [(a, b) for a, b in tables(n1, n0) if fisher(a, n1, b, n0, "two-sided") <= bar]
    pooled = statistic == "z-pooled"
    least = z_squared(seen[0], n1, seen[1], n0, pooled=pooled)
    reached = []
    for a, b in tables(n1, n0):
        z = z_squared(a, n1, b, n0, pooled=pooled)
        if z is None or (least is not None and z >= least):
            reached.append((a, b))
    return reached


@pytest.mark.parametrize(("n1", "n0"), [(2, 3), (4, 4), (5, 3)])
@pytest.mark.parametrize("statistic", ["fisher", "z-pooled", "z-unpooled"])
def test_unconditional_tests_are_the_largest_probability_over_a_fine_grid(
    n1: int, n0: int, statistic: str
) -> None:
    grid = np.linspace(0, 1, 4001)
    one = binom.pmf(np.arange(n1 + 1), n1, grid[:, None])
    zero = binom.pmf(np.arange(n0 + 1), n0, grid[:, None])
    for seen in tables(n1, n0):
        curve = sum(one[:, a] * zero[:, b] for a, b in extreme(n1, n0, seen, statistic))
        found = unconditional_test(seen[0], n1, seen[1], n0, statistic=statistic).p_value
        # The grid misses a peak by at most N² h² / 8 = 5e-7 of its height.
        assert found == pytest.approx(float(np.max(curve)), abs=1e-6)
        assert found >= np.max(curve) - 1e-12


@pytest.mark.parametrize("sizes", [(2, 3, 2), (1, 1, 1, 2), (3, 3)])
def test_freeman_halton(sizes: tuple[int, ...]) -> None:
    everything = list(product(*(range(n + 1) for n in sizes)))
    ways = {
        x: int(np.prod([comb(n, k) for n, k in zip(sizes, x, strict=True)])) for x in everything
    }
    for seen in everything:
        alike = [x for x in everything if sum(x) == sum(seen)]
        p = Fraction(
            sum(ways[x] for x in alike if ways[x] <= ways[seen]), sum(ways[x] for x in alike)
        )
        found = freeman_halton_test(seen, sizes).p_value
        assert found == pytest.approx(float(p), rel=1e-9)


def test_two_strata() -> None:
    # All pairs of tables with the margins, their probabilities multiplied.
    first, second = (3, 2), (2, 4)
    for (a, b), (c, d) in product(tables(*first), tables(*second)):
        chances: dict[int, Fraction] = {}
        for e, f in product(range(first[0] + 1), range(second[0] + 1)):
            if 0 <= a + b - e <= first[1] and 0 <= c + d - f <= second[1]:
                chance = given_total(e, first[0], a + b - e, first[1])
                chance *= given_total(f, second[0], c + d - f, second[1])
                chances[e + f] = chances.get(e + f, Fraction(0)) + chance
        p = sum(chance for chance in chances.values() if chance <= chances[a + c])
        found = exact_test([(a, first[0], b, first[1]), (c, second[0], d, second[1])]).p_value
        assert found == pytest.approx(float(p), rel=1e-12)


def test_power_is_the_sum_over_all_tables_of_three_arms() -> None:
    sizes, rates, critical = (4, 3, 5), (0.2, 0.5, 0.7), 1.2
    law = [binom.pmf(np.arange(n + 1), n, p) for n, p in zip(sizes, rates, strict=True)]
    some, every, each = 0.0, 0.0, [0.0, 0.0]
    for x0, x1, x2 in product(*(range(n + 1) for n in sizes)):
        chance = law[0][x0] * law[1][x1] * law[2][x2]
        better = []
        for x, n in ((x1, sizes[1]), (x2, sizes[2])):
            z = z_squared(x, n, x0, sizes[0], pooled=True)
            ahead = Fraction(x, n) > Fraction(x0, sizes[0])
            better.append(ahead and z is not None and float(z) ** 0.5 >= critical)
        some += chance * any(better)
        every += chance * all(better)
        each = [total + chance * one for total, one in zip(each, better, strict=True)]
    found = exact_power_multi_arm(rates, sizes, critical)
    assert (found.any, found.all) == pytest.approx((some, every), rel=1e-12)
    assert found.each == pytest.approx(each, rel=1e-12)


@pytest.mark.parametrize(("n1", "n0"), [(12, 12), (15, 9)])
def test_score_intervals_cover_near_their_level_and_wald_does_not(n1: int, n0: int) -> None:
    """The reason why Miettinen and Nurminen's is the default, by enumeration of all tables."""
    mean = {}
    truths = [(p, p + gap) for p in (0.05, 0.2, 0.5) for gap in (0.0, 0.2, 0.4)]
    for method in ("miettinen-nurminen", "wald"):
        limits = {(a, b): risk_difference(a, n1, b, n0, method=method) for a, b in tables(n1, n0)}
        covered = []
        for p0, p1 in truths:
            law = np.outer(binom.pmf(range(n1 + 1), n1, p1), binom.pmf(range(n0 + 1), n0, p0))
            inside = [
                law[key] for key, each in limits.items() if each.lower <= p1 - p0 <= each.upper
            ]
            covered.append(sum(inside))
        mean[method] = np.mean(covered)
    assert mean["miettinen-nurminen"] == pytest.approx(0.95, abs=0.015)
    assert mean["wald"] < mean["miettinen-nurminen"] - 0.01
