from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from trialwright.errors import UnusableInputError
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.planning import rate_test_power

RISK = st.floats(0.05, 0.95)


@pytest.mark.parametrize(
    ("critical", "any_arm", "each", "all_arms"),
    [
        # Enumerated values of the oracle file 'exact'.
        (2.3489761025831974, 0.5703743308760891, [0.08427979299661253, 0.3116737479074345, 0.479916407491613], 0.05496261841874876),
        (1.959963984540054, 0.7485224503165187, [0.15796614971534317, 0.46624253743954547, 0.647424280719469], 0.11524766994294339),
    ],
)  # fmt: skip
def test_four_arms(critical: float, any_arm: float, each: list[float], all_arms: float) -> None:
    power = exact_power_multi_arm([0.25, 0.35, 0.45, 0.5], 40, critical)
    assert power.any == pytest.approx(any_arm, rel=1e-11)
    assert power.each == pytest.approx(each, rel=1e-11)
    assert power.all == pytest.approx(all_arms, rel=1e-11)


@given(rates=st.tuples(RISK, RISK, RISK), sizes=st.tuples(*[st.integers(2, 6)] * 3))
@settings(max_examples=15, deadline=None)
def test_against_all_tables(rates: tuple[float, ...], sizes: tuple[int, ...]) -> None:
    critical, found = 1.2, np.zeros(4)
    for x in product(*(range(n + 1) for n in sizes)):
        chance = np.prod([binom.pmf(a, n, p) for a, n, p in zip(x, sizes, rates, strict=True)])
        rejects = []
        for a, n in zip(x[1:], sizes[1:], strict=True):
            mean = (a + x[0]) / (n + sizes[0])
            error = np.sqrt(mean * (1 - mean) * (1 / n + 1 / sizes[0]))
            rejects.append(error > 0 and (a / n - x[0] / sizes[0]) / error >= critical - 1e-10)
        found += chance * np.array([any(rejects), *rejects, all(rejects)])
    power = exact_power_multi_arm(rates, sizes, critical)
    assert [power.any, *power.each, power.all] == pytest.approx(found.tolist(), abs=1e-12)


@given(rates=st.lists(RISK, min_size=2, max_size=5), n=st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_orders(rates: list[float], n: int) -> None:
    power = exact_power_multi_arm(rates, n, 1.5)
    assert power.all <= power.each.min() + 1e-12
    assert power.each.max() <= power.any + 1e-12
    assert power.any <= power.each.sum() + 1e-12


def test_no_risk_and_certain_risk() -> None:
    assert exact_power_multi_arm([0, 0], 10, 1.96).any == 0
    assert exact_power_multi_arm([0, 1], 10, 1.96).any == pytest.approx(1)


@pytest.mark.parametrize(
    ("rates", "n"), [([0.5], 10), ([0.5, 1.5], 10), ([0.5, 0.5], 0), ([0.5, 0.5], [10, 10, 10])]
)
def test_unusable_input(rates: list[float], n: object) -> None:
    with pytest.raises(UnusableInputError):
        exact_power_multi_arm(rates, n, 1.96)  # type: ignore[arg-type]  # that is the point


def test_two_arms_agree_with_the_power_of_one_comparison() -> None:
    # The planning room's region of the same pooled z test, cut at the same normal quantile
    power = exact_power_multi_arm([0.3, 0.55], [20, 17], 1.959963984540054)
    alone = rate_test_power("z-pooled", 0.55, 0.3, 17, 20, alpha=0.025)
    assert (power.any, power.all) == pytest.approx((alone, alone), rel=1e-12)
    assert power.each == pytest.approx([alone], rel=1e-12)


def test_relabeling_the_arms_relabels() -> None:
    plain = exact_power_multi_arm([0.2, 0.3, 0.6, 0.4], [12, 9, 11, 14], 1.7)
    moved = exact_power_multi_arm([0.2, 0.4, 0.3, 0.6], [12, 14, 9, 11], 1.7)
    assert moved.each == pytest.approx(plain.each[[2, 0, 1]], rel=1e-13)
    assert (moved.any, moved.all) == pytest.approx((plain.any, plain.all), rel=1e-13)


def test_a_bound_that_is_met_exactly_rejects() -> None:
    # By hand: 2 of 2 against none of 2 has z = 1 / √(1/2 · 1/2 · (1/2 + 1/2)) = 2, the largest
    power = exact_power_multi_arm([0.5, 0.5], 2, 2.0)
    assert power.any == pytest.approx(1 / 16, rel=1e-13)
    assert exact_power_multi_arm([0.5, 0.5], 2, 2.0 + 1e-9).any == 0


@pytest.mark.parametrize(
    ("rates", "n", "critical", "message"),
    [
        ([[0.2, 0.3]], 10, 1.96, "two or more risks between 0 and 1"),
        ([0.2, np.nan], 10, 1.96, "two or more risks between 0 and 1"),
        ([0.2, 0.3], [10, 10, 10], 1.96, "not as many arm sizes as risks"),
        ([0.2, 0.3], [10, 0], 1.96, "at least one participant"),
        ([0.2, 0.3], 10, np.nan, "critical value is not a number"),
    ],
)
def test_what_cannot_be_is_named(rates, n, critical, message) -> None:
    with pytest.raises(UnusableInputError, match=message):
        exact_power_multi_arm(rates, n, critical)
