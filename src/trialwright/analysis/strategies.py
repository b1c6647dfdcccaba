"""What the strategies of an estimand make of each visit and of the time observed (ICH E9(R1))."""

from collections.abc import Mapping

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.intercurrent import first_days
from trialwright.errors import UnusableInputError
from trialwright.protocol.checks.analysis import STRATEGIES
from trialwright.protocol.outcomes import Estimand


def handling(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """What the intercurrent events make of each visit of each randomized participant.

    Columns `participant`, `visit`, `on`, and

    - `until`: the day up to which values count: `on`, or that of an earlier event that is handled
      while on treatment; `cut` says that it is earlier;
    - `failed`: an event under the composite strategy came before `until`;
    - `hidden`: an event under the hypothetical strategy came before `until`.

    On the day of a visit the assessment comes first, so an event of that day is not before it.
    """
    days = _first_of_strategy(dataset, estimand)
    return (
        dataset.visit_days()
        .join(days, on="participant", how="left", maintain_order="left")
        .with_columns(until=pl.min_horizontal("on", "while on treatment"))
        .select(
            "participant",
            "visit",
            "on",
            "until",
            cut=pl.col("until") < pl.col("on"),
            failed=(pl.col("composite") < pl.col("until")).fill_null(False),
            hidden=(pl.col("hypothetical") < pl.col("until")).fill_null(False),
        )
    )


def last_before_events(
    handled: pl.DataFrame, values: pl.DataFrame, first_visit: Mapping[str, str]
) -> pl.DataFrame:
    """For each visit that an event cuts off, the last row of `values` up to the event.

    Args:
        handled: as `handling` gives it.
        values: one row per `participant` and `visit` with a known value.
        first_visit: by visit of the variable, the one that its values are counted from.

    Returns:
        The columns of `values`, with `visit` that of the variable. A participant without a value
        from the first visit to the event has no row.
    """
    kind = handled.schema["visit"]
    cut = handled.filter("cut", pl.col("visit").is_in(list(first_visit))).select(
        "participant",
        "until",
        pl.col("visit").alias("wanted"),
        pl.col("visit").replace_strict(first_visit, return_dtype=kind, default=None).alias("from"),
    )
    seen = values.join(handled.select("participant", "visit", "on"), on=["participant", "visit"])
    return (
        cut.join(seen, on="participant")
        .filter(pl.col("visit") >= pl.col("from"), pl.col("on") <= pl.col("until"))
        .sort("participant", "wanted", "visit")
        .group_by("participant", "wanted", maintain_order=True)
        .last()
        .drop("visit")
        .rename({"wanted": "visit"})
        .select(values.columns)
    )


def stays_until_events(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """The stays of all randomized, ended by an event that is not handled by treatment policy."""
    days = _first_of_strategy(dataset, estimand).select(
        "participant", end=pl.min_horizontal("hypothetical", "while on treatment")
    )
    return (
        dataset.stays.join(days, on="participant", how="left", maintain_order="left")
        .with_columns(to_on=pl.min_horizontal("to_on", "end"))
        .filter(pl.col("from_on") <= pl.col("to_on"))
        .drop("end")
    )


def _first_of_strategy(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """The first day on which each strategy is called for: one column of dates per strategy."""
    strategies = {each.event: each.strategy for each in estimand.intercurrent_events}
    allowed = STRATEGIES[estimand.variable.kind]
    for event, strategy in strategies.items():
        if strategy not in allowed:
            raise UnusableInputError(
                f"a variable of the kind {estimand.variable.kind!r} cannot handle the event"
                f" {event!r} by the strategy {strategy!r}",
                where=f"estimand {estimand.id}",
                remedy=f"choose {', '.join(allowed[:-1])} or {allowed[-1]}",
            )
    by_strategy = first_days(dataset, strategies).with_columns(
        strategy=pl.col("event").replace_strict(strategies, default=None, return_dtype=pl.String)
    )
    return by_strategy.group_by("participant", maintain_order=True).agg(
        pl.col("on").filter(pl.col("strategy") == strategy).min().alias(strategy)
        for strategy in ("composite", "hypothetical", "while on treatment")
    )
