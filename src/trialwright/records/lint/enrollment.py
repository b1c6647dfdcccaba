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
)


_REACHED = re.compile(r"[^.;]{0,60}?\b(?:were|was|have been)\b")


def _check(record: Record, _: date) -> Iterator[Flaw]:
    enrollment = record.study.protocol_section.design_module.enrollment_info
    if enrollment.count is None:
        return
    for passage in descriptions(record):
        for found in (match for total in _TOTALS for match in total.finditer(passage.text)):
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
