"""Numbers of a rule that stand for others than those of its text."""

import pytest

from trialwright.protocol.stated_numbers import numbers_of_another_rule


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
