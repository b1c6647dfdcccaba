"""BICLA against a plain reference that tries every completion, and what must hold of it."""

from itertools import groupby

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sle.bicla import reference
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.bicla.items import items
from trialwright.sle.bilag_2004 import SYSTEMS

# No plain E: after activity it would be refused.
MANY = ["A", "B", "B", "C", "C", "D", "D", "A..B", "A..C", "B..C", "B..D", "C..D", "D..E", "A..E"]
FEW = ["C", "C", "D", "D", "D", "D", "D", "B", "A", "B..C", "A..B"]
PGA = {"0-3": [0, 0.6, 0.9, 1.2, 2.0, 2.29, 2.3, 2.31], "0-10": [1, 2, 3], "0-100": [23, 33, 33.1]}
NAMES = [
    "bicla", "bicla_evaluable", "bicla_improved", "bicla_bilag", "bicla_sledai", "bicla_pga",
    "bicla_treatment",
]  # fmt: skip


def table(visits: int, seed: int, letters: list[str] = MANY, scale: str = "0-3", **more):
    choices = {"pga": PGA[scale], **dict.fromkeys(SYSTEMS, letters)}
    drawn = random_table(items(pga_scale=scale), visits, seed=seed, numbers=choices, **more)
    sledai = pl.Series([4, 6, 6, 8]).sample(visits, with_replacement=True, seed=seed)
    return drawn.with_columns(sledai_2k=pl.when(pl.col("sledai_2k").is_not_null()).then(sledai))


def expected(visits: pl.DataFrame, **how) -> list[dict]:
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    verdicts = []
    for _, group in groupby(rows, lambda row: row["participant"]):
        base, *later = group
        verdicts += [reference.verdict(base, visit, list(SYSTEMS), **how) for visit in later]
    return verdicts


def scored(visits: pl.DataFrame, **options) -> list[dict]:
    return sle.score("bicla", visits, missing="missing", **options).select(NAMES).to_dicts()


def test_equals_the_reference_on_100_000_visits():
    visits = table(100_000, seed=4, letters=FEW, unassessed=0.01)
    got = scored(visits)
    assert got == expected(visits)
    for name in NAMES:
        assert {row[name] for row in got} == {True, False, None}


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({}, {}),
        ({"pga_rule": "tulip"}, {"rule": "tulip"}),
        ({"inactive_baseline": "no response"}, {"inactive": "no response"}),
    ],
)
@pytest.mark.parametrize("letters", [FEW, MANY])
def test_the_options_equal_the_reference(options: dict, how: dict, letters: list[str]):
    visits = table(5_000, seed=9, letters=letters)
    assert scored(visits, **options) == expected(visits, **how)


@pytest.mark.parametrize("scale", ["0-10", "0-100"])
def test_other_pga_scales_equal_the_reference(scale: str):
    visits = table(3_000, seed=3, scale=scale, letters=FEW)
    assert scored(visits, pga_scale=scale) == expected(visits, scale=scale)


def test_clauses_that_share_a_letter_are_decided_together():
    # Before B..C and now B: if it was B it did not improve, if it was C there is a new B. Two such
    # systems fail either way, although each clause by itself stays open.
    quiet = {"pga": 1.0, "sledai_2k": 4, "treatment_failure": 0, **dict.fromkeys(SYSTEMS, "D")}
    base = quiet | {"musculoskeletal": "A", "renal": "B..C", "ophthalmic": "B..C"}
    now = quiet | {"musculoskeletal": "C", "renal": "B", "ophthalmic": "B"}
    rows = [{"participant": "P1", "visit": n, **row} for n, row in enumerate((base, now))]
    (row,) = scored(pl.DataFrame(rows))
    assert (row["bicla"], row["bicla_improved"], row["bicla_bilag"]) == (False, None, None)


def test_nri_makes_open_verdicts_no_response_and_leaves_not_evaluable_ones():
    visits = table(4_000, seed=5, letters=FEW)
    left_open, imputed = (sle.score("bicla", visits, missing=m) for m in ("missing", "nri"))
    inactive = ~left_open["bicla_evaluable"].fill_null(True)
    assert imputed.filter(inactive)["bicla"].null_count() == inactive.sum() > 0
    rest = imputed.filter(~inactive)["bicla"]
    assert rest.to_list() == left_open.filter(~inactive)["bicla"].fill_null(False).to_list()
    assert_frame_equal(imputed.drop("bicla"), left_open.drop("bicla"))


def test_order_chunks_and_laziness_change_nothing():
    visits = table(2_000, seed=6)
    result = sle.score("bicla", visits)
    mixed = sle.score("bicla", shuffled(visits)).sort("participant", "visit")
    chunked = sle.score("bicla", pl.concat([visits[:501], visits[501:]], rechunk=False))
    assert_frame_equal(mixed, result)
    assert_frame_equal(chunked, result)
    assert_frame_equal(sle.score("bicla", visits.lazy()).collect(), result)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(SYSTEMS))
def test_a_worse_letter_never_makes_a_responder(seed: int, system: str):
    visits = table(200, seed=seed, letters=["A", "B", "C", "D", "D", "D"], unassessed=0)
    later = pl.col("visit") > 0
    worse = visits.with_columns(pl.when(later).then(pl.lit("A")).otherwise(system).alias(system))
    before, after = (sle.score("bicla", one)["bicla"].fill_null(False) for one in (visits, worse))
    assert (before | ~after).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_who_responds_by_tulip_responds_by_the_original_rule(seed: int):
    visits = table(200, seed=seed, letters=FEW)
    original, tulip = (
        sle.score("bicla", visits, pga_rule=rule)["bicla"].fill_null(False)
        for rule in ("original", "tulip")
    )
    assert (original | ~tulip).all()


def pair(base: dict, now: dict) -> pl.DataFrame:
    quiet = {"pga": 1.0, "sledai_2k": 8, "treatment_failure": 0, **dict.fromkeys(SYSTEMS, "D")}
    return pl.DataFrame(
        [{"participant": "P1", "visit": n, **quiet, **row} for n, row in enumerate((base, now))]
    )


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_never_affected_after_activity_is_refused(letter: str):
    with pytest.raises(UnusableInputError) as caught:
        sle.score("bicla", pair({"renal": letter}, {"renal": "E"}))
    assert caught.value.where == "column renal (participant P1, visit 1)"
    assert "write D" in caught.value.remedy
    assert len(sle.score("bicla", pair({"renal": "E"}, {"renal": "E"}))) == 1


def test_a_participant_without_the_named_baseline_is_refused():
    with pytest.raises(UnusableInputError, match="participant P1 has no baseline visit 7"):
        sle.score("bicla", pair({}, {}), baseline=7)


def test_the_explanation_says_which_component_failed_and_by_how_much():
    frame = pair(
        {"renal": "B", "pga": 1.0}, {"renal": "B", "ophthalmic": "C", "pga": 1.4, "sledai_2k": 10}
    ).with_columns(treatment_failure_reason=pl.lit("rescue"))
    text = sle.explain("bicla", frame, "P1", 1)
    assert "BICLA response: no; BILAG did not improve; SLEDAI worse; PGA worse" in text
    assert "renal B to B" in text
    assert "ophthalmic D to C" in text
    assert "SLEDAI not worse: no, 8 to 10" in text
    assert "a change of 0.4 of 3; up to 0.3 is allowed" in text
    with pytest.raises(UnusableInputError, match="visit 0 is not after baseline"):
        sle.explain("bicla", frame, "P1", 0)
