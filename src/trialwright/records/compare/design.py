"""TWC3xx: the fields of the design and the number of participants."""

import re
from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.records import wording
from trialwright.records.compare.words import differs
from trialwright.records.lint.prose import descriptions
from trialwright.records.record import Record

_ROLES_OF = {"NONE": 0, "SINGLE": 1, "DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}


def design_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield what differs in allocation, model, masking, purpose, phase and enrollment."""
    module, ours = record.study.protocol_section.design_module, study.design
    info = module.design_info
    model = wording.words_of(wording.INTERVENTION_MODEL, info.intervention_model)
    purpose = wording.words_of(wording.PURPOSE, info.primary_purpose)
    for code, key, words, stated in (
        ("TWC301", "allocation", _allocation(info.allocation), ours.allocation),
        ("TWC302", "model", model.removesuffix(" Assignment").lower(), ours.model),
        (
            "TWC303",
            "purpose",
            purpose.lower(),
            ours.purpose,
        ),
        ("TWC304", "phase", _phase(module.phases), ours.phase),
    ):
        if words and words != stated:
            yield differs(code, f"design.{key}", words, stated)
    yield from _masking(study, record)
    size, count = module.enrollment_info, ours.enrollment
    if size.count is not None and size.count != count.count:
        yield Finding(
            "TWC306",
            "design.enrollment",
            f"the record counts {size.count} participants, the study {count.count}",
        )
    if size.type and size.type.lower() != count.type:
        yield Finding(
            "TWC307",
            "design.enrollment.type",
            f"the record's count is {size.type.lower()}, the study's {count.type}",
        )


def _masking(study: Study, record: Record) -> Iterator[Finding]:
    theirs = record.study.protocol_section.design_module.design_info.masking_info
    ours = study.design.masking.roles
    roles = {wording.words_of(wording.WHO_MASKED, role).lower() for role in theirs.who_masked}
    place = "design.masking"
    if not theirs.masking and (blind := _blinding(record)) and len(ours) < _ROLES_OF[blind]:
        message = (
            f"the record's prose says {blind.lower()} masking, the study masks {len(ours)} roles"
        )
        yield Finding("TWC305", place, message, "state who is masked")
    if theirs.masking and _ROLES_OF[theirs.masking] != len(ours):
        yield Finding(
            "TWC305",
            place,
            f"the record masks {_ROLES_OF[theirs.masking]} roles, the study {len(ours)}",
        )
    elif roles and roles != set(ours):
        names = ", ".join(sorted(roles))
        yield Finding("TWC305", place, f"the record masks {names}; the study {', '.join(ours)}")


def _blinding(record: Record) -> str | None:
    """Return the masking that the prose names: the most that it says."""
    found = {
        word.upper()
        for passage in descriptions(record)
        for word in re.findall(
            r"\b(single|double|triple|quadruple)[- ]?(?:blind|mask)", passage.text, re.IGNORECASE
        )
    }
    return max(found, key=_ROLES_OF.__getitem__, default=None)


def _allocation(code: str | None) -> str:
    return "not applicable" if code == "NA" else wording.words_of(wording.ALLOCATION, code).lower()


def _phase(phases: tuple[str, ...]) -> str:
    """Return the phases of a record as a study writes them: `phase 1/2`."""
    if phases == ("NA",):
        return "not applicable"
    names = [wording.words_of(wording.PHASE, phase).lower() for phase in phases]
    return "/".join([*names[:1], *(name.removeprefix("phase ") for name in names[1:])])
