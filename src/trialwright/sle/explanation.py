"""Finding the one visit that an explanation is about."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.baseline import is_baseline
from trialwright.sle.instrument import Item
from trialwright.sle.visits import KEYS, check_columns, in_visit_order, read_visits


def history_of(frame: pl.DataFrame | pl.LazyFrame, participant: object) -> pl.DataFrame:
    """The rows of one participant, compared as text."""
    check_columns(frame.collect_schema())
    return frame.lazy().filter(pl.col("participant").cast(pl.String) == str(participant)).collect()


def is_visit(participant: object, visit: object) -> pl.Expr:
    """True in the rows of this participant and visit; both are compared as text."""
    return (pl.col("participant").cast(pl.String) == str(participant)) & (
        pl.col("visit").cast(pl.String) == str(visit)
    )


def one_visit(frame: pl.LazyFrame, participant: object, visit: object) -> dict[str, Any]:
    """The row of one participant and visit, by column."""
    found = frame.filter(is_visit(participant, visit)).collect()
    if found.is_empty():
        visits = (
            frame.filter(pl.col("participant").cast(pl.String) == str(participant))
            .select(pl.col("visit").cast(pl.String))
            .collect()["visit"]
        )
        raise UnusableInputError(
            f"{' and '.join(KEYS)} {participant}, {visit} are not in the table",
            remedy=f"visits of {participant}: {', '.join(visits)}"
            if len(visits)
            else f"no row has participant {participant}",
        )
    return found.row(0, named=True)


def against_baseline(
    frame: pl.DataFrame | pl.LazyFrame,
    participant: object,
    visit: object,
    *,
    items: Sequence[Item],
    reason: str,
    score: Callable[..., pl.DataFrame],
    options: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The baseline row, the row of the visit, and its scores, for a score of change."""
    history = history_of(frame, participant)
    visits = read_visits(history, items, extra=[reason])
    now = one_visit(visits.frame, participant, visit)
    marked = in_visit_order(
        visits,
        lambda rows: rows.with_columns(is_baseline(options.get("baseline")).alias("_baseline")),
    )
    scored = score(history, **options)
    base = marked.filter("_baseline").collect().row(0, named=True)
    if scored.filter(is_visit(participant, visit)).is_empty():
        raise UnusableInputError(
            f"visit {visit} is not after baseline, visit {base['visit']}",
            remedy="ask for a later visit",
        )
    return base, now, one_visit(scored.lazy(), participant, visit)
