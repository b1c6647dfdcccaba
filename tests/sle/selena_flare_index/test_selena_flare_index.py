"""SELENA-SLEDAI flare index against a plain reference in exact decimals."""

from decimal import Decimal
from functools import cache
from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.completions import assert_decided_where_completions_agree
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.sle.selena_flare_index.items import ITEMS

# Typed from the specification (4.5).
MILD = ["skin", "nasopharyngeal_ulcers", "pleuritis", "pericarditis", "arthritis", "fever"]
SEVERE = ["cns", "vasculitis", "nephritis", "myositis", "platelets_below_60", "haemolytic_anaemia"]
NUMBERS = {
    "pga": [0, 0.5, 1.3, 1.5, 2.3, 2.5, 2.51, 3],
    "prednisone": [0, 0, 0, 5, 5, 30, 30.5, 60],
    "weight": [60, 61, 80],
}
COLUMNS = ["sfi", "sfi_modified"]
YES_NO = {item.key: (0, 1) for item in ITEMS if item.kind == "yes/no"}


def table(visits: int, seed: int, present: float = 0.02, **more) -> pl.DataFrame:
    drawn = random_table(ITEMS, visits, seed=seed, numbers=NUMBERS, present=present, **more)
    totals = pl.Series([2, 4, 4, 4, 6, 10, 12, 13, 14])
    sledai = totals.sample(visits, with_replacement=True, seed=seed)
    known = pl.col("selena_sledai").is_not_null()
    return drawn.with_columns(selena_sledai=pl.when(known).then(sledai))


def both(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def any_of(parts: list[bool | None]) -> bool | None:
    return True if True in parts else None if None in parts else False


@cache
def exact(value: float) -> Decimal:
    return Decimal(str(value))


def asked(values: tuple, answer) -> bool | None:
    return None if None in values else answer(*map(exact, values))


def reference(visit: dict, before: dict) -> tuple:
    def yes(key: str) -> bool | None:
        return None if visit[key] is None else visit[key] == 1

    def rise(key: str, answer) -> bool | None:
        return asked((visit[key], before[key]), lambda now, then: answer(now - then))

    mild = [yes(f"new_{key}") for key in MILD]
    mild += [
        yes("added_nsaid_or_hydroxychloroquine"),
        rise("selena_sledai", lambda change: change >= 3),
        rise("prednisone", lambda change: change > 0),
        rise("pga", lambda change: change >= 1),
    ]
    to_above_12 = both(
        rise("selena_sledai", lambda change: change > 0),
        asked((visit["selena_sledai"],), lambda total: total > 12),
    )
    severe = [both(yes(f"new_{key}"), yes("requires_escalation")) for key in SEVERE]
    severe += [
        yes("added_immunosuppressant"),
        yes("hospitalized"),
        both(
            rise("prednisone", lambda change: change > 0),
            asked(
                (visit["prednisone"], visit["weight"]), lambda dose, kg: dose / kg > Decimal("0.5")
            ),
        ),
        both(
            rise("pga", lambda change: change > 0),
            asked((visit["pga"],), lambda pga: pga > Decimal("2.5")),
        ),
    ]

    def level(is_severe: bool | None) -> str | None:
        if is_severe:
            return "severe"
        if is_severe is None or any_of(mild) is None:
            return None
        return "mild or moderate" if any_of(mild) else "none"

    return (level(any_of([*severe, to_above_12])), level(any_of(severe)))


def expected(visits: pl.DataFrame) -> list[tuple]:
    wanted = []
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    for _, group in groupby(rows, lambda row: row["participant"]):
        last = dict.fromkeys(("selena_sledai", "pga", "prednisone"))
        for number, row in enumerate(group):
            wanted.append(reference(row, last) if number else (None, None))
            last = {key: value if row[key] is None else row[key] for key, value in last.items()}
    return wanted


def test_equals_the_reference_on_100_000_visits():
    visits = table(100_000, seed=12, unassessed=0.01)
    scored = sle.score("selena-flare-index", visits)
    assert scored.select(COLUMNS).rows() == expected(visits)
    for column in COLUMNS:
        assert set(scored[column]) == {"none", "mild or moderate", "severe", None}


def test_answers_that_are_open_are_those_that_completions_differ_in():
    visits = table(600, seed=3, unassessed=0.04, per_participant=2)
    known = visits.with_columns(  # yes and no alone are completed
        pl.col("selena_sledai").fill_null(4),
        *(pl.col(key).fill_null(values[0]) for key, values in NUMBERS.items()),
    )
    assert_decided_where_completions_agree("selena-flare-index", known, COLUMNS, YES_NO)


LEVELS = {"none": 0, "mild or moderate": 1, "severe": 2}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(YES_NO)))
def test_one_more_criterion_never_lowers_the_flare(seed: int, key: str):
    visits = table(80, seed=seed, unassessed=0)
    worse = visits.with_columns(pl.lit(1, dtype=pl.Int8).alias(key))
    for column in COLUMNS:
        before, after = (
            sle.score("selena-flare-index", one)[column].cast(pl.String).replace_strict(LEVELS)
            for one in (visits, worse)
        )
        assert (after >= before).drop_nulls().all()


