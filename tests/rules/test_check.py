"""What does not fit together is refused before any participant is judged by it."""

import pytest

from trialwright.errors import UnusableInputError
from trialwright.rules import ItemType, RuleError, parse_rule

ITEMS = {
    "selena_sledai": ItemType("number"),
    "sledai.psychosis": ItemType("boolean"),
    "weight": ItemType("number", unit="kg"),
    "ideal_weight": ItemType("number", unit="kg"),
    "alt": ItemType("number", unit="U/L"),
    "sex": ItemType("code", codes=("female", "male")),
    "site": ItemType("code"),
    "pregnant": ItemType("boolean"),
    "last_biologic": ItemType("date"),
    "consented_on": ItemType("date"),
}


@pytest.mark.parametrize(
    "text",
    [
        "selena_sledai >= 8",
        "sledai.psychosis or pregnant",
        "pregnant == false",
        "(selena_sledai > 3) == pregnant",
        "45 <= weight <= 80",
        "weight / ideal_weight > 1.2",
        "weight - ideal_weight <= 10",
        "weight * 2 > ideal_weight + 5",
        "abs(weight - ideal_weight) < max(weight, 70) / 2",
        "alt < 2 * uln(alt)",
        "min(alt, lln(alt)) > 3",
        "weight * alt > 3",  # a product of units is no unit that we know
        "last_biologic < consented_on",
        "last_biologic >= 2026-01-01",
        "last_biologic in [2026-01-01, 2026-01-02]",
        "months_since(last_biologic) >= 6",
        "years_since(last_biologic) > days_since(consented_on) / 365",
        'sex == "female"',
        '"female" == sex',
        'site == "Beijing"',
        'sex in ["female"] and site not in ["Beijing", "Wuhan"]',
        "selena_sledai in [8, 9]",
        "count(pregnant, selena_sledai > 3) + 1 > 1.5",
        "assessed(weight) and assessed(sex) and assessed(pregnant) and assessed(last_biologic)",
        "true",
    ],
)
def test_accepts(text):
    assert parse_rule(text, ITEMS).text == text


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("selena_sledia >= 8", 1, "did you mean selena_sledai?"),
        ("selena_sledai >= 8 and wieght > 3", 24, "did you mean weight?"),
        ("psychosis", 1, "did you mean sledai.psychosis?"),
        ("zzz", 1, "no form collects zzz"),
        ("sex == female", 8, 'a code of sex is written in quotes: "female"'),
        ('sex == "femal"', 8, "did you mean female?"),
        ('sex == "x"', 8, "the codes are female, male"),
        ('"other" != sex', 1, "is not one of the codes"),
        ('sex in ["female", "other"]', 19, "is not one of the codes"),
        ("sex == 3", 5, "sex is a code, 3 is a number"),
        ("sex in [3]", 9, "sex is a code, 3 is a number"),
        ('sex < "male"', 5, "a code has no order"),
        ("pregnant > false", 10, "true or false has no order"),
        ("pregnant == 1", 10, "pregnant is true or false, 1 is a number"),
        ("weight", 1, "a rule must be true or false; weight is a number"),
        ("last_biologic", 1, "last_biologic is a date"),
        ("weight and pregnant", 1, "and joins what is true or false; weight is a number"),
        ("pregnant or sex", 13, "or joins what is true or false; sex is a code"),
        ("not weight", 5, "not turns true and false around"),
        ("-pregnant > 3", 2, "only a number has a sign"),
        ("weight + sex > 3", 10, "+ takes numbers; sex is a code"),
        ("pregnant * 2 > 3", 1, "* takes numbers; pregnant is true or false"),
        ("weight > alt", 8, "kg and U/L are different units"),
        ("weight + alt > 3", 8, "kg and U/L are different units"),
        ("max(weight, alt) > 3", 1, "kg and U/L are different units"),
        ("weight > 2 * uln(alt)", 8, "kg and U/L are different units"),
        ('last_biologic > "2026-01-01"', 15, "dates are written without quotes"),
        ("last_biologic > 2026", 15, "last_biologic is a date, 2026 is a number"),
        ("months_since(weight) > 3", 14, "months_since takes a date; weight is a number"),
        ("months_since(2026-01-01) > 3", 14, "months_since takes the name of an item"),
        ("uln(2 * alt) > 3", 7, "uln takes the name of an item"),
        ("uln(sex) > 3", 5, "uln takes a number; sex is a code"),
        ("assessed(weight > 3)", 17, "assessed takes the name of an item"),
        ("count(weight) > 3", 7, "count takes true or false; weight is a number"),
        ("last_biologic - consented_on > 3", 1, "- takes numbers; last_biologic is a date"),
    ],
)
def test_refuses_at_the_column(text, column, words):
    with pytest.raises(RuleError) as caught:
        parse_rule(text, ITEMS)
    assert caught.value.column == column
    assert words in str(caught.value)


def test_the_error_is_unusable_input_and_points_with_a_caret():
    with pytest.raises(UnusableInputError) as caught:
        parse_rule("weight > 3 and wieght < 9", ITEMS)
    assert str(caught.value) == (
        "column 16: no form collects wieght\n"
        "  weight > 3 and wieght < 9\n"
        "                 ^\n"
        "  did you mean weight?"
    )


def test_in_a_rule_of_several_lines_the_caret_stands_under_its_line():
    with pytest.raises(RuleError) as caught:
        parse_rule("weight > 3 and\n\twieght < 9\n", ITEMS)
    assert str(caught.value) == (
        "line 2, column 2: no form collects wieght\n   wieght < 9\n   ^\n  did you mean weight?"
    )
