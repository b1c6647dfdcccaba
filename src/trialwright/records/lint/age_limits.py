"""The lowest and the highest age that a criterion admits, read from its words."""

import re
from collections.abc import Iterator

from trialwright.records.lint.prose import Passage

_AGE = (
    r"(?:\bage[ds]?\b|\byears? (?:old|of age)\b|"
    r"\byears?(?: of age)? (?:or|and) (?:older|over|above|younger|under|below)\b|"
    r"\b(?:older|younger) than\b)"
)
_NOT_YEARS = r"(?![\d.]|\s*(?:[mk]?g|[cm]m|%|points?|days?|weeks?|months?)\b)"
_RANGE = re.compile(
    rf"(?<![\d.])(?P<low>\d{{1,3}})\s*(?:years?)?\s*(?:to|-|–|~|and)\s*(?P<high>\d{{1,3}}){_NOT_YEARS}",
    re.IGNORECASE,
)
# Which words state which comparator; one that is only part of another stands behind it.
_WORDS = {
    "≤": r"≤|\\?<=|not? older than|at most|up to|maximum age of",
    "≥": r"≥|\\?>=|not? younger than|at least|minimum age of",
    ">": r"\\?>|older than|more than|over|above",
    "<": r"\\?<|younger than|less than|under|below",
}
_COMPARED = tuple(
    (
        comparator,
        re.compile(
            rf"(?<![<>])(?:{words})\s*(?:the age of\s*)?(?P<age>\d{{1,3}}){_NOT_YEARS}",
            re.IGNORECASE,
        ),
    )
    for comparator, words in _WORDS.items()
)
_BEHIND = tuple(
    (
        comparator,
        re.compile(
            rf"\b(?P<age>\d{{1,3}})\s*years?(?: of age| old)? (?:or|and) (?:{words})", re.IGNORECASE
        ),
    )
    for comparator, words in (("≥", "older|over|above"), ("≤", "younger|under|below"))
)
# Ages in brackets belong to something else, such as a scale for children.
_IN_BRACKETS = re.compile(r"\([^)]*\)?")
_ANOTHER_AGE = re.compile(r"menopaus|amenorr|consider|defined", re.IGNORECASE)
_NOTHING_ELSE = re.compile(r"(?:patients?|participants?|subjects?|years?|or|\W)*", re.IGNORECASE)


def age_limits(passage: Passage) -> dict[str, tuple[int, ...]]:
    """Return for `minimumAge` and `maximumAge` the ages in years that the criterion may mean.

    “Above 17 years” may be registered as 17 or as 18. A limit that is not stated is left out.
    """
    text = _IN_BRACKETS.sub("", passage.text)
    if _ANOTHER_AGE.search(text):
        return {}
    excludes = passage.kind == "exclusion"
    if excludes and len(text) >= 60:  # a long exclusion speaks of more than the age
        return {}
    if not excludes and not re.match(rf".{{0,60}}{_AGE}", text, re.IGNORECASE | re.DOTALL):
        return {}
    if not excludes and (found := _RANGE.search(text)) and _near_age(text, found):
        return {"minimumAge": (int(found["low"]),), "maximumAge": (int(found["high"]),)}
    limits: dict[str, tuple[int, ...]] = {}
    for comparator, age in _compared(text):
        key, ages = _limit(comparator, age, excludes=excludes)
        limits.setdefault(key, ages)
    return limits


def _compared(text: str) -> Iterator[tuple[str, int]]:
    """Yield comparator and age of each comparison that is about the age of a participant."""
    taken: list[tuple[int, int]] = []
    for comparator, pattern in (*_BEHIND, *_COMPARED):
        for found in pattern.finditer(text):
            start, end = found.span()
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            taken.append((start, end))
            if _near_age(text, found):
                yield comparator, int(found["age"])


def _limit(comparator: str, age: int, *, excludes: bool) -> tuple[str, tuple[int, ...]]:
    """Return the field that the comparison limits, and the ages that it may hold."""
    if excludes:
        return {
            ">": ("maximumAge", (age,)),
            "≥": ("maximumAge", (age - 1, age)),
            "<": ("minimumAge", (age,)),
            "≤": ("minimumAge", (age + 1, age)),
        }[comparator]
    return {
        "≥": ("minimumAge", (age,)),
        ">": ("minimumAge", (age + 1, age)),
        "≤": ("maximumAge", (age,)),
        "<": ("maximumAge", (age - 1, age)),
    }[comparator]


def _near_age(text: str, found: re.Match[str]) -> bool:
    """Return whether the numbers are ages: the word stands close by, or nothing else does."""
    around = text[max(0, found.start() - 25) : found.end() + 15]
    alone = text[: found.start()] + text[found.end() :]
    return bool(re.search(_AGE, around, re.IGNORECASE) or _NOTHING_ELSE.fullmatch(alone))
