"""SLEDAI against a plain reference, and what must hold of any SLEDAI."""

from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sle.random_visits import random_table, shuffled
from sle.sledai import reference
from trialwright import sle
from trialwright.errors import UnusableInputError

VERSIONS = {
    "sledai-1992": "sledai_1992",
    "selena-sledai": "selena_sledai",
    "hybrid-selena-sledai": "hybrid_selena_sledai",
    "sledai-2k": "sledai_2k",
    "sledai-2k-30d": "sledai_2k_30d",
}
ITEMS = sle.INSTRUMENTS["selena-sledai"].items


def table(visits: int, seed: int = 1992) -> pl.DataFrame:
    return random_table(ITEMS, visits, seed=seed, unassessed=0.01)


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    return table(100_000)


@pytest.fixture(scope="module")
def totals(visits: pl.DataFrame) -> list[tuple]:
    return [
        reference.scores(row) for piece in visits.iter_slices(4_000) for row in piece.to_dicts()
    ]


@pytest.mark.parametrize(("key", "name"), VERSIONS.items())
def test_each_version_equals_the_reference_on_100_000_visits(key, name, visits, totals):
    scored = sle.score(key, visits)

    columns = [name, f"{name}_unassessed", f"{name}_without_serology", f"{name}_without_labs"]
    assert scored.select(columns).rows() == totals
    assert scored[name].null_count() > 10_000  # the table does hold visits with unassessed items


def test_policy_zero_equals_the_reference():
    visits = table(4_000)

    scored = sle.score("selena-sledai", visits, missing="zero")["selena_sledai"]

    assert scored.to_list() == [
        reference.scores(reference.zero(row))[0] for row in visits.to_dicts()
    ]


@pytest.mark.parametrize("window", [1, 2])
def test_policy_carry_equals_the_reference(window: int):
    visits = random_table(ITEMS, 5_000, seed=7, per_participant=5, unassessed=0.1)

    scored = sle.score("selena-sledai", shuffled(visits), missing="carry", window=window)

    expected = [
        (cells["participant"], cells["visit"], *reference.scores(cells)[:2])
        for _, rows in groupby(visits.to_dicts(), lambda row: row["participant"])
        for cells in reference.carried(list(rows), window)
    ]
    columns = ["participant", "visit", "selena_sledai", "selena_sledai_unassessed"]
    assert scored.select(columns).sort("participant", "visit").rows() == expected


def test_carry_counts_days_between_dates():
    visits = table(2).with_columns(
        pl.Series("visit", ["2026-01-01", "2026-01-15"]).str.to_date(),
        *(pl.lit(0, dtype=pl.Int8).alias(item.key) for item in ITEMS),
    )
    visits = visits.with_columns(pl.Series("fever", [1, None]), participant=pl.lit(1))

    near = sle.score("selena-sledai", visits, missing="carry", window=14)
    far = sle.score("selena-sledai", visits, missing="carry", window=13)

    assert near["selena_sledai"].to_list() == [1, 1]
    assert far["selena_sledai"].to_list() == [1, None]


@pytest.mark.parametrize("window", [None, 0])
def test_carry_needs_a_window(window):
    with pytest.raises(UnusableInputError, match="longest time"):
        sle.score("selena-sledai", table(4), missing="carry", window=window)


def test_carry_needs_visits_that_tell_time():
    visits = table(4).with_columns(pl.col("visit").cast(pl.String))
    with pytest.raises(UnusableInputError, match="visits of type String tell none"):
        sle.score("selena-sledai", visits, missing="carry", window=1)


def test_selena_proteinuria_from_raw_values_equals_the_reference():
    grams = [0.2, 0.5, 0.50001, 0.8, 1.0, 1.3, 1.30001, 1.81, 3.0, 3.5]
    visits = random_table(
        [item for item in ITEMS if item.key != "proteinuria"],
        20_000,
        seed=5,
        unassessed=0,
        present=0,
    )
    raw = pl.Series("protein_24h", grams).sample(20_000, with_replacement=True, seed=5)
    raw = raw.set(pl.int_range(20_000, eager=True) % 7 == 3, None)
    visits = visits.with_columns(raw, protein_24h_unit=pl.lit("g"))

    scored = sle.score("selena-sledai", shuffled(visits)).sort("participant", "visit")

    expected = [
        None if present is None else 4 * present
        for _, rows in groupby(visits.to_dicts(), lambda row: row["participant"])
        for present in reference.selena_proteinuria([row["protein_24h"] for row in rows])
    ]
    assert scored["selena_sledai"].to_list() == expected


def test_a_row_without_first_proteinuria_is_new_or_not_as_asked():
    visits = random_table(
        [item for item in ITEMS if item.key != "proteinuria"], 1, seed=5, unassessed=0, present=0
    ).with_columns(protein_24h=pl.lit(2.0), protein_24h_unit=pl.lit("g"))

    points = {
        choice: sle.score("selena-sledai", visits, no_earlier_proteinuria=choice)["selena_sledai"][
            0
        ]
        for choice in ("new", "not new", "unknown")
    }

    assert points == {"new": 4, "not new": 0, "unknown": None}


def test_proteinuria_can_be_compared_with_the_first_value():
    visits = random_table(
        [item for item in ITEMS if item.key != "proteinuria"], 3, seed=5, unassessed=0, present=0
    ).with_columns(pl.Series("protein_24h", [0.6, 1.0, 1.2]), protein_24h_unit=pl.lit("g"))

    last = sle.score("selena-sledai", visits)["selena_sledai"]
    first = sle.score("selena-sledai", visits, proteinuria_compared_with="first")["selena_sledai"]

    assert last.to_list() == [4, 0, 0]
    assert first.to_list() == [4, 0, 4]  # 1.2 − 0.6 = 0.6 g


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), min_size=24, max_size=24), st.integers(0, 23))
def test_sum_of_weights_and_one_more_item_adds_its_weight(present: list[bool], index: int):
    item = ITEMS[index]
    cells = {one.key: flag for one, flag in zip(ITEMS, present, strict=True)}
    pair = [
        {"participant": 1, "visit": 0, **cells, item.key: False},
        {"participant": 1, "visit": 1, **cells, item.key: True},
    ]

    without, with_item = sle.score("selena-sledai", pl.DataFrame(pair))["selena_sledai"]

    weights = sum(one.weight for one in ITEMS if cells[one.key] and one is not item)
    assert without == weights
    assert with_item == weights + item.weight


@pytest.mark.parametrize("key", VERSIONS)
def test_order_chunks_and_laziness_change_nothing(key: str):
    visits = table(400)
    scored = sle.score(key, visits)

    mixed = sle.score(key, shuffled(visits)).sort("participant", "visit")
    chunked = sle.score(key, pl.concat([visits[:100], visits[100:]], rechunk=False))
    lazy = sle.score(key, visits.lazy())

    assert_frame_equal(mixed, scored)
    assert_frame_equal(chunked, scored)
    assert isinstance(lazy, pl.LazyFrame)
    assert_frame_equal(lazy.collect(), scored)


@pytest.mark.parametrize("key", VERSIONS)
def test_weights_and_groups_are_those_of_the_score_sheet(key: str):
    items = sle.INSTRUMENTS[key].items
    assert [item.key for item in items] == [
        *reference.EIGHT,
        *("arthritis", "myositis", "urinary_casts", "hematuria", "proteinuria", "pyuria"),
        *("rash", "alopecia", "mucosal_ulcers", "pleurisy", "pericarditis"),
        *("low_complement", "increased_dna_binding", "fever", "thrombocytopenia", "leukopenia"),
    ]
    assert sum(item.weight for item in items) == 105
