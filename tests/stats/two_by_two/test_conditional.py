import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom, nchypergeom_fisher
from scipy.stats.contingency import odds_ratio as scipy_odds_ratio

from trialwright.errors import UnusableInputError
from trialwright.stats.two_by_two.conditional import (
    conditional_law,
    conditional_odds_ratio,
    exact_test,
    fisher_test,
)

ARM = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
STRATA = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]


def test_one_table_to_nine_digits() -> None:
    # Twelve-digit values of the oracle file 'exact': 14/40 v 10/40.
    result = conditional_odds_ratio([(14, 40, 10, 40)])
    assert result.estimate == pytest.approx(1.6056838009878378, rel=1e-12)
    assert result.lower == pytest.approx(0.5542446288076314, rel=1e-12)
    assert result.upper == pytest.approx(4.7989173917032035, rel=1e-12)
    assert result.p_value == pytest.approx(0.46467763580131083, rel=1e-12)


def test_four_strata_to_nine_digits() -> None:
    # Twelve-digit values of the oracle file 'exact'.
    result = conditional_odds_ratio(STRATA)
    assert result.estimate == pytest.approx(1.892625983274147, rel=1e-12)
    assert result.lower == pytest.approx(0.6227905774947604, rel=1e-11)
    assert result.upper == pytest.approx(6.130110525028315, rel=1e-11)
    assert exact_test(STRATA, alternative="greater").p_value == pytest.approx(0.15789697631468158)
    assert exact_test(STRATA, alternative="less").p_value == pytest.approx(0.934904344725177)
    assert exact_test(STRATA, mid_p=True).p_value == pytest.approx(0.22299263158950472)


@given(active=ARM, control=ARM, alternative=st.sampled_from(["two-sided", "greater", "less"]))
@settings(max_examples=60, deadline=None)
def test_fisher_agrees_with_scipy(
    active: tuple[int, int], control: tuple[int, int], alternative: str
) -> None:
    (x1, n1), (x0, n0) = active, control
    theirs = fisher_exact([[x1, n1 - x1], [x0, n0 - x0]], alternative=alternative).pvalue
    result = fisher_test(x1, n1, x0, n0, alternative=alternative)
    assert result.p_value == pytest.approx(theirs, rel=1e-8)


@given(active=ARM, control=ARM)
@settings(max_examples=20, deadline=None)
def test_odds_ratio_agrees_with_scipy(active: tuple[int, int], control: tuple[int, int]) -> None:
    (x1, n1), (x0, n0) = active, control
    result = conditional_odds_ratio([(x1, n1, x0, n0)])
    if result.estimate in (None, 0.0, math.inf):
        return
    theirs = scipy_odds_ratio([[x1, n1 - x1], [x0, n0 - x0]])
    interval = theirs.confidence_interval()
    assert result.estimate == pytest.approx(theirs.statistic, rel=1e-5)
    assert (result.lower, result.upper) == pytest.approx((interval.low, interval.high), rel=1e-5)


def test_strata_against_enumeration() -> None:
    strata = [(2, 3, 1, 4), (0, 2, 2, 3), (1, 2, 0, 2)]
    chances: dict[int, float] = {}
    for cells in product(*(range(n1 + 1) for _, n1, _, _ in strata)):
        weight = 1.0
        for a, (x1, n1, x0, n0) in zip(cells, strata, strict=True):
            weight *= hypergeom.pmf(a, n1 + n0, n1, x1 + x0)
        chances[sum(cells)] = chances.get(sum(cells), 0.0) + weight
    law = conditional_law(strata)
    for value, chance in zip(law.support, law.probabilities(), strict=True):
        assert chance == pytest.approx(chances[int(value)], rel=1e-12)
    seen = chances[3]
    expected = sum(chance for chance in chances.values() if chance <= seen * (1 + 1e-7))
    assert exact_test(strata).p_value == pytest.approx(expected, rel=1e-12)


def test_limits_have_the_tail_of_the_level() -> None:
    # Fisher's noncentral hypergeometric law of SciPy, at the limits.
    result = conditional_odds_ratio([(14, 40, 10, 40)], level=0.9)
    upper = nchypergeom_fisher(80, 24, 40, result.upper)
    lower = nchypergeom_fisher(80, 24, 40, result.lower)
    assert upper.cdf(14) == pytest.approx(0.05, abs=1e-9)
    assert lower.sf(13) == pytest.approx(0.05, abs=1e-9)


@given(active=ARM, control=ARM)
@settings(max_examples=25, deadline=None)
def test_exchanging_the_arms_inverts(active: tuple[int, int], control: tuple[int, int]) -> None:
    result = conditional_odds_ratio([(*active, *control)])
    turned = conditional_odds_ratio([(*control, *active)])
    assert result.p_value == pytest.approx(turned.p_value)
    if result.upper not in (0.0, math.inf):
        assert 1 / result.upper == pytest.approx(turned.lower, rel=1e-9)


def test_mid_p_is_narrower() -> None:
    exact, mid = (conditional_odds_ratio(STRATA, mid_p=flag) for flag in (False, True))
    assert exact.lower < mid.lower < mid.estimate < mid.upper < exact.upper


def test_the_order_of_strata_does_not_matter() -> None:
    assert exact_test(STRATA[::-1]).p_value == pytest.approx(exact_test(STRATA).p_value)


def test_strata_with_an_empty_arm_or_without_events_add_nothing() -> None:
    padded = [*STRATA, (0, 0, 3, 5), (0, 8, 0, 9)]
    assert exact_test(padded).p_value == pytest.approx(exact_test(STRATA).p_value)
    assert exact_test(padded).counts["strata used"] == 5


@pytest.mark.parametrize(
    ("table", "estimate", "lower", "upper"),
    [
        ((0, 10, 0, 10), None, 0.0, math.inf),
        ((10, 10, 10, 10), None, 0.0, math.inf),
        ((0, 1, 1, 1), 0.0, 0.0, 39.0),  # by hand: θ / (1 + θ) = 0.975
        ((1, 1, 0, 1), math.inf, 1 / 39, math.inf),
    ],
)
def test_the_ends_of_what_margins_allow(
    table: tuple[int, int, int, int], estimate: float | None, lower: float, upper: float
) -> None:
    result = conditional_odds_ratio([table])
    assert result.estimate == estimate
    assert (result.lower, result.upper) == pytest.approx((lower, upper))


def test_large_trials_do_not_underflow() -> None:
    result = conditional_odds_ratio([(900, 2000, 700, 2000)])
    assert result.estimate == pytest.approx(900 * 1300 / (1100 * 700), rel=1e-3)
    assert np.isfinite([result.lower, result.upper]).all()


def test_unusable_input() -> None:
    with pytest.raises(UnusableInputError, match="no stratum"):
        exact_test([(0, 0, 1, 4)])
    with pytest.raises(UnusableInputError, match="alternative"):
        fisher_test(1, 4, 1, 4, alternative="both")
    with pytest.raises(UnusableInputError, match="cannot be"):
        fisher_test(5, 4, 1, 4)
