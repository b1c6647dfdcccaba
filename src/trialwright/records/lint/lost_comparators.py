"""TWR001: a comparator that was lost in copying, as in `SLEDAI = 8` for `SLEDAI ≥ 8`.

Old pages and their copies cannot show ≥ and ≤ and write `=`, `?`, `³` or `£` instead. Such a sign
is told from a real equation by grammar: where a preposition, an article, a bullet or a bracket
stands before it, nothing is left that could be equal. After a noun it is lost in a criterion, where
a bare equation would admit a single value, and elsewhere only behind words that ask for a limit;
never if the noun is a statistic, a label or a unit, or the value is zero.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trialwright.records.lint.comparator_direction import (
    ACTIVITY,
    NUMBER,
    STEROID,
    direction,
)
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import Passage, miswritten, passages
from trialwright.records.record import Record

_GRADE = r"(?:grades?|class|stage|NYHA|CTCAE)"
_VALUE = (
    rf"(?P<value>\.?\d[\d.,]*|{NUMBER}\b(?! of\b)|{_GRADE}\b|(?-i:(?P<roman>[IVX]+)\b)|"
    r"(?:the\s+)?(?:upper|lower)\s+limit|[UL]LN\b)"
)
_EQUALS = re.compile(
    rf"(?<![<>≤≥≠=!~≈+*/\\&-])(?P<sign>=)(?![=<>])\s*{_VALUE}(?!\+)(?!\s*[<>])", re.IGNORECASE
)
_FOREIGN = re.compile(r"(?:(?<=[\s(])|^)(?P<sign>[?\N{REPLACEMENT CHARACTER}³£])\s?(?P<value>\d)")
# The bytes of ≥ and ≤ in the font Symbol, read as Latin-1.
_SYMBOL_FONT = {"³": "≥", "£": "≤"}
_NOTHING_BEFORE = re.compile(
    r"(?:^|[(\[,;:]|\s[*•–-]|\b(?:a|an|and|are|at|between|by|for|had|has|have|is|least|most|of|or|"
    r"than|to|was|were|with|within))\s*$",
    re.IGNORECASE,
)
_WRITTEN_OUT = re.compile(r"(?:[<>≤≥]|\b(?:than|equal|to))\s*(?:or|/)\s*$", re.IGNORECASE)
_CONVERSION = re.compile(
    r"\d\s?(?:[mµ]?g|kg|m?L|M?IU|[cm]m|(?:hour|day|week|month|year|unit)s?)\s*[(\[]$", re.IGNORECASE
)
# What may equal a number: statistics, labels of time and group, codes, and units that are defined.
_EQUATED = re.compile(
    r"(?:\b(?:n|sd|se|sem|p|r|t|f|z|(?<!vitamin )d|df|k|ci|x2|alpha|beta|power|mean|median|value|"
    r"minimum|maximum|range|i\.e|total|weighted|kappa|hr|or|rr|icc|auc|cmax|tmax|number|"
    r"sample size|randomi[sz]ation ratio|bsa|day|week|visit|baseline|cycle|month|year|unit|drink|"
    r"point|M?IU|yes|no|group|cohort|arm)|[αβσμΔδκ])\s*$",
    re.IGNORECASE,
)
_DEFINES_UNIT = re.compile(
    r"(?:(?:^|[\s(])(?:\d[\d.]*|[Oo]ne|[Tt]wo|[Tt]hree|[Ee]ach|[Pp]er)(?:\s+[a-z%/]+)?)\s*$"
)
_STUDY_DOSE = re.compile(r"\b(?:dose|low|medium|middle|high)\s*$", re.IGNORECASE)
_IN_UNITS = re.compile(r"\s*M?IU\b(?!/)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:://\S*|[?&]\w+)$")
_LIMIT_WANTED = re.compile(
    r"\b(?:achiev|attain|reach|receiv|tak)(?:e|es|ed|ing)?\s*$|"
    r"\b(?:reduction|decrease|decline|increase|rise|deterioration|worsening)\b(?! of\b)"
    r"[^.;:=,]{0,40}$|"
    rf"{STEROID}(?: dos(?:e|age))?\s*$|"
    rf"(?<!mean )(?<!median )\b(?:{ACTIVITY})(?: score)?\s*$",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"[^.;,)]{0,20}\b(?:mean|indicat|denot|correspond|represent|defin|is the|was the)\w*",
    re.IGNORECASE,
)


def _is_lost(passage: Passage, found: re.Match[str]) -> bool:
    before, after = passage.text[: found.start()], passage.text[found.end() :]
    if _WRITTEN_OUT.search(before) or _CONVERSION.search(before) or _ADDRESS.search(before):
        return False
    if _NOTHING_BEFORE.search(before):
        return True
    if found["roman"] and not re.search(rf"{_GRADE}\s*$", before, re.IGNORECASE):
        return False
    if found["value"].strip(".,") in {"0", "0.0"} or _is_equation(before, found["value"], after):
        return False
    if passage.kind is None:
        return bool(_LIMIT_WANTED.search(before)) and not _EXPLAINED.match(after)
    return True


def _is_equation(before: str, value: str, after: str) -> bool:
    """Return whether the words before the sign name something that may equal the value."""
    if _STUDY_DOSE.search(before) and _IN_UNITS.match(after):
        return True
    if re.search(r"\bratio\s*$", before) and value.isdigit() and after.startswith(":"):
        return True
    return bool(_EQUATED.search(before) or _DEFINES_UNIT.search(before))


@dataclass(frozen=True)
class LostSign:
    """A lost sign: its place in the text, the comparator proposed for it, and the reason."""

    start: int
    end: int
    comparator: str
    reason: str


def lost_signs(passage: Passage) -> list[LostSign]:
    """Return the lost signs of a passage in their order."""
    text = passage.text
    lost = [found for found in _EQUALS.finditer(text) if _is_lost(passage, found)]
    if passage.kind:
        lost.extend(_FOREIGN.finditer(text))
    return [
        LostSign(*found.span("sign"), *_reading(passage, found))
        for found in sorted(lost, key=lambda each: each.start("sign"))
    ]


def _reading(passage: Passage, found: re.Match[str]) -> tuple[str, str]:
    """Return the comparator proposed and the reason."""
    if known := _SYMBOL_FONT.get(found["sign"]):
        return known, f"{known} of the font Symbol shows as {found['sign']} in another font"
    start, end = found.span("sign")
    return direction(passage.kind, passage.text[:start], passage.text[end:])


def _check(record: Record, _: date) -> Iterator[Flaw]:
    for passage in passages(record):
        for sign in lost_signs(passage):
            yield miswritten(passage, sign.start, sign.end, sign.comparator, sign.reason)


LOST_COMPARATOR = Rule("TWR001", "comparator lost in copying", _check)
