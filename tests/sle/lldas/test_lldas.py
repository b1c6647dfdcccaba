"""LLDAS against a plain reference, visit by visit, and against every completion."""

from decimal import Decimal
from itertools import groupby

import polars as pl
import pytest

from sle.completions import assert_decided_where_completions_agree
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.lldas.items import ITEMS

# SLEDAI-2K by number, from the specification (1.1), and its weights.
SLEDAI = [
    "seizure", "psychosis", "organic_brain_syndrome", "visual_disturbance",
    "cranial_nerve_disorder", "lupus_headache", "cva", "vasculitis", "arthritis", "myositis",
    "urinary_casts", "hematuria", "proteinuria", "pyuria", "rash", "alopecia", "mucosal_ulcers",
    "pleurisy", "pericarditis", "low_complement", "increased_dna_binding", "fever",
    "thrombocytopenia", "leukopenia",
]  # fmt: skip
WEIGHT = dict(zip(SLEDAI, [8] * 8 + [4] * 6 + [2] * 7 + [1] * 3, strict=True))
MAJOR = {SLEDAI[n - 1] for n in (*range(1, 9), *range(11, 15), 18, 19, 22)}
BESIDE = ("haemolytic_anaemia", "gastrointestinal_activity")
SEROLOGY = ("low_complement", "increased_dna_binding")
NUMBERS = {"pga": [0, 0.5, 0.99, 1, 1.01], "prednisone": [0, 5, 7.5, 7.51]}
PARTS = ["activity", "new_feature", "pga", "prednisone", "treatment"]
NAMES = ["lldas", *(f"lldas_{part}" for part in PARTS)]


def table(visits: int, seed: int, *, present: float = 0.03, **more) -> pl.DataFrame:
    drawn = random_table(ITEMS, visits, seed=seed, present=present, numbers=NUMBERS, **more)
    return drawn.with_columns(1 - pl.col("treatment_allowed"))


def reference(
    visit: dict, before: dict | None, preset: str = "sledai", first: bool | None = None
) -> tuple:
    def activity(unassessed: int) -> bool:
        present = {
            k for k in (*SLEDAI, *BESIDE) if (visit[k] if visit[k] is not None else unassessed)
        }
        major = bool(present & MAJOR) or any(k in present for k in BESIDE)
        return not major and sum(WEIGHT[k] for k in present if k in WEIGHT) <= 4

    best, worst = activity(0), activity(1)
    if preset == "stated":
        stated = visit["new_feature"]
        no_new = None if stated is None else stated == 0
    elif before is None:
        no_new = first
    else:
        keys = [k for k in SLEDAI if preset == "sledai" or k not in SEROLOGY]
        pairs = [(visit[k], before[k]) for k in keys]
        if (1, 0) in pairs:
            no_new = False
        elif any(now != 0 and then != 1 for now, then in pairs):
            no_new = None
        else:
            no_new = True
    pga, dose, treatment = (visit[k] for k in ("pga", "prednisone", "treatment_allowed"))
    parts = [
        best if best == worst else None,
        no_new,
        None if pga is None else Decimal(str(pga)) <= 1,
        None if dose is None else Decimal(str(dose)) <= Decimal("7.5"),
        None if treatment is None else treatment == 1,
    ]
    return (False if False in parts else None if None in parts else True, *parts)


def expected(visits: pl.DataFrame, **how) -> list[tuple]:
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    wanted = []
    for _, group in groupby(rows, lambda row: row["participant"]):
        before = None
        for row in group:
            wanted.append(reference(row, before, **how))
            before = row
    return wanted


def test_equals_the_reference_on_100_000_visits():
    visits = table(100_000, seed=75, unassessed=0.01)
    scored = sle.score("lldas", visits)
    assert scored.select(NAMES).rows() == expected(visits)
    assert set(scored["lldas"]) == {True, False, None}


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({"new_feature": "sledai without serology"}, {"preset": "sledai without serology"}),
        ({"new_feature": "stated"}, {"preset": "stated"}),
        ({"first_visit": "met"}, {"first": True}),
    ],
)
def test_the_presets_equal_the_reference(options: dict, how: dict):
    visits = table(6_000, seed=6, unassessed=0.01)
    assert sle.score("lldas", visits, **options).select(NAMES).rows() == expected(visits, **how)


def test_the_verdict_is_that_of_every_completion():
    visits = table(400, seed=7, unassessed=0.02, per_participant=2)
    values = dict.fromkeys((*SLEDAI, *BESIDE, "treatment_allowed"), (0, 1))
    values |= {"pga": (0, 1, 2), "prednisone": (0, 10)}
    assert_decided_where_completions_agree("lldas", visits, NAMES, values, first_visit="met")


@pytest.mark.parametrize("key", SLEDAI)
def test_one_item_alone_passes_unless_of_a_major_organ(key: str):
    cells = {item.key: item.absent for item in ITEMS} | {key: 1}
    frame = pl.DataFrame([{"participant": "P1", "visit": n, **cells} for n in range(2)])
    assert sle.score("lldas", frame)["lldas"].to_list() == [
        None if key not in MAJOR else False,
        key not in MAJOR,
    ]


def test_rows_out_of_order_give_the_same():
    visits = table(800, seed=8)
    mixed = sle.score("lldas", shuffled(visits)).sort("participant", "visit")
    assert mixed.equals(sle.score("lldas", visits))


def test_a_stated_new_feature_needs_its_column():
    with pytest.raises(UnusableInputError, match="column new_feature is missing"):
        sle.score("lldas", table(4, seed=1).drop("new_feature"), new_feature="stated")


def test_the_explanation_names_organs_points_and_gaps():
    cells = {item.key: item.absent for item in ITEMS}
    now = cells | {"proteinuria": 1, "rash": None, "prednisone": 10.0}
    frame = pl.DataFrame(
        [{"participant": "P1", "visit": 0, **cells}, {"participant": "P1", "visit": 1, **now}],
        infer_schema_length=None,
        strict=False,
    )
    text = sle.explain("lldas", frame, "P1", 1)
    assert "low lupus disease activity state: no" in text
    assert "no new_feature: no" in text
    assert "prednisone: no, 10, needed 7.5 mg/day or less" in text
    assert "Proteinuria, 4 points, major organ" in text
    assert "Rash: not assessed" in text
