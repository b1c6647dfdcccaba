"""What holds of every instrument alike, whatever it scores."""

import io
import random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sle.every_visits import options, visits
from sle.random_visits import shuffled
from trialwright import sle
from trialwright.sle.instrument import Item

EVERY = pytest.mark.parametrize("key", sle.INSTRUMENTS)
KEYS = ["participant", "visit"]


def score(key: str, table: pl.DataFrame) -> pl.DataFrame:
    return sle.score(key, table, **options(sle.INSTRUMENTS[key]))


@EVERY
def test_the_order_of_rows_changes_nothing(key: str):
    table = visits(key, 200)
    again = score(key, shuffled(table, seed=3)).sort(KEYS)
    assert_frame_equal(again, score(key, table))


@EVERY
def test_the_order_of_columns_and_columns_of_others_change_nothing(key: str):
    table = visits(key, 200)
    names = table.columns
    random.Random(5).shuffle(names)
    mixed = table.select(names).with_columns(zip_code=pl.lit("100044"))
    assert_frame_equal(score(key, mixed), score(key, table))


@EVERY
@pytest.mark.parametrize("pieces", [[1, 98, 1], [33, 34, 33]])
def test_chunks_in_memory_change_nothing(key: str, pieces: list[int]):
    table, at, parts = visits(key, 100), 0, []
    for piece in pieces:
        parts.append(table[at : at + piece])
        at += piece
    chunked = pl.concat(parts, rechunk=False)
    assert chunked.n_chunks() == len(pieces)
    assert_frame_equal(score(key, chunked), score(key, table))


@EVERY
def test_a_participant_is_scored_as_if_alone(key: str):
    table = visits(key, 80)
    together = score(key, table)
    for participant in (0, 9, 19):
        mine = pl.col("participant") == participant
        alone = score(key, table.filter(mine))
        scored = together.filter(mine)
        assert len(scored) == len(alone) > 0
        assert_frame_equal(alone, scored)


@EVERY
def test_the_future_changes_nothing(key: str):
    """What is scored at a visit does not depend on visits that come after it."""
    table = visits(key, 200)
    before = pl.col("visit") <= 1
    assert_frame_equal(score(key, table.filter(before)), score(key, table).filter(before))


@EVERY
def test_names_of_participants_mean_nothing(key: str):
    """Other names in another order: the scores follow the participants."""
    table = visits(key, 120)
    renamed = table.with_columns(
        participant=pl.format("S-{}", (997 - pl.col("participant")).cast(pl.String))
    )
    scored = score(key, renamed).drop("participant")
    assert_frame_equal(scored, score(key, table).drop("participant"))


@EVERY
def test_a_table_read_from_text_has_the_same_scores(key: str):
    table = visits(key, 200)
    text = table.write_csv()
    read = pl.read_csv(io.StringIO(text), infer_schema=False)
    scored = score(key, read).drop(KEYS)
    assert_frame_equal(scored, score(key, table).drop(KEYS))


@EVERY
def test_scoring_leaves_the_table_alone(key: str):
    table = visits(key, 40)
    before = table.clone()
    score(key, table)
    sle.explain(key, table, 0, 1, **options(sle.INSTRUMENTS[key]))
    sle.check(key, table, **options(sle.INSTRUMENTS[key]))
    assert_frame_equal(table, before)


def attributable(key: str) -> list[Item]:
    return [item for item in sle.INSTRUMENTS[key].items if item.kind in ("yes/no", "grade")]


@EVERY
def test_what_is_due_to_something_else_counts_as_absent(key: str):
    """Specification 0.4: an item that is not attributed to lupus counts as absent."""
    table, items = visits(key, 100), attributable(key)
    cause = pl.int_range(pl.len()) % 3 > 0
    with_cause = table.with_columns(
        pl.when(cause).then(pl.lit("yes")).otherwise(pl.lit("no")).alias(f"{item.key}_attributed")
        for item in items
    )
    absent = table.with_columns(
        pl.when(cause).then(item.key).otherwise(pl.lit(item.absent)).alias(item.key)
        for item in items
    )
    assert_frame_equal(score(key, with_cause), score(key, absent))


def changed(table: pl.DataFrame, item: Item) -> pl.DataFrame:
    """The table with other cells of one item: turned around, a grade up, or the next person's."""
    cell = pl.col(item.key)
    if item.kind == "yes/no":
        cell = 1 - cell
    elif item.kind == "grade" and item.high <= 10:
        cell = (cell + 1) % (int(item.high) + 1)
    else:
        cell = cell.shift(5)
    return table.with_columns(cell.alias(item.key))


# A flare is a new A or B; items that give a C at most are read for the letters alone.
@pytest.mark.parametrize("key", [key for key in sle.INSTRUMENTS if key != "bilag-2004-flare"])
def test_every_item_can_change_a_score(key: str):
    """An item that is asked for and never read would be work for nothing, or a slip."""
    items = [item for item in sle.INSTRUMENTS[key].items if item.required]
    table = visits(key, 240, unassessed=0.005, quiet=True)
    if key == "bilag-2004":  # the dipstick counts only where protein was not measured
        measured = pl.col("participant") % 3 > 0
        amounts = ("protein_24h", "upcr", "uacr")
        table = table.with_columns(pl.when(measured).then(name).alias(name) for name in amounts)
    own_name = pl.col("participant").cast(pl.String)
    variants = {"": table} | {item.key: changed(table, item) for item in items}
    every = pl.concat(
        variant.with_columns(participant=f"{name}/" + own_name)
        for name, variant in variants.items()
    )
    whose = pl.col("participant").str.split("/").list.first()
    scored = {
        str(name[0]): part.drop("participant").rows()
        for name, part in score(key, every).group_by(whose, maintain_order=True)
    }
    assert len(scored) == len(items) + 1
    assert [item.key for item in items if scored[item.key] == scored[""]] == []


@EVERY
def test_a_table_without_rows_has_no_scores(key: str):
    empty = score(key, visits(key, 40).clear())
    assert empty.is_empty()
    assert empty.columns == score(key, visits(key, 40)).columns


@EVERY
def test_a_table_with_nothing_assessed_has_rows_and_no_verdict(key: str):
    """All cells empty: nothing may be decided, and nothing may break."""
    table = visits(key, 8)
    items = [item.key for item in sle.INSTRUMENTS[key].items]
    blank = table.with_columns(pl.lit(None, table.schema[name]).alias(name) for name in items)
    scored = score(key, blank)
    assert len(scored) == len(score(key, table))
    answers = {value for name in scored.columns[2:] for value in scored[name] if value is True}
    assert answers == set()
