"""Change from baseline at each visit, each arm against the control, adjusted for baseline."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from trialwright.analysis.change import LOG_FLOOR_NOTE, changes, counted_as_one
from trialwright.analysis.dataset import Dataset
from trialwright.analysis.model_means import VisitModel, adjusted_at_visit, observed_means
from trialwright.analysis.repeated_measures import adjusted_over_visits
from trialwright.analysis.results import AnalysisResult
from trialwright.protocol.outcomes import Analysis, Change

NOTE = "each visit is analyzed alone, by analysis of covariance, with those who came to it"

Models = Callable[
    [Mapping[str, pl.DataFrame], Sequence[str], str, Sequence[str], float],
    tuple[dict[str, VisitModel], tuple[str, ...]],
]
"""From the rows of each visit, the arms, the control, the strata and the level."""


def repeated_measures(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """One mixed model of all visits, the observed means beside it."""
    return _by_visit(dataset, analysis, level, adjusted_over_visits)


def analysis_of_covariance(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """One analysis of covariance per visit, the observed means beside it."""
    return _by_visit(dataset, analysis, level, _each_alone)


def _each_alone(
    at: Mapping[str, pl.DataFrame],
    arms: Sequence[str],
    control: str,
    strata: Sequence[str],
    level: float,
) -> tuple[dict[str, VisitModel], tuple[str, ...]]:
    models = {
        visit: adjusted_at_visit(rows, visit, arms, control, strata, level)
        for visit, rows in at.items()
    }
    return models, ((NOTE,) if len(at) > 1 else ())


def _by_visit(
    dataset: Dataset, analysis: Analysis, level: float, adjusted: Models
) -> AnalysisResult:
    estimand = dataset.study.estimand(analysis.estimand)
    variable = estimand.variable
    assert isinstance(variable, Change)
    table = changes(dataset, estimand)
    arms = [estimand.control, *estimand.arms]
    strata = [f"stratum:{factor}" for factor in analysis.strata]
    at = {visit: table.filter(pl.col("visit") == visit) for visit in variable.visits}
    models, notes = adjusted(at, estimand.arms, estimand.control, strata, level)
    first = table.unique("participant", maintain_order=True)
    observed = [
        *observed_means(first, variable.baseline, arms, "baseline", level),
        *(
            mean
            for visit, rows in at.items()
            for column in ("value", "change")
            for mean in observed_means(rows, visit, arms, column, level)
        ),
    ]
    if counted_as_one(dataset, variable):
        notes += (LOG_FLOOR_NOTE,)
    if earlier := int(table["cut"].sum()):
        notes += (f"{earlier} values are the last ones before an intercurrent event",)
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        means=(*observed, *(mean for visit in at for mean in models[visit].means)),
        comparisons=tuple(each for visit in at for each in models[visit].comparisons),
        notes=notes,
    )
