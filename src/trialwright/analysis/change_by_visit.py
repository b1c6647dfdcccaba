"""Change from baseline at every visit, each arm against the control, adjusted for baseline."""

import polars as pl

from trialwright.analysis.change import LOG_FLOOR_NOTE, changes, counted_as_one
from trialwright.analysis.dataset import Dataset
from trialwright.analysis.model_means import adjusted_at_visit, observed_means
from trialwright.analysis.results import AnalysisResult
from trialwright.protocol.outcomes import Analysis, Change

NOTE = "each visit is analyzed alone, by analysis of covariance, with those who came to it"


def change_by_visit(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """One analysis of covariance per visit, the observed means beside it."""
    estimand = dataset.study.estimand(analysis.estimand)
    variable = estimand.variable
    assert isinstance(variable, Change)
    table = changes(dataset, estimand)
    arms = [estimand.control, *estimand.arms]
    strata = [f"stratum:{factor}" for factor in analysis.strata]
    at = {visit: table.filter(pl.col("visit") == visit) for visit in variable.visits}
    models = {
        visit: adjusted_at_visit(rows, visit, estimand.arms, estimand.control, strata, level)
        for visit, rows in at.items()
    }
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
    notes = [NOTE] if len(variable.visits) > 1 else []
    if counted_as_one(dataset, variable):
        notes.append(LOG_FLOOR_NOTE)
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        means=(*observed, *(mean for model in models.values() for mean in model.means)),
        comparisons=tuple(each for model in models.values() for each in model.comparisons),
        notes=tuple(notes),
    )
