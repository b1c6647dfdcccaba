"""DORIS 2021 against a plain reference with exact decimals."""

from decimal import Decimal

import polars as pl
import pytest

from sle.completions import assert_decided_where_completions_agree
from sle.random_visits import random_table
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.doris_2021.score import ITEMS

NUMBERS = {"pga": [0, 0.3, 0.49, 0.5, 0.51, 1], "prednisone": [0, 2.5, 4.99, 5, 5.01, 10]}
PARTS = ["sledai", "pga", "prednisone", "treatment"]
VALUES = {
    **NUMBERS,
    "sledai_2k_without_serology": (0, 1, 4),
    "treatment_allowed": (0, 1),
}


def table(visits: int, seed: int, **more) -> pl.DataFrame:
    drawn = random_table(ITEMS, visits, seed=seed, numbers=NUMBERS, present=0.3, **more)
    return drawn.with_columns(1 - pl.col("treatment_allowed"))  # mostly allowed


def reference(visit: dict, *, strict: bool = False) -> list[bool | None]:
    def known(key: str, answer) -> bool | None:
        return None if visit[key] is None else answer(Decimal(str(visit[key])))

    parts = [
        known("sledai_2k_without_serology", lambda total: total == 0),
        known("pga", lambda pga: pga < Decimal("0.5")),
        known("prednisone", lambda dose: dose < 5 if strict else dose <= 5),
        known("treatment_allowed", lambda allowed: allowed == 1),
    ]
    return [False if False in parts else None if None in parts else True, *parts]


@pytest.mark.parametrize(("option", "visits"), [("<=5", 100_000), ("<5", 5_000)])
def test_equals_the_reference(option: str, visits: int):
    given = table(visits, seed=2021)
    scored = sle.score("doris-2021", given, prednisone=option)
    names = ["doris_2021", *(f"doris_2021_{part}" for part in PARTS)]
    rows = (row for piece in given.iter_slices(4_000) for row in piece.to_dicts())
    want = [tuple(reference(row, strict=option == "<5")) for row in rows]
    assert scored.select(names).rows() == want
    assert set(scored["doris_2021"]) == {True, False, None}


def test_the_verdict_is_that_of_every_completion():
    visits = table(400, seed=3, unassessed=0.2, per_participant=1)
    names = ["doris_2021", *(f"doris_2021_{part}" for part in PARTS)]
    assert_decided_where_completions_agree("doris-2021", visits, names, VALUES)


def test_the_strict_dose_never_gives_more_remission():
    visits = table(3_000, seed=4)
    loose, strict = (
        sle.score("doris-2021", visits, prednisone=p)["doris_2021"] for p in ("<=5", "<5")
    )
    assert (loose.fill_null(True) | ~strict.fill_null(False)).all()
    assert (strict.eq_missing(loose)).not_().any()


def test_a_sum_that_is_a_half_in_decimals_is_not_below_it():
    row = {"participant": "P1", "visit": 0, "sledai_2k_without_serology": 0, "prednisone": 5.0}
    almost = 0.7 - 0.2  # 0.49999999999999994 in binary arithmetic
    assert almost < 0.5
    scored = sle.score("doris-2021", pl.DataFrame([row | {"pga": almost, "treatment_allowed": 1}]))
    assert scored["doris_2021_pga"].to_list() == [False]


def test_the_sledai_column_can_be_named():
    visits = table(100, seed=5)
    renamed = visits.rename({"sledai_2k_without_serology": "clinical_total"})
    assert sle.score("doris-2021", renamed, sledai="clinical_total").equals(
        sle.score("doris-2021", visits)
    )
    with pytest.raises(UnusableInputError, match="sledai_2k_without_serology is missing"):
        sle.score("doris-2021", renamed)


def test_the_explanation_says_what_is_needed():
    row = {"participant": "P1", "visit": 0, "sledai_2k_without_serology": 2, "pga": None}
    frame = pl.DataFrame(
        [row | {"prednisone": 5.0, "treatment_allowed": 1}], schema_overrides={"pga": pl.Float64}
    )
    text = sle.explain("doris-2021", frame, "P1", 0)
    assert "remission: no" in text
    assert "sledai: no, sledai_2k_without_serology 2, needed 0" in text
    assert "pga: open, pga not assessed, needed below 0.5" in text
    assert "prednisone: yes, prednisone 5, needed <=5 mg/day" in text
