"""What the register derives from a record, computed again from the facts it derives it from."""

from collections.abc import Mapping

from trialwright.records import wording
from trialwright.records.model.arms import ArmsInterventionsModule
from trialwright.records.model.codes import StandardAge
from trialwright.records.model.design import MaskingBlock
from trialwright.records.model.eligibility import EligibilityModule

_PER_YEAR: Mapping[str, float] = {
    "Year": 1,
    "Month": 12,
    "Week": 365.25 / 7,
    "Day": 365.25,
    "Hour": 365.25 * 24,
    "Minute": 365.25 * 24 * 60,
}
_MASKED: Mapping[str, int] = {"NONE": 0, "SINGLE": 1, "DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}


def age_in_years(age: str) -> float:
    """Return an age such as `18 Months` in years."""
    count, unit = age.split()
    return int(count) / _PER_YEAR[unit.removesuffix("s")]


def standard_ages(module: EligibilityModule) -> tuple[StandardAge, ...]:
    """Return the age groups that the age limits reach: child to 17, adult to 64, older adult.

    A missing limit is none. Source: glossary of ClinicalTrials.gov, "age or age group" (child,
    birth to 17 years; adult, 18 to 64; older adult, 65 and more), held against 26 records.
    """
    low = age_in_years(module.minimum_age) if module.minimum_age else 0.0
    high = age_in_years(module.maximum_age) if module.maximum_age else float("inf")
    groups: list[StandardAge] = []
    if low < 18:
        groups.append("CHILD")
    if low < 65 and high >= 18:
        groups.append("ADULT")
    if high >= 65:
        groups.append("OLDER_ADULT")
    return tuple(groups)


def intervention_names(module: ArmsInterventionsModule) -> dict[str, tuple[str, ...]]:
    """Return each arm's interventions as `Type: Name`, in the order of the interventions."""
    named: dict[str, list[str]] = {arm.label: [] for arm in module.arm_groups if arm.label}
    for intervention in module.interventions:
        kind = wording.words_of(wording.INTERVENTION_TYPE, intervention.type)
        for label in intervention.arm_group_labels:
            name = f"{kind}: {intervention.name}"
            if label in named and name not in named[label]:
                named[label].append(name)
    return {label: tuple(names) for label, names in named.items()}


def masking_agrees(masking: MaskingBlock) -> bool:
    """Return whether the masking names as many roles as it says; roles may be left out."""
    if masking.masking is None:
        return not masking.who_masked
    return not masking.who_masked or len(masking.who_masked) == _MASKED[masking.masking]
