"""EULAR/ACR 2019: in each domain the highest item counts; 10 points with a clinical one."""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import decided, verdict_word
from trialwright.sle.eular_acr_2019.items import (
    CLINICAL,
    COMPLEMENT,
    DOMAINS,
    ENTRY,
    ITEMS,
    NEEDED,
)
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.visits import KEYS, read_visits

_ENDS: Final = {"least": 0, "most": 1}


def score(frame: Frame, **options: Any) -> Frame:
    """The verdict, the points at least and at most, and what counted in each domain."""
    settled((), options)
    visits = read_visits(frame, ITEMS)
    points = {
        f"_{domain}_{end}": _points(domain, unassessed)
        for end, unassessed in _ENDS.items()
        for domain in DOMAINS
    }
    least, most = (_sum(DOMAINS, end) for end in _ENDS)
    scored = visits.frame.with_columns(one.alias(name) for name, one in points.items()).select(
        *KEYS,
        decided(*(_classified(end, unassessed) for end, unassessed in _ENDS.items())).alias(
            "eular_acr_2019"
        ),
        least.alias("eular_acr_2019_points"),
        most.alias("eular_acr_2019_points_highest"),
        pl.concat_str(
            [_counted_item(domain) for domain in DOMAINS], separator=", ", ignore_nulls=True
        ).alias("eular_acr_2019_criteria"),
    )
    return same_kind(frame, scored)


def _points(domain: str, unassessed: int) -> pl.Expr:
    """The points of a domain: those of its highest item, or of both complements."""
    present = [pl.col(item.key).fill_null(unassessed) for item in DOMAINS[domain]]
    if domain == COMPLEMENT:
        low = reduce(add, present)
        return pl.when(low == 0).then(low).otherwise(low + pl.lit(2, dtype=pl.Int8))
    return pl.max_horizontal(
        one * pl.lit(item.weight, dtype=pl.Int8)
        for one, item in zip(present, DOMAINS[domain], strict=True)
    )


def _sum(domains: Mapping[str, object] | tuple[str, ...], end: str) -> pl.Expr:
    return reduce(add, (pl.col(f"_{domain}_{end}") for domain in domains))


def _classified(end: str, unassessed: int) -> pl.Expr:
    entry = pl.col(ENTRY.key).fill_null(unassessed) == 1
    return entry & (_sum(CLINICAL, end) > 0) & (_sum(DOMAINS, end) >= NEEDED)


def _counted_item(domain: str) -> pl.Expr:
    """The highest item that is present for certain, with its points; null if none is."""
    if domain == COMPLEMENT:
        points = pl.col(f"_{domain}_least")
        both, either = (pl.lit(f"Low C3 {word} C4 {n}") for word, n in (("and", 4), ("or", 3)))
        return pl.when(points == 4).then(both).when(points == 3).then(either)
    chosen = pl.lit(None, dtype=pl.String)
    for item in sorted(DOMAINS[domain], key=lambda item: item.weight):
        named = pl.lit(f"{item.label} {item.weight}")
        chosen = pl.when(pl.col(item.key) == 1).then(named).otherwise(chosen)
    return chosen


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The entry criterion, the points of each domain, and what is still to be assessed."""
    cells = one_visit(read_visits(frame, ITEMS).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    least, most = scores["eular_acr_2019_points"], scores["eular_acr_2019_points_highest"]
    total = f"{least}" if least == most else f"{least} to {most}"
    entry = {1: "met", 0: "not met", None: "open"}[cells[ENTRY.key]]
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"classified: {verdict_word(scores['eular_acr_2019'])}, {total} points, {NEEDED} needed",
        f"  entry criterion (antinuclear antibodies): {entry}",
    ]
    for domain, items in DOMAINS.items():
        for item in items:
            if cells[item.key] == 1:
                lines.append(f"  {domain}: {item.label} {item.weight}")
            elif cells[item.key] is None:
                lines.append(f"  {domain}: {item.label} open, not assessed")
    lines.append(f"  what counts: {scores['eular_acr_2019_criteria'] or 'nothing'}")
    return "\n".join(lines)
