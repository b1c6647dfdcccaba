"""The randomized at baseline, by arm: no tests, since any difference is chance (CONSORT)."""

from collections.abc import Iterator, Sequence

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.names import BaselineItem, baseline_items, visits_to_baseline
from trialwright.analysis.results import BaselineCell, BaselineRow

ALL = "all"


def baseline(dataset: Dataset) -> tuple[BaselineRow, ...]:
    """Age and sex, site, strata, then every score and number captured up to the first dose."""
    visits = visits_to_baseline(dataset.study)
    return (
        *_participants(dataset),
        *(_number(dataset, item, visits) for item in baseline_items(dataset.study)),
    )


def _participants(dataset: Dataset) -> Iterator[BaselineRow]:
    study, roster = dataset.study, dataset.roster
    groups = _groups(dataset)
    yield _numbers(
        "Participants", "Age", "years", roster.select("allocated_to", value="age"), groups
    )
    yield _counts("Participants", "Female", roster, pl.col("sex") == "female", groups)
    if len(study.sites) > 1:
        for site in study.sites:
            yield _counts("Site", site.name, roster, pl.col("site") == site.id, groups)
    for factor in study.randomization.strata:
        if factor.levels == "sites":
            continue
        for level in factor.levels:
            chosen = pl.col(f"stratum:{factor.id}") == level.id
            yield _counts("Strata", f"{factor.title}: {level.title}", roster, chosen, groups)


def _number(dataset: Dataset, item: BaselineItem, visits: list[str]) -> BaselineRow:
    """The last value up to the baseline visit."""
    last = (
        dataset.values(item.name)
        .filter(pl.col("visit").is_in(visits) & pl.col(item.name).is_not_null())
        .sort("participant", "visit")
        .group_by("participant", maintain_order=True)
        .agg(pl.col(item.name).last().cast(pl.Float64).alias("value"))
    )
    rows = dataset.roster.select("participant", "allocated_to").join(
        last, on="participant", how="left", maintain_order="left"
    )
    return _numbers(item.group, item.label, item.unit, rows, _groups(dataset))


def _groups(dataset: Dataset) -> list[str]:
    study = dataset.study
    return [*(each.id for each in (study.sequences if study.is_crossover else study.arms)), ALL]


def _numbers(
    group: str, label: str, unit: str, rows: pl.DataFrame, groups: Sequence[str]
) -> BaselineRow:
    return BaselineRow(
        group=group,
        characteristic=label,
        unit=unit,
        kind="number",
        cells=tuple(_number_cell(each, _of(rows, each)["value"].drop_nulls()) for each in groups),
    )


def _number_cell(group: str, values: pl.Series) -> BaselineCell:
    values = values.sort()

    def quantile(share: float) -> float | None:
        return values.quantile(share, "linear")

    return BaselineCell(
        group=group,
        participants=len(values),
        mean=float(values.mean()) if len(values) else None,  # type: ignore[arg-type]  # numbers
        standard_deviation=float(values.std()) if len(values) > 1 else None,  # type: ignore[arg-type]  # numbers
        median=quantile(0.5),
        lower_quartile=quantile(0.25),
        upper_quartile=quantile(0.75),
    )


def _counts(
    group: str, label: str, rows: pl.DataFrame, chosen: pl.Expr, groups: Sequence[str]
) -> BaselineRow:
    return BaselineRow(
        group=group,
        characteristic=label,
        unit="",
        kind="count",
        cells=tuple(
            BaselineCell(
                group=each,
                participants=len(_of(rows, each)),
                count=len(_of(rows, each).filter(chosen)),
            )
            for each in groups
        ),
    )


def _of(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    return rows if group == ALL else rows.filter(pl.col("allocated_to") == group)
