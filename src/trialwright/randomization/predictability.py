"""How well someone who sees each allocation could guess the next within a block."""

from fractions import Fraction
from functools import cache


def convergent_guess_share(block: tuple[int, ...]) -> Fraction:
    """The exact expected share of right guesses in one permuted block of known size.

    The guesser always names an arm that was used least against its places, that is, one with most
    places left (Blackwell and Hodges, Ann Math Stat 1957; 28:449-460). That guess is right with
    probability most / left.

    Args:
        block: the places of each arm in the block, for example (2, 2).
    """
    return _right_guesses(tuple(sorted(block))) / sum(block)


@cache
def _right_guesses(left: tuple[int, ...]) -> Fraction:
    """The expected number of right guesses still to come, by what is left of each arm."""
    total = sum(left)
    if total == 0:
        return Fraction(0)
    after = Fraction(0)
    for arm, places in enumerate(left):
        if places:
            rest = (*left[:arm], places - 1, *left[arm + 1 :])
            after += Fraction(places, total) * _right_guesses(tuple(sorted(rest)))
    return Fraction(max(left), total) + after
