"""Bands of a SLEDAI total: the limits that each preset prints."""

import polars as pl
import pytest

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.sledai.bands import band, change_word

SLEDAI_2K = sle.INSTRUMENTS["sledai-2k"]


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


TOTALS = {"P1": [10, 14, 11, 6, 10], "P2": [0, 3, 7, 8, 2]}


def changes(against: str, totals: dict[str, list[int | None]] = TOTALS) -> dict[str, list]:
    """The word for each visit; a total of n is n points by weights 8, 4, 2 and 1."""
    keys = {8: ("seizure",), 4: ("myositis",), 2: ("rash",), 1: ("fever",)}
    rows = []
    for name, points in totals.items():
        for visit, total in enumerate(points):
            row = dict.fromkeys([item.key for item in SLEDAI_2K.items], 0)
            for weight, (key,) in keys.items():
                row[key] = None if total is None else int(bool(total & weight))
            rows.append({"participant": name, "visit": visit, **row})
    frame = pl.DataFrame(rows, infer_schema_length=None).sample(fraction=1, shuffle=True, seed=1)
    scored = sle.score("sledai-2k", frame, change=against).sort("participant", "visit")
    return {
        str(name[0]): part["sledai_2k_change"].to_list()
        for name, part in scored.group_by("participant", maintain_order=True)
    }


def test_change_since_the_previous_visit():
    assert changes("previous") == {
        "P1": [None, "flare", "stable", "improved", "flare"],
        "P2": [None, "stable", "flare", "stable", "improved"],
    }


def test_change_since_the_first_visit():
    assert changes("first") == {
        "P1": [None, "flare", "stable", "improved", "stable"],
        "P2": [None, "stable", "flare", "flare", "stable"],
    }


def test_without_a_total_there_is_no_change():
    totals = {"P1": [10, None, 14, 4], "P2": [None, 14, 1, 15]}
    assert changes("previous", totals) == {
        "P1": [None, None, None, "improved"],
        "P2": [None, None, "improved", "flare"],
    }
    assert changes("first", totals) == {
        "P1": [None, None, "flare", "improved"],
        "P2": [None, None, None, None],
    }


def test_without_the_option_there_is_no_column_of_change():
    frame = pl.DataFrame(
        {"participant": [1], "visit": [0], **{item.key: [0] for item in SLEDAI_2K.items}}
    )
    assert not [name for name in sle.score("sledai-2k", frame).columns if "change" in name]
