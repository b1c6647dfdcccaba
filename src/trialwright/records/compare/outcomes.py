"""TWC5xx: outcomes of the record, numbered over all ranks in the record's order."""

import re
from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.protocol.stated_numbers import numbers_of_another_rule
from trialwright.records.compare.words import differs, numbers, stems
from trialwright.records.record import Record


def outcome_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield outcomes that the study leaves out or states differently."""
    registered = list(record.study.protocol_section.outcomes_module.ranked())
    for number, (rank, _, theirs) in enumerate(registered, 1):
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
            if theirs.time_frame and _times(theirs.time_frame) != _times(outcome.time_frame):
                yield differs(
                    "TWC503", f"{place}.time_frame", theirs.time_frame, outcome.time_frame
                )
            marks = re.sub(r"\(\w\)", " ", theirs.description or "")
            other = numbers_of_another_rule(numbers(marks), numbers(outcome.description or ""))
            if other:
                message = (
                    f"it states {', '.join(f'{each:g}' for each in sorted(other))}, "
                    "which the record's description does not"
                )
                yield Finding("TWC506", f"{place}.description", message)
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


def _times(time_frame: str) -> tuple[set[float], set[str]]:
    """Return the numbers and the units of time of a time frame."""
    units = re.findall(r"day|week|month|year", time_frame.casefold())
    return numbers(time_frame), set(units)
