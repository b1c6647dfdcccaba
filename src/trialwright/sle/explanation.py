"""Finding the one visit that an explanation is about."""

from typing import Any

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.visits import KEYS


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
