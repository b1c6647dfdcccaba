"""SDI: the sum of its items, with end-stage renal disease in place of the other renal items."""

from functools import reduce
from operator import add
from typing import Any, Final

import polars as pl

from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Check, Frame, Item, same_kind, settled
from trialwright.sle.sdi.items import DOMAINS, END_STAGE, ITEMS, RENAL
from trialwright.sle.visits import KEYS, read_visits


def score(frame: Frame, **options: Any) -> Frame:
    """The index of each visit, and its least and most while items are unassessed."""
    settled((), options)
    visits = read_visits(frame, ITEMS)
    least, most = (
        reduce(add, (_domain(domain, at_most=at_most) for domain in DOMAINS))
        for at_most in (False, True)
    )
    scored = visits.frame.select(
        *KEYS,
        pl.when(least == most).then(least).alias("sdi"),
        least.alias("sdi_lowest"),
        most.alias("sdi_highest"),
    )
    return same_kind(frame, scored)


def _domain(domain: str, *, at_most: bool) -> pl.Expr:
    """The points of one domain, with unassessed items at their lowest or at their highest."""
    points = {
        item.key: pl.col(item.key).fill_null(int(item.high) if at_most else 0)
        for item in DOMAINS[domain]
    }
    if domain == RENAL:
        end_stage = points.pop(END_STAGE)
        others = reduce(add, points.values())
        return pl.when(end_stage == 1).then(pl.lit(3, dtype=pl.Int8)).otherwise(others)
    return reduce(add, points.values())


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The index, its items by domain, and what is not assessed."""
    cells = one_visit(read_visits(frame, ITEMS).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    low, high = scores["sdi_lowest"], scores["sdi_highest"]
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"sdi: {low}" if low == high else f"sdi: open, between {low} and {high}",
    ]
    for item in ITEMS:
        if cells[item.key] is None:
            lines.append(f"  not assessed: {item.label}")
        elif cells[item.key]:
            replaced = item.group == RENAL and item.key != END_STAGE and cells[END_STAGE] == 1
            points = "in end-stage disease" if replaced else f"+{cells[item.key] * item.weight}"
            lines.append(f"  {item.group}: {item.label}, {points}")
    return "\n".join(lines)


def _fall(item: Item) -> Check:
    before = pl.col(item.key).cum_max().forward_fill().shift(1)
    return Check(
        code="SDI-FALL",
        needs=(item.key,),
        when=pl.col(item.key) < before.over("participant", order_by="_row"),
        finding=f"{item.key} is lower than at an earlier visit; damage does not heal",
    )


CHECKS: Final = (
    *(_fall(item) for item in ITEMS),
    Check(
        code="SDI-RENAL",
        needs=(END_STAGE, "gfr_below_50"),
        when=(pl.col(END_STAGE) == 1) & (pl.col("gfr_below_50") == 0),
        finding="end-stage renal disease is present and the filtration rate is not below 50%",
    ),
)
