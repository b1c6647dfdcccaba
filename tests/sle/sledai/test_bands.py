"""Bands of a SLEDAI total: the limits that each preset prints."""

import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.sle.sledai.bands import band, change_word


@pytest.mark.parametrize(
    ("preset", "totals", "names"),
    [
        # Specification 1.4: 0 remission; 1-4 low; 5-10 moderate; > 10 high.
        (
            "eular2019",
            [0, 1, 4, 5, 10, 11, 105],
            ["remission", "low", "low", "moderate", "moderate", "high", "high"],
        ),
        # < 6 mild; 6-12 moderate; > 12 severe.
        ("bsr2018", [0, 5, 6, 12, 13], ["mild", "mild", "moderate", "moderate", "severe"]),
        # 0 none; 1-5 mild; 6-10 moderate; 11-19 high; 20 or more very high.
        (
            "cook",
            [0, 1, 5, 6, 10, 11, 19, 20],
            ["none", "mild", "mild", "moderate", "moderate", "high", "high", "very high"],
        ),
    ],
)
def test_limits_of_each_preset(preset: str, totals: list[int], names: list[str]):
    frame = pl.DataFrame({"total": [*totals, None]}, schema={"total": pl.Int8})
    assert frame.select(band(pl.col("total"), preset))["literal"].to_list() == [*names, None]


def test_unknown_bands_are_refused():
    with pytest.raises(UnusableInputError, match="no bands are called eular2020"):
        band(pl.col("total"), "eular2020")


def test_a_change_of_more_than_3_is_a_flare_or_an_improvement():
    after = pl.DataFrame({"after": [14, 13, 7, 6, None]}, schema={"after": pl.Int8})
    words = after.select(change_word(pl.lit(10), pl.col("after")).alias("word"))["word"]
    assert words.to_list() == ["flare", "stable", "stable", "improved", None]
