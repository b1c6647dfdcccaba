"""Scoring from Parquet to Parquet in pieces: the same scores, whole participants, nothing partial."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sle.bilag_2004.tables import bilag_table
from sle.every_visits import visits
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.stream import score_file

PGA = sle.INSTRUMENTS["pga"].items


@pytest.mark.parametrize("rows", [1, 7, 100, 399, 10_000])
def test_pieces_of_any_size_give_the_scores_of_the_whole(tmp_path: Path, rows: int):
    table = bilag_table(400, seed=5).with_columns(pl.lit(None, pl.Boolean).alias("renal_ever"))
    source, target = tmp_path / "visits.parquet", tmp_path / "scores.parquet"
    table.write_parquet(source)

    if rows < 10:
        table.head(24).write_parquet(source)
    score_file("bilag-2004", source, target, rows=rows)

    expected = sle.score("bilag-2004", pl.read_parquet(source))
    assert pl.read_parquet(target).equals(expected)


def test_rows_out_of_order_are_scored_in_their_order(tmp_path: Path):
    table = shuffled(bilag_table(400, seed=5))
    table.write_parquet(tmp_path / "visits.parquet")

    score_file("bilag-2004", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=50)

    assert pl.read_parquet(tmp_path / "scores.parquet").equals(sle.score("bilag-2004", table))


def test_options_reach_every_piece(tmp_path: Path):
    table = random_table(PGA, 100, seed=1, numbers={"pga": [10, 50, 90]})
    table.write_parquet(tmp_path / "visits.parquet")

    score_file(
        "pga", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=8, scale="0-100"
    )

    assert pl.read_parquet(tmp_path / "scores.parquet").equals(
        sle.score("pga", table, scale="0-100")
    )


def test_a_mistake_in_a_later_piece_names_its_row_in_the_file_and_leaves_nothing(tmp_path: Path):
    table = random_table(PGA, 100, seed=1, numbers={"pga": [1, 2]}, unassessed=0)
    table = table.with_columns(
        pl.when(pl.int_range(100) == 77).then(9.0).otherwise("pga").alias("pga")
    )
    table.write_parquet(tmp_path / "visits.parquet")
    target = tmp_path / "scores.parquet"

    with pytest.raises(UnusableInputError) as caught:
        score_file("pga", tmp_path / "visits.parquet", target, rows=10)

    assert caught.value.where == "row 78, column pga (participant 19, visit 1)"
    assert [path.name for path in tmp_path.iterdir()] == ["visits.parquet"]


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_every_instrument_gives_the_scores_of_the_whole(tmp_path: Path, key: str):
    """Pieces of 7 rows for participants with 4: each ends after one participant."""
    table = visits(key, 40)
    source, target = tmp_path / "visits.parquet", tmp_path / "scores.parquet"
    table.write_parquet(source)

    score_file(key, source, target, rows=7)

    assert_frame_equal(pl.read_parquet(target), sle.score(key, table))


@pytest.mark.parametrize("key", ["pga", "sri", "bilag-2004"])
def test_a_file_without_rows_has_scores_without_rows(tmp_path: Path, key: str):
    table = visits(key, 8).clear()
    table.write_parquet(tmp_path / "visits.parquet")

    score_file(key, tmp_path / "visits.parquet", tmp_path / "scores.parquet")

    written = pl.read_parquet(tmp_path / "scores.parquet")
    assert_frame_equal(written, sle.score(key, table))
    assert written.is_empty()


def test_a_participant_with_more_rows_than_a_piece_stays_whole(tmp_path: Path):
    """The flare index compares with the visit before: a cut would lose it."""
    table = visits("selena-flare-index", 60).with_columns(
        participant=pl.lit("P1"), visit=pl.int_range(pl.len())
    )
    table.write_parquet(tmp_path / "visits.parquet")

    score_file(
        "selena-flare-index", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=7
    )

    assert_frame_equal(
        pl.read_parquet(tmp_path / "scores.parquet"), sle.score("selena-flare-index", table)
    )


def test_participants_and_visits_may_be_names(tmp_path: Path):
    table = visits("lldas", 40).with_columns(
        participant=pl.format("P{}", pl.col("participant").cast(pl.String).str.zfill(3)),
        visit=pl.format("week {}", pl.col("visit") * 4),
    )
    table.write_parquet(tmp_path / "visits.parquet")

    score_file("lldas", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=9)

    assert_frame_equal(pl.read_parquet(tmp_path / "scores.parquet"), sle.score("lldas", table))


def test_one_visit_twice_is_found_in_its_piece(tmp_path: Path):
    table = visits("pga", 40)
    pl.concat([table[:30], table[29:]]).write_parquet(tmp_path / "visits.parquet")
    with pytest.raises(UnusableInputError, match="appear a second time") as caught:
        score_file("pga", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=5)
    assert caught.value.where.startswith("row 31, column visit")


def test_scores_that_were_there_are_kept_when_scoring_fails(tmp_path: Path):
    table = visits("pga", 40).with_columns(pga=pl.lit(4.0))
    table.write_parquet(tmp_path / "visits.parquet")
    (tmp_path / "scores.parquet").write_bytes(b"earlier")
    with pytest.raises(UnusableInputError, match="is out of range"):
        score_file("pga", tmp_path / "visits.parquet", tmp_path / "scores.parquet", rows=5)
    assert (tmp_path / "scores.parquet").read_bytes() == b"earlier"
