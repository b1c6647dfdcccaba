"""The register's own remarks on a record."""

from trialwright.records.model.base import Day, RegisterModel
from trialwright.records.model.codes import UnpostedEventType, ViolationEventType


class UnpostedEvent(RegisterModel):
    """A step of results that are not posted yet."""

    type: UnpostedEventType | None = None
    date: Day | None = None
    date_unknown: bool | None = None


class UnpostedAnnotation(RegisterModel):
    """Steps of results that are not posted yet."""

    unposted_responsible_party: str | None = None
    unposted_events: tuple[UnpostedEvent, ...] = ()


class ViolationEvent(RegisterModel):
    """A step of a violation of the law on registration."""

    type: ViolationEventType | None = None
    description: str | None = None
    creation_date: Day | None = None
    issued_date: Day | None = None
    release_date: Day | None = None
    posted_date: Day | None = None


class ViolationAnnotation(RegisterModel):
    """Violations of the law on registration."""

    violation_events: tuple[ViolationEvent, ...] = ()


class AnnotationModule(RegisterModel):
    """All remarks."""

    unposted_annotation: UnpostedAnnotation | None = None
    violation_annotation: ViolationAnnotation | None = None


class AnnotationSection(RegisterModel):
    """The register's remarks."""

    annotation_module: AnnotationModule = AnnotationModule()
