"""Rules over whole tables: Kleene's truth tables, null by null, and what columns are read."""

import datetime as dt
from itertools import product

import polars as pl
import pytest

from trialwright.rules import ItemType, parse_rule

ON = dt.date(2026, 1, 31)
ITEMS = {
    "a": ItemType("boolean"),
    "b": ItemType("boolean"),
    "c": ItemType("boolean"),
    "alt": ItemType("number", unit="U/L"),
    "seen": ItemType("date"),
}
TRUTHS = [True, None, False]
PAIRS = pl.DataFrame(
    list(product(TRUTHS, TRUTHS)), schema={"a": pl.Boolean, "b": pl.Boolean}, orient="row"
)


def verdicts(text, table):
    return table.select(parse_rule(text, ITEMS).expression(ON)).to_series().to_list()


@pytest.mark.parametrize(
    ("text", "expected"),
    [  # Kleene 1952, section 64; rows of a: t t t, u u u, f f f; b: t u f in each
        ("a and b", "tuf uuf fff"),
        ("a or b", "ttt tuu tuf"),
        ("not a", "fff uuu ttt"),
        ("a == b", "tuf uuu fut"),
        ("a != b", "fut uuu tuf"),
        ("a and not a", "fff uuu fff"),  # unknown, though it can never be true
        ("assessed(a) and assessed(b)", "tft fff tft"),
        ("count(a, b) >= 1", "ttt tuu tuf"),
        ("count(a, b) >= 2", "tuf uuf fff"),
        ("count(a, b) == 2", "tuf uuf fff"),
        ("count(a, b) == 0", "fff fuu fut"),
        ("count(a, b) != 0", "ttt tuu tuf"),
        ("count(a, b) < 2", "fut uut ttt"),
        ("count(a, b) in [0, 2]", "tuf uuu fut"),
        ("count(a, b) + 0 >= 1", "tut uuu tuf"),  # within arithmetic a count must be known
        ("count(a) >= count(b)", "ttt uut fut"),
        ("count(count(a, b) >= 1, a and b) >= 1", "ttt tuu tuf"),
        ("a and true", "ttt uuu fff"),
    ],
)
def test_truth_tables(text, expected):
    letters = {"t": True, "u": None, "f": False}
    assert verdicts(text, PAIRS) == [letters[letter] for letter in expected.replace(" ", "")]


def test_limits_are_read_from_their_columns():
    table = pl.DataFrame({"alt": [79, 80, 80, None], "alt__upper_limit": [40.0, 40.0, None, 40.0]})
    assert verdicts("alt < 2 * uln(alt)", table) == [True, False, None, None]


def test_the_least_and_the_greatest_are_unknown_if_one_number_is():
    table = pl.DataFrame({"alt": [1.0, 5.0, None]})
    assert verdicts("min(alt, 3) <= 3", table) == [True, True, None]
    assert verdicts("max(alt, 3) == 3", table) == [True, False, None]
    assert verdicts("min(3, alt) <= 3", table) == [True, True, None]
    assert verdicts("max(3, alt) == 3", table) == [True, False, None]


def test_only_the_named_columns_are_read():
    rule = parse_rule("alt > lln(alt) and days_since(seen) < 28 or a", ITEMS)
    read = rule.expression(ON).meta.root_names()
    assert set(read) == rule.columns == {"alt", "alt__lower_limit", "seen", "a"}


def test_a_table_without_rows_gives_no_verdicts():
    assert verdicts("a and b", PAIRS.clear()) == []


@pytest.mark.parametrize("operator", ["or", "and"])
@pytest.mark.parametrize("flags", [[True], [False], [None], [True, None], [False, None, True]])
def test_a_long_rule_joins_its_parts_by_kleene_logic(operator, flags):
    # given: 601 parts, which a chain nested as deep would take Polars minutes to plan
    names = [f"b{number}" for number in range(601)]
    values = [flags[number % len(flags)] for number in range(len(names))]
    rule = parse_rule(f" {operator} ".join(names), dict.fromkeys(names, ItemType("boolean")))
    table = pl.DataFrame({name: [value] for name, value in zip(names, values, strict=True)},
                         schema=dict.fromkeys(names, pl.Boolean))  # fmt: skip

    # when, then: the one value that decides wins, else any unknown
    decides = operator == "or"
    expected = decides if decides in values else None if None in values else not decides
    assert table.select(rule.expression(dt.date(2026, 1, 20))).item() is expected
