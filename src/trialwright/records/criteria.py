"""The eligibility text of a record, split into numbered criteria.

A criterion is an item at the outer level of its list; the items nested in it belong to its text.
Registers write lists as lines with bullets or numbers. Mirrors put a whole list on one line.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from trialwright.records.record import Criterion, CriterionKind

_HEADING = re.compile(
    r"^[ \t>*#-]*(?:\w+ ){0,3}?(?P<kind>inclusion|exclusion)\b"
    r"(?:[^.:;\n]{0,60}:|(?: criteria)?[ \t]*$)|"
    r"(?<=[\s;.])(?P<inline>inclusion|exclusion) criteria ?:",
    re.IGNORECASE | re.MULTILINE,
)
_ITEM = re.compile(r"^[ \t]*(?:[*•·–-]|\(?\d{1,2}[.)])[ \t]*(?P<text>\S.*)$")
_INLINE_BULLET = re.compile(r"(?:^|\s)[-*•] (?=\S)")


def split_criteria(
    text: str, first_line: int | None, *, line_breaks: bool
) -> tuple[Criterion, ...]:
    """Return the criteria of an eligibility text in its order.

    Args:
        text: the whole eligibility text.
        first_line: the line of the file where the text starts, if known.
        line_breaks: whether a line of the text is a line of the file.
    """
    criteria: list[Criterion] = []
    for kind, start, end in _sections(text):
        numbered = sum(criterion.kind == kind for criterion in criteria)
        for number, (offset, words) in enumerate(_items(text[start:end]), numbered + 1):
            line = first_line
            if line is not None and line_breaks:
                line += text.count("\n", 0, start + offset)
            criteria.append(Criterion(kind, number, words, line))
    return tuple(criteria)


def _sections(text: str) -> Iterator[tuple[CriterionKind, int, int]]:
    """Yield kind, start and end of each list; text without a heading is inclusion."""
    headings = list(_HEADING.finditer(text))
    if not headings:
        yield "inclusion", 0, len(text)
        return
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        word = (heading["kind"] or heading["inline"]).lower()
        yield ("exclusion" if word == "exclusion" else "inclusion"), heading.end(), end


def _items(section: str) -> list[tuple[int, str]]:
    """Return offset and words of each item of one list."""
    if "\n" in section:
        return list(_items_on_lines(section))
    return list(_items_in_line(section))


def _items_on_lines(section: str) -> Iterator[tuple[int, str]]:
    """Yield the items at the level of the first, be the whole list indented or not."""
    start, words, offset, after_blank, outer = 0, list[str](), 0, True, 0
    for line in section.splitlines(keepends=True):
        stripped = line.strip()
        item = _ITEM.match(line)
        indent = len(line) - len(line.lstrip())
        if not words:
            outer = indent
        if stripped and indent <= outer and (item or after_blank or not words):
            if words:
                yield start, " ".join(words)
            title = stripped.endswith(":") and not item
            start = offset
            words = [] if title else [item["text"].strip() if item else stripped]
        elif stripped:
            words.append(stripped)
        after_blank = not stripped
        offset += len(line)
    if words:
        yield start, " ".join(words)


def _items_in_line(section: str) -> Iterator[tuple[int, str]]:
    marks = _numbers(section) or [
        (bullet.start(), bullet.end()) for bullet in _INLINE_BULLET.finditer(section)
    ]
    if not marks:
        marks = [(0, 0)]
    for (_, start), (end, _) in pairwise([*marks, (len(section), len(section))]):
        words = section[start:end].strip()
        if words:
            yield start, words


def _numbers(section: str) -> list[tuple[int, int]]:
    """Return start and end of the marks `1.`, `2.`, … that follow each other in order."""
    marks: list[tuple[int, int]] = []
    while mark := re.compile(rf"(?:(?<=\s)|^){len(marks) + 1}[.)]\s+").search(
        section, marks[-1][1] if marks else 0
    ):
        marks.append(mark.span())
    return marks
