"""The grid of possible responders: R's Mantel-Haenszel test, a fair spread, and strata that are empty."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.response_grid import response_grid, spread

TABLES = [[6, 12, 3, 12], [2, 7, 1, 8]]


# R 4.2.2: mantelhaen.test(array(c(6, 6, 3, 9, 2, 5, 1, 7), c(2, 2, 2)), correct = FALSE)$p.value, and
# with two of three missing a responder in each arm (7 and 3 of 12, 3 of 7 and 3 of 8), or all of
# them (8 and 3 of 12, 3 of 7 and 4 of 8).
@pytest.mark.parametrize(
    ("a", "b", "p_value"),
    [(0, 0, 0.148010627113345), (2, 2, 0.162560423022802), (3, 3, 0.161934742693948)],
)
def test_corners_and_the_middle_in_r(a, b, p_value) -> None:
    found = response_grid(TABLES, [2, 1], [0, 3])
    assert found[a, b] == pytest.approx(p_value, rel=1e-10)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(sum), st.data())
def test_everybody_is_spread_within_one_of_the_exact_share(capacities, data) -> None:
    total = data.draw(st.integers(0, sum(capacities)))
    shares = spread(total, np.array(capacities))
    exact = [total * each / sum(capacities) for each in capacities]
    assert shares.sum() == total
    assert all(np.floor(e) <= s <= np.ceil(e) for e, s in zip(exact, shares, strict=True))
    assert all(0 <= s <= c for s, c in zip(shares, capacities, strict=True))
    # Nobody with a smaller remainder is rounded up while one with a larger is rounded down.
    up = [e % 1 for e, s in zip(exact, shares, strict=True) if s > e]
    down = [e % 1 for e, s in zip(exact, shares, strict=True) if s < e]
    assert not up or not down or min(up) >= max(down) - 1e-12


def test_remainders_that_are_equal_go_to_the_first_strata() -> None:
    assert spread(2, np.array([1, 1, 1, 1])).tolist() == [1, 1, 0, 0]
    assert spread(5, np.array([2, 4, 4])).tolist() == [1, 2, 2]
    assert spread(0, np.array([0, 0])).tolist() == [0, 0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3), st.integers(0, 3))
def test_a_stratum_without_anybody_missing_or_anybody_at_all_is_no_matter(lost, control) -> None:
    one = response_grid([[3, 9, 2, 8]], [lost], [control])
    other = response_grid([[3, 9, 2, 8], [0, 0, 0, 0]], [lost, 0], [control, 0])
    assert one.shape == (lost + 1, control + 1)
    assert other == pytest.approx(one)


@pytest.mark.parametrize("table", [[0, 9, 0, 8], [9, 9, 8, 8], [3, 9, 0, 0]])
def test_tables_that_tell_nothing_have_p_one(table) -> None:
    """Nobody responds, everybody does, or one arm is empty."""
    assert response_grid([table], [0], [0]).tolist() == [[1.0]]


def test_when_everybody_is_missing_the_grid_runs_from_nobody_to_everybody() -> None:
    found = response_grid([[0, 4, 0, 4]], [4], [4])
    assert found[0, 0] == found[4, 4] == 1.0
    # Four against none of four: (4 - 2)^2 / (4 * 4 * 4 * 4 / (8 * 8 * 7)) = 7, chi-square's tail.
    assert found[4, 0] == pytest.approx(0.00815097, rel=1e-5)
    assert found == pytest.approx(found.T)


@pytest.mark.parametrize(
    ("tables", "missing", "control", "words"),
    [
        ([[1, 5, 1, 5]], [-1], [1], "tables and numbers of missing are counts"),
        ([[1, 5, 1, 5]], [1.7], [1], "tables and numbers of missing are counts"),
        ([[1, 5, np.nan, 5]], [1], [1], "tables and numbers of missing are counts"),
        ([[-1, 5, 1, 5]], [1], [1], "tables and numbers of missing are counts"),
        (np.empty((0, 4)), [], [], "differ in their strata"),
        ([[1, 5, 1]], [1], [1], "differ in their strata"),
        ([1, 5, 1, 5], 1, 1, "differ in their strata"),
        ([[1, 5, 1, 5]], [1], [5], "more are missing than have not responded"),
        ([[1, 5, 1, 5]], [5], [1], "more are missing than have not responded"),
    ],
)
def test_what_is_no_table_is_refused(tables, missing, control, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        response_grid(tables, missing, control)
