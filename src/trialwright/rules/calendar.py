"""Time since a date, in whole days, months and years.

`months_since(d)` is the largest whole n such that d plus n calendar months is not after the day
of assessment; d plus n months has d's day number, or is the last day of a month that is too short.
So a month that began on 31 January is complete on 28 February, or 29 February in a leap year.
A year is twelve such months. A date in the future gives a negative number.
"""

import calendar
import datetime as dt

import polars as pl


def elapsed(function: str, since: dt.date, on: dt.date) -> int:
    """Whole days, months or years from `since` to `on`; `function` is the rule's word for it."""
    if function == "days_since":
        return (on - since).days
    months = (on.year - since.year) * 12 + on.month - since.month
    last_day = calendar.monthrange(on.year, on.month)[1]
    if on.day < min(since.day, last_day):
        months -= 1
    return months if function == "months_since" else months // 12


def elapsed_columns(function: str, since: pl.Expr, on: pl.Expr) -> pl.Expr:
    """The same for each row, as Float64; null where either date is null."""
    if function == "days_since":
        return (on - since).dt.total_days().cast(pl.Float64)
    calendar_months = (on.dt.year() - since.dt.year()) * 12 + (
        on.dt.month().cast(pl.Int32) - since.dt.month().cast(pl.Int32)
    )
    due = pl.min_horizontal(since.dt.day(), on.dt.month_end().dt.day())
    months = calendar_months - (on.dt.day() < due).cast(pl.Int32)
    whole = months if function == "months_since" else months // 12
    return whole.cast(pl.Float64)
