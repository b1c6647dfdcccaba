"""Stratified methods beside loops over strata and participants, and beside each other's limits."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, norm

from trialwright.errors import UnusableInputError
from trialwright.stats.stratified.homogeneity import breslow_day_test, woolf_test
from trialwright.stats.stratified.mantel_haenszel import (
    cmh_batch,
    cmh_test,
    common_odds_ratio,
    common_risk_difference,
    common_risk_ratio,
)
from trialwright.stats.stratified.risk_difference import stratified_risk_difference
from trialwright.stats.trend import (
    cochran_armitage_test,
    general_association_test,
    stratified_trend_test,
)

Table = tuple[int, int, int, int]
T1: list[Table] = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
ARM = st.integers(2, 15).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
TABLES = st.lists(
    st.tuples(ARM, ARM).map(lambda arms: (*arms[0], *arms[1])), min_size=1, max_size=4
)


def moments(table: Table) -> tuple[Fraction, Fraction]:
    """Mean and variance of the active arm's events given the margins, from the law itself."""
    x1, n1, x0, n0 = table
    m = x1 + x0
    law = {
        a: Fraction(math.comb(n1, a) * math.comb(n0, m - a), math.comb(n1 + n0, m))
        for a in range(max(0, m - n0), min(n1, m) + 1)
    }
    mean = sum((a * chance for a, chance in law.items()), Fraction(0))
    return mean, sum(((a - mean) ** 2 * chance for a, chance in law.items()), Fraction(0))


@given(tables=TABLES)
@settings(max_examples=40, deadline=None)
def test_cmh_from_the_law_of_each_table(tables: list[Table]) -> None:
    found = [moments(table) for table in tables]
    deviation = abs(sum(t[0] for t in tables) - sum(mean for mean, _ in found))
    variance = sum(spread for _, spread in found)
    expected = float(deviation**2 / variance)
    result = cmh_test(tables)
    assert result.statistic == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert result.p_value == pytest.approx(chi2.sf(expected, 1), rel=1e-9)
    half = max(deviation - Fraction(1, 2), 0) if deviation >= Fraction(1, 2) else deviation
    corrected = cmh_test(tables, correction=True).statistic
    assert corrected == pytest.approx(float(half**2 / variance), rel=1e-9, abs=1e-12)


@given(tables=TABLES)
@settings(max_examples=30, deadline=None)
def test_a_batch_is_the_single_test(tables: list[Table]) -> None:
    both = [tables, [(c, n, a, m) for a, m, c, n in tables]]
    assert cmh_batch(both) == pytest.approx([cmh_test(each).statistic for each in both])


def sums(tables: list[Table]) -> tuple[float, ...]:
    """Robins, Breslow and Greenland's six sums, term by term."""
    r = s = pr = ps_qr = qs = 0.0
    for x1, n1, x0, n0 in tables:
        a, b, c, d, n = x1, n1 - x1, x0, n0 - x0, n1 + n0
        r, s = r + a * d / n, s + b * c / n
        pr += (a + d) / n * a * d / n
        ps_qr += (a + d) / n * b * c / n + (b + c) / n * a * d / n
        qs += (b + c) / n * b * c / n
    return r, s, pr, ps_qr, qs


@given(tables=TABLES)
@settings(max_examples=30, deadline=None)
def test_the_common_odds_ratio_cell_by_cell(tables: list[Table]) -> None:
    r, s, pr, mixed, qs = sums(tables)
    result = common_odds_ratio(tables, level=0.9)
    assert result.estimate == pytest.approx(r / s)
    error = math.sqrt(pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s))
    assert result.standard_error == pytest.approx(error)
    z = 1.6448536269514722  # the normal quantile of 0.95
    assert result.upper == pytest.approx(r / s * math.exp(z * error))
    assert result.lower == pytest.approx(r / s * math.exp(-z * error))


def test_one_stratum_has_the_errors_of_textbooks() -> None:
    # Woolf for the odds, Katz for the risks, the binomial variance for the difference: by hand.
    table: Table = (16, 29, 9, 30)
    odds, ratio = common_odds_ratio([table]), common_risk_ratio([table])
    assert odds.standard_error == pytest.approx((1 / 16 + 1 / 13 + 1 / 9 + 1 / 21) ** 0.5)
    assert ratio.standard_error == pytest.approx((1 / 16 - 1 / 29 + 1 / 9 - 1 / 30) ** 0.5)
    plain = common_risk_difference([table], variance="binomial")
    p1, p0 = 16 / 29, 9 / 30
    expected = (p1 * (1 - p1) / 29 + p0 * (1 - p0) / 30) ** 0.5
    assert plain.standard_error == pytest.approx(expected)


@given(tables=TABLES)
@settings(max_examples=30, deadline=None)
def test_exchanging_arms_or_events_inverts_or_turns(tables: list[Table]) -> None:
    arms = [(c, n, a, m) for a, m, c, n in tables]
    events = [(m - a, m, n - c, n) for a, m, c, n in tables]
    odds = common_odds_ratio(tables)
    for other in (common_odds_ratio(arms), common_odds_ratio(events)):
        assert 1 / other.estimate == pytest.approx(odds.estimate)
        assert other.standard_error == pytest.approx(odds.standard_error)
    ratio = common_risk_ratio(tables)
    assert 1 / common_risk_ratio(arms).estimate == pytest.approx(ratio.estimate)
    assert common_risk_ratio(arms).standard_error == pytest.approx(ratio.standard_error)
    for variance in ("sato", "binomial", "inverse-variance"):
        one = common_risk_difference(tables, variance=variance)
        for other in (arms, events):
            turned = common_risk_difference(other, variance=variance)
            assert -turned.estimate == pytest.approx(one.estimate, abs=1e-12)
            assert turned.standard_error == pytest.approx(one.standard_error, rel=1e-9)


