"""The study: everything that one protocol file says."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from trialwright.protocol.capture import Form, Visit
from trialwright.protocol.criteria import Criterion
from trialwright.protocol.design import (
    Arm,
    Design,
    Intervention,
    Period,
    Randomization,
    Sequence,
)
from trialwright.protocol.element import Element, Identifier, Text
from trialwright.protocol.identity import Identity, Site, Sponsor, Status
from trialwright.protocol.outcomes import (
    Analysis,
    AnalysisSet,
    Estimand,
    IntercurrentEvent,
    Multiplicity,
    Outcome,
    StoppingGuidance,
)


class Answer(Element):
    """Our answer to a finding of `check`, given by the finding's name, such as `TWP201 arms`."""

    finding: Text
    answer: Text


class Reading(Element):
    """One way to read an ambiguous record: the sections of the study that it replaces."""

    title: Text
    design: Design | None = None
    periods: tuple[Period, ...] | None = None
    sequences: tuple[Sequence, ...] | None = None
    randomization: Randomization | None = None
    visits: tuple[Visit, ...] | None = None
    outcomes: tuple[Outcome, ...] | None = None
    estimands: tuple[Estimand, ...] | None = None
    analyses: tuple[Analysis, ...] | None = None
    multiplicity: Multiplicity | None = None
    answers: tuple[Answer, ...] | None = None


class Study(Element):
    """A trial, from one protocol file."""

    format: Literal["trialwright-study/1"]
    id: Identifier
    version: Text
    identity: Identity
    sponsor: Sponsor
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    status: Status
    design: Design
    arms: Annotated[tuple[Arm, ...], Field(min_length=1)]
    interventions: tuple[Intervention, ...] = ()
    periods: tuple[Period, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    randomization: Randomization
    visits: Annotated[tuple[Visit, ...], Field(min_length=1)]
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]
    intercurrent_events: tuple[IntercurrentEvent, ...] = ()
    analysis_sets: Annotated[tuple[AnalysisSet, ...], Field(min_length=1)]
    estimands: tuple[Estimand, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    multiplicity: Multiplicity
    stopping_guidance: tuple[StoppingGuidance, ...] = ()
    default_reading: Identifier | None = None
    readings: dict[Identifier, Reading] = Field(default_factory=dict)
    answers: tuple[Answer, ...] = ()

    @property
    def is_crossover(self) -> bool:
        """Whether participants are allocated to sequences of arms."""
        return self.design.model == "crossover"

    def under(self, reading: str) -> Self:
        """The study with the sections that a reading replaces; KeyError if there is none such."""
        chosen = self.readings[reading]
        sections = (
            chosen.model_fields_set & type(self).model_fields.keys() - Element.model_fields.keys()
        )
        return self.model_copy(update={name: getattr(chosen, name) for name in sections})

    def arm(self, arm_id: str) -> Arm:
        """The arm with this id."""
        return next(arm for arm in self.arms if arm.id == arm_id)

    def visit(self, visit_id: str) -> Visit:
        """The visit with this id."""
        return next(visit for visit in self.visits if visit.id == visit_id)

    def form(self, form_id: str) -> Form:
        """The form with this id."""
        return next(form for form in self.forms if form.id == form_id)

    def estimand(self, estimand_id: str) -> Estimand:
        """The estimand with this id."""
        return next(each for each in self.estimands if each.id == estimand_id)

    def assumptions(self) -> Iterator[tuple[str, str]]:
        """Each assumed choice: the path of the element in the file, and the reason."""
        yield from _assumptions(self, "")


def _assumptions(element: Element, path: str) -> Iterator[tuple[str, str]]:
    if element.assumed and element.reason:
        yield path, element.reason
    for name in type(element).model_fields:
        yield from _assumptions_in(getattr(element, name), f"{path}.{name}" if path else name)


def _assumptions_in(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Element):
        yield from _assumptions(value, path)
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            name = getattr(part, "id", number) if isinstance(part, BaseModel) else number
            yield from _assumptions_in(part, f"{path}.{name}")
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _assumptions_in(part, f"{path}.{name}")
