"""Words and numbers of two texts, made comparable."""

import re
from collections.abc import Iterable

from trialwright.protocol import Finding
from trialwright.protocol.stated_numbers import numbers, numerals

__all__ = [
    "differs", "grades", "left_out", "missing_from", "names", "numbers", "numerals", "roman",
    "same", "stems",
]  # fmt: skip

_ROMAN = re.compile(r"(?<![\w-])(?:II|III|IV|V)(?![\w-])")
_GRADED = re.compile(r"\b(?:grade|class|stage)s?\s+[IV]+(?:\s*(?:or|and|to|[/,–-])\s*[IV]+)*", re.I)
_WORD = re.compile(r"[^\W\d_]{4,}|\d{4}")
_NAME = re.compile(r"(?<![\w-])(?:[A-Z]{2,5}|[A-Z]{1,2}\d)(?![\w-])")
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


def left_out(code: str, place: str, words: str) -> Finding:
    """Return the finding that the study does not have what the record states."""
    return Finding(code, place, f"the record states {words!r}, the study leaves it out")


def differs(code: str, place: str, words: str, ours: str | None) -> Finding:
    """Return the finding that the study states something else than the record."""
    study = repr(ours) if ours else "leaves it out"
    return Finding(code, place, f"the record says {words!r}, the study {study}")


def grades(text: str) -> set[str]:
    """Return the Roman numerals of the grades, classes and stages of a text, from II on."""
    return {numeral for found in _GRADED.findall(text) for numeral in roman(found)}


def roman(text: str) -> set[str]:
    """Return all Roman numerals of a text, from II to V."""
    return set(_ROMAN.findall(text))


def names(text: str) -> set[str]:
    """Return the abbreviated names of a text, such as C3, ANA and HIV, in lower case."""
    return {name.casefold() for name in _NAME.findall(text)} - {"sle", "il", "ii", "iii", "iv"}


def stems(text: str) -> set[str]:
    """Return the beginnings of the words of a text that carry meaning."""
    words = _WORD.findall(text.replace("_", " ").casefold())
    return {word[:5] for word in words if word not in _COMMON}
