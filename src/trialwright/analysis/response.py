"""Response by the SLE Responder Index, participant by participant, as an estimand defines it."""

from typing import Final

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.intercurrent import first_days
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Estimand, SriResponse
from trialwright.sle import bilag_2004, sri
from trialwright.trialdata.scores import visit_type

PARTS: Final = ("sledai", "bilag", "pga")


def components(dataset: Dataset, variable: SriResponse) -> pl.DataFrame:
    """The three parts of the index for every randomized participant and visit of the variable.

    Columns `participant`, `visit`, `sledai`, `bilag`, `pga` (true, false, or null where it cannot
    be told), and `reduction`, the points by which the disease activity index fell.
    """
    letters = [f"{variable.bilag}.{system}" for system in bilag_2004.SYSTEMS]
    values = dataset.values(variable.sledai, variable.global_assessment, *letters)
    due = _due(dataset, (variable.baseline, *variable.visits))
    table = due.join(values, on=["participant", "visit"], how="left", maintain_order="left").rename(
        {
            variable.sledai: "selena_sledai",
            variable.global_assessment: "pga",
            **dict(zip(letters, bilag_2004.SYSTEMS, strict=True)),
        }
    )
    judged = sri.score(
        # Events are judged by the estimand, not by the index.
        table.with_columns(treatment_failure=pl.lit(0, pl.Int8)),
        x=variable.points,
        clauses=variable.bilag_clauses,
        baseline=variable.baseline,
        missing="missing",
    )
    index = f"sri_{variable.points}"
    return judged.select(
        "participant",
        "visit",
        *(pl.col(f"{index}_{part}").alias(part) for part in PARTS),
        reduction=-pl.col(f"{index}_sledai_change"),
    ).sort("participant", "visit")


def responses(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """One row per member of the estimand's population and visit.

    Columns `participant`, `arm`, `visit`, one `stratum:<factor>` per factor, `failed` (an
    intercurrent event decides), `missing` (not known, and no event decides) and `response`: true or
    false, null only where the estimand counts the observed alone.

    Raises:
        UnusableInputError: the estimand handles an event by a strategy that a response cannot have.
    """
    variable = estimand.variable
    assert isinstance(variable, SriResponse)
    parts = components(dataset, variable)
    part = pl.col(variable.component) if variable.component else pl.all_horizontal(PARTS)
    table = (
        dataset.members(estimand.population)
        .select("participant", pl.col("allocated_to").alias("arm"), pl.col("^stratum:.*$"))
        .join(parts, on="participant")
        .with_columns(response=part)
        .join(_decided(dataset, estimand), on=["participant", "visit"], how="left")
        .with_columns(pl.col("failed", "hidden").fill_null(False))
        .with_columns(
            response=pl.when("failed").then(False).when("hidden").then(None).otherwise("response")
        )
        .with_columns(missing=pl.col("response").is_null())
    )
    if estimand.missing == "non-response":
        table = table.with_columns(pl.col("response").fill_null(False))
    return table.drop(*PARTS, "hidden").sort("participant", "visit")


def _due(dataset: Dataset, visits: tuple[str, ...]) -> pl.DataFrame:
    wanted = pl.DataFrame({"visit": list(dict.fromkeys(visits))})
    return (
        dataset.roster.select("participant")
        .join(wanted.cast({"visit": visit_type(dataset.study)}), how="cross")
        .sort("participant", "visit")
    )


def _decided(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """Visits after an event: `failed` under the composite strategy, `hidden` if hypothetical."""
    strategies = {each.event: each.strategy for each in estimand.intercurrent_events}
    for event, strategy in strategies.items():
        if strategy not in ("treatment policy", "composite", "hypothetical"):
            raise UnusableInputError(
                f"a response cannot handle the event {event!r} by the strategy {strategy!r}",
                where=f"estimand {estimand.id}",
                remedy="choose treatment policy, composite or hypothetical",
            )
    days = first_days(dataset, strategies).with_columns(
        strategy=pl.col("event").replace_strict(strategies, default=None, return_dtype=pl.String)
    )
    return (
        dataset.visit_days()
        .join(days, on="participant", suffix="_event")
        # On the day of a visit the assessment comes first.
        .filter(pl.col("on_event") < pl.col("on"))
        .group_by("participant", "visit")
        .agg(
            failed=(pl.col("strategy") == "composite").any(),
            hidden=(pl.col("strategy") == "hypothetical").any(),
        )
    )
