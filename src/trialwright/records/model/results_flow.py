"""Results: how participants moved through the study."""

from trialwright.records.model.base import RegisterModel


class FlowGroup(RegisterModel):
    """A group of participants."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


class FlowStats(RegisterModel):
    """How many of a group."""

    group_id: str | None = None
    comment: str | None = None
    num_subjects: str | None = None
    num_units: str | None = None


class FlowMilestone(RegisterModel):
    """A point that participants reached."""

    type: str | None = None
    comment: str | None = None
    achievements: tuple[FlowStats, ...] = ()


class DropWithdraw(RegisterModel):
    """A reason why participants left."""

    type: str | None = None
    comment: str | None = None
    reasons: tuple[FlowStats, ...] = ()


class FlowPeriod(RegisterModel):
    """A period of the study."""

    title: str | None = None
    milestones: tuple[FlowMilestone, ...] = ()
    drop_withdraws: tuple[DropWithdraw, ...] = ()


class ParticipantFlowModule(RegisterModel):
    """Periods, milestones and withdrawals by group."""

    pre_assignment_details: str | None = None
    recruitment_details: str | None = None
    type_units_analyzed: str | None = None
    groups: tuple[FlowGroup, ...] = ()
    periods: tuple[FlowPeriod, ...] = ()
