"""The baseline of each participant beside the participant's later visits."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.history import first_row
from trialwright.sle.instrument import Option
from trialwright.sle.visits import VisitTable, in_visit_order

BASELINE: Final = Option(
    name="baseline",
    default=None,
    meaning="the baseline visit; nothing: the first visit of each participant",
)


def is_baseline(baseline: object) -> pl.Expr:
    """True in the baseline row of each participant; rows stand in visit order."""
    if baseline is None:
        return first_row()
    return pl.col("visit").cast(pl.String) == str(baseline)


def beside_baseline(
    visits: VisitTable, baseline: object, values: Mapping[str, pl.Expr]
) -> pl.LazyFrame:
    """The rows with `after_baseline`, and each value as `<name>` and as `base_<name>`.

    `base_<name>` is empty up to baseline and where the baseline's value is. Raises
    UnusableInputError for a participant without the named baseline.
    """
    if baseline is not None:
        check_baseline(visits, baseline)
    return in_visit_order(visits, partial(_with_baseline, baseline, values))


def _with_baseline(
    baseline: object, values: Mapping[str, pl.Expr], frame: pl.LazyFrame
) -> pl.LazyFrame:
    # The row number of the last baseline or first row tells whether baseline came in this history,
    # and a gather from it fetches the values, empty ones included.
    at = pl.when(pl.col("_base") | first_row()).then(pl.int_range(pl.len())).forward_fill()
    return (
        frame.with_columns(
            is_baseline(baseline).alias("_base"),
            *(value.alias(name) for name, value in values.items()),
        )
        .with_columns(at.alias("_at"))
        .with_columns(
            (pl.col("_base").gather(pl.col("_at")) & ~pl.col("_base")).alias("after_baseline")
        )
        .with_columns(
            pl.when("after_baseline").then(pl.col(name).gather(pl.col("_at"))).alias(f"base_{name}")
            for name in values
        )
        .drop("_base", "_at")
    )


def check_baseline(visits: VisitTable, baseline: object) -> None:
    """Raise UnusableInputError for the first participant without the named baseline."""
    without = (
        visits.frame.group_by("participant")
        .agg(is_baseline(baseline).any().alias("has"))
        .filter(~pl.col("has"))
        .sort("participant")
        .head(1)
        .collect()
    )
    if len(without):
        raise UnusableInputError(
            f"participant {without['participant'][0]} has no baseline visit {baseline}",
            where="column visit",
            remedy="add the baseline row, or name another visit with the option baseline",
        )
