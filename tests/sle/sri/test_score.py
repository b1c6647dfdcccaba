"""SRI against a plain reference that tries every completion, and what must hold of any SRI."""

from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sle.random_visits import random_table, shuffled
from sle.sri import reference
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bilag_2004 import SYSTEMS
from trialwright.sle.sri.items import items

LETTERS = [
    "A",
    "B",
    "B",
    "C",
    "C",
    "C",
    "D",
    "D",
    "E",
    "A..B",
    "A..C",
    "B..C",
    "B..D",
    "C..D",
    "D..E",
    "A..E",
]
PGA = {
    "0-3": [0, 0.6, 0.9, 1.2, 1.3, 1.5, 1.8, 2.0, 2.29, 2.3, 2.59, 2.6],
    "0-10": [0, 1, 2.3, 3.3, 4.3, 5.29, 5.3],
    "0-100": [0, 10, 23, 33, 43, 52.9, 53],
}
PARTS = ("sledai", "bilag", "pga", "treatment", "new_a", "new_b")


def table(visits: int, seed: int, scale: str = "0-3", **more) -> pl.DataFrame:
    columns = items(pga_scale=scale)
    choices = {"pga": PGA[scale], **dict.fromkeys(SYSTEMS, LETTERS)}
    drawn = random_table(columns, visits, seed=seed, numbers=choices, **more)
    sledai = pl.Series([2, 4, 6, 8, 10, 12, 14]).sample(visits, with_replacement=True, seed=seed)
    return drawn.with_columns(
        pl.when(pl.col("selena_sledai").is_not_null()).then(sledai).alias("selena_sledai")
    )


def expected(visits: pl.DataFrame, **how) -> list[dict]:
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    verdicts = []
    for _, group in groupby(rows, lambda row: row["participant"]):
        base, *later = group
        verdicts += [reference.verdict(base, visit, list(SYSTEMS), **how) for visit in later]
    return verdicts


def scored(visits: pl.DataFrame, x: int = 4, **options) -> list[dict]:
    result = sle.score("sri", visits, x=x, missing="missing", **options)
    names = {f"sri_{x}": "response", **{f"sri_{x}_{part}": part for part in PARTS}}
    return result.select(*names).rename(names).to_dicts()


def test_equals_the_reference_on_100_000_visits():
    visits = table(100_000, seed=4)

    assert scored(visits) == expected(visits)


def test_few_open_letters_give_every_kind_of_verdict():
    letters = ["C", "C", "D", "D", "E", "B", "B..C", "A..B"]
    steady = {"pga": PGA["0-3"], **dict.fromkeys(SYSTEMS, letters)}
    visits = random_table(items(), 8_000, seed=11, numbers=steady, present=0.02)
    sledai = pl.Series([4, 8, 12]).sample(8_000, with_replacement=True, seed=11)
    visits = visits.with_columns(selena_sledai=sledai)

    got = scored(visits)

    assert got == expected(visits)
    assert {row["response"] for row in got} == {True, False, None}
    assert {row["bilag"] for row in got} == {True, False, None}


@pytest.mark.parametrize("x", [5, 6, 7, 8])
def test_other_thresholds_equal_the_reference(x: int):
    visits = table(4_000, seed=x)
    assert scored(visits, x) == expected(visits, x=x)


def test_the_literal_or_equals_the_reference():
    visits = table(4_000, seed=33)
    assert scored(visits, clauses="or") == expected(visits, clauses="or")


@pytest.mark.parametrize("scale", ["0-10", "0-100"])
def test_other_pga_scales_equal_the_reference(scale: str):
    visits = table(4_000, seed=3, scale=scale)
    assert scored(visits, pga_scale=scale) == expected(visits, scale=scale)


def test_nri_makes_open_verdicts_no_response_and_changes_no_component():
    visits = table(4_000, seed=5)
    left_open = sle.score("sri", visits, missing="missing")
    imputed = sle.score("sri", visits, missing="nri")

    assert left_open["sri_4"].null_count() > 0
    assert_frame_equal(imputed, left_open.with_columns(pl.col("sri_4").fill_null(False)))


