"""TWC4xx: arms and interventions of the record."""

import re
from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.records import wording
from trialwright.records.compare.words import differs, missing_from, same
from trialwright.records.lint.prose import descriptions
from trialwright.records.record import Record


def arm_findings(study: Study, record: Record) -> Iterator[Finding]:
    """Yield arms and interventions that the study leaves out or states differently."""
    module = record.study.protocol_section.arms_interventions_module
    groups = module.arm_groups
    if groups and len(groups) != len(study.arms):
        yield Finding(
            "TWC401", "arms", f"the record has {len(groups)} arms, the study {len(study.arms)}"
        )
    for group in groups:
        arm = next((each for each in study.arms if same(each.title, group.label)), None)
        if arm is None:
            yield Finding(
                "TWC402",
                f"arms.{group.label}",
                f"the record has an arm {group.label!r}, the study none of this title",
            )
            continue
        kind = wording.words_of(wording.ARM_TYPE, group.type).lower()
        if kind and kind != arm.type:
            yield differs("TWC403", f"arms.{arm.id}.type", kind, arm.type)
    if not groups:
        yield from _arms_in_prose(study, record)
    yield from _interventions(study, record)


_DOSE = re.compile(r"(?<![\d.])(?P<dose>\d+(?:\.\d+)?) ?(?:MIU|IU|mg|µg|mcg)\b(?!/)")


def _arms_in_prose(study: Study, record: Record) -> Iterator[Finding]:
    """A record without a list of arms may name doses and placebo in its titles and summary."""
    prose = " ".join(passage.text for passage in descriptions(record))
    ours = {arm.dose for arm in study.arms}
    for dose in sorted({float(found["dose"]) for found in _DOSE.finditer(prose)} - ours):
        message = f"the record's prose names the dose {dose:g}, and no arm has it"
        yield Finding("TWC407", f"arms.{dose:g}", message, f"add an arm with dose: {dose:g}")
    controlled = re.search(
        r"placebo[- ]controlled|(?:versus|vs\.?|or) placebo", prose, re.IGNORECASE
    )
    if controlled and all(arm.type != "placebo comparator" for arm in study.arms):
        message = "the record's prose names a placebo, and no arm is a placebo comparator"
        yield Finding("TWC407", "arms.placebo", message, "add an arm of this type")


def _interventions(study: Study, record: Record) -> Iterator[Finding]:
    for theirs in record.study.protocol_section.arms_interventions_module.interventions:
        ours = [each for each in study.interventions if same(each.name, theirs.name)]
        if not ours:
            yield Finding(
                "TWC404",
                f"interventions.{theirs.name}",
                f"the record has an intervention {theirs.name!r}, the study none of this name",
            )
            continue
        kind = wording.words_of(wording.INTERVENTION_TYPE, theirs.type).lower()
        if kind and all(each.type != kind for each in ours):
            yield differs("TWC405", f"interventions.{theirs.name}.type", kind, ours[0].type)
        known = [name for each in ours for name in each.other_names]
        for name in missing_from(theirs.other_names, known):
            yield Finding(
                "TWC406",
                f"interventions.{theirs.name}.other_names.{name}",
                f"the record also calls it {name!r}, the study does not",
            )
