"""The numbers that a text states, in digits or in words, and those that a rule uses."""

import re
from typing import Final

_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: float(n) for n, word in enumerate(_COUNTED.split(" "))} | {
    "once": 1.0,
    "twice": 2.0,
    "half": 0.5,
}
_POWER_OF_TEN = re.compile(r"[×x*]?\s*10\s*[\^*]\s*\d+|10[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NUMBER = re.compile(r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)\d{1,3}(?:,\d{3})+(?!\d)|"
                     r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)\d+(?:\.\d+)?")  # fmt: skip
_IN_OTHER_UNITS: Final = (1, 7, 12)
"""Days in a week and months in a year: a rule may count in another unit than its text."""


def numbers(text: str) -> set[float]:
    """Return the numbers of a text, in digits or words; not those of names such as IL-2 or C3."""
    plain = _POWER_OF_TEN.sub(" ", text)
    found = {float(digits.replace(",", "")) for digits in _NUMBER.findall(plain)}
    spelled = (_NUMBER_WORDS.get(word) for word in re.findall(r"\bone of\b|[a-z]+", text.lower()))
    return found | {number for number in spelled if number is not None}


def numerals(text: str) -> set[float]:
    """Return the numbers of a text that stand in digits."""
    return {
        float(digits.replace(",", "")) for digits in _NUMBER.findall(_POWER_OF_TEN.sub(" ", text))
    }


def numbers_of_another_rule(stated: set[float], used: set[float]) -> set[float]:
    """Return the numbers of a rule that stand for others than the stated ones.

    A rule may leave out a number (which an item holds), and use one that the text has in a word
    (the limit of thrombocytopenia); if it does both, it uses one number for another.
    """
    factors = (*_IN_OTHER_UNITS, *(1 / factor for factor in _IN_OTHER_UNITS))
    missing = {x for x in stated if not any(x * factor in used for factor in factors)}
    added = {x for x in used if not any(x * factor in stated for factor in factors)}
    return added if missing else set()
