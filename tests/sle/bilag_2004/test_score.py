"""BILAG-2004 against a plain reference on 100,000 visits, its history, numbers and bad input."""

from itertools import groupby

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sle.bilag_2004 import reference
from sle.bilag_2004.tables import bilag_table
from sle.random_visits import shuffled
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004.items import ITEMS, SYSTEMS
from trialwright.sle.bilag_2004.score import GRADES


def expected(table: pl.DataFrame, policy: str = "as written") -> list[dict[str, str]]:
    """The reference's grades; pieces of whole participants keep the dictionaries few."""
    return [
        grades
        for piece in table.iter_slices(4_000)
        for _, rows in groupby(piece.to_dicts(), lambda row: row["participant"])
        for grades in reference.grades(list(rows), policy)
    ]


def graded(table: pl.DataFrame, **options: str) -> list[dict[str, str]]:
    return sle.score("bilag-2004", table, **options).select(SYSTEMS).to_dicts()


def test_equals_the_reference_on_100_000_visits():
    table = bilag_table(100_000, seed=2004)

    got, want = graded(table), expected(table)

    wrong = [i for i, (one, other) in enumerate(zip(got, want, strict=True)) if one != other]
    assert not wrong, (table.row(wrong[0], named=True), got[wrong[0]], want[wrong[0]])
    seen = {grade for row in want for grade in row.values()}
    assert seen == set(GRADES)  # every letter and every interval occurs


@pytest.mark.parametrize("policy", ["met", "not met", "unknown"])
def test_policies_for_a_missing_previous_value_equal_the_reference(policy: str):
    table = bilag_table(4_000, seed=9)

    assert graded(table, previous_missing=policy) == expected(table, policy)


def test_97_items_in_the_order_of_their_numbers():
    assert [item.key for item in ITEMS] == reference.NUMBERED
    assert len(ITEMS) == 97
    sizes = [sum(item.group == system for item in ITEMS) for system in SYSTEMS]
    assert dict(zip(SYSTEMS, sizes, strict=True)) == {
        "constitutional": 4,
        "mucocutaneous": 14,
        "neuropsychiatric": 20,
        "musculoskeletal": 5,
        "cardiorespiratory": 12,
        "gastrointestinal": 9,
        "ophthalmic": 13,
        "renal": 12,
        "haematological": 8,
    }


def test_order_chunks_and_laziness_change_nothing():
    table = bilag_table(2_000, seed=3)
    scored = sle.score("bilag-2004", table)

    mixed = sle.score("bilag-2004", shuffled(table))
    chunked = sle.score("bilag-2004", pl.concat([table[:777], table[777:]], rechunk=False))
    lazy = sle.score("bilag-2004", table.lazy())

    assert_frame_equal(mixed.sort("participant", "visit"), scored)
    assert mixed.select("participant", "visit").equals(
        shuffled(table).select("participant", "visit")
    )
    assert_frame_equal(chunked, scored)
    assert_frame_equal(lazy.collect(), scored)


def test_visits_named_by_text_stand_in_the_order_of_their_rows():
    table = bilag_table(400, seed=4)
    names = table.with_columns(
        ("week " + (12 - pl.col("visit") * 4).cast(pl.String)).alias("visit")
    )

    assert graded(names) == graded(table)


class TestHistory:
    """D or E: whether a system was affected before."""

    def quiet(self, **flags: object) -> pl.DataFrame:
        row = {item.key: item.absent for item in ITEMS}
        length = len(next(iter(flags.values())))
        return pl.DataFrame(
            {
                "participant": ["P1"] * length,
                "visit": range(length),
                **{key: [value] * length for key, value in row.items()},
                **flags,
            }
        )

    @pytest.mark.parametrize(
        ("flags", "letters"),
        [
            ([True, None], ["D", "D"]),
            ([False, None], ["E", "E"]),
            ([None, None], ["D..E", "D..E"]),
            ([None, True], ["D..E", "D"]),
            ([None, False], ["D..E", "E"]),
            ([True, False], ["D", "D"]),
        ],
    )
    def test_a_stated_flag_holds_until_another_is_stated(self, flags, letters):
        scored = sle.score("bilag-2004", self.quiet(renal_ever=flags))
        assert scored["renal"].to_list() == letters
        assert scored["ophthalmic"].to_list() == ["E", "E"]

    def test_activity_before_outweighs_a_flag_that_says_never(self):
        table = self.quiet(renal_ever=[False, False], active_nephritis=[1, 0])
        assert sle.score("bilag-2004", table)["renal"].to_list() == ["B", "D"]

    def test_activity_that_is_possible_before_leaves_d_and_e_open(self):
        table = self.quiet(optic_neuritis=[None, 0])
        assert sle.score("bilag-2004", table)["ophthalmic"].to_list() == ["A..E", "D..E"]

    def test_history_ends_with_the_participant(self):
        first, second = self.quiet(optic_neuritis=[4, 0]), self.quiet(optic_neuritis=[0, 0])
        table = pl.concat([first, second.with_columns(participant=pl.lit("P2"))])
        assert sle.score("bilag-2004", table)["ophthalmic"].to_list() == ["A", "D", "E", "E"]


@pytest.mark.parametrize(
    ("scheme", "a", "b", "c"), [("12-8-1", 12, 8, 1), ("9-3-1", 9, 3, 1), ("12-5-1", 12, 5, 1)]
)
def test_points_by_scheme(scheme: str, a: int, b: int, c: int):
    # Specification 2.7.
    table = bilag_table(3_000, seed=12)
    scored = sle.score("bilag-2004", table, scheme=scheme)
    points = {"A": a, "B": b, "C": c, "D": 0, "E": 0}
    for row in scored.to_dicts():
        lowest = sum(points[row[system][-1]] for system in SYSTEMS)
        highest = sum(points[row[system][0]] for system in SYSTEMS)
        assert (row["bilag_2004_lowest"], row["bilag_2004_highest"]) == (lowest, highest)
        assert row["bilag_2004"] == (lowest if lowest == highest else None)


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("arthritis_severe", 5, "5 is out of range"),
        ("active_nephritis", 2, "2 is out of range"),
        ("haemoglobin", 82.0, "82.0 is out of range"),
        ("creatinine", 1.2, "1.2 is out of range"),
        ("creatinine", -70.0, "-70.0 is out of range"),
        ("gfr", "high", "'high' is no number"),
        ("ttp", 1.5, "1.5 is no whole number"),
    ],
)
def test_mistakes_name_row_and_column(column: str, value: object, what: str):
    table = bilag_table(4, seed=1, unassessed=0).with_columns(
        pl.when(pl.col("visit") == 2).then(pl.lit(value)).alias(column)
    )
    with pytest.raises(UnusableInputError) as caught:
        sle.score("bilag-2004", table)
    assert caught.value.what == what
    assert caught.value.where == f"row 3, column {column} (participant 0, visit 2)"
    assert caught.value.remedy
