"""Which of the 11 criteria are met, and whether they are enough."""

from functools import reduce
from operator import add, or_
from typing import Any, Final

import polars as pl

from trialwright.sle.acr_1997.items import CRITERIA, ITEMS, NEEDED
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.visits import KEYS, read_visits

MET: Final = {
    criterion: reduce(or_, (pl.col(item.key) == 1 for item in ITEMS if item.group == criterion))
    for criterion in CRITERIA
}
"""Criterion to whether it is met; unknown if none of its items is present and one is unassessed."""


def score(frame: Frame, **options: Any) -> Frame:
    """The verdict, the count of criteria at least and at most, and the criteria met."""
    settled((), options)
    visits = read_visits(frame, ITEMS)
    least, most = (
        reduce(add, (met.fill_null(unknown).cast(pl.Int8) for met in MET.values()))
        for unknown in (False, True)
    )
    enough = pl.when(least >= NEEDED).then(True).when(most < NEEDED).then(False)
    names = [pl.when(met).then(pl.lit(criterion)) for criterion, met in MET.items()]
    scored = visits.frame.select(
        *KEYS,
        enough.alias("acr_1997"),
        least.alias("acr_1997_count"),
        most.alias("acr_1997_count_highest"),
        pl.concat_str(names, separator=", ", ignore_nulls=True).alias("acr_1997_criteria"),
    )
    return same_kind(frame, scored)


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each criterion with the items that met it, and what is still to be assessed."""
    cells = one_visit(read_visits(frame, ITEMS).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    verdict = {True: "yes", False: "no", None: "open"}[scores["acr_1997"]]
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"classified: {verdict}, {scores['acr_1997_count']} of {len(CRITERIA)} criteria met, "
        f"{NEEDED} needed",
    ]
    for criterion in CRITERIA:
        items = [item for item in ITEMS if item.group == criterion]
        present = [item.label for item in items if cells[item.key] == 1]
        open_items = [item.label for item in items if cells[item.key] is None]
        if present:
            lines.append(f"  {criterion}: {', '.join(present)}")
        elif open_items:
            lines.append(f"  {criterion}: open, not assessed: {', '.join(open_items)}")
    return "\n".join(lines)
