"""The design: how participants are allocated, to what, and who is kept blind."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from trialwright.protocol.element import Element, Identifier, Text

Role = Literal["participant", "care provider", "investigator", "outcomes assessor"]


class Masking(Element):
    """Who does not know the allocation. Nobody masked is an open-label study."""

    roles: tuple[Role, ...]


class Enrollment(Element):
    """How many participants are randomized."""

    count: PositiveInt
    type: Literal["actual", "estimated"]


class Design(Element):
    """The design as registers describe it."""

    allocation: Literal["randomized", "non-randomized", "not applicable"]
    model: Literal["single group", "parallel", "crossover", "factorial", "sequential"]
    masking: Masking
    purpose: Literal[
        "treatment", "prevention", "diagnostic", "supportive care", "screening",
        "health services research", "basic science", "device feasibility", "other",
    ]  # fmt: skip
    phase: Literal[
        "not applicable", "early phase 1", "phase 1", "phase 1/2", "phase 2", "phase 2/3",
        "phase 3", "phase 4",
    ]  # fmt: skip
    enrollment: Enrollment


class Schedule(Element):
    """When doses are due: on `from_day` and every `every_days` days until `to_day`, inclusive.

    Days are study days of the parallel design, or days of the period in a crossover; day 1 is the
    day of the first dose.
    """

    dose: NonNegativeFloat
    unit: Text
    route: Text
    from_day: PositiveInt
    to_day: PositiveInt
    every_days: PositiveInt


class Intervention(Element):
    """Something that is given or done to participants."""

    id: Identifier
    name: Text
    type: Literal["drug", "biological", "device", "procedure", "behavioral", "other"]
    description: Text
    other_names: tuple[Text, ...] = ()
    schedules: tuple[Schedule, ...] = ()


class Arm(Element):
    """A group of participants who receive the same interventions."""

    id: Identifier
    title: Text
    type: Literal[
        "experimental", "active comparator", "placebo comparator", "sham comparator",
        "no intervention", "other",
    ]  # fmt: skip
    description: Text
    interventions: tuple[Identifier, ...] = ()
    dose: NonNegativeFloat | None = Field(
        default=None, description="The dose that a dose-response analysis uses, placebo 0."
    )


class Period(Element):
    """A stretch of a crossover study in which a participant keeps one arm."""

    id: Identifier
    title: Text
    from_day: PositiveInt
    to_day: PositiveInt


class Sequence(Element):
    """The order in which a participant of a crossover study takes the arms, one per period."""

    id: Identifier
    title: Text
    arms: tuple[Identifier, ...]


class Level(Element):
    """A level of a stratification factor: the participants for whom the rule is met."""

    id: Identifier
    title: Text
    rule: Text


class Factor(Element):
    """A stratification factor: the site, or a partition of the participants by rules."""

    id: Identifier
    title: Text
    levels: Literal["sites"] | Annotated[tuple[Level, ...], Field(min_length=2)]


class Randomization(Element):
    """How allocations are drawn. The seed of the list is kept apart from the file."""

    method: Literal["stratified permuted blocks"]
    ratio: dict[Identifier, PositiveInt] = Field(
        description="Arms, or sequences in a crossover, with their share of a block."
    )
    block_sizes: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    strata: tuple[Factor, ...] = ()
