import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from trialwright.errors import UnusableInputError
from trialwright.stats.stratified.mantel_haenszel import (
    cmh_batch,
    cmh_test,
    common_odds_ratio,
    common_risk_difference,
    common_risk_ratio,
)
from trialwright.stats.two_by_two.chi_square import chi_square_test

T1 = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
ARM = st.integers(2, 20).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
STRATUM = st.tuples(ARM, ARM).map(lambda arms: (*arms[0], *arms[1]))
TABLES = st.lists(STRATUM, min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("correction", "statistic", "p"),
    [(False, 1.5558623408743, 0.212272082988864), (True, 0.994578008608577, 0.31862603744766)],
)
def test_cmh_agrees_with_r(correction: bool, statistic: float, p: float) -> None:
    # R 4.2.2 mantelhaen.test.
    result = cmh_test(T1, correction=correction)
    assert (result.statistic, result.p_value) == pytest.approx((statistic, p), rel=1e-12)


def test_no_correction_beyond_the_deviation() -> None:
    # Deviation by hand: 2 − 5 · 4 / 10 + 2 − 4 · 3 / 8 = 0.5, all of it subtracted.
    half = [(2, 5, 2, 5), (2, 4, 1, 4)]
    assert cmh_test(half, correction=True).statistic == 0.0
    # 1 − 3 · 2 / 7 = 1 / 7 is below half an event: nothing is subtracted, as in R.
    small = [(1, 3, 1, 4)]
    plain, corrected = (cmh_test(small, correction=flag).statistic for flag in (False, True))
    assert corrected == plain > 0


def test_common_ratios_agree_with_r() -> None:
    # R 4.2.2: mantelhaen.test (odds ratio), metafor 3.8.1 (risk ratio).
    odds, risk = common_odds_ratio(T1), common_risk_ratio(T1)
    assert (odds.estimate, odds.standard_error, odds.lower, odds.upper) == pytest.approx(
        (1.92352371732817, 0.525241185643805, 0.687086535251944, 5.38497452837913), rel=1e-12
    )
    assert (risk.estimate, risk.standard_error, risk.lower, risk.upper) == pytest.approx(
        (1.55789473684211, 0.364200969649536, 0.763009038714513, 3.18087452170856), rel=1e-12
    )


@pytest.mark.parametrize(
    ("variance", "estimate", "error"),
    [
        # R 4.2.2: metafor 3.8.1, DescTools 0.99.59.
        ("binomial", 0.126491646778043, 0.0939438943065059),
        ("sato", 0.126491646778043, 0.0983197048605078),
        ("inverse-variance", 0.170002195981144, 0.0883573917856453),
    ],
)
def test_common_difference_agrees_with_r(variance: str, estimate: float, error: float) -> None:
    result = common_risk_difference(T1, variance=variance)
    assert (result.estimate, result.standard_error) == pytest.approx((estimate, error), rel=1e-12)


@given(tables=TABLES)
@settings(max_examples=30, deadline=None)
def test_cmh_and_odds_ratio_agree_with_statsmodels(tables: list[tuple[int, ...]]) -> None:
    theirs = StratifiedTable(
        [np.array([[a, n - a], [c, m - c]], dtype=float) for a, n, c, m in tables]
    )
    for correction in (False, True):
        result = cmh_test(tables, correction=correction)
        gap = abs(sum(a - n * (a + c) / (n + m) for a, n, c, m in tables))
        if correction and gap < 0.5:
            continue  # statsmodels corrects beyond zero there
        assert result.statistic == pytest.approx(
            theirs.test_null_odds(correction=correction).statistic, abs=1e-9
        )
    assert common_odds_ratio(tables).estimate == pytest.approx(theirs.oddsratio_pooled)
    assert common_odds_ratio(tables).standard_error == pytest.approx(theirs.logodds_pooled_se)


@given(tables=TABLES)
@settings(max_examples=30, deadline=None)
def test_exchanging_the_arms(tables: list[tuple[int, int, int, int]]) -> None:
    turned = [(c, m, a, n) for a, n, c, m in tables]
    assert cmh_test(turned).statistic == pytest.approx(cmh_test(tables).statistic, abs=1e-9)
    assert common_odds_ratio(turned).estimate == pytest.approx(
        1 / common_odds_ratio(tables).estimate
    )
    assert common_risk_ratio(turned).upper == pytest.approx(1 / common_risk_ratio(tables).lower)
    for variance in ("sato", "binomial", "inverse-variance"):
        result = common_risk_difference(tables, variance=variance)
        other = common_risk_difference(turned, variance=variance)
        assert other.estimate == pytest.approx(-result.estimate, abs=1e-12)
        assert other.standard_error == pytest.approx(result.standard_error)


