"""Results: baseline characteristics and outcome measures."""

from trialwright.records.model.base import PartialDate, RegisterModel
from trialwright.records.model.codes import (
    AnalysisDispersionType,
    ConfidenceIntervalNumSides,
    MeasureDispersionType,
    MeasureParam,
    NonInferiorityType,
    OutcomeMeasureType,
    ReportingStatus,
)


class MeasureGroup(RegisterModel):
    """A group whose values are reported."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


class DenomCount(RegisterModel):
    """How many of a group were analyzed."""

    group_id: str | None = None
    value: str | None = None


class Denom(RegisterModel):
    """How many units were analyzed, by group."""

    units: str | None = None
    counts: tuple[DenomCount, ...] = ()


class Measurement(RegisterModel):
    """A reported value and its spread."""

    group_id: str | None = None
    value: str | None = None
    spread: str | None = None
    lower_limit: str | None = None
    upper_limit: str | None = None
    comment: str | None = None


class MeasureCategory(RegisterModel):
    """A category of a measure."""

    title: str | None = None
    measurements: tuple[Measurement, ...] = ()


class MeasureClass(RegisterModel):
    """A row of a measure."""

    title: str | None = None
    denoms: tuple[Denom, ...] = ()
    categories: tuple[MeasureCategory, ...] = ()


class BaselineMeasure(RegisterModel):
    """A baseline characteristic."""

    title: str | None = None
    description: str | None = None
    population_description: str | None = None
    param_type: MeasureParam | None = None
    dispersion_type: MeasureDispersionType | None = None
    unit_of_measure: str | None = None
    calculate_pct: bool | None = None
    denom_units_selected: str | None = None
    denoms: tuple[Denom, ...] = ()
    classes: tuple[MeasureClass, ...] = ()


class BaselineCharacteristicsModule(RegisterModel):
    """All baseline characteristics."""

    population_description: str | None = None
    type_units_analyzed: str | None = None
    groups: tuple[MeasureGroup, ...] = ()
    denoms: tuple[Denom, ...] = ()
    measures: tuple[BaselineMeasure, ...] = ()


class MeasureAnalysis(RegisterModel):
    """A statistical analysis."""

    group_ids: tuple[str, ...] = ()
    group_description: str | None = None
    tested_non_inferiority: bool | None = None
    non_inferiority_type: NonInferiorityType | None = None
    non_inferiority_comment: str | None = None
    p_value: str | None = None
    p_value_comment: str | None = None
    statistical_method: str | None = None
    statistical_comment: str | None = None
    param_type: str | None = None
    param_value: str | None = None
    ci_pct_value: str | None = None
    ci_num_sides: ConfidenceIntervalNumSides | None = None
    ci_lower_limit: str | None = None
    ci_upper_limit: str | None = None
    ci_lower_limit_comment: str | None = None
    ci_upper_limit_comment: str | None = None
    dispersion_type: AnalysisDispersionType | None = None
    dispersion_value: str | None = None
    estimate_comment: str | None = None
    other_analysis_description: str | None = None


class OutcomeMeasure(RegisterModel):
    """An outcome with its values and analyses."""

    type: OutcomeMeasureType | None = None
    title: str | None = None
    description: str | None = None
    population_description: str | None = None
    reporting_status: ReportingStatus | None = None
    anticipated_posting_date: PartialDate | None = None
    param_type: MeasureParam | None = None
    dispersion_type: str | None = None
    unit_of_measure: str | None = None
    calculate_pct: bool | None = None
    time_frame: str | None = None
    type_units_analyzed: str | None = None
    denom_units_selected: str | None = None
    groups: tuple[MeasureGroup, ...] = ()
    denoms: tuple[Denom, ...] = ()
    classes: tuple[MeasureClass, ...] = ()
    analyses: tuple[MeasureAnalysis, ...] = ()


class OutcomeMeasuresModule(RegisterModel):
    """All outcomes with results."""

    outcome_measures: tuple[OutcomeMeasure, ...] = ()
