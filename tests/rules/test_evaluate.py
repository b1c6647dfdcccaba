"""Verdicts for one participant: Kleene's tables, deciding inputs, and what to collect next."""

import datetime as dt

import polars as pl
import pytest

from trialwright.rules import Input, ItemType, parse_rule

ON = dt.date(2026, 1, 31)
ITEMS = {
    **{name: ItemType("boolean") for name in ("t", "f", "u", "v")},
    **{name: ItemType("number") for name in ("three", "half", "zero", "x", "alt")},
    "sex": ItemType("code", codes=("female", "male")),
    "since": ItemType("date"),
    "never": ItemType("date"),
}
ROW = {
    "t": Input(True),
    "f": Input(False),
    "v": Input(None),  # asked for and not assessed; u was never asked for
    "three": Input(3),
    "half": Input(0.5),
    "zero": Input(0),
    "alt": Input(95, upper_limit=40),
    "sex": Input("female"),
    "since": Input(dt.date(2025, 7, 31)),
}


def evaluate(text):
    return parse_rule(text, ITEMS).evaluate(ROW, ON)


CASES = [
    # and: one false settles it, and only that one is named (Kleene 1952, section 64)
    ("t and t", "met", "t"),
    ("t and f", "not met", "f"),
    ("f and t", "not met", "f"),
    ("u and f", "not met", "f"),
    ("u and t", "unknown", ""),
    ("u and v", "unknown", ""),
    # or: one true settles it
    ("f or f", "not met", "f"),
    ("t or f", "met", "t"),
    ("u or t", "met", "t"),
    ("u or f", "unknown", ""),
    ("f or t or u", "met", "t"),
    # not
    ("not t", "not met", "t"),
    ("not f", "met", "f"),
    ("not u", "unknown", ""),
    # equality of truths
    ("t == (not f)", "met", "t f"),
    ("t != f", "met", "t f"),
    ("t == u", "unknown", ""),
    # numbers
    ("three >= 3", "met", "three"),
    ("three > 3", "not met", "three"),
    ("2 <= three <= 4", "met", "three"),
    ("three <= x", "unknown", ""),
    ("three in [1, 3]", "met", "three"),
    ("three in [1, 2]", "not met", "three"),
    ("x in [1, 2]", "unknown", ""),
    ("three * half == 1.5 and -three == half - 3.5", "met", "three half"),
    ("abs(half - three) == 2.5", "met", "half three"),
    ("min(three, half) == 0.5 and max(three, half) == 3", "met", "three half"),
    ("min(x, half) <= 0.5", "unknown", ""),
    ("zero * x == 0", "unknown", ""),
    ("three / half == 6", "met", "three half"),
    ("three / zero > 1 or three / zero <= 1", "unknown", ""),
    ("three / (half - 0.5) > 1", "unknown", ""),
    ("three / zero > 1 or t", "met", "t"),
    # limits of the laboratory
    ("alt < 2 * uln(alt)", "not met", "alt"),
    ("alt > lln(alt)", "unknown", ""),
    ("uln(x) > 3", "unknown", ""),
    # codes and dates
    ('sex == "female"', "met", "sex"),
    ('sex != "female"', "not met", "sex"),
    ('sex not in ["male"]', "met", "sex"),
    ("since < 2026-01-01", "met", "since"),
    ("since == 2025-07-31", "met", "since"),
    ("2025-01-01 <= since <= 2025-06-30", "not met", "since"),
    ("months_since(since) == 6", "met", "since"),
    ("months_since(never) >= 6", "unknown", ""),
    ("days_since(since) == 184 and years_since(since) == 0", "met", "since"),
    # assessed
    ("assessed(three)", "met", "three"),
    ("assessed(u)", "not met", ""),
    ("assessed(v)", "not met", "v"),
    ("not assessed(x) or x > 3", "met", ""),
    # count is settled as soon as the known ones settle it
    ("count(t, f, u, three > 2) >= 2", "met", "t three"),
    ("count(t, f, u, three > 2) >= 3", "unknown", ""),
    ("count(t, f, u, three > 2) >= 4", "not met", "f"),
    ("count(t, f, u) < 3", "met", "f"),
    ("count(t, f, u) <= 0", "not met", "t"),
    ("count(t, f, u) == 3", "not met", "f"),
    ("count(t, f, u) == 0", "not met", "t"),
    ("count(t, f, u) != 0", "met", "t"),
    ("count(t, f, u) == 1", "unknown", ""),
    ("count(t, f) == 1", "met", "t f"),
    ("2 > count(t, f)", "met", "f"),
    ("count(t, f, u) in [0, 3]", "not met", "t f"),
    ("count(t, f, u) in [1, 2]", "unknown", ""),
    ("count(t, t, t) >= count(u, f, v)", "met", "t f"),
    ("count(t, u) + 1 >= 2", "unknown", ""),  # within arithmetic a count must be known
    ("count(t, f) + 1 == 2", "met", "t f"),
    ("count(count(t, u) >= 1, f) >= 1", "met", "t"),
    ("true", "met", ""),
    ("false or u", "unknown", ""),
    ("1 + 1 == 2", "met", ""),
]


@pytest.mark.parametrize(("text", "kind", "deciding"), CASES)
def test_verdict_and_the_inputs_that_decided_it(text, kind, deciding):
    verdict = evaluate(text)
    assert verdict.kind == kind
    assert list(verdict.deciding) == deciding.split()
    assert all(verdict.deciding[name] is ROW[name] for name in verdict.deciding)


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for text, kind, _ in CASES])
def test_a_table_of_one_row_gets_the_same_verdict(text, kind):
    types = {"number": pl.Float64, "boolean": pl.Boolean, "code": pl.String, "date": pl.Date}
    row = {}
    for name, type_ in ITEMS.items():
        given = ROW.get(name, Input(None))
        row[name] = pl.Series([given.value], dtype=types[type_.kind])
        row[f"{name}__upper_limit"] = pl.Series([given.upper_limit], dtype=pl.Float64)
        row[f"{name}__lower_limit"] = pl.Series([given.lower_limit], dtype=pl.Float64)
    verdict = pl.DataFrame(row).select(parse_rule(text, ITEMS).expression(ON)).item()
    assert {True: "met", False: "not met", None: "unknown"}[verdict] == kind


@pytest.mark.parametrize(
    ("text", "collect"),
    [
        ("u", "u"),
        ("v", "v"),
        ("u and v and t", "u v"),
        ("u or x > 3", "u x"),
        ("t and u", "u"),
        ("x + three > half", "x"),
        ("alt > lln(alt)", "lln(alt)"),
        ("x > uln(x)", "x uln(x)"),
        ("count(t, u, x > 3, f) >= 2", "u x"),
        ("months_since(never) > 3 or never < since", "never"),
        ("three / zero > 1", ""),  # nothing more to collect: the value itself must be corrected
        ("t or u", ""),
        ("f and u", ""),
    ],
)
def test_what_to_collect_next(text, collect):
    assert list(evaluate(text).collect) == collect.split()
