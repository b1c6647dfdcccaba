"""What a rule tells about itself, and which inputs it refuses."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.rules import Input, ItemType, parse_rule

ON = dt.date(2026, 1, 4)
ITEMS = {
    "alt": ItemType("number", unit="U/L"),
    "ast": ItemType("number", unit="U/L"),
    "pregnant": ItemType("boolean"),
    "sex": ItemType("code", codes=("female", "male")),
    "last_biologic": ItemType("date"),
}


def test_a_rule_names_its_items_limits_and_columns():
    rule = parse_rule("alt < 2 * uln(alt) and lln(ast) > 3 or pregnant", ITEMS)
    assert rule.text == "alt < 2 * uln(alt) and lln(ast) > 3 or pregnant"
    assert rule.items == {"alt", "ast", "pregnant"}
    assert rule.limits == {"alt", "ast"}
    assert rule.columns == {"alt", "ast", "pregnant", "alt__upper_limit", "ast__lower_limit"}


def test_rules_are_equal_that_say_the_same():
    assert parse_rule("alt > 3", ITEMS) == parse_rule("alt > 3", dict(ITEMS))
    assert parse_rule("alt > 3", ITEMS) != parse_rule("alt > 4", ITEMS)


@pytest.mark.parametrize(
    ("item", "value", "words"),
    [
        ("alt", "95", "alt is '95', not a number"),
        ("alt", True, "alt is True, not a number"),
        ("alt", ON, "not a number"),
        ("pregnant", 1, "pregnant is 1, not true or false"),
        ("pregnant", "no", "pregnant is 'no', not true or false"),
        ("sex", 2, "sex is 2, not a code"),
        ("last_biologic", "2026-01-01", "last_biologic is '2026-01-01', not a date"),
        ("last_biologic", dt.datetime(2026, 1, 1), "not a date"),
    ],
)
def test_a_value_of_another_kind_is_refused(item, value, words):
    rule = parse_rule(f"assessed({item})", ITEMS)
    with pytest.raises(UnusableInputError, match=f"item {item}.*{words}|{words}"):
        rule.evaluate({item: Input(value)}, ON)


def test_inputs_that_the_rule_does_not_use_are_not_looked_at():
    verdict = parse_rule("alt > 3", ITEMS).evaluate({"alt": Input(4), "sex": Input(9)}, ON)
    assert (verdict.kind, set(verdict.deciding)) == ("met", {"alt"})


@pytest.mark.parametrize("value", [4, 4.0, Decimal("4.0")])
def test_a_number_may_be_whole_binary_or_decimal(value):
    assert parse_rule("alt == 4", ITEMS).evaluate({"alt": Input(value)}, ON).kind == "met"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e15, Decimal("nan")])
def test_a_number_that_is_none_is_unknown_in_both_uses(value):
    rule = parse_rule("alt > 3 or alt <= 3", ITEMS)
    assert rule.evaluate({"alt": Input(value)}, ON).kind == "unknown"
    table = pl.DataFrame({"alt": [float(value)]})
    assert table.select(rule.expression(ON)).item() is None


def test_the_day_of_assessment_may_differ_by_row():
    table = pl.DataFrame(
        {
            "last_biologic": [dt.date(2025, 7, 4)] * 3,
            "screened_on": [dt.date(2026, 1, 3), dt.date(2026, 1, 4), None],
        }
    )
    rule = parse_rule("months_since(last_biologic) >= 6", ITEMS)
    verdicts = table.select(rule.expression(pl.col("screened_on"))).to_series()
    assert verdicts.to_list() == [False, True, None]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt8, pl.Int64, pl.Float32, pl.Decimal(10, 2)])
def test_numbers_may_come_in_any_numeric_column(dtype):
    table = pl.DataFrame({"alt": pl.Series([2, 3, None], dtype=dtype)})
    verdicts = table.select(parse_rule("-alt + 1 <= -2", ITEMS).expression(ON)).to_series()
    assert verdicts.to_list() == [False, True, None]


def test_codes_may_come_as_an_enumeration_and_flags_as_zero_and_one():
    table = pl.DataFrame(
        {
            "sex": pl.Series(["female", "male", None], dtype=pl.Enum(["female", "male"])),
            "pregnant": pl.Series([1, 0, None], dtype=pl.Int8),
        }
    )
    rule = parse_rule('sex == "female" and pregnant', ITEMS)
    assert table.select(rule.expression(ON)).to_series().to_list() == [True, False, None]
