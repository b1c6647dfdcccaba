"""TWR014: arms and interventions that do not name each other."""

from collections.abc import Iterator
from datetime import date

from trialwright.records.derive import intervention_names
from trialwright.records.lint.finding import Flaw, Rule
from trialwright.records.record import Record

_MODULE = "protocolSection.armsInterventionsModule"


def _check(record: Record, _: date) -> Iterator[Flaw]:
    module = record.study.protocol_section.arms_interventions_module
    derived = intervention_names(module)
    for index, arm in enumerate(module.arm_groups):
        expected = derived.get(arm.label or "", ())
        if set(arm.intervention_names) != set(expected):
            yield Flaw(
                section=f"{_MODULE}.armGroups[{index}].interventionNames",
                line=record.line_of(f"{_MODULE}.armGroups[{index}]"),
                words=f"{arm.label}: {', '.join(arm.intervention_names) or 'none'}",
                reading=", ".join(expected) or "none",
                reason="the interventions say which arms receive them",
            )


ARMS_AND_INTERVENTIONS = Rule("TWR014", "arms and interventions that disagree", _check)
