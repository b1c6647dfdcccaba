"""Whether the share of responders rises or falls with the dose."""

import numpy as np
import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.proportions import arm_proportions
from trialwright.analysis.response import responses
from trialwright.analysis.results import AnalysisResult, HypothesisTest
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Analysis
from trialwright.stats.trend import cochran_armitage_test, stratified_trend_test


def dose_trend(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """Cochran–Armitage test over the arms' doses; Mantel's stratified form if strata are named.

    Raises:
        UnusableInputError: an arm of the estimand has no dose.
    """
    study = dataset.study
    estimand = study.estimand(analysis.estimand)
    arms = [estimand.control, *estimand.arms]
    doses = [study.arm(arm).dose for arm in arms]
    if None in doses:
        raise UnusableInputError(
            f"the arm {arms[doses.index(None)]!r} has no dose, so there is no trend over doses",
            where=f"study {study.id}, analysis {analysis.id}",
            remedy="give the arm a `dose`",
        )
    table = responses(dataset, estimand)
    visits = table["visit"].unique().sort().to_list()
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        proportions=arm_proportions(table, visits, arms, level),
        tests=tuple(
            _test(table.filter(pl.col("visit") == visit), visit, arms, doses, analysis)
            for visit in visits
        ),
    )


def _test(
    rows: pl.DataFrame, visit: str, arms: list[str], doses: list[float | None], analysis: Analysis
) -> HypothesisTest:
    strata = [f"stratum:{factor}" for factor in analysis.strata]
    known = rows.filter(pl.col("response").is_not_null()).with_columns(
        label=pl.concat_str(strata, separator="; ") if strata else pl.lit("all")
    )
    counted = known.group_by("label", "arm").agg(
        events=pl.col("response").sum(), participants=pl.len()
    )
    labels = known["label"].unique().sort()
    grid = (
        labels.to_frame()
        .join(pl.DataFrame({"arm": arms}), how="cross")
        .join(counted, on=["label", "arm"], how="left", maintain_order="left")
        .with_columns(pl.col("events", "participants").fill_null(0))
    )
    shape = (len(labels), len(arms))
    events = grid["events"].to_numpy().astype(float).reshape(shape)
    participants = grid["participants"].to_numpy().astype(float).reshape(shape)
    scores = np.asarray(doses, dtype=float)
    if strata:
        result = stratified_trend_test(events, participants, scores)
    else:
        result = cochran_armitage_test(events.sum(axis=0), participants.sum(axis=0), scores)
    return HypothesisTest(
        name=f"trend over dose, {visit}",
        statistic=result.statistic,
        p_value=result.p_value,
        notes=result.notes,
    )
