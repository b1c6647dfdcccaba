"""Scoring from Parquet to Parquet in pieces: the same scores, whole participants, nothing partial."""

from pathlib import Path

import polars as pl
import pytest

from sle.bilag_2004.tables import bilag_table
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
