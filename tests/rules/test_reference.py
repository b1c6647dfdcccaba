"""What the reference page shows is what the language does."""

import datetime as dt
import re
from pathlib import Path

import pytest

from trialwright.rules import Input, ItemType, parse_rule
from trialwright.rules.functions import FUNCTIONS
from trialwright.rules.parse import parse
from trialwright.rules.syntax import item_names

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "rule-language.md").read_text()
NUMBERS = ("selena_sledai", "age", "weight", "ideal_weight", "alt", "ast")
DATES = ("last_biologic", "cancer_cured_on", "other_trial_ended_on", "consented_on")
TYPES = (
    dict.fromkeys(NUMBERS, ItemType("number"))
    | dict.fromkeys(DATES, ItemType("date"))
    | {"nyha_class": ItemType("code", codes=("I", "II", "III", "IV"))}
)
EXAMPLES = [
    line
    for block in re.findall(r"```rule\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_each_example_is_a_sound_rule(text):
    flags = {name: ItemType("boolean") for name in item_names(parse(text)) if name not in TYPES}
    assert parse_rule(text, TYPES | flags).text == text


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_is_described(function):
    assert f"`{function}(" in PAGE


def test_the_truth_table_is_right():
    rows = re.findall(r"^\| (true|false|unknown) \| (.*) \|$", PAGE, re.MULTILINE)
    words = {"true": Input(True), "false": Input(False), "unknown": Input(None)}
    kinds = {"met": "true", "not met": "false", "unknown": "unknown"}
    items = {"a": ItemType("boolean"), "b": ItemType("boolean")}
    assert len(rows) == 3
    for a, rest in rows:
        b, *expected = rest.split(" | ")
        row = {"a": words[a], "b": words[b]}
        given = [
            kinds[parse_rule(text, items).evaluate(row, dt.date(2026, 1, 4)).kind]
            for text in ("a and b", "a or b", "not a")
        ]
        assert given == expected


def test_the_reason_shown_is_the_reason_given():
    rule = parse_rule("selena_sledai >= 8", {"selena_sledai": ItemType("number")})
    seen = Input(6, dt.date(2026, 1, 4), "visit screening")
    reason = rule.evaluate({"selena_sledai": seen}, on=dt.date(2026, 1, 20)).reason
    assert f"# '{reason}'" in PAGE
