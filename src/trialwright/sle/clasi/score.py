"""CLASI: activity as a sum, damage from memory, and the response of activity since baseline."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Final

import polars as pl

from trialwright.sle.baseline import BASELINE, beside_baseline
from trialwright.sle.clasi.items import (
    ACTIVITY,
    DAMAGE,
    DYSPIGMENTATION,
    ITEMS,
    PERSISTS,
    SCALP_SCARRING,
    SCARRING,
)
from trialwright.sle.criteria import verdict_word
from trialwright.sle.explanation import history_of, one_visit
from trialwright.sle.instrument import Frame, Item, Option, same_kind, settled
from trialwright.sle.visits import KEYS, VisitTable, read_visits

OPTIONS: Final = (
    BASELINE,
    Option(
        name="lowest_baseline",
        default=10,
        meaning="CLASI-50 is asked only of participants with this activity at baseline or more",
    ),
)
_SEVERITY: Final = ((9, "mild"), (20, "moderate"), (70, "severe"))


def score(frame: Frame, **options: Any) -> Frame:
    """Activity, its severity, damage, and the change of activity since baseline."""
    given = settled(OPTIONS, options)
    visits = read_visits(frame, ITEMS)
    held = visits.frame.collect_schema().names()
    least, most = (_activity(unassessed) for unassessed in ("low", "high"))
    summed = visits.frame.select(
        *KEYS, least.alias("_least"), most.alias("_most"), _damage(held).alias("_damage")
    )
    activity = pl.when(pl.col("_least") == pl.col("_most")).then(pl.col("_least"))
    compared = beside_baseline(
        VisitTable(summed, visits.in_order), given["baseline"], {"activity": activity}
    )
    now, base = (pl.col(name).cast(pl.Int16) for name in ("activity", "base_activity"))
    fall = base - now
    evaluated = base >= given["lowest_baseline"]
    scored = compared.select(
        *KEYS,
        pl.col("activity").alias("clasi_activity"),
        pl.col("_least").alias("clasi_activity_lowest"),
        pl.col("_most").alias("clasi_activity_highest"),
        _severity().alias("clasi_severity"),
        pl.col("_damage").alias("clasi_damage"),
        (-fall).alias("clasi_activity_change"),
        ((fall >= 4) | ((fall * 5 >= base) & (base > 0))).alias("clasi_response"),
        pl.when(evaluated).then(fall * 2 >= base).alias("clasi_50"),
    )
    return same_kind(frame, scored)


def _sum(cells: Sequence[pl.Expr]) -> pl.Expr:
    return reduce(add, cells)


def _activity(unassessed: str) -> pl.Expr:
    return _sum([pl.col(item.key).fill_null(int(getattr(item, unassessed))) for item in ACTIVITY])


def _severity() -> pl.Expr:
    def band(total: str) -> pl.Expr:
        named = pl.lit(None, dtype=pl.String)
        for highest, name in reversed(_SEVERITY):
            named = pl.when(pl.col(total) <= highest).then(pl.lit(name)).otherwise(named)
        return named

    return pl.when(band("_least") == band("_most")).then(band("_least"))


def _damage(held: Sequence[str]) -> pl.Expr:
    """Empty unless every item of damage is assessed, but for what cannot matter."""

    def cell(item: Item) -> pl.Expr:
        return pl.col(item.key) if item.key in held else pl.lit(None, dtype=pl.Int8)

    by_key = {item.key: item for item in DAMAGE}
    pigment = _sum([cell(item) for item in DYSPIGMENTATION])
    persists, quadrants = cell(by_key[PERSISTS]), cell(by_key[SCALP_SCARRING])
    doubled = pl.when(pigment == 0).then(pigment).otherwise(pigment * (persists + 1))
    scalp = pl.when(quadrants == 0).then(quadrants).otherwise(quadrants + 2)
    return doubled + _sum([cell(item) for item in SCARRING]) + scalp


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Activity item by item, damage, and the change since baseline."""
    history = history_of(frame, participant)
    cells = one_visit(read_visits(history, ITEMS).frame, participant, visit)
    scores = one_visit(score(history, **options).lazy(), participant, visit)
    low, high = scores["clasi_activity_lowest"], scores["clasi_activity_highest"]
    total = f"{low}" if low == high else f"open, between {low} and {high}"
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"clasi_activity: {total}; {scores['clasi_severity'] or 'severity open'}",
    ]
    for item in ACTIVITY:
        if cells[item.key] is None:
            lines.append(f"  not assessed: {item.label}")
        elif cells[item.key]:
            lines.append(f"  +{cells[item.key]}  {item.label}")
    damage = scores["clasi_damage"]
    lines.append(f"clasi_damage: {'not assessed in full' if damage is None else damage}")
    if scores["clasi_activity_change"] is not None:
        lines.append(
            f"change since baseline {scores['clasi_activity_change']:+d}: response "
            f"{verdict_word(scores['clasi_response'])}, CLASI-50 "
            f"{verdict_word(scores['clasi_50'])}"
        )
    return "\n".join(lines)
