"""Change from baseline, participant by participant, as an estimand defines it."""

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.strategies import handling, last_before_events
from trialwright.protocol.outcomes import Change, Estimand

LOG_FLOOR_NOTE = "values below 1 have no useful logarithm and are counted as 1"


def changes(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """One row per member of the population and visit at which baseline and value are known.

    Columns `participant`, `allocated_to`, `arm` (of the visit's period in a crossover), `period`,
    `visit`, one `stratum:<factor>` per factor, `cut` (the value is the last one before an event
    that is handled while on treatment, at the earliest that of the baseline), `baseline`, `value`
    and `change`, on the scale of the variable. In a crossover the baseline is the first visit of
    the same period.

    Raises:
        UnusableInputError: the estimand handles an event by a strategy that a change cannot have.
    """
    variable = estimand.variable
    assert isinstance(variable, Change)
    value = pl.col(variable.item)
    scaled = pl.max_horizontal(value, 1.0).log10() if variable.scale == "log10" else value
    values = (
        dataset.values(variable.item)
        .filter(value.is_not_null())
        .select("participant", "visit", scaled.cast(pl.Float64).alias("value"))
    )
    base_of = {visit: baseline_visit(dataset, variable, visit) for visit in variable.visits}
    handled = handling(dataset, estimand)
    counted = handled.filter(~pl.col("hidden"), pl.col("visit").is_in(variable.visits)).select(
        "participant", "visit", "cut"
    )
    known = counted.filter(~pl.col("cut")).join(values, on=["participant", "visit"])
    earlier = counted.filter("cut").join(
        last_before_events(handled, values, base_of), on=["participant", "visit"]
    )
    table = (
        pl.concat([known, earlier])
        .with_columns(
            base_visit=pl.col("visit").replace_strict(
                base_of, return_dtype=values.schema["visit"], default=None
            )
        )
        .join(
            values.rename({"visit": "base_visit", "value": "baseline"}),
            on=["participant", "base_visit"],
        )
        .with_columns(change=pl.col("value") - pl.col("baseline"), period=_period(dataset))
    )
    members = dataset.members(estimand.population).select(
        "participant", "allocated_to", pl.col("^stratum:.*$")
    )
    arms = dataset.stays.select("participant", "period", "arm")
    return (
        table.join(members, on="participant")
        .join(arms, on=["participant", "period"], how="left", nulls_equal=True)
        .drop("base_visit")
        .sort("participant", "visit")
    )


def counted_as_one(dataset: Dataset, variable: Change) -> bool:
    """Whether a logarithm met a value below 1."""
    if variable.scale != "log10":
        return False
    return bool((dataset.values(variable.item)[variable.item] < 1).any())


def baseline_visit(dataset: Dataset, variable: Change, visit: str) -> str:
    """The visit that a change is counted from: in a crossover the first of the same period."""
    period = dataset.study.visit(visit).period
    visits = [each for each in dataset.study.visits if each.kind == "baseline"]
    own = [each.id for each in visits if each.period == period]
    return own[0] if period and own else variable.baseline


def _period(dataset: Dataset) -> pl.Expr:
    periods = {visit.id: visit.period for visit in dataset.study.visits}
    return pl.col("visit").cast(pl.String).replace_strict(periods, return_dtype=pl.String)
