"""TWC5xx: outcomes of the record, numbered over all ranks in the record's order."""

from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.records.compare.words import numbers, stems
from trialwright.records.model.outcomes import Outcome
from trialwright.records.record import Record


def outcome_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield outcomes that the study leaves out or states differently."""
    registered = list(_numbered(record))
    for number, (rank, theirs) in enumerate(registered, 1):
        ours = [each for each in study.outcomes if each.record_number == number]
        if not ours:
            yield Finding(
                "TWC501",
                f"outcomes.{number}",
                f"no outcome of the study comes from outcome {number} of the record, "
                f"{theirs.measure or 'without a measure'!r}",
                f"add an outcome with record_number: {number}",
            )
        for outcome in ours:
            place = f"outcomes.{outcome.id}"
            if rank != "unranked" and rank != outcome.rank:
                message = f"the record ranks it {rank}, the study {outcome.rank}"
                yield Finding("TWC502", f"{place}.rank", message)
            if numbers(theirs.time_frame or "") - numbers(outcome.time_frame):
                message = f"the record says {theirs.time_frame!r}, the study {outcome.time_frame!r}"
                yield Finding("TWC503", f"{place}.time_frame", message)
            text = f"{outcome.measure} {outcome.description or ''}"
            if theirs.measure and not stems(theirs.measure) & stems(text):
                message = f"no word in common with the record's {theirs.measure!r}"
                yield Finding("TWC504", f"{place}.measure", message)
    for outcome in study.outcomes:
        if (outcome.record_number or 0) > len(registered):
            yield Finding(
                "TWC505",
                f"outcomes.{outcome.id}",
                f"the record has no outcome {outcome.record_number}",
                "correct or remove the record_number",
            )


def _numbered(record: Record) -> Iterator[tuple[str, Outcome]]:
    module = record.study.protocol_section.outcomes_module
    for rank, outcomes in (
        ("primary", module.primary_outcomes),
        ("secondary", module.secondary_outcomes),
        ("other", module.other_outcomes),
        ("unranked", module.unranked_outcomes),
    ):
        for outcome in outcomes:
            yield rank, outcome
