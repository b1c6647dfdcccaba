"""Adverse events of the treated, by the arm that they were in."""

import math
from typing import Final

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.exact_rates import DAYS_PER_YEAR
from trialwright.analysis.results import Safety, SafetyRow

SUMMARIES: Final = (
    ("Any adverse event", pl.lit(True)),
    ("Related to treatment", pl.col("related")),
    ("Grade 3 or more", pl.col("grade") >= 3),
    ("Serious", pl.col("serious")),
    ("Of special interest", pl.col("special_interest")),
    ("Fatal (grade 5)", pl.col("grade") == 5),
)


def safety(dataset: Dataset) -> Safety:
    """Participants with events, and events, of each kind, category and term.

    An event counts for the arm of the last stay that had begun when it started, so that one in the
    washout of a crossover counts for the period before.
    """
    arms = [arm.id for arm in dataset.study.arms]
    treated = dataset.roster.filter("treated").select("participant")
    stays = dataset.stays.join(treated, on="participant", how="semi")
    events = _events(dataset, stays)
    days = (pl.col("to_on") - pl.col("from_on")).dt.total_days() + 1
    years = stays.with_columns(years=days / DAYS_PER_YEAR)
    rows = [
        _row(label, "summary", events.filter(chosen.fill_null(False)), arms)
        for label, chosen in SUMMARIES
    ]
    for group in ("category", "term"):
        names = (
            events.group_by(group)
            .agg(count=pl.col("participant").n_unique())
            .drop_nulls()
            .sort(["count", group], descending=[True, False])[group]
        )
        rows += [_row(name, group, events.filter(pl.col(group) == name), arms) for name in names]
    return Safety(
        treated={arm: stays.filter(pl.col("arm") == arm)["participant"].n_unique() for arm in arms},
        person_years={arm: math.fsum(years.filter(pl.col("arm") == arm)["years"]) for arm in arms},
        rows=tuple(rows),
    )


def _events(dataset: Dataset, stays: pl.DataFrame) -> pl.DataFrame:
    begun = (
        dataset.data.adverse_events.join(
            stays.select("participant", "arm", "from_on"), on="participant"
        )
        .filter(pl.col("started_on") >= pl.col("from_on"))
        .sort("participant", "number", "from_on")
    )
    return begun.unique(["participant", "number"], keep="last", maintain_order=True)


def _row(label: str, group: str, events: pl.DataFrame, arms: list[str]) -> SafetyRow:
    mine = {arm: events.filter(pl.col("arm") == arm) for arm in arms}
    return SafetyRow(
        label=label,
        group=group,  # type: ignore[arg-type]  # one of the three that the callers write
        participants={arm: each["participant"].n_unique() for arm, each in mine.items()},
        events={arm: len(each) for arm, each in mine.items()},
    )
