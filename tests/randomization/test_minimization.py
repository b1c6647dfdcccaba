"""Expected scores are exact, worked by hand from the definitions of Pocock and Simon 1975.

Eight earlier participants in four arms, three factors with weights 1/2, 1/4, 1/4, and a newcomer
with levels 1, 1, 2. Counts of those who share the newcomer's level, arms 1 to 4:
factor one 2, 2, 0, 1; factor two 2, 1, 1, 1; factor three 1, 1, 0, 1.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.randomization.minimization import assignment_odds, imbalance

ALLOCATED = [0, 1, 2, 0, 3, 1, 2, 0]
LEVELS = [
    [1, 1, 1],
    [1, 2, 2],
    [2, 1, 3],
    [2, 2, 1],
    [1, 1, 2],
    [1, 1, 1],
    [1, 2, 3],
    [1, 1, 2],
]
NEW = [1, 1, 2]
WEIGHTS = [0.5, 0.25, 0.25]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("range", [2.0, 1.75, 0.75, 1.25]),
        ("variance", [0.875, 0.7083333333333334, 0.20833333333333334, 0.375]),
        ("pairwise", [6.5, 6.0, 2.5, 4.0]),
    ],
)
def test_scores_of_the_worked_example(measure, expected):
    scores = imbalance(ALLOCATED, LEVELS, NEW, arms=4, weights=WEIGHTS, measure=measure)
    assert scores == pytest.approx(expected, rel=1e-12)
    odds = assignment_odds(scores, 0.9)
    assert odds == pytest.approx([1 / 30, 1 / 30, 0.9, 1 / 30], rel=1e-12)


def test_the_first_participant_may_go_anywhere():
    scores = imbalance([], np.empty((0, 3)), NEW, arms=4, weights=WEIGHTS)
    assert scores == pytest.approx([1, 1, 1, 1])
    assert assignment_odds(scores, 0.9) == pytest.approx([0.25] * 4)


def test_tied_best_arms_share_the_odds():
    assert assignment_odds([1, 1 + 1e-12, 2], 0.8) == pytest.approx([0.4, 0.4, 0.2])


def plain_imbalance(allocated, levels, new, arms, weights, measure):
    """The definition once more, one count at a time."""
    scores = []
    for choice in range(arms):
        score = 0.0
        for factor, weight in enumerate(weights):
            counts = [0] * arms
            for arm, row in zip(allocated, levels, strict=True):
                counts[arm] += row[factor] == new[factor]
            counts[choice] += 1
            mean = sum(counts) / arms
            uneven = {
                "range": max(counts) - min(counts),
                "variance": sum((count - mean) ** 2 for count in counts) / (arms - 1),
                "pairwise": sum(abs(counts[i] - counts[j]) for i in range(arms) for j in range(i)),
            }
            score += weight * uneven[measure]
        scores.append(score)
    return scores


@settings(max_examples=80)
@given(data=st.data(), measure=st.sampled_from(["range", "variance", "pairwise"]))
def test_scores_equal_the_definition_written_as_loops(data, measure):
    arms, factors = data.draw(st.integers(2, 5)), data.draw(st.integers(1, 4))
    people = data.draw(st.integers(0, 12))
    level = st.integers(1, 3)
    row = st.lists(level, min_size=factors, max_size=factors)
    allocated = data.draw(st.lists(st.integers(0, arms - 1), min_size=people, max_size=people))
    levels = data.draw(st.lists(row, min_size=people, max_size=people))
    new = data.draw(row)
    weights = data.draw(st.lists(st.floats(0.1, 2), min_size=factors, max_size=factors))
    scores = imbalance(
        allocated,
        np.array(levels).reshape(people, factors),
        new,
        arms=arms,
        weights=weights,
        measure=measure,
    )
    expected = plain_imbalance(allocated, levels, new, arms, weights, measure)
    assert scores == pytest.approx(expected)
    odds = assignment_odds(scores, 0.8)
    assert odds.sum() == pytest.approx(1)
    assert (odds > 0).all()
