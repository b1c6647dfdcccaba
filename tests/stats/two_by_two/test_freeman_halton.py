from itertools import product
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.two_by_two.conditional import fisher_test
from trialwright.stats.two_by_two.freeman_halton import freeman_halton_test

ARM = st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_agrees_with_r() -> None:
    # R 4.2.2 fisher.test on the four arms.
    result = freeman_halton_test([10, 14, 22, 14], [40, 40, 40, 40])
    assert result.p_value == pytest.approx(0.0459040520437718, rel=1e-9)


@given(arms=st.lists(ARM, min_size=2, max_size=4))
@settings(max_examples=30, deadline=None)
def test_against_enumeration(arms: list[tuple[int, int]]) -> None:
    x, n = zip(*arms, strict=True)

    def ways(table: tuple[int, ...]) -> int:
        product_of = 1
        for size, events in zip(n, table, strict=True):
            product_of *= comb(size, events)
        return product_of

    tables = [t for t in product(*(range(size + 1) for size in n)) if sum(t) == sum(x)]
    extreme = sum(ways(t) for t in tables if ways(t) <= ways(x))
    assert freeman_halton_test(x, n).p_value == pytest.approx(
        extreme / comb(sum(n), sum(x)), rel=1e-9
    )


@given(active=ARM, control=ARM)
@settings(max_examples=20, deadline=None)
def test_two_arms_are_fishers_test(active: tuple[int, int], control: tuple[int, int]) -> None:
    (x1, n1), (x0, n0) = active, control
    result = freeman_halton_test([x1, x0], [n1, n0])
    assert result.p_value == pytest.approx(fisher_test(x1, n1, x0, n0).p_value, rel=1e-9)


def test_eight_arms_are_still_quick_and_their_order_does_not_matter() -> None:
    x, n = [3, 5, 2, 8, 4, 4, 6, 1], [20] * 8
    result = freeman_halton_test(x, n)
    assert result.p_value == pytest.approx(freeman_halton_test(x[::-1], n).p_value, rel=1e-9)


def test_no_events_leave_one_table() -> None:
    assert freeman_halton_test([0, 0, 0], [5, 6, 7]).p_value == pytest.approx(1.0)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(UnusableInputError):
        freeman_halton_test([3, 9], [5, 6])
    with pytest.raises(UnusableInputError):
        freeman_halton_test([3], [5, 6])


def test_too_many_tables_are_refused_with_a_remedy() -> None:
    sizes = [397, 401, 409, 419, 421, 431]
    with pytest.raises(UnusableInputError, match="too many"):
        freeman_halton_test([size // 2 for size in sizes], sizes)
