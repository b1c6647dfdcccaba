"""Exact power against exact2x2's enumeration, SciPy's tests and symmetry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import rate_test_power, rate_test_size, rates_size, rejection_region

TESTS = ["fisher", "z-pooled", "z-unpooled", "boschloo"]


@pytest.mark.parametrize("test", ["fisher", "z-pooled", "z-unpooled"])
def test_agrees_with_r(cases, test):
    expected = cases["exact_power_n20"]["expect"]
    name = test.replace("-", "_")
    power = rate_test_power(test, 0.55, 0.3, 20, 20, alpha=0.025)
    assert power == pytest.approx(expected[f"{name}_power"], rel=1e-10)
    size = rate_test_power(test, 0.3, 0.3, 20, 20, alpha=0.025)
    assert size == pytest.approx(expected[f"{name}_size"], rel=1e-10)


@pytest.mark.parametrize("sizes", [(7, 9), (12, 5)])
def test_fisher_rejects_where_scipy_does(sizes):
    region = rejection_region("fisher", *sizes, alpha=0.05)
    for events, control in np.ndindex(region.shape):
        table = [[events, sizes[0] - events], [control, sizes[1] - control]]
        p = stats.fisher_exact(table, alternative="greater").pvalue
        assert region[events, control] == (p <= 0.05)


def test_boschloo_rejects_where_scipy_does():
    region = rejection_region("boschloo", 8, 8, alpha=0.05)
    for events, control in [(6, 1), (5, 1), (7, 3), (6, 2), (5, 2), (8, 4), (4, 0)]:
        table = [[events, control], [8 - events, 8 - control]]
        p = stats.boschloo_exact(table, alternative="greater").pvalue
        assert region[events, control] == (p <= 0.05)


@settings(max_examples=20, deadline=None)
@given(first=st.integers(3, 15), second=st.integers(3, 15), rate=st.floats(0.01, 0.99))
def test_exact_tests_keep_the_level_and_boschloo_uses_more_of_it(first, second, rate):
    fisher = rate_test_power("fisher", rate, rate, first, second, alpha=0.025)
    boschloo = rate_test_power("boschloo", rate, rate, first, second, alpha=0.025)
    assert fisher <= boschloo + 1e-12
    assert boschloo <= 0.025 + 1e-4  # the nuisance rate is searched on a grid


@pytest.mark.parametrize("test", TESTS)
@settings(max_examples=15, deadline=None)
@given(rate=st.floats(0.05, 0.95), control=st.floats(0.05, 0.95))
def test_responders_and_others_may_change_places(test, rate, control):
    power = rate_test_power(test, rate, control, 12, 12, alpha=0.05)
    mirrored = rate_test_power(test, 1 - control, 1 - rate, 12, 12, alpha=0.05)
    assert mirrored == pytest.approx(power, rel=1e-9)


@pytest.mark.parametrize("test", TESTS)
def test_more_responders_never_lose_significance(test):
    region = rejection_region(test, 15, 11, alpha=0.025)
    assert np.all(region[1:] >= region[:-1])
    assert np.all(region[:, :-1] >= region[:, 1:])
    assert not region[0].any()


def test_impossible_differences_are_certain():
    assert rate_test_power("fisher", 1, 0, 10, 10, alpha=0.025) == pytest.approx(1)
    assert rate_test_power("z-pooled", 0, 1, 10, 10, alpha=0.025) == 0


@pytest.mark.parametrize("test", ["fisher", "z-pooled"])
def test_the_exact_size_has_the_power_from_there_on(test):
    found = rate_test_size(test, 0.6, 0.2, alpha=0.025, power=0.8)

    def power(size):
        return rate_test_power(test, 0.6, 0.2, size, size, alpha=0.025)

    assert power(found.per_group) == found.power
    assert all(power(size) >= 0.8 for size in range(found.per_group, found.per_group + 10))
    assert power(found.per_group - 1) < 0.8
    assert power(found.smallest_with_power) >= 0.8
    assert found.smallest_with_power <= found.per_group
    near = rates_size(0.6, 0.2, alpha=0.025, power=0.8).groups[0]
    assert abs(found.per_group - near) < 8


def test_fisher_needs_more_participants_than_boschloo():
    fisher, boschloo = (
        rate_test_size(test, 0.8, 0.3, alpha=0.025, power=0.8) for test in ("fisher", "boschloo")
    )
    assert fisher.per_group > boschloo.per_group


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rejection_region("wald", 5, 5, alpha=0.05), "Unknown test"),
        (lambda: rejection_region("fisher", 0, 5, alpha=0.05), "participants"),
        (lambda: rejection_region("fisher", 5, 5, alpha=0), "level"),
        (lambda: rate_test_size("fisher", 0.2, 0.3, alpha=0.025, power=0.8), "above control"),
        (lambda: rate_test_power("fisher", 1.5, 0.2, 5, 5, alpha=0.05), "between 0 and 1"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
