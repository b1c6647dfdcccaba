"""Departures from the protocol that the data themselves show."""

from collections.abc import Iterable

import polars as pl

from trialwright.analysis.dataset import Dataset, unmet_criteria, visit_offset
from trialwright.analysis.intercurrent import first_days
from trialwright.analysis.results import Deviation, DeviationCount
from trialwright.protocol import Study
from trialwright.protocol.outcomes import DoseIncreased, MedicationStarted

KINDS = (
    "randomized although ineligible",
    "randomized with a criterion unknown",
    "visit outside its window",
    "visit missed",
    "doses missed",
    "prohibited medication",
)


def deviations(dataset: Dataset) -> tuple[Deviation, ...]:
    """Every deviation of the randomized, by kind, participant, then place in protocol order."""
    found = pl.concat(
        [
            _ineligible(dataset),
            _outside_windows(dataset),
            _missed_visits(dataset),
            _missed_doses(dataset),
            _prohibited(dataset),
        ]
    )
    placed = found.join(
        dataset.roster.select("participant", "allocated_to"), on="participant"
    ).with_columns(
        order=pl.col("kind").replace_strict({kind: n for n, kind in enumerate(KINDS)}),
        position=pl.col("place").replace_strict(
            _positions(dataset.study), default=None, return_dtype=pl.Int64
        ),
    )
    return tuple(
        Deviation(
            kind=row["kind"],
            participant=row["participant"],
            arm=row["allocated_to"],
            place=row["place"],
            detail=row["detail"],
        )
        for row in placed.sort("order", "participant", "position").iter_rows(named=True)
    )


def _positions(study: Study) -> dict[str, int]:
    """The places of deviations in the order in which the protocol names them."""
    places = [
        *(criterion.id for criterion in study.criteria),
        *(visit.id for visit in study.visits),
        *(intervention.id for intervention in study.interventions),
        *(event.id for event in study.intercurrent_events),
    ]
    return {place: position for position, place in enumerate(places)}


def count_by_arm(dataset: Dataset, found: Iterable[Deviation]) -> tuple[DeviationCount, ...]:
    """For each kind, participants and deviations of each arm (or sequence)."""
    study = dataset.study
    arms = [each.id for each in (study.sequences if study.is_crossover else study.arms)]
    found = tuple(found)
    return tuple(
        DeviationCount(
            kind=kind,
            participants={
                arm: len({d.participant for d in found if d.kind == kind and d.arm == arm})
                for arm in arms
            },
            deviations={arm: sum(d.kind == kind and d.arm == arm for d in found) for arm in arms},
        )
        for kind in KINDS
    )


def _shaped(rows: pl.DataFrame, kind: pl.Expr, place: pl.Expr, detail: pl.Expr) -> pl.DataFrame:
    return rows.select(
        "participant",
        kind.cast(pl.String).alias("kind"),
        place.cast(pl.String).alias("place"),
        detail.cast(pl.String).fill_null("").alias("detail"),
    )


def _ineligible(dataset: Dataset) -> pl.DataFrame:
    rows = unmet_criteria(dataset.study, dataset.data).join(
        dataset.roster.select("participant"), on="participant", how="semi"
    )
    kind = (
        pl.when(pl.col("verdict") == "unknown")
        .then(pl.lit("randomized with a criterion unknown"))
        .otherwise(pl.lit("randomized although ineligible"))
    )
    return _shaped(rows, kind, pl.col("criterion"), pl.col("reason"))


def _outside_windows(dataset: Dataset) -> pl.DataFrame:
    windows = pl.DataFrame(
        [
            (visit.id, visit_offset(visit), visit.window.before, visit.window.after)
            for visit in dataset.study.visits
        ],
        schema={"visit": pl.String, "due": pl.Int64, "before": pl.Int64, "after": pl.Int64},
        orient="row",
    )
    day = pl.col("study_day").cast(pl.Int64)
    rows = (
        dataset.data.visits.join(dataset.roster.select("participant"), on="participant", how="semi")
        .filter((pl.col("status") == "attended") & pl.col("study_day").is_not_null())
        .join(windows, on="visit")
        .with_columns(late=pl.when(day > 0).then(day - 1).otherwise(day) - pl.col("due"))
        .filter((pl.col("late") > pl.col("after")) | (-pl.col("late") > pl.col("before")))
    )
    detail = pl.concat_str(
        pl.col("late").abs(),
        pl.when(pl.col("late").abs() == 1).then(pl.lit(" day ")).otherwise(pl.lit(" days ")),
        pl.when(pl.col("late") > 0).then(pl.lit("late")).otherwise(pl.lit("early")),
    )
    return _shaped(rows, pl.lit("visit outside its window"), pl.col("visit"), detail)


def _missed_visits(dataset: Dataset) -> pl.DataFrame:
    rows = dataset.data.visits.filter(pl.col("status") == "missed").join(
        dataset.roster.select("participant"), on="participant", how="semi"
    )
    return _shaped(rows, pl.lit("visit missed"), pl.col("visit"), pl.lit(""))


def _missed_doses(dataset: Dataset) -> pl.DataFrame:
    rows = (
        dataset.data.exposures.join(
            dataset.roster.select("participant"), on="participant", how="semi"
        )
        .group_by("participant", "intervention")
        .agg(due=pl.len(), missed=(~pl.col("given")).sum())
        .filter(pl.col("missed") > 0)
    )
    detail = pl.format("{} of {} doses due", "missed", "due")
    return _shaped(rows, pl.lit("doses missed"), pl.col("intervention"), detail)


def _prohibited(dataset: Dataset) -> pl.DataFrame:
    """Medications that the protocol counts as intercurrent events."""
    events = {
        event.id: event.title
        for event in dataset.study.intercurrent_events
        if isinstance(event.detection, MedicationStarted | DoseIncreased)
    }
    rows = first_days(dataset, events).with_columns(
        title=pl.col("event").replace_strict(events, default=None, return_dtype=pl.String)
    )
    return _shaped(
        rows,
        pl.lit("prohibited medication"),
        pl.col("event"),
        pl.format("{} on {}", "title", pl.col("on").cast(pl.String)),
    )
