"""Exact rates by enumeration of every count: coverage and size, not formulas."""

import numpy as np
import pytest
from scipy import stats

from trialwright.stats.counts.exact_rates import poisson_rate, poisson_rate_ratio


@pytest.mark.parametrize("mean", [0.3, 1.0, 2.7, 8.0])
def test_limits_of_a_rate_cover_at_least_what_they_say(mean: float) -> None:
    """Counts up to 60 hold all but 1e-12 of these laws; each side errs with 5 % at most."""
    counts = np.arange(61)
    chance = stats.poisson(mean).pmf(counts)
    limits = [poisson_rate(int(x), 2.0, level=0.9) for x in counts]
    low, high = np.array([[one.lower, one.upper] for one in limits]).T
    assert chance[low > mean / 2].sum() <= 0.05 + 1e-9
    assert chance[high < mean / 2].sum() <= 0.05 + 1e-9
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) > 0).all()


@pytest.mark.parametrize("tails", ["equal", "likelihood"])
@pytest.mark.parametrize(("mean", "control"), [(3.0, 3.0), (1.5, 6.0)])
def test_the_exact_test_keeps_its_level(tails: str, mean: float, control: float) -> None:
    """Equal rates over exposures in proportion: every pair of counts up to 22, by its chance."""
    counts = range(23)
    rejected = sum(
        stats.poisson.pmf(a, mean) * stats.poisson.pmf(b, control)
        for a in counts
        for b in counts
        if a + b > 0 and poisson_rate_ratio(a, mean, b, control, tails=tails).p_value <= 0.05
    )
    assert 0 < rejected <= 0.05


def test_p_by_likelihood_is_a_sum_over_all_splits() -> None:
    for a, b in ((4, 9), (0, 5), (7, 7)):
        chance = stats.binom(a + b, 2 / 5).pmf(np.arange(a + b + 1))
        expected = chance[chance <= chance[a] * (1 + 1e-7)].sum()
        found = poisson_rate_ratio(a, 2.0, b, 3.0, tails="likelihood")
        assert found.p_value == pytest.approx(expected)
