"""TWC2xx: status, dates and the plan to share data."""

from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.protocol.identity import StudyDate
from trialwright.records import wording
from trialwright.records.compare.words import differs, same
from trialwright.records.model.dates import PartialDateStruct
from trialwright.records.record import Record


def date_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield what differs in status and dates."""
    theirs, ours = record.study.protocol_section.status_module, study.status
    overall = wording.words_of(wording.STATUS, theirs.overall_status).lower()
    if overall and overall != ours.overall:
        yield differs("TWC201", "status.overall", overall, ours.overall)
    primary = theirs.primary_completion_date_struct
    for code, key, struct, day in (
        ("TWC202", "start", theirs.start_date_struct, ours.start),
        ("TWC203", "primary_completion", primary, ours.primary_completion),
        ("TWC204", "completion", theirs.completion_date_struct, ours.completion),
    ):
        yield from _study_date(code, key, struct, day)
    for code, key, posted, on in (
        ("TWC205", "first_posted", theirs.study_first_post_date_struct.date, ours.first_posted),
        ("TWC206", "last_updated", theirs.last_update_post_date_struct.date, ours.last_updated),
    ):
        if posted and (on is None or on.isoformat() != posted):
            yield differs(code, f"status.{key}", posted, on.isoformat() if on else None)
    verified = theirs.status_verified_date
    if verified and not _same_month(verified, ours.last_verified):
        yield differs("TWC207", "status.last_verified", verified, ours.last_verified)
    sharing = record.study.protocol_section.ipd_sharing_statement_module.ipd_sharing
    if sharing and sharing.lower() != ours.sharing_of_participant_data:
        place = "status.sharing_of_participant_data"
        yield differs("TWC208", place, sharing.lower(), ours.sharing_of_participant_data)


def _study_date(
    code: str, key: str, struct: PartialDateStruct, day: StudyDate | None
) -> Iterator[Finding]:
    """Compare as much of the date as the record states, then whether it has come."""
    if not struct.date:
        return
    if day is None or not day.on.isoformat().startswith(struct.date):
        yield differs(code, f"status.{key}", struct.date, day.on.isoformat() if day else None)
    elif struct.type and struct.type.lower() != day.type:
        yield differs(code, f"status.{key}.type", struct.type.lower(), day.type)


def _same_month(partial: str, words: str | None) -> bool:
    try:
        return wording.read_date(words or "") == partial
    except ValueError:
        return same(partial, words)
