"""EULAR/ACR 2019 against a plain reference, and against the completions of open items."""

from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.completions import assert_bounds_are_reached, assert_decided_where_completions_agree
from sle.random_visits import random_table
from trialwright import sle
from trialwright.sle.eular_acr_2019.items import DOMAINS, ITEMS

# Typed from the specification (5.1); C3 and C4 are judged together.
CLINICAL = {
    "constitutional": {"fever": 2},
    "hematological": {"leukopenia": 3, "thrombocytopenia": 4, "autoimmune_haemolysis": 4},
    "neuropsychiatric": {"delirium": 2, "psychosis": 3, "seizure": 5},
    "mucocutaneous": {
        "alopecia": 2, "oral_ulcers": 2, "subacute_or_discoid": 4, "acute_cutaneous": 6,
    },
    "serosal": {"effusion": 5, "acute_pericarditis": 6},
    "musculoskeletal": {"joint_involvement": 6},
    "renal": {"proteinuria": 4, "biopsy_class_2_or_5": 8, "biopsy_class_3_or_4": 10},
}  # fmt: skip
IMMUNOLOGICAL = {
    "antiphospholipid antibodies": {
        "anticardiolipin": 2,
        "anti_b2gp1": 2,
        "lupus_anticoagulant": 2,
    },
    "specific antibodies": {"anti_dsdna": 6, "anti_sm": 6},
}
DOMAINS_BY_HAND = CLINICAL | IMMUNOLOGICAL
COLUMNS = ["eular_acr_2019", "eular_acr_2019_points", "eular_acr_2019_points_highest"]
YES_NO = {item.key: (0, 1) for item in ITEMS}


@cache
def best(domain: str, present: tuple) -> int:
    """The highest points of a domain, given which of its items are present."""
    points = DOMAINS_BY_HAND[domain].values()
    return max((each for each, there in zip(points, present, strict=True) if there), default=0)


def complete(visit: dict) -> tuple[bool, int]:
    clinical, immunological = (
        sum(best(domain, tuple(map(visit.get, items))) for domain, items in part.items())
        for part in (CLINICAL, IMMUNOLOGICAL)
    )
    complement = [0, 3, 4][visit["low_c3"] + visit["low_c4"]]
    total = clinical + immunological + complement
    return bool(visit["ana"] and clinical and total >= 10), total


def reference(visit: dict) -> tuple:
    low, high = (
        complete({key: fill if value is None else value for key, value in visit.items()})
        for fill in (0, 1)
    )
    return (low[0] if low[0] == high[0] else None, low[1], high[1])


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=2019, present=0.08, unassessed=0.04)
    ana = pl.when(pl.col("participant") % 3 > 0).then(1).otherwise("ana").cast(pl.Int8)
    visits = visits.with_columns(ana=ana)

    scored = sle.score("eular-acr-2019", visits)

    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    assert scored.select(COLUMNS).rows() == [reference(row) for row in rows]
    assert set(scored["eular_acr_2019"]) == {True, False, None}


def test_points_add_up_to_51_of_which_39_are_clinical():
    highest = {domain: max(item.weight for item in items) for domain, items in DOMAINS.items()}
    clinical = sum(max(items.values()) for items in CLINICAL.values())
    assert clinical == 39
    assert sum(highest[domain] for domain in CLINICAL) == 39
    assert sum(highest.values()) + 1 == 51  # both complements give one more than the higher


def test_the_verdict_is_that_of_every_completion():
    visits = random_table(ITEMS, 500, seed=4, present=0.12, unassessed=0.06, per_participant=1)
    assert_decided_where_completions_agree("eular-acr-2019", visits, ["eular_acr_2019"], YES_NO)
    assert_bounds_are_reached(
        "eular-acr-2019", visits, "eular_acr_2019_points", "eular_acr_2019_points_highest", YES_NO
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([item.key for item in ITEMS]))
def test_one_more_item_never_lowers_points_or_verdict(seed: int, key: str):
    visits = random_table(ITEMS, 100, seed=seed, present=0.12, unassessed=0)
    worse = visits.with_columns(pl.lit(1, dtype=pl.Int8).alias(key))
    before, after = (sle.score("eular-acr-2019", table) for table in (visits, worse))
    assert (after["eular_acr_2019_points"] >= before["eular_acr_2019_points"]).all()
    assert (after["eular_acr_2019"] | ~before["eular_acr_2019"]).all()


def row(**cells: int | None) -> pl.DataFrame:
    return pl.DataFrame([{"participant": "P1", "visit": 0, **dict.fromkeys(YES_NO, 0), **cells}])


def test_what_counts_is_named_with_its_points():
    frame = row(ana=1, leukopenia=1, thrombocytopenia=1, low_c3=1, low_c4=1, fever=None)
    scored = sle.score("eular-acr-2019", frame)
    assert scored["eular_acr_2019_criteria"].to_list() == ["Thrombocytopenia 4, Low C3 and C4 4"]
    one = sle.score("eular-acr-2019", row(ana=1, low_c4=1))
    assert one["eular_acr_2019_criteria"].to_list() == ["Low C3 or C4 3"]


def test_the_explanation_tells_points_and_what_is_open():
    text = sle.explain(
        "eular-acr-2019", row(ana=None, leukopenia=1, thrombocytopenia=1, fever=None), "P1", 0
    )
    assert "classified: no, 4 to 6 points, 10 needed" in text
    assert "entry criterion (antinuclear antibodies): open" in text
    assert "constitutional: Fever open, not assessed" in text
    assert "hematological: Leukopenia 3" in text
    assert "what counts: Thrombocytopenia 4" in text
