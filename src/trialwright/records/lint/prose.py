"""The passages of prose of a record, each with the place where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from trialwright.records.lint.finding import Flaw
from trialwright.records.record import CriterionKind, Record

_SECTION = "protocolSection."


@dataclass(frozen=True)
class Passage:
    """A text of the record: a criterion, or a field of prose."""

    section: str
    text: str
    line: int | None
    kind: CriterionKind | None = None
    criterion: str = ""


def criteria(record: Record) -> Iterator[Passage]:
    """Yield the eligibility criteria."""
    section = _SECTION + "eligibilityModule.eligibilityCriteria"
    for item in record.criteria:
        yield Passage(section, item.text, item.line, item.kind, item.name)


def descriptions(record: Record) -> Iterator[Passage]:
    """Yield titles, summaries and the descriptions of the design."""
    protocol = record.study.protocol_section
    design = protocol.design_module.design_info
    for path, text in (
        ("identificationModule.briefTitle", protocol.identification_module.brief_title),
        ("identificationModule.officialTitle", protocol.identification_module.official_title),
        ("descriptionModule.briefSummary", protocol.description_module.brief_summary),
        ("descriptionModule.detailedDescription", protocol.description_module.detailed_description),
        (
            "designModule.designInfo.interventionModelDescription",
            design.intervention_model_description,
        ),
    ):
        if text:
            yield Passage(_SECTION + path, text, record.line_of(_SECTION + path))


def outcomes(record: Record) -> Iterator[Passage]:
    """Yield measure, description and time frame of each outcome."""
    for rank, index, outcome in record.study.protocol_section.outcomes_module.ranked():
        entry = f"{_SECTION}outcomesModule.{rank}Outcomes[{index}]"
        for key, text in (
            ("measure", outcome.measure),
            ("description", outcome.description),
            ("timeFrame", outcome.time_frame),
        ):
            if text:
                line = record.line_of(f"{entry}.{key}") or record.line_of(entry)
                yield Passage(f"{entry}.{key}", text, line)


def arms(record: Record) -> Iterator[Passage]:
    """Yield the descriptions of arms and interventions."""
    module = record.study.protocol_section.arms_interventions_module
    described = [(f"armGroups[{i}]", arm.description) for i, arm in enumerate(module.arm_groups)]
    described += [
        (f"interventions[{i}]", each.description) for i, each in enumerate(module.interventions)
    ]
    for entry, text in described:
        if text:
            place = f"{_SECTION}armsInterventionsModule.{entry}"
            line = record.line_of(f"{place}.description") or record.line_of(place)
            yield Passage(f"{place}.description", text, line)


def passages(record: Record) -> Iterator[Passage]:
    """Yield all prose of the planned study."""
    yield from descriptions(record)
    yield from criteria(record)
    yield from outcomes(record)
    yield from arms(record)


def miswritten(passage: Passage, start: int, end: int, meant: str, reason: str) -> Flaw:
    """Return the flaw of a passage in which other words are meant between two places."""
    corrected = f"{passage.text[:start]}{meant}{passage.text[end:]}"
    return Flaw(
        section=passage.section,
        criterion=passage.criterion,
        line=passage.line,
        words=quote(passage.text, start, end),
        reading=quote(corrected, start, start + len(meant)),
        reason=reason,
    )


def quote(text: str, start: int, end: int, *, before: int = 40, after: int = 30) -> str:
    """Return the words around a place in a text, cut between words."""
    left, right = max(0, start - before), min(len(text), end + after)
    while left > 0 and not text[left - 1].isspace() and left < start:
        left += 1
    while right < len(text) and not text[right].isspace() and right > end:
        right -= 1
    return " ".join(text[left:right].split())
