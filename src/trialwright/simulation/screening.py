"""What is known of each candidate when eligibility is judged."""

from collections.abc import Sequence

import polars as pl

from trialwright.protocol import Study
from trialwright.simulation.capture import Days
from trialwright.trialdata import TABLES, TrialData, visit_table
from trialwright.trialdata.tables import empty_table


def latest_values(
    study: Study,
    item_values: pl.DataFrame,
    participants: Sequence[str],
    names: set[str],
    on: Days,
) -> pl.DataFrame:
    """One row per participant in the order given: the last known value of each name.

    Beside it stand the laboratory's limits, `<item>__lower_limit` and `<item>__upper_limit`, and
    the day of assessment, `screening_date`: the table that `protocol.eligibility.screen` judges.
    """
    data = TrialData(
        **{name: empty_table(name) for name in TABLES if name != "item_values"},
        item_values=item_values,
    )
    wanted = sorted(names)
    values = visit_table(study, data, wanted)
    last = values.group_by("participant").agg(pl.col(wanted).drop_nulls().last())
    limits = [
        pl.lit(limit, pl.Float64).alias(f"{item.id}__{side}_limit")
        for form in study.forms
        for item in form.items
        if item.normal
        for side, limit in (("lower", item.normal.lower), ("upper", item.normal.upper))
    ]
    candidates = pl.DataFrame(
        {"participant": participants, "screening_date": pl.Series(on).cast(pl.Date)},
        schema_overrides={"participant": pl.String},
    )
    joined = candidates.join(last, on="participant", how="left", maintain_order="left")
    return joined.with_columns(limits)
