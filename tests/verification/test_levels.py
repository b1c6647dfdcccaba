"""Under which names a case may state its confidence level."""

from typing import Any

import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.levels import confidence_level


def case(spec: dict[str, Any]) -> Case:
    return Case(id="a", method="b", data=None, spec=spec, expect={}, tol_rel=1e-6)


@pytest.mark.parametrize(
    ("spec", "level"),
    [
        ({}, 0.95),
        ({"level": 0.9}, 0.9),
        ({"conf_level": 0.99}, 0.99),
        ({"conf.level": 0.8}, 0.8),
        ({"conf.int": 90}, 0.9),
        ({"level": "95%"}, 0.95),
    ],
)
def test_the_level_of_a_case(spec: dict[str, Any], level: float) -> None:
    assert confidence_level(case(spec)) == pytest.approx(level)


def test_a_level_in_words_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="'high' is no confidence level"):
        confidence_level(case({"level": "high"}))