def test_the_modified_index_is_never_above_the_classic_one():
    scored = sle.score("selena-flare-index", table(5_000, seed=8, unassessed=0))
    classic, modified = (
        scored[column].cast(pl.String).replace_strict(LEVELS) for column in COLUMNS
    )
    assert (classic >= modified).drop_nulls().all()
    assert (classic > modified).drop_nulls().any()


def test_order_changes_nothing():
    visits = table(2_000, seed=6)
    mixed = sle.score("selena-flare-index", shuffled(visits)).sort("participant", "visit")
    assert mixed.equals(sle.score("selena-flare-index", visits))


def pair(base: dict, now: dict) -> pl.DataFrame:
    quiet = {item.key: item.absent for item in ITEMS}
    return pl.DataFrame(
        [{"participant": "P1", "visit": n, **quiet, **row} for n, row in enumerate((base, now))],
        strict=False,
        infer_schema_length=None,
    )


@pytest.mark.parametrize(
    ("base", "now", "classic", "modified"),
    [
        ({"selena_sledai": 13}, {"selena_sledai": 13}, "none", "none"),  # above 12, not risen
        ({"selena_sledai": 12}, {"selena_sledai": 13}, "severe", "none"),
        ({"selena_sledai": 9}, {"selena_sledai": 12}, "mild or moderate", "mild or moderate"),
        ({"pga": 2.6}, {"pga": 2.6}, "none", "none"),
        ({"pga": 1.2}, {"pga": 2.2}, "mild or moderate", "mild or moderate"),  # 2.2 − 1.2 in binary
        ({"pga": 1.21}, {"pga": 2.2}, "none", "none"),
        ({"prednisone": 40.0}, {"prednisone": 35.0}, "none", "none"),  # a high dose, lowered
    ],
)
def test_a_value_must_have_risen(base: dict, now: dict, classic: str, modified: str):
    last = sle.score("selena-flare-index", pair(base, now)).row(1, named=True)
    assert (last["sfi"], last["sfi_modified"]) == (classic, modified)


def test_the_explanation_names_criteria_values_and_gaps():
    now = {"selena_sledai": 14, "new_arthritis": 1, "hospitalized": None, "pga": 1.5}
    text = sle.explain("selena-flare-index", pair({"selena_sledai": 4, "pga": 0.5}, now), "P1", 1)
    assert "flare: severe, modified index: open" in text
    assert "selena_sledai: 4 to 14" in text
    assert "mild by: SELENA-SLEDAI rises by 3 or more, Arthritis, PGA rises by 1.0 or more" in text
    assert "severe by: SELENA-SLEDAI rises to above 12" in text
    assert "not assessed: Hospitalized for activity of lupus" in text
