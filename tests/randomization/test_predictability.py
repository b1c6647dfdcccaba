from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.randomization.predictability import convergent_guess_share


@pytest.mark.parametrize(
    ("block", "share"),
    [
        # Exact fractions by enumeration of all orders of the block.
        ((2, 2), Fraction(17, 24)),
        ((3, 3), Fraction(41, 60)),
        ((1, 1, 1, 1), Fraction(25, 48)),
        ((2, 2, 2, 2), Fraction(1579, 3360)),
        ((2, 1, 1, 1), Fraction(167, 300)),
    ],
)
def test_exact_shares(block, share):
    assert convergent_guess_share(block) == share


def share_by_enumeration(block):
    """Play every order of the block against the guesser, who breaks ties by the lowest arm."""
    places = [arm for arm, count in enumerate(block) for _ in range(count)]
    orders = set(permutations(places))
    right = 0
    for order in orders:
        left = list(block)
        for arm in order:
            right += arm == left.index(max(left))
            left[arm] -= 1
    return Fraction(right, len(orders) * len(places))


@settings(max_examples=25, deadline=None)
@given(block=st.lists(st.integers(1, 3), min_size=2, max_size=3).filter(lambda b: sum(b) <= 7))
def test_share_equals_playing_every_order(block):
    assert convergent_guess_share(tuple(block)) == share_by_enumeration(block)


def test_longer_blocks_are_harder_to_guess():
    shares = [convergent_guess_share((half, half)) for half in (1, 2, 3, 4, 8)]
    assert shares == sorted(shares, reverse=True)
    assert min(shares) > Fraction(1, 2)
