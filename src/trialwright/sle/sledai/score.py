"""The sum of the weights of the items present, the same for each version of SLEDAI."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import Literal

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.history import first_row, last_known, previous
from trialwright.sle.instrument import Frame, Item, same_kind
from trialwright.sle.sledai.bands import band, change_word
from trialwright.sle.sledai.derive import ProteinuriaRule, derivable, derivation, raw_items
from trialwright.sle.sledai.items import CLINICAL, LABORATORY, SEROLOGY
from trialwright.sle.visits import KEYS, VisitTable, in_visit_order, read_visits


@dataclass(frozen=True, slots=True)
class Version:
    """What sets a version of SLEDAI apart, apart from the wording of its items."""

    column: str
    items: tuple[Item, ...]
    joints: int
    proteinuria_rule: ProteinuriaRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The arguments of a SLEDAI score; the score functions of the versions explain each."""

    missing: Literal["strict", "zero", "carry"] = "strict"
    window: float | None = None
    proteinuria_rule: ProteinuriaRule | None = None
    proteinuria_compared_with: Literal["last", "first"] = "last"
    no_earlier_proteinuria: Literal["new", "not new", "unknown"] = "new"
    upcr_mg_per_mmol: float = 100.0
    bands: str | None = None
    change: Literal["previous", "first"] | None = None


def score(version: Version, frame: Frame, settings: Settings) -> Frame:
    """Score each visit: the total, how many items were unassessed, and both clinical totals."""
    visits = assessed_items(version, frame, settings)
    name = version.column
    by_group = [
        _points([item for item in version.items if item.group == group], settings.missing == "zero")
        for group in (CLINICAL, LABORATORY, SEROLOGY)
    ]
    clinical, laboratory, serology = (pl.col(f"_points_{group}") for group in range(3))
    unassessed = _sum([pl.col(item.key).is_null().cast(pl.Int8) for item in version.items])
    scored = visits.frame.select(
        *KEYS,
        *(points.alias(f"_points_{group}") for group, points in enumerate(by_group)),
        unassessed.alias(f"{name}_unassessed"),
    ).select(
        *KEYS,
        (clinical + laboratory + serology).alias(name),
        f"{name}_unassessed",
        (clinical + laboratory).alias(f"{name}_without_serology"),
        clinical.alias(f"{name}_without_labs"),
    )
    if settings.bands is not None:
        scored = scored.with_columns(band(pl.col(name), settings.bands).alias(f"{name}_band"))
    if settings.change is not None:
        before = {"previous": previous, "first": _of_first_row}[settings.change](pl.col(name))
        word = change_word(before, pl.col(name)).alias(f"{name}_change")
        scored = in_visit_order(
            VisitTable(scored, visits.in_order), lambda rows: rows.with_columns(word)
        )
    return same_kind(frame, scored)


def _of_first_row(value: pl.Expr) -> pl.Expr:
    """The value of the participant's first row, in every later one; empty if it is empty there."""
    at = pl.when(first_row()).then(pl.int_range(pl.len())).forward_fill()
    return pl.when(~first_row()).then(value.gather(at))


def assessed_items(
    version: Version, frame: pl.DataFrame | pl.LazyFrame, settings: Settings
) -> VisitTable:
    """Participant, visit and the 24 items, after derivation and carrying forward."""
    columns = frame.collect_schema().names()
    derived = derivable(columns)
    raw = raw_items(settings.upcr_mg_per_mmol) if derived else ()
    items = [replace(item, required=item.key not in derived) for item in version.items]
    visits = read_visits(frame, [*items, *raw])
    if derived:
        visits = VisitTable(
            in_visit_order(visits, partial(_derive, version, settings, columns, derived)),
            visits.in_order,
        )
    if settings.missing == "carry":
        visits = _carried(version, visits, settings)
    return visits


def _derive(
    version: Version,
    settings: Settings,
    columns: Sequence[str],
    derived: Sequence[str],
    frame: pl.LazyFrame,
) -> pl.LazyFrame:
    def item(key: str) -> pl.Expr:
        by_rule = derivation(
            key,
            columns,
            joints=version.joints,
            rule=settings.proteinuria_rule or version.proteinuria_rule,
            compared_with=settings.proteinuria_compared_with,
            nothing_before=settings.no_earlier_proteinuria,
        ).cast(pl.Int8)
        return (pl.coalesce(key, by_rule) if key in columns else by_rule).alias(key)

    return frame.with_columns(item(key) for key in derived)


def _carried(version: Version, visits: VisitTable, settings: Settings) -> VisitTable:
    visit = visits.frame.collect_schema()["visit"]
    if not (visit.is_numeric() or visit == pl.Date):
        raise UnusableInputError(
            f"values are carried forward over time, and visits of type {visit} tell none",
            where="column visit",
            remedy="give visits as numbers (days or weeks) or dates, or choose another policy",
        )
    if settings.window is None or not settings.window > 0:
        raise UnusableInputError(
            "the policy carry needs the longest time over which a value is carried",
            where="option window",
            remedy="state it in the unit of the visits; in days where visits are dates",
        )
    return VisitTable(
        in_visit_order(visits, partial(_carry, version.items, settings.window)), visits.in_order
    )


def _carry(items: Sequence[Item], window: float, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Fill an empty cell with the participant's last value, if it is not older than `window`."""
    time = pl.col("visit")
    if frame.collect_schema()["visit"] == pl.Date:
        time = time.to_physical()
    time = time.cast(pl.Float64)

    def carried(key: str) -> pl.Expr:
        value = pl.col(key)
        since = pl.when(value.is_not_null()).then(time).forward_fill()
        return pl.when(time - since <= window).then(last_known(value, nothing=-1)).alias(key)

    return frame.with_columns(carried(item.key) for item in items)


def _points(items: Sequence[Item], absent_if_empty: bool) -> pl.Expr:
    """The weighted sum; unknown as soon as one item is, unless empty cells count as absent."""

    def present(weight: int) -> pl.Expr:
        cells = [pl.col(item.key) for item in items if item.weight == weight]
        return _sum([cell.fill_null(0) if absent_if_empty else cell for cell in cells])

    weights = sorted({item.weight for item in items})
    return _sum([present(weight) * pl.lit(weight, dtype=pl.Int8) for weight in weights])


def _sum(terms: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(add, terms)
