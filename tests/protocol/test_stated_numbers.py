"""Numbers of a rule that stand for others than those of its text."""

import pytest

from trialwright.protocol.stated_numbers import numbers, numbers_of_another_rule, numerals


@pytest.mark.parametrize(
    ("stated", "used", "other"),
    [
        ({8}, {8}, set()),
        ({8}, {10}, {10}),
        ({18, 75}, {18, 70}, {70}),
        ({4}, {28}, set()),  # weeks as days
        ({5}, {60}, set()),  # years as months
        ({14}, {2}, set()),  # days as weeks
        ({4}, {30}, {30}),
        ({0.5}, {0.5, 100}, set()),  # the rule says what the text has in a word
        ({1.5, 2}, {2}, set()),  # an item holds what the text says
        (set(), {8}, set()),
        ({8}, set(), set()),
    ],
)
def test_numbers_of_another_rule(stated: set[float], used: set[float], other: set[float]) -> None:
    assert numbers_of_another_rule(stated, used) == other


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELENA-SLEDAI of at least 8", {8}),
        ("aged 18-75 years", {18, 75}),
        ("aged 18 to 75 years, weighing 45.5 kg", {18, 75, 45.5}),
        ("1,200 cells, 1,200,000 copies", {1200, 1200000}),
        ("four of the eleven criteria of 1997", {4, 11, 1997}),
        ("twice the limit, half a tablet, once a day", {2, 0.5, 1}),
        ("one of the following", set()),
        ("one of 3", {3}),
        ("IL-2, C3, CD4, COVID-19, SARS-CoV-2", set()),
        ("C3 below 0.79 g/L", {0.79}),
        ("50 x 10^9/L", {50}),
        ("50 × 10⁹/L", {50}),
        ("50*10*9/L", {50}),
        ("alt >= 2 * uln(alt)", {2}),
        ("days_since(dose_1) > 28", {28}),
        ("no number", set()),
        ("", set()),
    ],
)
def test_numbers_in_digits_and_words(text: str, found: set[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("text", "found"), [("four of 11", {11}), ("twice 1,000", {1000}), ("IL-2 for 12 weeks", {12})]
)
def test_numbers_in_digits_alone(text: str, found: set[float]) -> None:
    assert numerals(text) == found
