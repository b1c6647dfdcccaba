"""What is measured (outcomes), what is to be estimated (estimands) and how (analyses)."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from trialwright.protocol.element import Element, Identifier, ItemName, Text


class Outcome(Element):
    """An outcome as registered, with the visits at which it is measured."""

    id: Identifier
    rank: Literal["primary", "secondary", "other"]
    measure: Text
    description: Text | None = None
    time_frame: Text
    visits: tuple[Identifier, ...]
    record_number: PositiveInt | None = None


class TreatmentEnded(Element):
    """Study treatment ended early, for one of the reasons (any reason if none is listed)."""

    kind: Literal["treatment ended"]
    end_reasons: tuple[Text, ...] = ()


class ParticipationEnded(Element):
    """Participation ended early, for one of the reasons (any reason if none is listed)."""

    kind: Literal["participation ended"]
    end_reasons: tuple[Text, ...] = ()


class MedicationStarted(Element):
    """A medication of one of the classes was started after the first dose."""

    kind: Literal["medication started"]
    classes: Annotated[tuple[Text, ...], Field(min_length=1)]


class DoseIncreased(Element):
    """The daily dose of a class rose above its dose at the first dose by more than `by`."""

    kind: Literal["dose increased"]
    medication_class: Text
    by: PositiveFloat
    unit: Text


class IntercurrentEvent(Element):
    """An event after the start of treatment that bears on the outcome (ICH E9(R1))."""

    id: Identifier
    title: Text
    detection: Annotated[
        TreatmentEnded | ParticipationEnded | MedicationStarted | DoseIncreased,
        Field(discriminator="kind"),
    ]


class Handling(Element):
    """How an estimand handles an intercurrent event."""

    event: Identifier
    strategy: Literal[
        "treatment policy", "composite", "hypothetical", "while on treatment", "principal stratum"
    ]


class SriResponse(Element):
    """Response by the SLE Responder Index; `component` asks for one of its three parts alone."""

    kind: Literal["sri"]
    points: Literal[4, 5, 6, 7, 8] = 4
    sledai: ItemName
    bilag: ItemName
    global_assessment: ItemName
    bilag_clauses: Literal["and", "or"] = "and"
    component: Literal["sledai", "bilag", "pga"] | None = None
    baseline: Identifier
    visits: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class Change(Element):
    """Change of an item or score from baseline, on its own or a logarithmic scale.

    In a crossover each visit is compared with the baseline visit of its own period; `baseline`
    names that of the first.
    """

    kind: Literal["change"]
    item: Text
    scale: Literal["identity", "log10"] = "identity"
    baseline: Identifier
    visits: Annotated[tuple[Identifier, ...], Field(min_length=1)]


class EventRate(Element):
    """Adverse events of a category per participant-year of observation."""

    kind: Literal["event rate"]
    category: Text


Variable = Annotated[SriResponse | Change | EventRate, Field(discriminator="kind")]


class Estimand(Element):
    """What is to be estimated: treatment, population, variable, events, summary (ICH E9(R1))."""

    id: Identifier
    outcome: Identifier | None = None
    title: Text
    population: Identifier = Field(description="An analysis set.")
    arms: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    control: Identifier
    variable: Variable
    intercurrent_events: tuple[Handling, ...] = ()
    missing: Literal["non-response", "observed"] = "observed"
    summary: Literal[
        "difference in proportions", "difference in means", "rate ratio", "trend in proportions"
    ]


class AnalysisSet(Element):
    """Which participants count."""

    id: Identifier
    title: Text
    definition: Literal["randomized", "treated", "per protocol"]


class Analysis(Element):
    """How an estimand is estimated."""

    id: Identifier
    estimand: Identifier
    role: Literal["primary", "secondary", "sensitivity", "supplementary"]
    method: Literal[
        "stratified comparison of proportions",
        "trend in proportions",
        "tipping point",
        "mixed model for repeated measures",
        "analysis of covariance",
        "crossover comparison",
        "exact rates",
    ]
    title: Text
    strata: tuple[Identifier, ...] = Field(
        default=(), description="Stratification factors that the analysis adjusts for."
    )


class Multiplicity(Element):
    """How the chance of a false claim is kept within alpha over a family of comparisons."""

    method: Literal["none", "bonferroni", "holm", "hochberg", "hommel", "fixed sequence"]
    alpha: float = Field(gt=0, lt=1)
    sides: Literal[1, 2]
    analyses: tuple[Identifier, ...]


class StoppingGuidance(Element):
    """When those who oversee safety consider pausing or ending treatment."""

    id: Identifier
    scope: Literal["participant", "arm", "study"]
    text: Text
