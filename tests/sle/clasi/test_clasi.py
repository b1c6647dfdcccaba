"""CLASI against a plain reference: activity, damage, severity and response."""

from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.completions import assert_bounds_are_reached
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.sle.clasi.items import ACTIVITY, AREAS, DAMAGE, ITEMS

SCALP = (0, 3, 4, 5, 6)  # by quadrants, from the specification (4.7)
OTHER = ("mucous_membrane", "recent_hair_loss", "alopecia")
COLUMNS = [
    "clasi_activity", "clasi_activity_lowest", "clasi_activity_highest", "clasi_severity",
    "clasi_damage", "clasi_activity_change", "clasi_response", "clasi_50",
]  # fmt: skip
HIGHEST = {f"{area}_erythema": 3 for area in AREAS} | {f"{area}_scale": 2 for area in AREAS}
HIGHEST |= dict(zip(OTHER, (1, 1, 3), strict=True))
PIGMENT = [f"{area}_dyspigmentation" for area in AREAS]
SCARS = [f"{area}_scarring" for area in AREAS if area != "scalp"]


def severity(total: int) -> str:
    return "mild" if total < 10 else "moderate" if total < 21 else "severe"


def damage(visit: dict) -> int | None:
    pigment = [visit[key] for key in PIGMENT]
    others = [visit[key] for key in (*SCARS, "scalp_scarring_quadrants")]
    if None in pigment or None in others:
        return None
    if sum(pigment) and visit["dyspigmentation_persists"] is None:
        return None
    doubled = sum(pigment) * (2 if visit["dyspigmentation_persists"] else 1)
    return doubled + sum(others[:-1]) + SCALP[others[-1]]


def reference(visit: dict, base: int | None, first: bool) -> tuple:
    known = [visit[key] for key in HIGHEST]
    low = sum(value or 0 for value in known)
    high = low + sum(
        top for value, top in zip(known, HIGHEST.values(), strict=True) if value is None
    )
    activity = low if low == high else None
    band = severity(low) if severity(low) == severity(high) else None
    change = response = half = None
    if not first and None not in (activity, base):
        change = activity - base
        fall = -change
        response = fall >= 4 or (base > 0 and 100 * fall >= 20 * base)
        half = 2 * fall >= base if base >= 10 else None
    return (activity, low, high, band, damage(visit), change, response, half)


def expected(visits: pl.DataFrame) -> list[tuple]:
    rows = (row for piece in visits.iter_slices(2_000) for row in piece.to_dicts())
    wanted = []
    for _, group in groupby(rows, lambda row: row["participant"]):
        base = None
        for number, row in enumerate(group):
            wanted.append(reference(row, base, number == 0))
            if number == 0:
                base = wanted[-1][0]
    return wanted


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=70, present=0.2, unassessed=0.005)
    scored = sle.score("clasi", visits)
    assert scored.select(COLUMNS).rows() == expected(visits)
    assert set(scored["clasi_severity"]) == {"mild", "moderate", "severe", None}
    assert set(scored["clasi_50"]) == {True, False, None}


def test_maxima_are_70_and_56():
    row = {item.key: int(item.high) for item in ITEMS}
    scored = sle.score("clasi", pl.DataFrame([{"participant": "P1", "visit": 0, **row}]))
    assert scored["clasi_activity"].to_list() == [70]
    assert scored["clasi_damage"].to_list() == [56]
    assert len(AREAS) == 13


def test_the_range_of_activity_is_that_of_every_completion():
    values = {key: tuple(range(top + 1)) for key, top in HIGHEST.items()}
    visits = random_table(ITEMS, 200, seed=3, unassessed=0.03, per_participant=1)
    low, high = "clasi_activity_lowest", "clasi_activity_highest"
    assert_bounds_are_reached("clasi", visits, low, high, values)


def test_damage_may_be_left_out():
    visits = random_table(ITEMS, 400, seed=4, unassessed=0)
    bare = sle.score("clasi", visits.drop(item.key for item in DAMAGE))
    assert bare["clasi_damage"].null_count() == 400
    assert bare.drop("clasi_damage").equals(sle.score("clasi", visits).drop("clasi_damage"))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([item.key for item in ACTIVITY]))
def test_a_worse_item_never_lowers_activity(seed: int, key: str):
    visits = random_table(ITEMS, 60, seed=seed, unassessed=0)
    worse = visits.with_columns(pl.lit(HIGHEST[key], dtype=pl.Int8).alias(key))
    before, after = (sle.score("clasi", one)["clasi_activity"] for one in (visits, worse))
    assert (after >= before).all()


@pytest.mark.parametrize(
    ("base", "now", "response", "half"),
    [
        (20, 16, True, False),  # 4 points and 20%
        (21, 18, False, False),  # 3 points, 14%
        (15, 12, True, False),  # 3 points are 20% of 15
        (16, 13, False, False),  # 3 points are 18.75% of 16
        (10, 5, True, True),
        (10, 6, True, False),
        (9, 0, True, None),  # too little activity for CLASI-50
        (0, 0, False, None),
    ],
)
def test_response_at_its_limits(base: int, now: int, response: bool, half: bool | None):
    def visit(number: int, total: int) -> dict:
        cells = dict.fromkeys(HIGHEST, 0)
        for key, top in HIGHEST.items():
            cells[key] = min(top, total)
            total -= cells[key]
        return {"participant": "P1", "visit": number, **cells}

    last = sle.score("clasi", pl.DataFrame([visit(0, base), visit(1, now)])).row(1, named=True)
    assert (last["clasi_activity_change"], last["clasi_response"], last["clasi_50"]) == (
        now - base,
        response,
        half,
    )


def test_order_and_the_lowest_baseline():
    visits = random_table(ITEMS, 800, seed=6, present=0.15)
    mixed = sle.score("clasi", shuffled(visits)).sort("participant", "visit")
    assert mixed.equals(sle.score("clasi", visits))
    everyone = sle.score("clasi", visits, lowest_baseline=0)["clasi_50"]
    assert everyone.null_count() < sle.score("clasi", visits)["clasi_50"].null_count()


def test_the_explanation_lists_items_and_the_change():
    cells = {item.key: 0 for item in ITEMS}
    rows = [cells | {"face_erythema": 3, "chest_erythema": 2}, cells | {"face_erythema": 1}]
    frame = pl.DataFrame([{"participant": "P1", "visit": n, **row} for n, row in enumerate(rows)])
    text = sle.explain("clasi", frame, "P1", 1)
    assert "clasi_activity: 1; mild" in text
    assert "+1  Rest of the face: erythema" in text
    assert "clasi_damage: 0" in text
    assert "change since baseline -4: response yes, CLASI-50 open" in text
