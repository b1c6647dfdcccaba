"""Which rows a filter keeps, in words and in R's spelling."""

from typing import Any

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.filters import filtered_rows

DATA = pl.DataFrame(
    {
        "usubjid": ["A", "A", "B", "B", "C", "C"],
        "week": [4, 12, 4, 12, 4, 12],
        "region": ["EUR", "EUR", "ASIA", "ASIA", "EUR", "EUR"],
        "chg": [1.5, None, -2.0, 0.0, 3.25, 4.0],
    }
)


def kept(**spec: Any) -> list[int]:
    """The positions of the rows that stay."""
    case = Case(
        id="own", method="m", data=DATA.with_row_index(), spec=spec, expect={}, tol_rel=1e-6
    )
    return filtered_rows(case)["index"].to_list()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("week = 12", [1, 3, 5]),
        ("week == 12", [1, 3, 5]),
        ("WEEK == 12", [1, 3, 5]),
        ("week = 12 and chg present", [3, 5]),
        ("week == 12 & !is.na(chg)", [3, 5]),
        ("week==12 && ! is.na(chg)", [3, 5]),
        ("week != 12", [0, 2, 4]),
        ("week >= 4 and week < 12", [0, 2, 4]),
        ("chg > 1.5", [4, 5]),
        ("chg >= 1.5", [0, 4, 5]),
        ("chg <= -2", [2]),
        ("chg = 0", [3]),
        ("region = EUR and week = 4", [0, 4]),
        ('region == "ASIA"', [2, 3]),
        ("region != 'EUR'", [2, 3]),
        ("chg present", [0, 2, 3, 4, 5]),
    ],
)
def test_a_filter_keeps_the_rows_where_it_holds(text: str, rows: list[int]) -> None:
    assert kept(filter=text) == rows


def test_without_a_filter_one_visit_is_taken() -> None:
    assert kept() == [1, 3, 5]
    assert kept(week=4) == kept(visit="4") == [0, 2, 4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("week about 12", "own: cannot read the filter 'week about 12'\n  write it as 'week = 12"),
        ("week = twelve", "cannot read the filter 'week = twelve'"),
        ("", "cannot read the filter ''"),
        ("week = 12 and", "cannot read the filter"),
        ("day = 12", "own: the data have none of the columns day"),
        ("!is.na(aval)", "none of the columns aval"),
        ("week = 99", "own: no row is left by 'week = 99'"),
        ("week = 12 and week = 4", "no row is left"),
    ],
)
def test_a_filter_that_keeps_nothing_or_says_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnusableInputError) as raised:
        kept(filter=text)
    assert said in str(raised.value)


def test_a_week_that_no_row_has_is_refused() -> None:
    with pytest.raises(UnusableInputError, match=r"no row has week 7\n  the data have 4, 12"):
        kept(week=7)
