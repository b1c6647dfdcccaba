"""An error says what, where and what to do, each only if there is something to say."""

import pytest

from trialwright.errors import UnusableInputError


@pytest.mark.parametrize(
    ("where", "remedy", "message"),
    [
        ("", "", "age is negative"),
        ("row 3", "", "row 3: age is negative"),
        ("", "correct it", "age is negative\n  correct it"),
        ("row 3", "correct it", "row 3: age is negative\n  correct it"),
    ],
)
def test_the_message_is_put_together(where, remedy, message):
    assert str(UnusableInputError("age is negative", where=where, remedy=remedy)) == message
