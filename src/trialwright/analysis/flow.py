"""The flow of participants through the trial, as a CONSORT diagram shows it."""

import polars as pl

from trialwright.analysis.dataset import Dataset, unmet_criteria
from trialwright.analysis.results import ArmFlow, Flow

OTHER_REASON = "other reason"


def flow(dataset: Dataset) -> Flow:
    """Screened, turned away and why, and per arm allocated, treated, lost and analyzed."""
    study, data = dataset.study, dataset.data
    allocated = [each.id for each in (study.sequences if study.is_crossover else study.arms)]
    return Flow(
        screened=len(data.participants),
        not_randomized=_not_randomized(dataset),
        randomized=len(dataset.roster),
        arms=tuple(_arm(dataset, each) for each in allocated),
    )


def _not_randomized(dataset: Dataset) -> dict[str, int]:
    """Each person once, under the first criterion of the protocol that failed."""
    away = dataset.data.participants.join(dataset.roster, on="participant", how="anti")
    failed = (
        unmet_criteria(dataset.study, dataset.data)
        .filter(pl.col("verdict") != "unknown")
        .group_by("participant", maintain_order=True)
        .first()
    )
    reasons = away.join(failed, on="participant", how="left").select(
        pl.col("criterion").fill_null(OTHER_REASON)
    )
    counted = dict(reasons.to_series().value_counts().iter_rows())
    order = [*(criterion.id for criterion in dataset.study.criteria), OTHER_REASON]
    return {reason: counted[reason] for reason in order if reason in counted}


def _arm(dataset: Dataset, allocated_to: str) -> ArmFlow:
    mine = dataset.roster.filter(pl.col("allocated_to") == allocated_to)
    reason = mine["end_reason"].cast(pl.String)
    ended = reason.filter(reason.is_not_null() & (reason != "completed")).value_counts(sort=False)
    population = _primary_population(dataset)
    analyzed = dataset.members(population).filter(pl.col("allocated_to") == allocated_to)
    return ArmFlow(
        allocated_to=allocated_to,
        allocated=len(mine),
        treated=int(mine["treated"].sum()),
        ended_early=dict(sorted(ended.iter_rows())),
        completed=int((reason == "completed").sum()),
        ongoing=int(reason.is_null().sum()),
        analyzed=len(analyzed),
    )


def _primary_population(dataset: Dataset) -> str:
    """The analysis set of the first primary analysis, else the first set of the study."""
    study = dataset.study
    for analysis in study.analyses:
        if analysis.role == "primary":
            return study.estimand(analysis.estimand).population
    return study.analysis_sets[0].id
