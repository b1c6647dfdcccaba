import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from trialwright.stats.stratified.homogeneity import breslow_day_test, woolf_test

T1 = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
ARM = st.integers(2, 20).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
TABLES = st.lists(st.tuples(ARM, ARM).map(lambda a: (*a[0], *a[1])), min_size=2, max_size=4)


def test_agrees_with_r() -> None:
    # R 4.2.2, DescTools 0.99.59: BreslowDayTest, WoolfTest.
    for result, statistic, p in (
        (breslow_day_test(T1), 3.48083372925524, 0.323256442792991),
        (breslow_day_test(T1, tarone=True), 3.47987215726753, 0.32338203262375),
        (woolf_test(T1), 2.48437203602734, 0.478122028247961),
    ):
        assert (result.statistic, result.p_value) == pytest.approx((statistic, p), rel=1e-10)
        assert result.degrees_of_freedom == 3


@given(tables=TABLES, tarone=st.booleans())
@settings(max_examples=30, deadline=None)
def test_agrees_with_statsmodels(tables: list[tuple[int, ...]], tarone: bool) -> None:
    theirs = StratifiedTable(
        [np.array([[a, n - a], [c, m - c]], dtype=float) for a, n, c, m in tables]
    ).test_equal_odds(adjust=tarone)
    if np.isnan(theirs.statistic):
        return  # statsmodels divides by zero at odds ratio one
    assert breslow_day_test(tables, tarone=tarone).statistic == pytest.approx(
        theirs.statistic, rel=1e-6, abs=1e-8
    )


def test_equal_odds_ratios_have_a_statistic_of_zero() -> None:
    tables = [(2, 6, 1, 6), (4, 12, 2, 12)]
    assert breslow_day_test(tables).statistic == pytest.approx(0, abs=1e-12)
    assert woolf_test(tables).statistic == pytest.approx(0, abs=1e-12)


def test_odds_ratio_one_is_no_special_case() -> None:
    result = breslow_day_test([(2, 6, 2, 6), (3, 6, 3, 6)])
    assert result.statistic == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "tables", [[(3, 9, 1, 6)], [(0, 5, 0, 5), (2, 5, 1, 5)], [(0, 5, 2, 5), (0, 5, 3, 5)]]
)
def test_too_little_to_compare_is_said(tables: list[tuple[int, int, int, int]]) -> None:
    result = breslow_day_test(tables)
    assert (result.statistic, result.p_value) == (None, None)
    assert result.notes


def test_one_stratum_has_no_woolf_test() -> None:
    assert woolf_test([(3, 9, 1, 6)]).p_value is None
