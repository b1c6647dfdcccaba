"""TWR007: a number of participants in prose that is not the enrollment of the record."""

import re
from collections.abc import Iterator
from datetime import date

from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.lint.prose import descriptions, quote
from trialwright.records.record import Record

_PEOPLE = r"(?:patients|participants|subjects|volunteers|people|individuals)"
_COUNT = r"(?P<count>\d{1,3}(?:,\d{3})+|\d+)"
_TOTALS = (
    re.compile(rf"\btotal of {_COUNT} (?:[\w-]+ ){{0,3}}{_PEOPLE}", re.IGNORECASE),
    re.compile(rf"\btotal of (?:[\w-]+ ){{0,3}}{_PEOPLE} \(n ?= ?{_COUNT}\)", re.IGNORECASE),
    re.compile(
        rf"\b{_COUNT} (?:[\w-]+ ){{0,2}}{_PEOPLE} (?:will be|were|are) "
        r"(?:enrolled|recruited|included|randomi[sz]ed)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:will|to|we) (?:enroll?|include|recruit|randomi[sz]e) (?:[a-z]+ ){{0,2}}{_COUNT} "
        rf"(?:[\w-]+ ){{0,3}}{_PEOPLE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:sample size|(?:planned|total) enrollment)(?: of| is| was|:| =| =)? {_COUNT}\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_PEOPLE} \(n ?= ?{_COUNT}\)[^.;]{{0,30}}(?:divided|randomi[sz]ed|assigned)",
        re.IGNORECASE,
    ),
)


# A part of the study, or another study.
_PART = re.compile(r"\b(?:each|every|per|either)\b", re.IGNORECASE)
_OTHER_STUDY = re.compile(r"\b(?:previous|earlier|prior|pilot|published)\b", re.IGNORECASE)
_REACHED = re.compile(r"[^.;]{0,60}?\b(?:were|was|have been)\b")


def _sizes(text: str) -> Iterator[re.Match[str]]:
    """Yield what states the size of the whole study; one number once."""
    counted: set[int] = set()
    for found in (match for total in _TOTALS for match in total.finditer(text)):
        before = re.split(r"[.;]\s", text[: found.start()])[-1]
        after = re.split(r"[.;]", text[found.end("count") :])[0]
        if found.start("count") in counted or _OTHER_STUDY.search(before):
            continue
        if not _PART.search(before[-30:]) and not _PART.search(after[:60]):
            counted.add(found.start("count"))
            yield found


def _check(record: Record, _: date) -> Iterator[Flaw]:
    enrollment = record.study.protocol_section.design_module.enrollment_info
    if enrollment.count is None:
        return
    for passage in descriptions(record):
        for found in _sizes(passage.text):
            reached = _REACHED.match(passage.text, found.end("count"))
            if enrollment.type == "ACTUAL" and not reached:
                continue  # a plan in prose may differ from what was reached
            if int(found["count"].replace(",", "")) != enrollment.count:
                yield Flaw(
                    section=passage.section,
                    line=passage.line,
                    words=quote(passage.text, *found.span(), before=0, after=0),
                    reading=f"{enrollment.count} participants, as enrollmentInfo says, "
                    "or another enrollment",
                    reason="two places of the record give two sizes of the study",
                )


ENROLLMENT_DIFFERS = Rule("TWR007", "enrollment that differs between fields", _check)
