"""The analysis of a trial: every analysis that the study names, and what every report shows."""

from collections.abc import Callable, Mapping
from typing import Final

from trialwright.analysis.baseline import baseline
from trialwright.analysis.change_by_visit import analysis_of_covariance, repeated_measures
from trialwright.analysis.crossover import crossover_comparison
from trialwright.analysis.dataset import Dataset, prepare
from trialwright.analysis.deviations import count_by_arm, deviations
from trialwright.analysis.dose_trend import dose_trend
from trialwright.analysis.exact_rates import exact_rates
from trialwright.analysis.flow import flow
from trialwright.analysis.index_parts import improvement, responder_estimand, vetoes
from trialwright.analysis.multiplicity import confidence_level, with_adjusted
from trialwright.analysis.proportions import stratified_comparison
from trialwright.analysis.reach import reach
from trialwright.analysis.results import AnalysisResult, Results
from trialwright.analysis.safety import safety
from trialwright.analysis.tipping_point import tipping_point
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study
from trialwright.protocol.outcomes import Analysis
from trialwright.trialdata import TrialData

Method = Callable[[Dataset, Analysis, float], AnalysisResult]

METHODS: Final[Mapping[str, tuple[str, Method]]] = {
    "stratified comparison of proportions": ("sri", stratified_comparison),
    "trend in proportions": ("sri", dose_trend),
    "tipping point": ("sri", tipping_point),
    "mixed model for repeated measures": ("change", repeated_measures),
    "analysis of covariance": ("change", analysis_of_covariance),
    "crossover comparison": ("change", crossover_comparison),
    "exact rates": ("event rate", exact_rates),
}
"""Each method of a study file: the kind of variable that it takes, and the function."""


def analyze(study: Study, data: TrialData) -> Results:
    """Analyze a trial as its study says.

    Args:
        study: under the reading that the trial followed.
        data: of the whole trial, in any order of rows.

    Raises:
        UnusableInputError: the data do not belong to the study, or an analysis names a method that
            does not fit its estimand's variable.
    """
    dataset = prepare(study, data)
    level = confidence_level(study.multiplicity)
    found = with_adjusted(
        [_run(dataset, analysis, level) for analysis in study.analyses], study.multiplicity
    )
    departures = deviations(dataset)
    responder = responder_estimand(dataset)
    reaches = (reach(result, 1 - level) for result in found)
    return Results(
        study=study.id,
        flow=flow(dataset),
        baseline=baseline(dataset),
        analyses=found,
        vetoes=vetoes(dataset, responder) if responder else (),
        improvement=improvement(dataset, responder) if responder else None,
        safety=safety(dataset),
        deviations=departures,
        deviation_counts=count_by_arm(dataset, departures),
        reach=tuple(each for each in reaches if each is not None),
    )


def _run(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    kind, method = METHODS[analysis.method]
    variable = dataset.study.estimand(analysis.estimand).variable
    if variable.kind != kind:
        raise UnusableInputError(
            f"the method {analysis.method!r} does not fit a variable of the kind {variable.kind!r}",
            where=f"study {dataset.study.id}, analysis {analysis.id}",
            remedy=f"it takes a variable of the kind {kind}",
        )
    return method(dataset, analysis, level)