def restricted(table: Table, delta: float) -> tuple[float, float]:
    """The likeliest risks whose difference is delta, by a search instead of a cubic."""
    x1, n1, x0, n0 = table

    def minus(p0: float) -> float:
        total = 0.0
        for x, n, p in ((x1, n1, p0 + delta), (x0, n0, p0)):
            if (x > 0 and p <= 0) or (x < n and p >= 1):
                return 1e9
            total -= (x * math.log(p) if x else 0) + ((n - x) * math.log(1 - p) if x < n else 0)
        return total

    low, high = max(0.0, -delta), min(1.0, 1 - delta)
    p0 = minimize_scalar(minus, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    return p0 + delta, p0


@pytest.mark.parametrize("tables", [T1, T1[:1], [(5, 9, 2, 9), (1, 4, 3, 12)]])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_miettinen_nurminen_by_a_search_for_the_restricted_risks(
    tables: list[Table], level: float
) -> None:
    def score(delta: float) -> float:
        top = bottom = 0.0
        for x1, n1, x0, n0 in tables:
            weight, n = n1 * n0 / (n1 + n0), n1 + n0
            p1, p0 = restricted((x1, n1, x0, n0), delta)
            variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * n / (n - 1)
            top += weight * (x1 / n1 - x0 / n0 - delta)
            bottom += weight**2 * variance
        return top / math.sqrt(bottom)

    z = float(norm.isf((1 - level) / 2))
    found = stratified_risk_difference(tables, level=level)
    limits = [
        brentq(lambda d, goal=goal: score(d) - goal, -0.97, 0.97, xtol=1e-12) for goal in (z, -z)
    ]
    assert (found.lower, found.upper) == pytest.approx(limits, abs=1e-6)
    assert found.statistic == pytest.approx(score(0.0), abs=1e-6)


def test_breslow_day_by_bisection_for_the_fitted_cells() -> None:
    ratio = common_odds_ratio(T1).estimate
    statistic, off, total = 0.0, 0.0, 0.0
    for x1, n1, x0, n0 in T1:
        m = x1 + x0

        def excess(a: float, n1: int = n1, n0: int = n0, m: int = m) -> float:
            return a * (n0 - m + a) - ratio * (n1 - a) * (m - a)

        a = brentq(excess, max(0, m - n0), min(n1, m), xtol=1e-13)
        variance = 1 / (1 / a + 1 / (m - a) + 1 / (n1 - a) + 1 / (n0 - m + a))
        statistic += (x1 - a) ** 2 / variance
        off, total = off + x1 - a, total + variance
    assert breslow_day_test(T1).statistic == pytest.approx(statistic, rel=1e-9)
    tarone = breslow_day_test(T1, tarone=True).statistic
    assert tarone == pytest.approx(statistic - off**2 / total, rel=1e-9)


def test_equal_strata_are_homogeneous() -> None:
    for test in (breslow_day_test, woolf_test):
        result = test([(4, 10, 2, 10)] * 3)
        assert result.statistic == pytest.approx(0, abs=1e-12)
        assert result.degrees_of_freedom == 2


def permutation_moments(x: list[int], n: list[int], scores: list[float]) -> tuple[float, float]:
    """Mean and variance of the score total of events drawn without replacement."""
    values = np.repeat(scores, n)
    m, total = sum(x), len(values)
    return m * values.mean(), m * (total - m) / (total - 1) * values.var()


@given(
    x=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    shift=st.floats(-3, 3), scale=st.floats(0.1, 10),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_trend_is_a_draw_of_events_from_all_participants(
    x: list[int], shift: float, scale: float
) -> None:
    n, scores = [6, 5, 7], [0.0, 0.2, 1.0]
    if not 0 < sum(x) < sum(n):
        return
    mean, variance = permutation_moments(x, n, scores)
    z = (np.dot(x, scores) - mean) / math.sqrt(variance)
    assert stratified_trend_test([x], [n], scores).statistic == pytest.approx(z, abs=1e-9)
    # The binomial variance has N where the draw has N − 1.
    binomial = cochran_armitage_test(x, n, scores).statistic
    assert binomial == pytest.approx(z * math.sqrt(18 / 17), abs=1e-9)
    moved = [shift + scale * score for score in scores]
    assert cochran_armitage_test(x, n, moved).statistic == pytest.approx(binomial, abs=1e-6)


@given(tables=TABLES)
@settings(max_examples=20, deadline=None)
def test_two_arms_make_association_and_trend_the_cmh_test(tables: list[Table]) -> None:
    x, n = [[t[0], t[2]] for t in tables], [[t[1], t[3]] for t in tables]
    expected = cmh_test(tables).statistic
    assert general_association_test(x, n).statistic == pytest.approx(expected, abs=1e-9)
    trend = stratified_trend_test(x, n, [1, 0]).statistic
    assert trend**2 == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "tables",
    [[], [(1, 4)], [(1, 4, 2)], [(5, 4, 1, 4)], [(-1, 4, 1, 4)], [(1, math.nan, 1, 4)], 3,
     [(0, 0, 1, 4), (1, 4, 0, 0)], [(0.5, 4, 1, 4)]],
)  # fmt: skip
@pytest.mark.parametrize(
    "method",
    [cmh_test, common_odds_ratio, common_risk_ratio, common_risk_difference, breslow_day_test,
     woolf_test, stratified_risk_difference],
)  # fmt: skip
def test_strata_that_cannot_be_are_refused(method: Any, tables: Any) -> None:
    with pytest.raises(UnusableInputError):
        method(tables)
