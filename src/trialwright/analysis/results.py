"""What an analysis of a trial returns: data for a report, without a word of layout.

A number that the data do not determine is None, and a note says why.
"""

from dataclasses import dataclass
from typing import Literal

Role = Literal["primary", "secondary", "sensitivity", "supplementary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmProportion:
    """How many participants of an arm responded at a visit.

    Attributes:
        responders, participants: the proportion; participants are those of the analysis set, or
            those observed if the estimand counts only these.
        missing: participants whose response is not known and who had no deciding event.
        failures: participants counted as non-responders because of an intercurrent event.
        lower, upper: Wilson's 95% interval.
    """

    visit: str
    arm: str
    responders: int
    participants: int
    missing: int
    failures: int
    proportion: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmMean:
    """The mean of an arm at a visit: observed, with its standard deviation, or from a model."""

    visit: str
    arm: str
    kind: Literal["observed", "observed change", "adjusted change"]
    participants: int
    mean: float | None
    standard_deviation: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRate:
    """Events of an arm per participant-year, with the exact interval of a Poisson count."""

    arm: str
    participants: int
    participants_with_event: int
    events: int
    person_years: float
    rate: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An arm against the control.

    Attributes:
        quantity: what `estimate` is, such as 'difference in proportions' or 'rate ratio'.
        estimate, lower, upper: on the scale of `quantity`; a proportion as a fraction of 1.
        p_value: two-sided, before adjustment.
        adjusted_p_value: within the family of the study's multiplicity procedure, None outside.
        claim: whether the procedure allows the claim of a difference; None outside the family.
        participants: analyzed, in both arms together; in a crossover those with both periods.
        standard_error, degrees_of_freedom: of a difference in means; None otherwise.
    """

    visit: str | None
    arm: str
    control: str
    quantity: str
    estimate: float | None
    lower: float | None
    upper: float | None
    level: float
    p_value: float | None
    adjusted_p_value: float | None = None
    claim: bool | None = None
    participants: int
    standard_error: float | None = None
    degrees_of_freedom: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisTest:
    """A test that is not a comparison of one arm: of trend, period or carry-over."""

    name: str
    estimate: float | None = None
    lower: float | None = None
    upper: float | None = None
    statistic: float | None
    p_value: float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """The comparison if so many of the missing had responded.

    Attributes:
        arm_responders, control_responders: of the missing in the arm and in the control, how many
            are counted as responders.
        p_value: of the primary test on these counts, before adjustment.
    """

    arm: str
    arm_responders: int
    arm_missing: int
    control_responders: int
    control_missing: int
    p_value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """One analysis of the study with everything that it found."""

    id: str
    title: str
    role: Role
    method: str
    estimand: str
    estimand_title: str
    population: str
    proportions: tuple[ArmProportion, ...] = ()
    means: tuple[ArmMean, ...] = ()
    rates: tuple[ArmRate, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    tests: tuple[HypothesisTest, ...] = ()
    tipping_points: tuple[TippingPoint, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFlow:
    """The CONSORT flow of an arm (or sequence, in a crossover)."""

    allocated_to: str
    allocated: int
    treated: int
    ended_early: dict[str, int]
    completed: int
    ongoing: int
    analyzed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The CONSORT flow of the trial.

    Attributes:
        not_randomized: screened and not randomized, by criterion (the first that failed in the
            order of the protocol) or 'other reason'.
    """

    screened: int
    not_randomized: dict[str, int]
    randomized: int
    arms: tuple[ArmFlow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCell:
    """A characteristic in one group: a count with its share, or a mean with its spread."""

    group: str
    participants: int
    count: int | None = None
    mean: float | None = None
    standard_deviation: float | None = None
    median: float | None = None
    lower_quartile: float | None = None
    upper_quartile: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRow:
    """A characteristic at baseline over all groups."""

    group: str
    characteristic: str
    unit: str
    kind: Literal["count", "number"]
    cells: tuple[BaselineCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyRow:
    """Adverse events of one kind by arm: participants with at least one, and events."""

    label: str
    group: Literal["summary", "category", "term"]
    participants: dict[str, int]
    events: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """Adverse events of the treated, by arm."""

    treated: dict[str, int]
    person_years: dict[str, float]
    rows: tuple[SafetyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A departure from the protocol that the data show."""

    kind: Literal[
        "randomized although ineligible",
        "randomized with a criterion unknown",
        "visit outside its window",
        "visit missed",
        "doses missed",
        "prohibited medication",
    ]
    participant: str
    arm: str
    place: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationCount:
    """Deviations of a kind by arm: participants with at least one, and deviations."""

    kind: str
    participants: dict[str, int]
    deviations: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Veto:
    """Of those who responded by SLEDAI, how many the other parts of the SRI turned down."""

    visit: str
    arm: str
    sledai_responders: int
    vetoed_by_bilag: int
    vetoed_by_pga: int
    vetoed: int
    failed_by_event: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementShare:
    """The share of an arm whose index fell by at least so many points; missing is no fall."""

    arm: str
    points: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """The cumulative responder curve of a disease activity index at a visit."""

    visit: str
    item: str
    shares: tuple[ImprovementShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a trial of this size can show, computed from its own data.

    Attributes:
        expected_events: of the control arm, at the rate of all arms together.
        power_at_zero: the chance that an exact test at the study's alpha finds the arm better if
            it prevents every event.
        detectable_ratio: the rate ratio below 1 that the test finds with 80% chance; None if even
            a ratio of 0 is found less often.
        half_width: of the interval of the difference in means.
        detectable_difference: found with 80% chance by a test at the study's alpha.
    """

    analysis: str
    participants: int
    expected_events: float | None = None
    power_at_zero: float | None = None
    detectable_ratio: float | None = None
    half_width: float | None = None
    detectable_difference: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that the analysis of a trial found."""

    study: str
    flow: Flow
    baseline: tuple[BaselineRow, ...]
    analyses: tuple[AnalysisResult, ...]
    vetoes: tuple[Veto, ...]
    improvement: Improvement | None
    safety: Safety
    deviations: tuple[Deviation, ...]
    deviation_counts: tuple[DeviationCount, ...]
    reach: tuple[Reach, ...]

    def analysis(self, analysis_id: str) -> AnalysisResult:
        """The analysis with this id."""
        return next(each for each in self.analyses if each.id == analysis_id)

    def primary(self) -> tuple[AnalysisResult, ...]:
        """The analyses whose role is primary."""
        return tuple(each for each in self.analyses if each.role == "primary")
