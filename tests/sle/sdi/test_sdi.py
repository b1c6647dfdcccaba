"""SDI against a plain reference, its domain maxima, and damage that seems to heal."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sle.completions import assert_bounds_are_reached, assert_decided_where_completions_agree
from sle.random_visits import random_table
from trialwright import sle
from trialwright.sle.sdi.items import DOMAINS, ITEMS

# The printed highest score of each domain (specification, 4.6).
HIGHEST = {
    "ocular": 2, "neuropsychiatric": 6, "renal": 3, "pulmonary": 5, "cardiovascular": 6,
    "peripheral vascular": 5, "gastrointestinal": 6, "musculoskeletal": 7, "skin": 3, "gonadal": 1,
    "diabetes": 1, "malignancy": 2,
}  # fmt: skip
TWICE = {
    "cva", "myocardial_infarction", "significant_tissue_loss", "infarction_resection",
    "avascular_necrosis", "malignancy",
}  # fmt: skip
VALUES = {item.key: (0, 1, 2) if item.key in TWICE else (0, 1) for item in ITEMS}
RENAL = ("gfr_below_50", "proteinuria", "end_stage_renal_disease")
PLAIN = [key for key in VALUES if key not in RENAL]


def reference(visit: dict) -> tuple:
    ends = []
    for at_most in (False, True):
        total = 0
        for key in PLAIN:
            value = visit[key]
            total += value if value is not None else (VALUES[key][-1] if at_most else 0)
        gfr, protein, end_stage = (
            visit[key] if visit[key] is not None else int(at_most) for key in RENAL
        )
        ends.append(total + (3 if end_stage else gfr + protein))
    low, high = ends
    return (low if low == high else None, low, high)


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=47, present=0.08, unassessed=0.02)

    scored = sle.score("sdi", visits)

    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    columns = ["sdi", "sdi_lowest", "sdi_highest"]
    assert scored.select(columns).rows() == [reference(row) for row in rows]
    assert 0 < scored["sdi"].null_count() < 100_000


def test_each_domain_reaches_its_printed_maximum_and_together_47():
    assert dict.fromkeys(HIGHEST) == dict.fromkeys(DOMAINS)
    nothing = {"participant": "P1", "visit": 0, **dict.fromkeys(VALUES, 0)}
    rows = [
        nothing | {"participant": domain, **{item.key: VALUES[item.key][-1] for item in items}}
        for domain, items in DOMAINS.items()
    ]
    scored = sle.score("sdi", pl.DataFrame(rows))
    assert dict(scored.select("participant", "sdi").iter_rows()) == HIGHEST
    assert scored["sdi"].sum() == 47


def test_the_range_is_that_of_every_completion():
    visits = random_table(ITEMS, 300, seed=9, present=0.2, unassessed=0.03, per_participant=1)
    assert_bounds_are_reached("sdi", visits, "sdi_lowest", "sdi_highest", VALUES)
    assert_decided_where_completions_agree("sdi", visits, ["sdi"], VALUES)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(VALUES)))
def test_more_damage_never_lowers_the_index(seed: int, key: str):
    visits = random_table(ITEMS, 60, seed=seed, unassessed=0)
    worse = visits.with_columns(pl.lit(VALUES[key][-1], dtype=pl.Int8).alias(key))
    before, after = (sle.score("sdi", table)["sdi"] for table in (visits, worse))
    assert (after >= before).all()


def history(*visits: dict) -> pl.DataFrame:
    rows = [
        {"participant": "P1", "visit": n, **dict.fromkeys(VALUES, 0), **v}
        for n, v in enumerate(visits)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_damage_that_falls_is_reported_also_across_an_unassessed_visit():
    found = sle.check(
        "sdi", history({"cataract": 1, "cva": 2}, {"cataract": None, "cva": 2}, {"cva": 1})
    )
    assert found.rows() == [
        ("P1", 2, "SDI-FALL", "cataract is lower than at an earlier visit; damage does not heal"),
        ("P1", 2, "SDI-FALL", "cva is lower than at an earlier visit; damage does not heal"),
    ]


def test_a_rise_and_another_participant_are_no_fall():
    rising = history({"cva": 1}, {"cva": 2})
    other = history({}).with_columns(participant=pl.lit("P2"))
    assert sle.check("sdi", pl.concat([rising, other])).is_empty()


def test_end_stage_disease_with_a_good_filtration_rate_is_asked_about():
    found = sle.check("sdi", history({"end_stage_renal_disease": 1}))
    assert found["code"].to_list() == ["SDI-RENAL"]


def test_the_explanation_names_each_item_and_what_is_replaced():
    cells = {"end_stage_renal_disease": 1, "proteinuria": 1, "cva": 2, "malignancy": None}
    text = sle.explain("sdi", history(cells), "P1", 0)
    assert "sdi: open, between 5 and 7" in text
    assert "renal: Proteinuria of 3.5 g or more in 24 h, in end-stage disease" in text
    assert "End-stage renal disease; 3 in place of the other two, +3" in text
    assert "Cerebrovascular accident ever; 2 if more than one, +2" in text
    assert "not assessed: Malignancy" in text
