"""What must hold of any BILAG-2004 grade, whatever the cells."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.bilag_2004.tables import NUMBERS, bilag_table
from trialwright import sle
from trialwright.sle.bilag_2004.items import ITEMS, SYSTEMS

GRADED = [item for item in ITEMS if item.kind == "grade" and item.key != "dipstick_protein"]
SIGNS = [item for item in ITEMS if item.kind == "yes/no"]


def severities(table: pl.DataFrame, **options: str) -> tuple[np.ndarray, np.ndarray]:
    scored = sle.score("bilag-2004", table, **options)
    best, worst = ([f"{system}_{end}" for system in SYSTEMS] for end in ("best", "worst"))
    return scored.select(best).to_numpy(), scored.select(worst).to_numpy()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([*GRADED, *SIGNS]))
def test_a_worse_item_never_lowers_a_severity(seed: int, item):
    table = bilag_table(200, seed=seed, unassessed=0.02)
    worse = table.with_columns((pl.col(item.key) + 1).clip(upper_bound=int(item.high)))

    before, after = severities(table), severities(worse)

    assert (after[0] >= before[0]).all()
    assert (after[1] >= before[1]).all()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(NUMBERS)))
def test_a_worse_number_never_lowers_a_severity_of_the_same_visit(seed: int, key: str):
    """One visit each: at a later visit a higher value before may, by the rule, hide a rise."""
    table = bilag_table(200, seed=seed, unassessed=0, per_participant=1)
    low_is_worse = key in ("gfr", "haemoglobin", "wcc", "neutrophils", "lymphocytes", "platelets")
    factor = 0.8 if low_is_worse else 1.2
    item = next(item for item in ITEMS if item.key == key)
    worse = table.with_columns((pl.col(key) * factor).clip(item.low, item.high))

    assert (severities(worse)[0] >= severities(table)[0]).all()


def completed(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Each question that was left open is answered; ways of measuring not used stay unused.

    Protein was answered if any of its four measures was, kidney function if either of its two was.
    """
    rng = np.random.default_rng(seed)
    columns = []
    for item in ITEMS:
        drawn = (
            rng.choice(np.asarray(NUMBERS[item.key], dtype=float), table.height)
            if item.kind == "number"
            else rng.integers(0, int(item.high) + 1, table.height).astype(np.int8)
        )
        filled = pl.col(item.key).fill_null(pl.Series(drawn))
        alternatives = {
            **dict.fromkeys(
                ("uacr", "upcr", "protein_24h", "dipstick_protein"),
                ("uacr", "upcr", "protein_24h", "dipstick_protein"),
            ),
            **dict.fromkeys(("creatinine", "gfr"), ("creatinine", "gfr")),
        }.get(item.key)
        if alternatives:
            answered = pl.any_horizontal(pl.col(key).is_not_null() for key in alternatives)
            filled = pl.when(answered).then(pl.col(item.key)).otherwise(filled)
        columns.append(filled.alias(item.key))
    return table.with_columns(columns)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_intervals_contain_every_completion(seed: int, answers: int):
    # An item of the renal system is always assessed here, so that no visit is skipped as the
    # preceding assessed one, and a previous value that is missing counts as unknown.
    table = bilag_table(300, seed=seed, unassessed=0.1).with_columns(
        pl.col("active_nephritis").fill_null(0)
    )
    best, worst = severities(table, previous_missing="unknown")
    full_best, full_worst = severities(completed(table, answers), previous_missing="unknown")

    assert (best <= full_best).all()
    assert (full_worst <= worst).all()


def test_without_unassessed_items_there_are_only_letters():
    table = bilag_table(2_000, seed=6, unassessed=0)
    best, worst = severities(table)
    assert (best == worst).all()
    letters = sle.score("bilag-2004", table).select(SYSTEMS).to_numpy()
    assert set(np.unique(letters.astype(str))) == set("ABCDE")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_depends_on_its_own_items_only(system: str):
    table = bilag_table(500, seed=8)
    others = [item.key for item in ITEMS if item.group != system]
    changed = table.with_columns(bilag_table(500, seed=99).select(others))

    same = sle.score("bilag-2004", table)[system]

    assert sle.score("bilag-2004", changed)[system].to_list() == same.to_list()
