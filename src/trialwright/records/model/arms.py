"""Arms and interventions."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import ArmGroupType, InterventionType


class ArmGroup(RegisterModel):
    """An arm and the interventions that it receives."""

    label: str | None = None
    type: ArmGroupType | None = None
    description: str | None = None
    intervention_names: tuple[str, ...] = ()


class Intervention(RegisterModel):
    """An intervention and the arms that receive it."""

    type: InterventionType | None = None
    name: str | None = None
    description: str | None = None
    arm_group_labels: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


class ArmsInterventionsModule(RegisterModel):
    """All arms and all interventions."""

    arm_groups: tuple[ArmGroup, ...] = ()
    interventions: tuple[Intervention, ...] = ()
