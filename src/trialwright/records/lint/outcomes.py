"""TWR006: an outcome without measure or time frame; TWR011: an outcome without rank."""

from collections.abc import Iterator
from datetime import date

from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.record import Record

_MODULE = "protocolSection.outcomesModule"


def _incomplete(record: Record, _: date) -> Iterator[Flaw]:
    for rank, index, outcome in record.study.protocol_section.outcomes_module.ranked():
        place = f"{_MODULE}.{rank}Outcomes[{index}]"
        words = outcome.measure or outcome.description or ""
        for key, text, reading, reason in (
            ("measure", outcome.measure, "a measure", "what is measured is not said"),
            ("timeFrame", outcome.time_frame, "a time frame", "when is not said"),
        ):
            if not (text or "").strip():
                line = record.line_of(place)
                yield Flaw(f"{place}.{key}", words, reading, reason, line=line)


def _unranked(record: Record, _: date) -> Iterator[Flaw]:
    for index, outcome in enumerate(
        record.study.protocol_section.outcomes_module.unranked_outcomes
    ):
        yield Flaw(
            section=f"{_MODULE}.unrankedOutcomes[{index}]",
            words=outcome.measure or "",
            reading="primary, secondary or other, as the register holds it",
            reason="the page does not state the rank of this outcome",
        )


INCOMPLETE_OUTCOME = Rule("TWR006", "outcome without a measure or a time frame", _incomplete)
UNRANKED_OUTCOME = Rule("TWR011", "outcome without a rank", _unranked)
