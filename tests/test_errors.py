"""An error says what, where and what to do, each only if there is something to say."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.rules.error import RuleError


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


@pytest.mark.parametrize("travel", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
@given(st.text(), st.text(), st.text())
def test_an_error_from_a_worker_process_arrives_whole(travel, what, where, remedy):
    error = UnusableInputError(what, where=where, remedy=remedy)
    arrived = travel(error)
    assert type(arrived) is UnusableInputError
    assert (arrived.what, arrived.where, arrived.remedy) == (what, where, remedy)
    assert str(arrived) == str(error)


def test_an_error_that_says_more_arrives_whole_too():
    error = RuleError("no such item", text="age > 3 and\nsox == 1", column=13, remedy="sex?")
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is RuleError
    assert (arrived.text, arrived.column) == (error.text, error.column)
    assert str(arrived) == str(error) == ("line 2, column 1: no such item\n  sox == 1\n  ^\n  sex?")
