"""TWC4xx: arms and interventions of the record."""

from collections.abc import Iterator

from trialwright.protocol import Finding, Study
from trialwright.records import wording
from trialwright.records.compare.words import missing_from, same
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
            yield Finding(
                "TWC403", f"arms.{arm.id}.type", f"the record says {kind!r}, the study {arm.type!r}"
            )
    yield from _interventions(study, record)


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
            yield Finding(
                "TWC405",
                f"interventions.{theirs.name}.type",
                f"the record says {kind!r}, the study {ours[0].type!r}",
            )
        known = [name for each in ours for name in each.other_names]
        for name in missing_from(theirs.other_names, known):
            yield Finding(
                "TWC406",
                f"interventions.{theirs.name}.other_names.{name}",
                f"the record also calls it {name!r}, the study does not",
            )
