"""Who is to get which dose when: the doses of a study's arms and sequences over time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from trialwright.protocol import Study
from trialwright.protocol.design import Arm, Schedule
from trialwright.simulation.draws import Floats

INJECTED: Final = frozenset({"subcutaneous", "intramuscular", "intravenous"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """Study days, both inclusive, on which an arm's schedule has doses due."""

    first_day: int
    last_day: int
    every_days: int
    intervention: str
    dose: float
    unit: str
    route: str
    active: bool  # it can change the disease: neither a placebo nor a dose of zero


def stretches(study: Study, allocated_to: str) -> tuple[Stretch, ...]:
    """All doses that are due to those allocated to an arm or a sequence, in order of days."""
    if not study.is_crossover:
        arm = study.arm(allocated_to)
        return tuple(_stretch(arm, *found, 0) for found in _schedules(study, arm))
    sequence = next(each for each in study.sequences if each.id == allocated_to)
    return tuple(
        _stretch(study.arm(arm), name, schedule, period.from_day - 1)
        for arm, period in zip(sequence.arms, study.periods, strict=True)
        for name, schedule in _schedules(study, study.arm(arm))
    )


def dose_changes(study: Study) -> tuple[int, ...]:
    """Every study day on which a schedule starts, or has ended the day before."""
    days = set()
    for group in study.randomization.ratio:
        for stretch in stretches(study, group):
            days |= {stretch.first_day, stretch.last_day + 1}
    return tuple(sorted(days))


def doses(study: Study, days: Floats) -> Floats:
    """The active dose an injection of each group of the ratio at each day, 0 while none is due.

    Returns:
        Shape (groups, times), million units.
    """
    groups = list(study.randomization.ratio)
    found = np.zeros((len(groups), len(days)))
    for row, group in enumerate(groups):
        for stretch in stretches(study, group):
            if stretch.active:
                during = (days >= stretch.first_day) & (days <= stretch.last_day)
                found[row, during] = stretch.dose
    return found


def injections(study: Study, days: Floats) -> Floats:
    """Whether anything, placebo included, is due by injection, (groups, times), 1 or 0."""
    groups = list(study.randomization.ratio)
    found = np.zeros((len(groups), len(days)))
    for row, group in enumerate(groups):
        for stretch in stretches(study, group):
            if stretch.route in INJECTED:
                found[row, (days >= stretch.first_day) & (days <= stretch.last_day)] = 1
    return found


def _schedules(study: Study, arm: Arm) -> list[tuple[str, Schedule]]:
    wanted = [each for each in study.interventions if each.id in arm.interventions]
    return [(each.id, schedule) for each in wanted for schedule in each.schedules]


def _stretch(arm: Arm, name: str, schedule: Schedule, shift: int) -> Stretch:
    experimental = arm.type == "experimental" and schedule.dose > 0
    return Stretch(
        first_day=schedule.from_day + shift,
        last_day=schedule.to_day + shift,
        every_days=schedule.every_days,
        intervention=name,
        dose=schedule.dose,
        unit=schedule.unit,
        route=schedule.route,
        active=experimental,
    )
