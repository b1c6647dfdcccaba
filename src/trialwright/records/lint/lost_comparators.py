"""TWR001: a comparator that was lost in copying, as in `SLEDAI = 8` for `SLEDAI ≥ 8`.

Old pages and their copies cannot show ≥ and ≤ and write `=`, `?` or `³` instead. Such a sign is
told from a real equation by grammar: where a preposition, an article or a bracket stands before it,
nothing is left that could be equal. After a noun it is lost only in a criterion, where a bare
equation would admit a single value, and not if the noun is a statistic or the value is zero.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trialwright.records.lint.comparator_direction import direction
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import Passage, passages, quote
from trialwright.records.record import Record

_VALUE = r"(?P<value>\d[\d.,]*|(?:grades?|class|stage|NYHA|CTCAE)\b)"
_EQUALS = re.compile(
    rf"(?<![<>≤≥≠=!~≈+*/\\&-])(?P<sign>=)(?![=<>])\s*{_VALUE}(?!\+)(?!\s*[<>])", re.IGNORECASE
)
_FOREIGN = re.compile(r"(?:(?<=[\s(])|^)(?P<sign>[?\N{REPLACEMENT CHARACTER}³])\s?(?P<value>\d)")
_NOTHING_BEFORE = re.compile(
    r"(?:^|[(\[,;:]|\b(?:a|an|and|are|at|by|for|had|has|have|is|of|or|to|was|were|with|within))\s*$",
    re.IGNORECASE,
)
_WRITTEN_OUT = re.compile(r"(?:[<>≤≥]|\b(?:than|equal|to))\s*(?:or|/)\s*$", re.IGNORECASE)
_STATISTIC = re.compile(
    r"(?:\b(?:n|sd|se|sem|p|r|d|k|alpha|beta|power|mean|median|value|minimum|maximum|range|i\.e|"
    r"total|weighted|kappa|hr|or|rr|icc|auc|number)|[αβσμΔδκ])\s*$",
    re.IGNORECASE,
)
_DEFINES_UNIT = re.compile(
    r"(?:(?:^|[\s(])(?:\d[\d.]*|one|two|three|each|per)(?:\s+[a-z%/]+)?)\s*$", re.IGNORECASE
)


def _is_lost(passage: Passage, found: re.Match[str]) -> bool:
    before = passage.text[: found.start()]
    if _WRITTEN_OUT.search(before):
        return False
    if _NOTHING_BEFORE.search(before):
        return True
    if passage.kind is None or found["value"].strip(".,") in {"0", "0.0"}:
        return False
    return not _STATISTIC.search(before) and not _DEFINES_UNIT.search(before)


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
        LostSign(start, end, *direction(passage.kind, text[:start], text[end:]))
        for start, end in sorted(found.span("sign") for found in lost)
    ]


def _check(record: Record, _: date) -> Iterator[Flaw]:
    for passage in passages(record):
        for sign in lost_signs(passage):
            before, after = passage.text[: sign.start], passage.text[sign.end :]
            marked = f"{before}{sign.comparator}{after}"
            yield Flaw(
                section=passage.section,
                criterion=passage.criterion,
                line=passage.line,
                words=quote(passage.text, sign.start, sign.end),
                reading=quote(marked, sign.start, sign.start + len(sign.comparator)),
                reason=sign.reason,
            )


LOST_COMPARATOR = Rule("TWR001", "comparator lost in copying", _check)
