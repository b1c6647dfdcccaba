import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from trialwright.errors import UnusableInputError
from trialwright.stats.two_by_two.chi_square import chi_square_test

TABLES = st.lists(st.lists(st.integers(1, 40), min_size=2, max_size=2), min_size=2, max_size=5)


@pytest.mark.parametrize(
    ("correction", "statistic", "p"),
    [
        # R 4.2.2 chisq.test on 14/40 v 10/40; N − 1 by its factor.
        ("none", 0.952380952380952, 0.329113985978608),
        ("yates", 0.535714285714286, 0.464214312771031),
        ("n-1", 0.94047619047619, 0.332155407738675),
    ],
)
def test_agrees_with_r(correction: str, statistic: float, p: float) -> None:
    result = chi_square_test([[14, 26], [10, 30]], correction=correction)
    assert (result.statistic, result.p_value) == pytest.approx((statistic, p), rel=1e-12)
    assert result.degrees_of_freedom == 1


def test_four_arms_agree_with_r() -> None:
    # R 4.2.2 chisq.test.
    result = chi_square_test([[10, 30], [14, 26], [22, 18], [14, 26]])
    assert (result.statistic, result.p_value) == pytest.approx(
        (8.10666666666667, 0.043857905514645), rel=1e-12
    )
    assert result.degrees_of_freedom == 3


@given(table=TABLES)
@settings(max_examples=40, deadline=None)
def test_agrees_with_scipy(table: list[list[int]]) -> None:
    for correction, flag in (("none", False), ("yates", True)):
        if correction == "yates" and len(table) > 2:
            continue
        theirs = chi2_contingency(table, correction=flag)
        result = chi_square_test(table, correction=correction)
        assert result.statistic == pytest.approx(theirs.statistic, abs=1e-9)
        assert result.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


@given(table=TABLES, seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_order_of_arms_does_not_matter(table: list[list[int]], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(table))
    shuffled = chi_square_test(np.array(table)[order])
    assert shuffled.statistic == pytest.approx(chi_square_test(table).statistic)


@pytest.mark.parametrize("table", [[[0, 10], [0, 12]], [[10, 0], [12, 0]], [[0, 0], [3, 4]]])
def test_an_empty_margin_leaves_nothing_to_test(table: list[list[int]]) -> None:
    result = chi_square_test(table)
    assert (result.statistic, result.p_value) == (None, None)
    assert "nothing to test" in result.notes[0]


def test_an_empty_arm_of_three_is_left_out() -> None:
    result = chi_square_test([[0, 0], [10, 5], [4, 9]])
    assert result.degrees_of_freedom == 1
    assert result.statistic == chi_square_test([[10, 5], [4, 9]]).statistic


def test_small_expected_counts_are_noted() -> None:
    assert "below 5" in chi_square_test([[1, 9], [3, 7]]).notes[0]


@pytest.mark.parametrize(
    "table", [[[1, -1], [2, 3]], [[1.5, 1], [2, 3]], [[1, 2]], [1, 2], [[1, np.nan], [1, 2]]]
)
def test_what_is_no_table_is_refused(table: object) -> None:
    with pytest.raises(UnusableInputError):
        chi_square_test(table)  # type: ignore[arg-type]  # that is the point


def test_yates_is_for_two_by_two() -> None:
    with pytest.raises(UnusableInputError, match="two-by-two"):
        chi_square_test([[1, 2], [3, 4], [5, 6]], correction="yates")
    with pytest.raises(UnusableInputError, match="no correction"):
        chi_square_test([[1, 2], [3, 4]], correction="half")
