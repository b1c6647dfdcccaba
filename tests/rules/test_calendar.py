"""Whole days, months and years, for one date and for a column alike."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.rules.calendar import elapsed, elapsed_columns

days = st.dates(dt.date(1930, 1, 1), dt.date(2060, 12, 31))


# Counted on a calendar by hand.
CASES = [
    ("2025-07-04", "2026-01-03", 5),
    ("2025-07-04", "2026-01-04", 6),
    ("2026-01-31", "2026-02-27", 0),
    ("2026-01-31", "2026-02-28", 1),  # February ends before day 31
    ("2024-01-31", "2024-02-28", 0),  # a leap year's February does not
    ("2024-01-31", "2024-02-29", 1),
    ("2026-01-31", "2026-03-30", 1),
    ("2026-01-31", "2026-03-31", 2),
    ("2026-02-28", "2026-03-27", 0),
    ("2026-02-28", "2026-03-28", 1),  # the day number counts, not the end of the month
    ("2025-12-31", "2026-01-01", 0),
    ("2026-01-15", "2026-01-15", 0),
    ("2026-01-16", "2026-01-15", -1),  # a date in the future is not zero months ago
    ("2026-02-15", "2026-01-15", -1),
    ("2026-02-16", "2026-01-15", -2),
]


def in_column(function, since, on):
    table = pl.DataFrame({"since": [since], "on": [on]})
    return table.select(elapsed_columns(function, pl.col("since"), pl.col("on"))).item()


@pytest.mark.parametrize(("since", "on", "months"), CASES)
def test_months(since, on, months):
    since, on = dt.date.fromisoformat(since), dt.date.fromisoformat(on)
    assert elapsed("months_since", since, on) == months
    assert in_column("months_since", since, on) == months


@pytest.mark.parametrize(
    ("since", "on", "years"),
    [
        ("2008-02-29", "2026-02-27", 17),
        ("2008-02-29", "2026-02-28", 18),  # born on 29 February, of age on 28 February
        ("2021-01-05", "2026-01-04", 4),
        ("2021-01-05", "2026-01-05", 5),
        ("2026-01-05", "2026-01-04", -1),
    ],
)
def test_years(since, on, years):
    since, on = dt.date.fromisoformat(since), dt.date.fromisoformat(on)
    assert elapsed("years_since", since, on) == years
    assert in_column("years_since", since, on) == years


def test_days_cross_a_leap_day():
    assert elapsed("days_since", dt.date(2024, 2, 28), dt.date(2024, 3, 1)) == 2


def plus_months(day: dt.date, months: int) -> dt.date:
    """The definition itself: the same day number, or the last day of a month too short for it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    return dt.date(year, month + 1, day.day)


@settings(max_examples=300, deadline=None)
@given(days, days)
def test_months_are_the_largest_number_that_is_not_after_the_day(since, on):
    months = elapsed("months_since", since, on)
    assert plus_months(since, months) <= on < plus_months(since, months + 1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(days | st.none(), days), min_size=20, max_size=20))
def test_columns_count_as_single_dates_do(pairs):
    table = pl.DataFrame(pairs, schema={"since": pl.Date, "on": pl.Date}, orient="row")
    for function in ("days_since", "months_since", "years_since"):
        column = table.select(elapsed_columns(function, pl.col("since"), pl.col("on"))).to_series()
        assert column.dtype == pl.Float64
        assert column.to_list() == [
            None if since is None else elapsed(function, since, on) for since, on in pairs
        ]
