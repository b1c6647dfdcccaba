"""Counts at their edges, and counts that cannot be: a stated result or a clear error, always.

Every method of proportions, two-by-two tables, strata and trend meets every table below; a new
method joins by one line.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.proportions import difference, one
from trialwright.stats.proportions.ratios import odds_ratio, risk_ratio
from trialwright.stats.stratified.homogeneity import breslow_day_test, woolf_test
from trialwright.stats.stratified.mantel_haenszel import (
    cmh_test,
    common_odds_ratio,
    common_risk_difference,
    common_risk_ratio,
)
from trialwright.stats.stratified.risk_difference import (
    stratified_newcombe,
    stratified_risk_difference,
)
from trialwright.stats.trend import (
    cochran_armitage_test,
    general_association_test,
    stratified_trend_test,
)
from trialwright.stats.two_by_two.chi_square import chi_square_test
from trialwright.stats.two_by_two.conditional import conditional_odds_ratio, fisher_test
from trialwright.stats.two_by_two.freeman_halton import freeman_halton_test
from trialwright.stats.two_by_two.unconditional import unconditional_test

Table = tuple[Any, Any, Any, Any]
Method = Callable[[Table], Any]

INTERVALS: dict[str, Method] = {
    **{
        f"difference {name}": lambda t, name=name: difference.risk_difference(*t, method=name)
        for name in difference.METHODS
    },
    **{
        f"ratio {name}": lambda t, name=name: risk_ratio(*t, method=name)
        for name in ("miettinen-nurminen", "koopman", "katz", "katz-half")
    },
    **{
        f"odds {name}": lambda t, name=name: odds_ratio(*t, method=name)
        for name in ("miettinen-nurminen", "cornfield", "woolf")
    },
    "odds conditional": lambda t: conditional_odds_ratio([t]),
    "odds conditional mid-p": lambda t: conditional_odds_ratio([t], mid_p=True),
    "common odds": lambda t: common_odds_ratio([t, t]),
    "common ratio": lambda t: common_risk_ratio([t, t]),
    **{
        f"common difference {name}": lambda t, name=name: common_risk_difference(
            [t, t], variance=name
        )
        for name in ("sato", "binomial", "inverse-variance")
    },
    **{
        f"stratified score {name}": lambda t, name=name: stratified_risk_difference(
            [t, t], weights=name
        )
        for name in ("mantel-haenszel", "miettinen-nurminen")
    },
    "stratified newcombe": lambda t: stratified_newcombe([t, t]),
}
TESTS: dict[str, Method] = {
    **{
        f"chi-square {name}": lambda t, name=name: chi_square_test(
            [[t[0], t[1] - t[0]], [t[2], t[3] - t[2]]], correction=name
        )
        for name in ("none", "yates", "n-1")
    },
    **{
        f"fisher {side}": lambda t, side=side: fisher_test(*t, alternative=side)
        for side in ("two-sided", "greater", "less")
    },
    "fisher mid-p": lambda t: fisher_test(*t, mid_p=True),
    **{
        f"unconditional {name}": lambda t, name=name: unconditional_test(*t, statistic=name)
        for name in ("fisher", "z-pooled", "z-unpooled", "csm")
    },
    "freeman-halton": lambda t: freeman_halton_test([t[0], t[2]], [t[1], t[3]]),
    "cmh": lambda t: cmh_test([t, t]),
    "cmh corrected": lambda t: cmh_test([t, t], correction=True),
    "breslow-day": lambda t: breslow_day_test([t, t]),
    "tarone": lambda t: breslow_day_test([t, t], tarone=True),
    "woolf": lambda t: woolf_test([t, t]),
    "cochran-armitage": lambda t: cochran_armitage_test([t[0], t[2]], [t[1], t[3]], [0, 1]),
    "stratified trend": lambda t: stratified_trend_test([[t[0], t[2]]], [[t[1], t[3]]], [0, 1]),
    "association": lambda t: general_association_test([[t[0], t[2]]], [[t[1], t[3]]]),
}
EDGES: list[Table] = [
    (0, 5, 0, 5),  # no events
    (5, 5, 5, 5),  # all events
    (0, 5, 5, 5),  # perfect separation
    (5, 5, 0, 5),
    (0, 1, 0, 1),  # one participant per arm
    (1, 1, 0, 1),
    (1, 1, 1, 1),
    (0, 1, 3, 30),  # one arm much larger
    (0, 7, 2, 5),  # one empty cell
]
IMPOSSIBLE: list[Table] = [
    (-1, 5, 1, 5),
    (6, 5, 1, 5),
    (1.5, 5, 1, 5),
    (math.nan, 5, 1, 5),
    (1, 5, 1, math.nan),
    (1, 5, 1, math.inf),
]


def numbers(result: Any) -> list[float]:
    """Every number that a result states."""
    names = ("estimate", "standard_error", "lower", "upper", "statistic", "p_value")
    found = [getattr(result, name, None) for name in names]
    return [float(value) for value in found if value is not None]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("table", EDGES, ids=str)
@pytest.mark.parametrize("name", INTERVALS)
def test_an_interval_at_the_edge_holds_its_estimate(name: str, table: Table) -> None:
    result = INTERVALS[name](table)
    assert not any(map(math.isnan, numbers(result)))
    assert result.lower <= result.upper
    if result.estimate is None:
        assert result.notes  # and says why
    else:
        assert result.lower - 1e-12 <= result.estimate <= result.upper + 1e-12
    if result.p_value is not None:
        assert 0 <= result.p_value <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("table", EDGES, ids=str)
@pytest.mark.parametrize("name", TESTS)
def test_a_test_at_the_edge_has_a_p_value_or_says_why_not(name: str, table: Table) -> None:
    result = TESTS[name](table)
    assert not any(map(math.isnan, numbers(result)))
    if result.p_value is None:
        assert result.notes
    else:
        assert 0 < result.p_value <= 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("table", IMPOSSIBLE, ids=str)
@pytest.mark.parametrize("name", [*INTERVALS, *TESTS])
def test_counts_that_cannot_be_are_refused(name: str, table: Table) -> None:
    with pytest.raises(UnusableInputError):
        {**INTERVALS, **TESTS}[name](table)


@pytest.mark.parametrize("name", [*INTERVALS, *TESTS])
def test_an_arm_without_participants_is_refused_or_said(name: str) -> None:
    try:
        result = {**INTERVALS, **TESTS}[name]((1, 4, 0, 0))
    except UnusableInputError:
        return
    # A table of several arms may have an empty one; then nothing is left to compare.
    assert result.p_value in (None, 1.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("counts", [(1.5, 5), (math.nan, 5), (2, math.inf), (3, 2), (-1, 2)])
@pytest.mark.parametrize("method", one.METHODS)
def test_one_proportion_of_impossible_counts_is_refused(
    method: str, counts: tuple[Any, Any]
) -> None:
    with pytest.raises(UnusableInputError):
        one.proportion(*counts, method=method)


def test_counts_of_numpy_are_whole_numbers_too() -> None:
    counts = np.array([3, 10, 1, 10])
    assert difference.risk_difference(*counts).estimate == pytest.approx(0.2)


@pytest.mark.parametrize("level", [0, 1, -0.5, 2, math.nan])
@pytest.mark.parametrize(
    "method",
    [
        lambda level: difference.risk_difference(1, 5, 2, 5, level=level),
        lambda level: risk_ratio(0, 5, 2, 5, method="katz", level=level),
        lambda level: odds_ratio(1, 5, 2, 5, level=level),
        lambda level: conditional_odds_ratio([(1, 5, 2, 5)], level=level),
        lambda level: common_odds_ratio([(0, 5, 2, 5)], level=level),
        lambda level: common_risk_ratio([(1, 5, 2, 5)], level=level),
        lambda level: common_risk_difference([(1, 5, 2, 5)], level=level),
        lambda level: stratified_risk_difference([(1, 5, 2, 5)], level=level),
        lambda level: stratified_newcombe([(1, 5, 2, 5)], level=level),
    ],
)
def test_a_level_that_cannot_be_is_refused(method: Callable[[float], Any], level: float) -> None:
    with pytest.raises(UnusableInputError, match="confidence level"):
        method(level)


@pytest.mark.parametrize(
    ("events", "participants", "message"),
    [
        ([1, 2], [4], "one number for every arm"),
        ([[1, 2]], [[4, 4]], "one number for every arm"),
        ([1, math.nan], [4, 4], "one number for every arm"),
        ([1, 5], [4, 4], "whole"),
        ([1, 0.5], [4, 4], "whole"),
    ],
)
def test_arms_that_cannot_be_are_refused(events: Any, participants: Any, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        freeman_halton_test(events, participants)


@pytest.mark.parametrize("scores", [[0, math.nan], [0, math.inf], [0, 1, 2]])
def test_scores_that_cannot_be_are_refused(scores: list[float]) -> None:
    with pytest.raises(UnusableInputError):
        cochran_armitage_test([1, 2], [4, 4], scores)


@pytest.mark.parametrize(
    ("rates", "participants", "message"),
    [
        ([0.2, 1.2], 5, "between 0 and 1"),
        ([0.2, math.nan], 5, "between 0 and 1"),
        ([0.2], 5, "two or more"),
        ([0.2, 0.3], [5, 0], "at least one"),
        ([0.2, 0.3], [5, 5, 5], "as many arm sizes"),
    ],
)
def test_power_of_what_cannot_be_is_refused(rates: Any, participants: Any, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        exact_power_multi_arm(rates, participants, 1.96)
