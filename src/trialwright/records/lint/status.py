"""TWR005: a recruiting status past the completion date; TWR010: no registry id."""

import calendar
from collections.abc import Iterator
from datetime import date

from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.record import Record

_STATUS = "protocolSection.statusModule"
_RECRUITING = {"RECRUITING", "NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION"}


def last_day(partial: str) -> date:
    """Return the last day of a date that may lack its day or month."""
    year, month, *day = (
        int(part) for part in (partial if "-" in partial else f"{partial}-12").split("-")
    )
    return date(year, month, day[0] if day else calendar.monthrange(year, month)[1])


def _recruiting(record: Record, today: date) -> Iterator[Flaw]:
    status = record.study.protocol_section.status_module
    completion = status.completion_date_struct.date or status.primary_completion_date_struct.date
    if status.overall_status in _RECRUITING and completion and last_day(completion) < today:
        yield Flaw(
            section=f"{_STATUS}.overallStatus",
            words=f"{status.overall_status}; completion date {completion}",
            reading="UNKNOWN, or a later completion date",
            reason=f"the completion date has passed on {today.isoformat()}",
        )


def _no_id(record: Record, _: date) -> Iterator[Flaw]:
    identification = record.study.protocol_section.identification_module
    if not identification.nct_id:
        yield Flaw(
            section="protocolSection.identificationModule.nctId",
            words=identification.official_title or identification.brief_title or "",
            reading="the number under which the register holds this title",
            reason="the record does not state its own registry id; numbers of related trials "
            "belong to other studies",
        )


RECRUITING_PAST_COMPLETION = Rule("TWR005", "recruiting past the completion date", _recruiting)
NO_REGISTRY_ID = Rule("TWR010", "record without its own registry id", _no_id)
