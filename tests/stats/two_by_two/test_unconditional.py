import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import barnard_exact, binom, boschloo_exact

from trialwright.errors import UnusableInputError
from trialwright.stats.two_by_two.conditional import fisher_test
from trialwright.stats.two_by_two.unconditional import unconditional_test

ARM = st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("table", "statistic", "alternative", "p"),
    [
        # Twelve-digit values of the oracle file 'exact'.
        ((14, 40, 10, 40), "z-pooled", "two-sided", 0.5278782783371356),
        ((14, 40, 10, 40), "z-pooled", "greater", 0.2639391391685678),
        ((14, 40, 10, 40), "fisher", "greater", 0.17726876527516258),
        ((14, 40, 10, 40), "fisher", "less", 0.847803781959109),
        ((14, 40, 10, 40), "fisher", "two-sided", 0.35453753055032533),
        ((4, 15, 11, 15), "z-pooled", "two-sided", 0.01614344678819182),
        ((4, 15, 11, 15), "z-pooled", "greater", 1.0),
        ((4, 15, 11, 15), "fisher", "less", 0.008071723394095908),
    ],
)
def test_to_nine_digits(
    table: tuple[int, int, int, int], statistic: str, alternative: str, p: float
) -> None:
    result = unconditional_test(*table, statistic=statistic, alternative=alternative)
    assert result.p_value == pytest.approx(p, rel=1e-10)


def test_barnards_own_ordering() -> None:
    # R 4.2.2, Exact 3.3, exact.test(method = "csm"), 4/15 v 11/15.
    result = unconditional_test(4, 15, 11, 15, statistic="csm")
    assert result.p_value == pytest.approx(0.0130492189321, rel=1e-7)


@pytest.mark.parametrize(
    "table", [(16, 29, 9, 30), (19, 29, 11, 30), (7, 13, 2, 12), (3, 29, 0, 30)]
)
@pytest.mark.parametrize("statistic", ["fisher", "z-pooled", "z-unpooled"])
def test_no_dense_grid_finds_more(table: tuple[int, int, int, int], statistic: str) -> None:
    result = unconditional_test(*table, statistic=statistic)
    grid = np.linspace(0, 1, 20001)
    total = len(result.shares) - 1
    values = binom.pmf(np.arange(total + 1), total, grid[:, np.newaxis]) @ result.shares
    assert result.p_value >= values.max() - 1e-12
    assert result.p_value == pytest.approx(result.probability(result.nuisance), rel=1e-12)


def test_scipy_takes_the_columns_as_groups() -> None:
    # With the arms in columns SciPy agrees; with the arms in rows it answers another question.
    ours = unconditional_test(16, 29, 9, 30, alternative="greater").p_value
    columns = boschloo_exact([[16, 9], [13, 21]], alternative="greater", n=64).pvalue
    rows = boschloo_exact([[16, 13], [9, 21]], alternative="greater", n=64).pvalue
    assert ours == pytest.approx(columns, rel=1e-4)
    assert abs(rows / ours - 1) > 0.01


def test_scipy_can_stop_at_a_local_maximum() -> None:
    # He et al. 2020 at week 24, 19/29 v 11/30: a dense grid gives .0303.
    ours = unconditional_test(19, 29, 11, 30, statistic="z-pooled").p_value
    theirs = barnard_exact([[19, 11], [10, 19]], n=32).pvalue
    assert ours == pytest.approx(0.0303, abs=5e-5)
    assert theirs <= ours + 1e-9


@pytest.mark.parametrize("statistic", ["fisher", "z-pooled", "z-unpooled", "csm"])
@given(active=ARM, control=ARM)
@settings(max_examples=12, deadline=None)
def test_exchanging_the_arms_changes_nothing(
    statistic: str, active: tuple[int, int], control: tuple[int, int]
) -> None:
    result = unconditional_test(*active, *control, statistic=statistic)
    turned = unconditional_test(*control, *active, statistic=statistic)
    assert result.p_value == pytest.approx(turned.p_value, rel=1e-7)


@given(active=ARM, control=ARM)
@settings(max_examples=12, deadline=None)
def test_boschloo_is_never_above_fisher(active: tuple[int, int], control: tuple[int, int]) -> None:
    for alternative in ("greater", "less", "two-sided"):
        boschloo = unconditional_test(*active, *control, alternative=alternative)
        fisher = fisher_test(*active, *control, alternative=alternative)
        assert boschloo.p_value <= fisher.p_value + 1e-12


@pytest.mark.parametrize("statistic", ["fisher", "z-pooled"])
def test_the_test_keeps_its_level(statistic: str) -> None:
    n1, n0, level = 7, 5, 0.05
    rejected = np.array(
        [
            [
                unconditional_test(a, n1, b, n0, statistic=statistic).p_value <= level
                for b in range(n0 + 1)
            ]
            for a in range(n1 + 1)
        ]
    )
    for risk in np.linspace(0, 1, 101):
        law = np.outer(
            binom.pmf(np.arange(n1 + 1), n1, risk), binom.pmf(np.arange(n0 + 1), n0, risk)
        )
        assert law[rejected].sum() <= level + 1e-12


@pytest.mark.parametrize("statistic", ["fisher", "z-pooled", "z-unpooled", "csm"])
@pytest.mark.parametrize("table", [(0, 10, 0, 10), (10, 10, 10, 10), (0, 1, 0, 1)])
def test_without_a_difference_p_is_one(statistic: str, table: tuple[int, int, int, int]) -> None:
    assert unconditional_test(*table, statistic=statistic).p_value == pytest.approx(1.0)


def test_opposite_corners_by_hand() -> None:
    # 0/5 v 5/5 and its mirror: 2 π⁵ (1 − π)⁵, largest at one half.
    result = unconditional_test(0, 5, 5, 5)
    assert result.p_value == pytest.approx(2 / 2**10, rel=1e-12)
    assert result.nuisance == pytest.approx(0.5, abs=1e-6)


def test_unusable_input() -> None:
    with pytest.raises(UnusableInputError, match="no ordering"):
        unconditional_test(1, 4, 1, 4, statistic="wald")
    with pytest.raises(UnusableInputError, match="two-sided"):
        unconditional_test(1, 4, 1, 4, statistic="csm", alternative="less")
    with pytest.raises(UnusableInputError, match="no alternative"):
        unconditional_test(1, 4, 1, 4, alternative="both")
    with pytest.raises(UnusableInputError, match="cannot be"):
        unconditional_test(5, 4, 1, 4)
