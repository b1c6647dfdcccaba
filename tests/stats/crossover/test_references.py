"""Crossover methods against SciPy's plain tests of the differences, for any small trial."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.stats.crossover.binary import binary_crossover
from trialwright.stats.crossover.two_periods import two_period_comparison

SEEDS = st.integers(0, 10_000)


def made(seed: int):
    rng = np.random.Generator(np.random.Philox(seed))
    began = np.arange(15) < rng.integers(3, 12)
    return rng.normal(size=15), rng.normal(size=15) + 1, began


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_grizzle_is_three_t_tests(seed: int) -> None:
    """Treatment: of half differences; period: with one sequence's sign turned; carry-over: sums."""
    first, second, began = made(seed)
    found, half = two_period_comparison(first, second, began), (first - second) / 2
    for one, a, b in (
        (found.treatment, half[began], half[~began]),
        (found.period, -half[began], half[~began]),
        (found.carry_over, (first + second)[began], (first + second)[~began]),
        (found.first_period, first[began], first[~began]),
    ):
        plain = stats.ttest_ind(a, b)
        assert one.p_value == pytest.approx(plain.pvalue)
        assert abs(one.statistic) == pytest.approx(abs(plain.statistic))
        assert one.degrees_of_freedom == 13
    active, control = np.where(began, first, second), np.where(began, second, first)
    paired = stats.ttest_rel(active, control)
    assert found.unadjusted.p_value == pytest.approx(paired.pvalue)
    assert found.unadjusted.estimate == pytest.approx((active - control).mean())
    assert found.treatment.estimate == pytest.approx(half[began].mean() - half[~began].mean())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=8, max_size=8))
def test_binary_tests_are_those_of_scipy(counts) -> None:
    """How many of each sequence had the events (0, 1), (1, 0), (0, 0), (1, 1)."""
    assume(min(sum(counts[:4]), sum(counts[4:])) > 0)
    pairs = np.array([(0, 1), (1, 0), (0, 0), (1, 1)] * 2)
    first, second = np.repeat(pairs, counts, axis=0).T
    began = np.repeat(np.arange(8) < 4, counts)
    found = binary_crossover(first, second, began)
    table = [[counts[0], counts[1]], [counts[4], counts[5]]]
    assert found.table.tolist() == table
    changed = sum(map(sum, table))
    assume(changed > 0)
    assert found.mainland_gart.p_value == pytest.approx(stats.fisher_exact(table).pvalue)
    active = counts[1] + counts[4]
    assert found.mcnemar_exact.p_value == pytest.approx(stats.binomtest(active, changed).pvalue)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.floats(0.1, 10), st.floats(-5, 5))
def test_units_and_duplicates(seed: int, factor: float, shift: float) -> None:
    first, second, began = made(seed)
    one = two_period_comparison(first, second, began)
    other = two_period_comparison(factor * first + shift, factor * second + shift, began)
    assert other.treatment.estimate == pytest.approx(factor * one.treatment.estimate)
    assert other.treatment.p_value == pytest.approx(one.treatment.p_value)
    assert other.carry_over.p_value == pytest.approx(one.carry_over.p_value)
    twice = two_period_comparison(*(np.tile(each, 2) for each in (first, second, began)))
    assert twice.treatment.estimate == pytest.approx(one.treatment.estimate)
    # Sums of squares double, degrees go from 13 to 28, and each mean has twice as many.
    assert twice.treatment.standard_error == pytest.approx(
        one.treatment.standard_error * np.sqrt(13 / 28)
    )
