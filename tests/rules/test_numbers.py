"""Numbers compare as the decimals that people wrote, alone and in columns."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.rules import Input, ItemType, parse_rule
from trialwright.rules.numbers import compare, compare_columns

ON = dt.date(2026, 1, 4)
ITEMS = {"before": ItemType("number"), "after": ItemType("number"), "dose": ItemType("number")}
OPERATORS = ["==", "!=", "<", "<=", ">", ">="]


def both(text, **values):
    """The verdict in either use; they must be the same."""
    rule = parse_rule(text, ITEMS)
    verdict = rule.evaluate({name: Input(value) for name, value in values.items()}, ON).kind
    row = pl.DataFrame({name: [values.get(name)] for name in ITEMS}, schema_overrides=FLOATS)
    at_once = row.select(rule.expression(ON)).item()
    assert {True: "met", False: "not met", None: "unknown"}[at_once] == verdict
    return verdict


FLOATS = dict.fromkeys(ITEMS, pl.Float64)


@pytest.mark.parametrize(
    ("before", "after"), [(2.0, 2.3), (0.1, 0.4), (1.1, 1.4), (2.7, 3.0), (0.0, 0.3)]
)
def test_a_change_in_pga_of_three_tenths_is_three_tenths(before, after):
    # binary floats hold 2.3 - 2.0 to be 0.2999999999999998 and 0.4 - 0.1 to be 0.30000000000000004
    assert both("after - before < 0.3", before=before, after=after) == "not met"
    assert both("after - before >= 0.3", before=before, after=after) == "met"
    assert both("after - before > 0.3", before=before, after=after) == "not met"
    assert both("after - before == 0.3", before=before, after=after) == "met"
    assert both("after - before != 0.3", before=before, after=after) == "not met"


@pytest.mark.parametrize(("before", "after"), [(2.0, 2.3), (0.1, 0.4), (2.7, 3.0)])
def test_what_is_left_of_a_change_of_three_tenths_is_nothing(before, after):
    # near zero a slack that is relative to the numbers alone would be no slack
    assert both("after - before - 0.3 == 0", before=before, after=after) == "met"
    assert both("after - before - 0.3 < 0", before=before, after=after) == "not met"
    assert both("0 >= after - before - 0.3 >= 0", before=before, after=after) == "met"


def test_thirds_add_up():
    assert both("dose / 3 + dose / 3 + dose / 3 == dose", dose=1.0) == "met"
    assert both("dose / 3 * 3 >= dose", dose=0.7) == "met"


def test_ten_tenths_are_one():
    assert both("+".join(["dose"] * 10).replace("+", " + ") + " == 1", dose=0.1) == "met"


@pytest.mark.parametrize(("dose", "kind"), [(1.0, "met"), (1.000001, "not met"), (0.999999, "met")])
def test_a_difference_in_the_sixth_decimal_still_counts(dose, kind):
    assert both("dose <= 1.0", dose=dose) == kind


def test_large_numbers_keep_their_last_digit():
    # virus copies per milliliter
    assert both("after > before", before=123_456_789_012.0, after=123_456_789_013.0) == "met"
    assert both("after == 0.1 * before", before=12_345_678_901.0, after=1_234_567_890.1) == "met"


def test_a_divisor_that_equals_zero_gives_unknown():
    assert both("dose / (after - before - 0.3) > 1", before=2.0, after=2.3, dose=1) == "unknown"
    assert both("dose / (before - before) > 1 or dose > 0", before=2.0, dose=1) == "met"


def test_products_beyond_reach_give_unknown():
    assert both("dose * dose > 1", dose=1e8) == "unknown"
    assert both("dose * dose > 1", dose=1e7) == "met"
    assert both("dose / 0.00001 > 1", dose=1e12) == "unknown"


@pytest.mark.parametrize("operator", OPERATORS)
def test_comparison_of_plain_decimals_is_that_of_the_decimals(operator):
    plain = {
        "==": Decimal.__eq__, "!=": Decimal.__ne__, "<": Decimal.__lt__,
        "<=": Decimal.__le__, ">": Decimal.__gt__, ">=": Decimal.__ge__,
    }[operator]  # fmt: skip
    tenths = [Decimal(number) / 10 for number in range(-12, 13)]
    for left in tenths:
        for right in tenths:
            assert compare(operator, left, right) is plain(left, right)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-(10**8), 10**8), st.integers(-(10**8), 10**8)),
        min_size=10, max_size=10,
    ),
    st.sampled_from(OPERATORS),
)  # fmt: skip
def test_columns_compare_as_decimals_do(pairs, operator):
    decimals = [(Decimal(a) / 10_000, Decimal(b) / 10_000) for a, b in pairs]
    decimals += [(a, a) for a, _ in decimals]
    table = pl.DataFrame(
        [(float(a), float(b)) for a, b in decimals],
        schema={"a": pl.Float64, "b": pl.Float64},
        orient="row",
    )
    # when: the difference is taken in binary, which is where exactness would be lost
    column = table.select(
        compare_columns(operator, pl.col("a") - pl.col("b") + 0.1, pl.lit(0.1))
    ).to_series()
    # then
    assert column.to_list() == [compare(operator, a, b) for a, b in decimals]
