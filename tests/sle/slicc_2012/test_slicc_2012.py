"""SLICC 2012 against a plain reference that tries hemolytic anemia both ways."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.completions import assert_bounds_are_reached, assert_decided_where_completions_agree
from sle.random_visits import random_table
from trialwright import sle
from trialwright.sle.slicc_2012.items import ITEMS

# Typed from the specification (5.2).
CLINICAL = {
    "acute or subacute cutaneous": ["acute_cutaneous", "subacute_cutaneous"],
    "chronic cutaneous": ["chronic_cutaneous"],
    "oral or nasal ulcers": ["oral_ulcers", "nasal_ulcers"],
    "non-scarring alopecia": ["alopecia"],
    "synovitis": ["synovitis", "joint_tenderness"],
    "serositis": ["pleurisy", "pericarditis"],
    "renal": ["proteinuria", "red_cell_casts"],
    "neurologic": [
        "seizure", "psychosis", "mononeuritis_multiplex", "myelitis", "neuropathy",
        "acute_confusional_state",
    ],
    "hemolytic anemia": ["haemolytic_anaemia"],
    "leukopenia or lymphopenia": ["leukopenia", "lymphopenia"],
    "thrombocytopenia": ["thrombocytopenia"],
}  # fmt: skip
IMMUNOLOGICAL = {
    "antinuclear antibody": ["ana"],
    "anti-dsDNA": ["anti_dsdna"],
    "anti-Sm": ["anti_sm"],
    "antiphospholipid antibodies": [
        "lupus_anticoagulant", "false_positive_rpr", "anticardiolipin", "anti_b2gp1",
    ],
    "low complement": ["low_complement"],
    "direct Coombs test": ["direct_coombs"],
}  # fmt: skip
COLUMNS = ["slicc_2012", "slicc_2012_count", "slicc_2012_count_highest", "slicc_2012_criteria"]
YES_NO = {item.key: (0, 1) for item in ITEMS}


# A visit as two numbers, with a bit for each item: what is present, and what was not assessed.
BIT = {item.key: 1 << place for place, item in enumerate(ITEMS)}
ANEMIA, COOMBS = BIT["haemolytic_anaemia"], BIT["direct_coombs"]
BIOPSY, ANTIBODIES = BIT["biopsy_nephritis"], BIT["ana"] | BIT["anti_dsdna"]
CLINICAL_BITS, IMMUNOLOGICAL_BITS = (
    {name: sum(BIT[key] for key in keys) for name, keys in part.items()}
    for part in (CLINICAL, IMMUNOLOGICAL)
)


def complete(present: int) -> tuple[bool, int]:
    """Verdict and count of a visit without unassessed items."""
    if present & ANEMIA:
        present &= ~COOMBS
    clinical = sum(1 for bits in CLINICAL_BITS.values() if present & bits)
    immunological = sum(1 for bits in IMMUNOLOGICAL_BITS.values() if present & bits)
    total = clinical + immunological
    by_count = clinical > 0 and immunological > 0 and total >= 4
    return by_count or bool(present & BIOPSY and present & ANTIBODIES), total


def reference(visit: dict) -> tuple:
    """Hemolytic anemia is tried both ways if unassessed; everything else can only add."""
    present = sum(BIT[key] for key in BIT if visit[key])
    unassessed = sum(BIT[key] for key in BIT if visit[key] is None)
    ends = {present, present | unassessed}
    if unassessed & ANEMIA:
        ends |= {present | ANEMIA, (present | unassessed) & ~ANEMIA}
    verdicts, totals = zip(*map(complete, ends), strict=True)
    certain = present & ~COOMBS if (present | unassessed) & ANEMIA else present
    bits = {**CLINICAL_BITS, **IMMUNOLOGICAL_BITS, "lupus nephritis": BIOPSY}
    names = ", ".join(name for name, mask in bits.items() if certain & mask)
    verdict = verdicts[0] if len(set(verdicts)) == 1 else None
    return (verdict, min(totals), max(totals), names)


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=2012, present=0.12, unassessed=0.04)

    scored = sle.score("slicc-2012", visits)

    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    assert scored.select(COLUMNS).rows() == [reference(row) for row in rows]
    assert set(scored["slicc_2012"]) == {True, False, None}


def test_11_clinical_and_6_immunological_criteria():
    assert (len(CLINICAL), len(IMMUNOLOGICAL)) == (11, 6)
    typed = [
        (name, key)
        for part in (CLINICAL, IMMUNOLOGICAL)
        for name, keys in part.items()
        for key in keys
    ]
    assert [(item.group, item.key) for item in ITEMS] == [
        *typed,
        ("lupus nephritis", "biopsy_nephritis"),
    ]


def test_the_verdict_is_that_of_every_completion():
    visits = random_table(ITEMS, 600, seed=8, present=0.15, unassessed=0.04, per_participant=1)
    positive = visits.with_columns(  # the pair that excludes itself, open more often
        direct_coombs=pl.when(pl.col("participant") % 2 == 0).then(1).otherwise("direct_coombs"),
        haemolytic_anaemia=pl.when(pl.col("participant") % 3 > 0).then("haemolytic_anaemia"),
    )
    assert_decided_where_completions_agree("slicc-2012", positive, ["slicc_2012"], YES_NO)
    assert_bounds_are_reached(
        "slicc-2012", positive, "slicc_2012_count", "slicc_2012_count_highest", YES_NO
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([item.key for item in ITEMS]))
def test_one_more_item_never_takes_the_classification_away_but_for_the_anemia(seed: int, key: str):
    visits = random_table(ITEMS, 100, seed=seed, present=0.15, unassessed=0)
    worse = visits.with_columns(pl.lit(1, dtype=pl.Int8).alias(key))
    before, after = (sle.score("slicc-2012", table)["slicc_2012"] for table in (visits, worse))
    lost = before & ~after
    if key == "haemolytic_anaemia":  # it takes the Coombs test with it, the only immunological one
        lost &= visits["direct_coombs"] == 0
    assert not lost.any()


def test_hemolytic_anemia_can_take_the_last_immunological_criterion():
    cells = dict.fromkeys(YES_NO, 0) | dict.fromkeys(("synovitis", "alopecia", "pleurisy"), 1)
    cells |= {"direct_coombs": 1}
    frame = pl.DataFrame(
        [
            {"participant": "P1", "visit": visit, **cells, "haemolytic_anaemia": anemia}
            for visit, anemia in enumerate((0, 1, None))
        ]
    )
    scored = sle.score("slicc-2012", frame)
    assert scored["slicc_2012"].to_list() == [True, False, None]
    assert scored["slicc_2012_count"].to_list() == [4, 4, 4]
    text = sle.explain("slicc-2012", frame, "P1", 1)
    assert "the Coombs test counts only without hemolytic anemia, which is met" in text
    assert "which may be met" in sle.explain("slicc-2012", frame, "P1", 2)
    assert "which" not in sle.explain("slicc-2012", frame, "P1", 0)
