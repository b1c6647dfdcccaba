"""Response by the SLE Responder Index, participant by participant, as an estimand defines it."""

from typing import Final

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.strategies import handling, last_before_events
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
    part = pl.col(variable.component) if variable.component else pl.all_horizontal(PARTS)
    handled = handling(dataset, estimand)
    judged = components(dataset, variable).with_columns(response=part)
    table = (
        dataset.members(estimand.population)
        .select("participant", pl.col("allocated_to").alias("arm"), pl.col("^stratum:.*$"))
        .join(judged.drop(PARTS), on="participant")
        .join(handled, on=["participant", "visit"])
    )
    if handled["cut"].any():
        table = _as_before_events(dataset, variable, handled, table)
    table = table.with_columns(
        response=pl.when("failed").then(False).when("hidden").then(None).otherwise("response")
    ).with_columns(missing=pl.col("response").is_null())
    if estimand.missing == "non-response":
        table = table.with_columns(pl.col("response").fill_null(False))
    return table.drop("on", "until", "cut", "hidden").sort("participant", "visit")


def _as_before_events(
    dataset: Dataset,
    variable: SriResponse,
    handled: pl.DataFrame,
    table: pl.DataFrame,
) -> pl.DataFrame:
    """The table with the last known response before an event in place of one that it cuts off.

    Who was not assessed between the baseline and the event stands where the baseline was: nothing
    fell, so no response, and nothing worsened, which is what two of the parts ask for.
    """
    unchanged = variable.component in ("bilag", "pga")
    order = [visit.id for visit in dataset.study.visits]
    after = tuple(order[order.index(variable.baseline) + 1 :])
    part = pl.col(variable.component) if variable.component else pl.all_horizontal(PARTS)
    known = (
        components(dataset, variable.model_copy(update={"visits": after}))
        .select("participant", "visit", "reduction", response=part)
        .filter(pl.col("response").is_not_null())
    )
    first = dict.fromkeys(variable.visits, variable.baseline)
    earlier = last_before_events(handled, known, first)
    return table.join(
        earlier, on=["participant", "visit"], how="left", suffix="_before", maintain_order="left"
    ).select(
        pl.exclude("response", "reduction", "^.*_before$"),
        response=pl.when("cut")
        .then(pl.col("response_before").fill_null(unchanged))
        .otherwise("response"),
        reduction=pl.when("cut")
        .then(pl.col("reduction_before").fill_null(0))
        .otherwise("reduction"),
    )


def _due(dataset: Dataset, visits: tuple[str, ...]) -> pl.DataFrame:
    wanted = pl.DataFrame({"visit": list(dict.fromkeys(visits))})
    return (
        dataset.roster.select("participant")
        .join(wanted.cast({"visit": visit_type(dataset.study)}), how="cross")
        .sort("participant", "visit")
    )
