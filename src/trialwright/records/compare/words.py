"""Words and numbers of two texts, made comparable."""

import re
from collections.abc import Iterable

_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBER_WORDS = {word: float(n) for n, word in enumerate(_COUNTED.split(" "))} | {
    "once": 1.0,
    "twice": 2.0,
    "half": 0.5,
}
_POWER_OF_TEN = re.compile(r"[×x*]?\s*10\s*[\^*]\s*\d+|10[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NUMBER = re.compile(r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)\d{1,3}(?:,\d{3})+(?!\d)|"
                     r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)\d+(?:\.\d+)?")  # fmt: skip
_ROMAN = re.compile(r"(?<![\w-])(?:II|III|IV|V)(?![\w-])")
_GRADED = re.compile(r"\b(?:grade|class|stage)s?\s+[IV]+(?:\s*(?:or|and|to|[/,–-])\s*[IV]+)*", re.I)
_WORD = re.compile(r"[^\W\d_]{4,}|\d{4}")
_COMMON = {"with", "that", "least", "than", "other", "from", "have", "been", "such", "more", "most"}


def same(first: str | None, second: str | None) -> bool:
    """Return whether two texts are the same but for case, white space and a final period."""
    return _plain(first) == _plain(second)


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split()).rstrip(".")


def missing_from(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the texts that none of the known ones equals."""
    plain = {_plain(text) for text in known}
    return [text for text in texts if _plain(text) not in plain]


def numbers(text: str) -> set[float]:
    """Return the numbers of a text, in digits or words; not those of names such as IL-2 or C3."""
    plain = _POWER_OF_TEN.sub(" ", text)
    found = {float(digits.replace(",", "")) for digits in _NUMBER.findall(plain)}
    spelled = (_NUMBER_WORDS.get(word) for word in re.findall(r"[a-z]+", text.lower()))
    return found | {number for number in spelled if number is not None}


def numerals(text: str) -> set[float]:
    """Return the numbers of a text that stand in digits."""
    return {
        float(digits.replace(",", "")) for digits in _NUMBER.findall(_POWER_OF_TEN.sub(" ", text))
    }


def grades(text: str) -> set[str]:
    """Return the Roman numerals of the grades, classes and stages of a text, from II on."""
    return {numeral for found in _GRADED.findall(text) for numeral in roman(found)}


def roman(text: str) -> set[str]:
    """Return all Roman numerals of a text, from II to V."""
    return set(_ROMAN.findall(text))


def stems(text: str) -> set[str]:
    """Return the beginnings of the words of a text that carry meaning."""
    words = _WORD.findall(text.replace("_", " ").casefold())
    return {word[:5] for word in words if word not in _COMMON}
