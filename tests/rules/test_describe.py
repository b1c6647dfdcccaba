"""Reasons as people read them."""

import datetime as dt
from decimal import Decimal

import pytest

from trialwright.rules import Input, ItemType, parse_rule
from trialwright.rules.describe import written

ON = dt.date(2026, 1, 31)
SEEN = dt.date(2026, 1, 4)
ITEMS = {
    "selena_sledai": ItemType("number"),
    "weight": ItemType("number", unit="kg"),
    "height": ItemType("number", unit="m"),
    "alt": ItemType("number", unit="U/L"),
    "ast": ItemType("number", unit="U/L"),
    "age": ItemType("number", unit="a"),
    "pga": ItemType("number", unit="1"),
    "rash": ItemType("boolean"),
    "fever": ItemType("boolean"),
    "sex": ItemType("code", codes=("female", "male")),
    "last_biologic": ItemType("date"),
    "ended_on": ItemType("date"),
}
ROW = {
    "selena_sledai": Input(6, SEEN, "visit screening"),
    "weight": Input(90.0),
    "height": Input(0),
    "alt": Input(95, SEEN, "central laboratory", lower_limit=5, upper_limit=40),
    "age": Input(34),
    "pga": Input(1.5),
    "rash": Input(True, SEEN),
    "fever": Input(False, source="diary"),
    "sex": Input("female"),
    "last_biologic": Input(dt.date(2025, 10, 31), SEEN, "chart"),
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("selena_sledai >= 8", "selena_sledai is 6 (2026-01-04, visit screening), not >= 8"),
        ("not selena_sledai >= 8", "selena_sledai is 6 (2026-01-04, visit screening), not >= 8"),
        ("selena_sledai < 8", "selena_sledai is 6 (2026-01-04, visit screening), < 8"),
        ("45 <= weight <= 80", "weight is 90 kg, not <= 80"),
        ("45 <= weight <= 100", "weight is 90 kg, >= 45; weight is 90 kg, <= 100"),
        (
            "months_since(last_biologic) >= 6",
            "months_since(last_biologic) is 3 (last_biologic 2025-10-31, 2026-01-04, chart), "
            "not >= 6",
        ),
        (
            "alt < 2 * uln(alt)",
            "alt is 95 U/L (2026-01-04, central laboratory), not < 2 * uln(alt), which is 80 "
            "(alt upper limit 40)",
        ),
        (
            "uln(alt) / lln(alt) > 3",
            "uln(alt) / lln(alt) is 8 (alt upper limit 40, alt lower limit 5, 2026-01-04, "
            "central laboratory), > 3",
        ),
        ("pga <= 2", "pga is 1.5, <= 2"),
        ("age < 18", "age is 34 years, not < 18"),
        ("selena_sledai == 6", "selena_sledai is 6 (2026-01-04, visit screening)"),
        ("selena_sledai != 6", "selena_sledai is 6 (2026-01-04, visit screening)"),
        ("selena_sledai != 8", "selena_sledai is 6 (2026-01-04, visit screening), != 8"),
        ('sex == "female"', "sex is female"),
        ("rash", "rash is true (2026-01-04)"),
        ("not fever", "fever is false (diary)"),
        ("rash and not fever", "rash is true (2026-01-04); fever is false (diary)"),
        ('sex == "male"', 'sex is female, not == "male"'),
        ('sex in ["male", "female"]', 'sex is female, in ["male", "female"]'),
        ("ended_on < 2026-01-01", "ended_on is not known"),
        ("last_biologic < ended_on", "ended_on is not known"),
        ("ast < 2 * uln(ast)", "ast is not known; the upper limit of ast is not known"),
        ("alt / height > 3", "height is 0, and alt / height divides by it"),
        (
            "count(rash, fever, selena_sledai > 5) >= 2",
            "2 of 3 hold (rash true, 2026-01-04; selena_sledai 6, 2026-01-04, visit screening), "
            ">= 2",
        ),
        ("count(rash, assessed(weight), ended_on < 2026-01-01) >= 2",
         "2 to 3 of 3 hold (rash true, 2026-01-04; weight 90), >= 2"),
        ("weight / 3 > selena_sledai",
         "weight / 3 is 30 (weight 90), > selena_sledai, which is 6 (2026-01-04, visit screening)"),
        ("weight / 7 > 13", "weight / 7 is 12.857142857 (weight 90), not > 13"),
        ("assessed(rash)", "rash was assessed (2026-01-04)"),
        ("assessed(ended_on)", "ended_on was not assessed"),
        ("true", "the rule says true"),
        ("weight * 99999999999999 > 3",
         "weight * 99999999999999 is 10^15 or more"),
    ],
)  # fmt: skip
def test_reason(text, reason):
    assert parse_rule(text, ITEMS).evaluate(ROW, ON).reason == reason


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not known"),
        (True, "true"),
        (False, "false"),
        ("female", "female"),
        (SEEN, "2026-01-04"),
        (6, "6"),
        (6.0, "6"),
        (0.1 + 0.2, "0.3"),
        (1e14, "100000000000000"),
        (Decimal("2.50"), "2.5"),
        (Decimal("-0.0"), "0"),
        (Decimal(1) / 3, "0.333333333"),
        (-1e-12, "0"),
    ],
)
def test_values_are_written_as_people_write_them(value, words):
    assert written(value) == words
