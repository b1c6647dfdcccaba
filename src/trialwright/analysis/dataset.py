"""The randomized participants of a trial, with what every method needs to know of them."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from trialwright.analysis.impossible import refuse_impossible_values
from trialwright.analysis.names import baseline_items, estimand_names
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study
from trialwright.protocol.capture import Visit
from trialwright.trialdata import TrialData, visit_table
from trialwright.trialdata.files import in_key_order
from trialwright.trialdata.scores import known_visits, visit_type

PER_PROTOCOL_SHARE_OF_DOSES: Final = 0.8
"""The share of due doses that the per-protocol set asks for: a custom, no rule of any protocol."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A trial made ready for analysis.

    Attributes:
        study: the protocol, under the reading that the trial followed.
        data: the tables in the order of their keys, so that no result depends on the order of rows.
        roster: one row per randomized participant: `participant`, `site`, `allocated_to`, `day_1`,
            one column `stratum:<factor>` per stratification factor, `treated`, `per_protocol`,
            `ended_on`, `end_reason`, `treatment_ended_on`, `treatment_end_reason`.
        stays: one row per participant and stretch of time in an arm: `participant`, `arm`,
            `period`, `from_on`, `to_on` (inclusive). One stretch in a parallel study.
        captured: `visit_table` of the randomized with every item and score that the analysis reads.
    """

    study: Study
    data: TrialData
    roster: pl.DataFrame
    stays: pl.DataFrame
    captured: pl.DataFrame

    def members(self, population: str) -> pl.DataFrame:
        """The rows of the roster that belong to an analysis set."""
        chosen = next(each for each in self.study.analysis_sets if each.id == population)
        match chosen.definition:
            case "randomized":
                return self.roster
            case "treated":
                return self.roster.filter("treated")
            case "per protocol":
                return self.roster.filter("per_protocol")

    def values(self, *names: str) -> pl.DataFrame:
        """The columns of these names, one row per participant and visit."""
        return self.captured.select("participant", "visit", *names)

    def visit_days(self) -> pl.DataFrame:
        """Each visit of each randomized participant: the day it took place, else the day planned.

        Columns `participant`, `visit`, `on`, `attended`.
        """
        due = pl.DataFrame(
            {
                "visit": [visit.id for visit in self.study.visits],
                "offset": [visit_offset(visit) for visit in self.study.visits],
            },
            schema={"visit": visit_type(self.study), "offset": pl.Int64},
        )
        visits = self.data.visits.with_columns(known_visits(self.study, self.data.visits))
        attended = visits.filter(pl.col("status") == "attended").select(
            "participant", "visit", "visited_on"
        )
        return (
            self.roster.select("participant", "day_1")
            .join(due, how="cross")
            .join(attended, on=["participant", "visit"], how="left")
            .select(
                "participant",
                "visit",
                pl.coalesce(
                    "visited_on", pl.col("day_1") + pl.duration(days=pl.col("offset"))
                ).alias("on"),
                pl.col("visited_on").is_not_null().alias("attended"),
            )
        )


def visit_offset(visit: Visit) -> int:
    """Days from day 1 to the day of a visit; there is no day 0."""
    return visit.day - 1 if visit.day > 0 else visit.day


def prepare(study: Study, data: TrialData) -> Dataset:
    """Make a trial ready for analysis.

    Raises:
        UnusableInputError: an allocation is to no arm (or sequence) of the study, nobody was
            randomized, or a value is in another unit than the study's.
    """
    data = in_key_order(data)
    refuse_impossible_values(study, data)
    _refuse_strange_allocations(study, data.allocations)
    roster = (
        data.allocations.join(data.participants, on="participant", how="left")
        .join(_first_days(data), on="participant", how="left")
        .with_columns(pl.coalesce("day_1", "allocated_on"))
        .with_columns(
            _level(factor.id).alias(f"stratum:{factor.id}") for factor in study.randomization.strata
        )
        .sort("participant")
    )
    stays = _stays(study, roster)
    roster = roster.with_columns(
        pl.Series("treated", _treated(study, data, roster), dtype=pl.Boolean),
    )
    roster = roster.join(
        _per_protocol(study, data, roster), on="participant", maintain_order="left"
    )
    names = [*estimand_names(study), *(item.name for item in baseline_items(study))]
    captured = visit_table(study, data, names).join(
        roster.select("participant"), on="participant", how="semi"
    )
    return Dataset(study, data, roster, stays, captured)


def _refuse_strange_allocations(study: Study, allocations: pl.DataFrame) -> None:
    if allocations.is_empty():
        raise UnusableInputError(
            "nobody was randomized", where="table allocations", remedy="there is nothing to analyze"
        )
    known = [each.id for each in (study.sequences if study.is_crossover else study.arms)]
    strangers = allocations.filter(~pl.col("allocated_to").is_in(known))
    if not strangers.is_empty():
        what = "sequence" if study.is_crossover else "arm"
        remedy = f"its {what}s are {', '.join(known)}"
        if study.readings:
            remedy += f"; another of its readings ({', '.join(study.readings)}) may have it"
        raise UnusableInputError(
            f"the study has no {what} {strangers['allocated_to'][0]!r}",
            where=f"table allocations, participant {strangers['participant'][0]}",
            remedy=remedy,
        )


def _first_days(data: TrialData) -> pl.DataFrame:
    """Day 1 of each participant, from the visits, whose study days count from the first dose."""
    return (
        data.visits.filter((pl.col("study_day") > 0) & pl.col("visited_on").is_not_null())
        .with_columns(
            day_1=pl.col("visited_on") - pl.duration(days=pl.col("study_day").cast(pl.Int64) - 1)
        )
        .group_by("participant")
        .agg(pl.col("day_1").min())
    )


def _level(factor: str) -> pl.Expr:
    """A participant's level of a factor, as the stratum's name gives it: `site=a; activity=b`."""
    pairs = pl.col("stratum").str.split("; ")
    name = f"{factor}="
    mine = pairs.list.eval(
        pl.element().filter(pl.element().str.starts_with(name)).str.strip_prefix(name)
    )
    return mine.list.first().fill_null("not stated")


def _stays(study: Study, roster: pl.DataFrame) -> pl.DataFrame:
    """Who was in which arm, and from when to when."""
    last = pl.coalesce("ended_on", pl.col("day_1") + pl.duration(days=_last_day(study) - 1))
    if not study.is_crossover:
        return roster.select(
            "participant",
            pl.col("allocated_to").alias("arm"),
            pl.lit(None, pl.String).alias("period"),
            pl.col("day_1").alias("from_on"),
            last.alias("to_on"),
        )
    order = pl.DataFrame(
        [
            (sequence.id, arm, period.id, period.from_day - 1, period.to_day - 1)
            for sequence in study.sequences
            for arm, period in zip(sequence.arms, study.periods, strict=True)
        ],
        schema={
            "allocated_to": pl.String,
            "arm": pl.String,
            "period": pl.String,
            "from": pl.Int64,
            "to": pl.Int64,
        },
        orient="row",
    )
    return (
        roster.select("participant", "allocated_to", "day_1", last.alias("last"))
        .join(order, on="allocated_to", how="left")
        .with_columns(from_on=pl.col("day_1") + pl.duration(days=pl.col("from")))
        .with_columns(
            to_on=pl.min_horizontal("last", pl.col("day_1") + pl.duration(days=pl.col("to")))
        )
        .filter(pl.col("from_on") <= pl.col("to_on"))
        .select("participant", "arm", "period", "from_on", "to_on")
        .sort("participant", "from_on")
    )


def _last_day(study: Study) -> int:
    return max(visit.day for visit in study.visits)


def _treated(study: Study, data: TrialData, roster: pl.DataFrame) -> pl.Series:
    """Took a dose, or was allocated where nothing is dosed by schedule."""
    doses = data.exposures.filter("given")["participant"].unique()
    dosed = {each.id for each in study.interventions if each.schedules}
    scheduled = [arm.id for arm in study.arms if dosed & set(arm.interventions)]
    without = [
        each
        for each in roster["allocated_to"].unique()
        if not study.is_crossover and each not in scheduled
    ]
    return roster.select(
        pl.col("participant").is_in(doses.implode()) | pl.col("allocated_to").is_in(without)
    ).to_series()


def _per_protocol(study: Study, data: TrialData, roster: pl.DataFrame) -> pl.DataFrame:
    """Eligible by every criterion, and given at least 80% of the doses that were due."""
    failed = unmet_criteria(study, data).filter(pl.col("verdict") != "unknown")
    share = data.exposures.group_by("participant").agg(pl.col("given").mean().alias("share"))
    return (
        roster.select("participant", "treated")
        .join(share, on="participant", how="left")
        .select(
            "participant",
            (
                pl.col("treated")
                & (pl.col("share").fill_null(1.0) >= PER_PROTOCOL_SHARE_OF_DOSES)
                & ~pl.col("participant").is_in(failed["participant"].unique().implode())
            ).alias("per_protocol"),
        )
    )


def unmet_criteria(study: Study, data: TrialData) -> pl.DataFrame:
    """The rows of `criteria` that speak against a participant, or leave it open.

    A verdict says whether the criterion as written is met, so a participant fails an inclusion
    criterion that is not met and an exclusion criterion that is.
    """
    inclusion = [each.id for each in study.criteria if each.kind == "inclusion"]
    order = {each.id: number for number, each in enumerate(study.criteria)}
    against = (
        pl.when(pl.col("criterion").is_in(inclusion))
        .then(pl.lit("not met"))
        .otherwise(pl.lit("met"))
    )
    verdict = pl.col("verdict").cast(pl.String)
    return (
        data.criteria.filter((verdict == against) | (verdict == "unknown"))
        .with_columns(
            order=pl.col("criterion").replace_strict(order, default=None, return_dtype=pl.Int32)
        )
        .sort("participant", "order")
        .drop("order")
    )
