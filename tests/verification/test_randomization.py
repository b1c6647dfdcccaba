"""The public cases of randomization, and cases of the same shape that they do not hold."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.verification.cases import Case, read_cases
from trialwright.verification.compare import Figure, run_case
from trialwright.verification.methods import METHODS

ORACLES = Path(__file__).parents[1] / "stats" / "oracles"
CASES = {case.id: case for case in read_cases(ORACLES / "randomisation.json")}


def figures(case: Case, **changes: Any) -> list[Figure]:
    outcome = run_case(replace(case, **changes), METHODS)
    assert outcome.figures
    return list(outcome.figures)


def problems(case: Case, **changes: Any) -> list[str]:
    return [f"{f.path}: {f.problem}" for f in figures(case, **changes) if f.problem]


def guess(method: str, expect: dict[str, Any], **spec: Any) -> list[str]:
    case = CASES["permuted_block_guess_2_2"]
    return problems(case, method=method, spec=spec, expect=expect)


@pytest.mark.parametrize("name", CASES)
def test_public_cases_are_within_their_tolerance(name: str) -> None:
    assert problems(CASES[name]) == []


@pytest.mark.parametrize(
    ("name", "expect"),
    [
        ("minimisation_range", {"score": [2.0, 1.75, 0.75, 1.26]}),
        ("minimisation_variance", {"score": [2.0, 1.75, 0.75, 1.25]}),
        ("minimisation_pairwise", {"best": [1]}),
        ("minimisation_pairwise", {"odds": [0.25, 0.25, 0.25, 0.25]}),
        ("permuted_block_guess_2_2", {"fraction": "17/25"}),
    ],
)
def test_a_wrong_expectation_is_out(name: str, expect: dict[str, Any]) -> None:
    assert problems(CASES[name], expect=expect)


# By hand: two arms, one factor. The newcomer's level 1 was seen once in arm 1 and never in arm 2.
# If added to arm 1 the counts are 2 and 0, if added to arm 2 they are 1 and 1.
TWO_ARMS = {"history": [[1, [1]], [2, [2]]], "new": [1], "weights": [3]}


@pytest.mark.parametrize(
    ("method", "score"),
    [
        ("minimization_range", [6, 0]),
        ("minimization_variance", [6, 0]),  # 3 · ((2 − 1)² + (0 − 1)²) / 1
        ("minimization_pairwise", [6, 0]),
    ],
)
def test_two_arms_by_hand(method: str, score: list[float]) -> None:
    expect = {"score": score, "best": [2], "odds": [0.2, 0.8]}
    spec = {**TWO_ARMS, "best_share": 0.8}
    case = CASES["minimisation_range"]
    assert problems(case, method=method, spec=spec, expect=expect) == []


def test_an_arm_that_nobody_is_in_yet_is_known_from_the_spec_or_the_expectation() -> None:
    # By hand: with a third, empty arm the ranges are 2, 1, 1; the arms 2 and 3 share 0.9.
    case = CASES["minimisation_range"]
    spec = {**TWO_ARMS, "weights": [1]}
    expect = {"score": [2, 1, 1], "best": [2, 3], "odds": [0.1, 0.45, 0.45]}
    assert problems(case, spec=spec, expect=expect) == []
    only_best = {"best": [2, 3]}
    assert problems(case, spec={**spec, "arms": 3}, expect=only_best) == []
    assert "1 values instead of 2" in problems(case, spec=spec, expect=only_best)[0]


def test_the_first_participant_has_equal_odds_and_no_weights_are_equal_ones() -> None:
    spec = {"history": [], "new": [1, 2]}
    expect = {"score": [2, 2, 2], "best": [1, 2, 3], "odds": [1 / 3, 1 / 3, 1 / 3]}
    assert problems(CASES["minimisation_range"], spec=spec, expect=expect) == []


def test_the_share_of_the_best_arms_may_stand_in_the_words() -> None:
    # By hand as above: of two arms the second is best
    case = CASES["minimisation_range"]
    for share, words in ((0.8, "the best arms share 0.8 and the rest 0.2"), (0.9, "two arms")):
        expect = {"odds": [1 - share, share]}
        assert problems(case, spec=TWO_ARMS, expect=expect, what=words) == []
    words = "the best arms share 0.8"
    expect = {"odds": [0.3, 0.7]}
    assert problems(case, spec={**TWO_ARMS, "best_share": 0.7}, expect=expect, what=words) == []


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"new": [1]}, "no 'history'"),
        ({"history": []}, "no 'new'"),
        ({**TWO_ARMS, "history": [[0, [1]]]}, "arms are numbered 1 to 2"),
        ({**TWO_ARMS, "arms": 1}, "arms are numbered 1 to 1"),
    ],
)
def test_an_unusable_history_is_named(spec: dict[str, Any], message: str) -> None:
    expect = {"score": [6, 0]}
    found = problems(CASES["minimisation_range"], spec=spec, expect=expect)
    assert message in found[0]


def test_a_block_may_stand_in_the_name_alone() -> None:
    # By hand, places 2 and 1: the first guess is right by 2/3. If the arm of two places comes, one
    # coin and one certainty follow, else two certainties: (2/3 + 2/3 · 3/2 + 1/3 · 2) / 3.
    expect = {"share": 7 / 9, "fraction": "7/9"}
    assert guess("permuted_block_guess_2_1", expect) == []
    assert guess("permuted_block_guess", expect, block=[1, 2]) == []
    assert guess("permuted_block_guess_in_another_spelling", expect, block=[2, 1]) == []


def test_no_block_is_named() -> None:
    assert "neither spec nor method" in guess("permuted_block_guess", {"share": 1})[0]
    assert "there is no block (0, 0)" in guess("permuted_block_guess_0_0", {"share": 1})[0]


BLOCKS = st.lists(st.integers(1, 3), min_size=1, max_size=3).filter(lambda block: sum(block) < 8)


@given(block=BLOCKS)
@settings(max_examples=10, deadline=None)
def test_guesses_against_every_order_of_the_block(block: list[int]) -> None:
    places = [arm for arm, count in enumerate(block) for _ in range(count)]
    orders = set(permutations(places))
    right = Fraction(0)
    for order in orders:
        left = list(block)
        for arm in order:
            most = [each for each, count in enumerate(left) if count == max(left)]
            right += Fraction(arm in most, len(most))  # a guesser without preference among ties
            left[arm] -= 1
    share = right / len(orders) / len(places)
    name = "permuted_block_guess_" + "_".join(map(str, block))
    expect = {"share": float(share), "fraction": f"{share.numerator}/{share.denominator}"}
    assert guess(name, expect) == []
