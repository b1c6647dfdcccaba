"""Intercurrent events: when the data show that an event of the protocol took place (ICH E9(R1))."""

from collections.abc import Iterable

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import (
    DoseIncreased,
    IntercurrentEvent,
    MedicationStarted,
    ParticipationEnded,
    TreatmentEnded,
)


def first_days(dataset: Dataset, events: Iterable[str]) -> pl.DataFrame:
    """The first day of each event in each randomized participant who had it.

    Columns `participant`, `event`, `on`.

    Raises:
        UnusableInputError: a medication of a class whose dose counts is in another unit.
    """
    empty = pl.DataFrame(schema={"participant": pl.String, "event": pl.String, "on": pl.Date})
    wanted = set(events)
    found = [
        _days(dataset, event).select("participant", pl.lit(event.id).alias("event"), "on")
        for event in dataset.study.intercurrent_events
        if event.id in wanted
    ]
    return (
        pl.concat([empty, *found])
        .join(dataset.roster.select("participant"), on="participant", how="semi")
        .group_by("participant", "event")
        .agg(pl.col("on").min())
        .sort("participant", "event")
    )


def _days(dataset: Dataset, event: IntercurrentEvent) -> pl.DataFrame:
    match event.detection:
        case TreatmentEnded(end_reasons=reasons):
            return _ended(dataset.roster, "treatment_ended_on", "treatment_end_reason", reasons)
        case ParticipationEnded(end_reasons=reasons):
            return _ended(dataset.roster, "ended_on", "end_reason", reasons)
        case MedicationStarted(classes=classes):
            return (
                _medications(dataset)
                .filter(pl.col("medication_class").is_in(classes))
                # A change of dose starts a new row of a medication that is not new.
                .group_by("participant", "day_1", "medication")
                .agg(pl.col("started_on").min().alias("on"))
                .filter(pl.col("on") >= pl.col("day_1"))
            )
        case DoseIncreased() as increase:
            return _increased(dataset, increase)


def _ended(roster: pl.DataFrame, on: str, reason: str, reasons: tuple[str, ...]) -> pl.DataFrame:
    early = pl.col(on).is_not_null() & (pl.col(reason).cast(pl.String) != "completed")
    if reasons:
        early &= pl.col(reason).cast(pl.String).is_in(reasons)
    return roster.filter(early).select("participant", pl.col(on).alias("on"))


def _medications(dataset: Dataset) -> pl.DataFrame:
    return dataset.data.medications.filter(pl.col("started_on").is_not_null()).join(
        dataset.roster.select("participant", "day_1"), on="participant"
    )


def _increased(dataset: Dataset, increase: DoseIncreased) -> pl.DataFrame:
    """Days after day 1 on which a row starts and the class's daily dose exceeds that of day 1."""
    rows = _medications(dataset).filter(
        (pl.col("medication_class") == increase.medication_class) & pl.col("dose").is_not_null()
    )
    strangers = rows.filter(pl.col("unit") != increase.unit)
    if not strangers.is_empty():
        raise UnusableInputError(
            f"a dose is in {strangers['unit'][0]!r}, and the protocol counts {increase.unit}",
            where=f"table medications, participant {strangers['participant'][0]},"
            f" number {strangers['number'][0]}",
            remedy=f"give doses of the class {increase.medication_class} in {increase.unit}",
        )
    starts = rows.filter(pl.col("started_on") > pl.col("day_1"))
    days = pl.concat(
        [
            starts.select("participant", pl.col("started_on").alias("on")),
            dataset.roster.select("participant", pl.col("day_1").alias("on")),
        ]
    ).unique()
    # The day on which a row ends and the next one starts belongs to the next one.
    running = (pl.col("started_on") <= pl.col("on")) & (
        pl.col("ended_on").is_null() | (pl.col("ended_on") > pl.col("on"))
    )
    doses = (
        days.join(rows.select("participant", "started_on", "ended_on", "dose"), on="participant")
        .filter(running)
        .group_by("participant", "on")
        .agg(pl.col("dose").sum())
    )
    base = dataset.roster.select("participant", "day_1").join(
        doses, left_on=["participant", "day_1"], right_on=["participant", "on"], how="left"
    )
    return (
        doses.join(
            base.select("participant", "day_1", pl.col("dose").fill_null(0.0).alias("base")),
            on="participant",
        )
        # Doses are sums of decimals: 10.1 − 5.1 is not more than 5.
        .filter(
            (pl.col("on") > pl.col("day_1"))
            & ((pl.col("dose") - pl.col("base")).round(6) > increase.by)
        )
        .select("participant", "on")
    )