def test_order_chunks_and_laziness_change_nothing():
    visits = table(2_000, seed=6)
    result = sle.score("sri", visits)

    mixed = sle.score("sri", shuffled(visits)).sort("participant", "visit")
    lazy = sle.score("sri", visits.lazy())
    chunked = sle.score("sri", pl.concat([visits[:501], visits[501:]], rechunk=False))

    assert_frame_equal(mixed, result)
    assert_frame_equal(chunked, result)
    assert_frame_equal(lazy.collect(), result)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_the_literal_or_never_refuses_what_the_rule_accepts(seed: int):
    visits = table(200, seed=seed, unassessed=0)
    by_rule = sle.score("sri", visits)["sri_4_bilag"].fill_null(False)
    literally = sle.score("sri", visits, clauses="or")["sri_4_bilag"].fill_null(False)
    assert (literally | ~by_rule).all()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 7))
def test_a_responder_by_more_points_is_one_by_fewer(seed: int, x: int):
    visits = table(200, seed=seed)
    fewer = sle.score("sri", visits, x=x)[f"sri_{x}"]
    more = sle.score("sri", visits, x=x + 1)[f"sri_{x + 1}"]
    assert (fewer | ~more).all()


class TestBaseline:
    """Which row is compared with which."""

    def rows(self) -> pl.DataFrame:
        quiet = dict.fromkeys(SYSTEMS, "D") | {"pga": 1.0, "treatment_failure": 0}
        visits = [("screening", 12), ("day 1", 8), ("week 4", 6), ("week 12", 4)]
        return pl.DataFrame(
            [
                {"participant": "P1", "visit": visit, "selena_sledai": total, **quiet}
                for visit, total in visits
            ]
        )

    def test_the_first_visit_unless_another_is_named(self):
        first = sle.score("sri", self.rows())
        named = sle.score("sri", self.rows(), baseline="day 1")

        assert first.select("visit", "sri_4").rows() == [
            ("day 1", True),
            ("week 4", True),
            ("week 12", True),
        ]
        assert named.select("visit", "sri_4").rows() == [("week 4", False), ("week 12", True)]

    def test_a_participant_without_the_named_visit_is_refused(self):
        other = (
            self.rows().filter(pl.col("visit") != "day 1").with_columns(participant=pl.lit("P2"))
        )
        with pytest.raises(UnusableInputError) as caught:
            sle.score("sri", pl.concat([self.rows(), other]), baseline="day 1")
        assert caught.value.what == "participant P2 has no baseline visit day 1"
        assert "add the baseline row" in caught.value.remedy

    def test_numbered_visits_are_taken_in_their_order(self):
        rows = self.rows().with_columns(visit=pl.Series([12, 4, 0, 8]))
        result = sle.score("sri", rows)
        # Baseline is visit 0 with a total of 6.
        assert dict(result.select("visit", "sri_4_sledai_change").iter_rows()) == {
            12: 6,
            4: 2,
            8: -2,
        }


@pytest.mark.parametrize("sledai", ["sledai_2k", "hybrid_selena_sledai"])
def test_the_sledai_column_can_be_named(sledai: str):
    visits = table(40, seed=2)
    renamed = visits.rename({"selena_sledai": sledai})
    assert_frame_equal(sle.score("sri", renamed, sledai=sledai), sle.score("sri", visits))


def test_text_letters_and_the_letters_of_bilag_score_alike():
    visits = table(400, seed=8)
    texts = visits.with_columns(pl.col(system).cast(pl.String) for system in SYSTEMS)
    letters = visits.with_columns(
        pl.col(system).cast(pl.Enum(sle.bilag_2004.GRADES)) for system in SYSTEMS
    )
    assert_frame_equal(sle.score("sri", texts), sle.score("sri", letters))


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("renal", "F", "'F' is no code of this item"),
        ("renal", "C..A", "'C..A' is no code of this item"),
        ("pga", 23.0, "23.0 is out of range"),
        ("selena_sledai", 106, "106 is out of range"),
        ("treatment_failure", "rescue", "'rescue' is neither yes nor no"),
    ],
)
def test_mistakes_name_row_and_column(column: str, value: object, what: str):
    visits = table(4, seed=1, unassessed=0).with_columns(
        pl.when(pl.col("visit") == 1).then(pl.lit(value)).alias(column)
    )
    with pytest.raises(UnusableInputError) as caught:
        sle.score("sri", visits)
    assert caught.value.what == what
    assert caught.value.where == f"row 2, column {column} (participant 0, visit 1)"
