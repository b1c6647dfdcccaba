"""Results: adverse events."""

from trialwright.records.model.base import RegisterModel
from trialwright.records.model.codes import EventAssessment


class EventGroup(RegisterModel):
    """A group and its totals."""

    id: str | None = None
    title: str | None = None
    description: str | None = None
    deaths_num_affected: int | None = None
    deaths_num_at_risk: int | None = None
    serious_num_affected: int | None = None
    serious_num_at_risk: int | None = None
    other_num_affected: int | None = None
    other_num_at_risk: int | None = None


class EventStats(RegisterModel):
    """How often an event came in a group."""

    group_id: str | None = None
    num_events: int | None = None
    num_affected: int | None = None
    num_at_risk: int | None = None


class AdverseEvent(RegisterModel):
    """A kind of adverse event."""

    term: str | None = None
    organ_system: str | None = None
    source_vocabulary: str | None = None
    assessment_type: EventAssessment | None = None
    notes: str | None = None
    stats: tuple[EventStats, ...] = ()


class AdverseEventsModule(RegisterModel):
    """All adverse events."""

    frequency_threshold: str | None = None
    time_frame: str | None = None
    description: str | None = None
    all_cause_mortality_comment: str | None = None
    event_groups: tuple[EventGroup, ...] = ()
    serious_events: tuple[AdverseEvent, ...] = ()
    other_events: tuple[AdverseEvent, ...] = ()