@given(tables=TABLES, seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_the_order_of_strata_does_not_matter(
    tables: list[tuple[int, int, int, int]], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(tables))
    shuffled = [tables[i] for i in order]
    assert cmh_test(shuffled).statistic == pytest.approx(cmh_test(tables).statistic, abs=1e-9)
    assert common_risk_difference(shuffled).standard_error == pytest.approx(
        common_risk_difference(tables).standard_error
    )


@given(stratum=STRATUM)
@settings(max_examples=20, deadline=None)
def test_one_stratum_is_the_n_minus_1_chi_square(stratum: tuple[int, int, int, int]) -> None:
    a, n, c, m = stratum
    crude = chi_square_test([[a, n - a], [c, m - c]], correction="n-1")
    assert cmh_test([stratum]).statistic == pytest.approx(crude.statistic, abs=1e-9)
    assert common_risk_difference([stratum]).estimate == pytest.approx(a / n - c / m)


def test_an_empty_stratum_is_left_out_and_said() -> None:
    result = cmh_test([*T1, (0, 0, 2, 5)])
    assert result.statistic == cmh_test(T1).statistic
    assert result.notes == ("1 strata without participants in one of the arms were left out",)
    assert result.counts["strata used"] == 4


@pytest.mark.parametrize(
    "tables", [[(0, 10, 0, 10)], [(10, 10, 9, 9), (5, 5, 4, 4)], [(1, 1, 1, 1)]]
)
def test_no_variation_leaves_nothing_to_test(tables: list[tuple[int, int, int, int]]) -> None:
    result = cmh_test(tables)
    assert (result.statistic, result.p_value) == (None, None)
    assert "nothing to test" in result.notes[-1]


def test_one_participant_per_arm() -> None:
    # By hand: deviation 1/2, variance 1/4.
    assert cmh_test([(1, 1, 0, 1)]).statistic == pytest.approx(1.0)
    assert common_odds_ratio([(1, 1, 0, 1)]).estimate == math.inf
    assert common_risk_difference([(1, 1, 0, 1)]).estimate == 1.0


def test_without_events_ratios_are_not_determined() -> None:
    for compute in (common_odds_ratio, common_risk_ratio):
        result = compute([(0, 10, 0, 10)])
        assert (result.estimate, result.lower, result.upper) == (None, 0.0, math.inf)
        assert result.notes
    assert common_odds_ratio([(0, 10, 3, 10)]).estimate == 0.0


def test_a_difference_without_variation_has_no_width() -> None:
    result = common_risk_difference([(0, 10, 0, 10)], variance="binomial")
    assert (result.estimate, result.standard_error, result.p_value) == (0.0, 0.0, None)


@given(trials=st.lists(st.lists(STRATUM, min_size=3, max_size=3), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_a_batch_is_the_single_test_many_times(trials: list[list[tuple[int, ...]]]) -> None:
    for correction in (False, True):
        single = [cmh_test(tables, correction=correction).statistic for tables in trials]
        assert cmh_batch(trials, correction=correction) == pytest.approx(single)


def test_a_trial_with_nothing_to_test_is_never_significant_in_a_batch() -> None:
    assert cmh_batch([[(0, 4, 0, 4), (0, 0, 0, 0)]]).tolist() == [0.0]


@pytest.mark.parametrize(
    "tables", [[(5, 4, 1, 4)], [(1.5, 4, 1, 4)], [(-1, 4, 1, 4)], [(1, 4, 1)], [(0, 0, 1, 4)], []]
)
def test_impossible_tables_are_refused(tables: list[tuple[float, ...]]) -> None:
    with pytest.raises(UnusableInputError):
        cmh_test(tables)


def test_an_unknown_variance_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="no variance"):
        common_risk_difference(T1, variance="klingenberg")
    with pytest.raises(UnusableInputError, match="trials"):
        cmh_batch(T1)
