"""Under which names a case may state its confidence level."""

import pytest

from trialwright.verification.cases import Case
from trialwright.verification.levels import confidence_level


@pytest.mark.parametrize(
    ("spec", "level"),
    [
        ({}, 0.95),
        ({"level": 0.9}, 0.9),
        ({"conf_level": 0.99}, 0.99),
        ({"conf.level": 0.8}, 0.8),
        ({"conf.int": 90}, 0.9),
    ],
)
def test_the_level_of_a_case(spec: dict[str, float], level: float) -> None:
    case = Case(id="a", method="b", data=None, spec=spec, expect={}, tol_rel=1e-6)
    assert confidence_level(case) == pytest.approx(level)
