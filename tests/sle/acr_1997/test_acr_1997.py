"""ACR 1997 against a plain reference that tries the open criteria."""

import polars as pl

from sle.random_visits import random_table
from trialwright import sle
from trialwright.sle.acr_1997.items import ITEMS

# Typed from the specification (5.3), criterion by criterion.
CRITERIA = {
    "malar rash": ["malar_rash"],
    "discoid rash": ["discoid_rash"],
    "photosensitivity": ["photosensitivity"],
    "oral ulcers": ["oral_ulcers"],
    "arthritis": ["arthritis"],
    "serositis": ["pleuritis", "pericarditis"],
    "renal": ["proteinuria", "cellular_casts"],
    "neurological": ["seizures", "psychosis"],
    "hematological": ["haemolytic_anaemia", "leukopenia", "lymphopenia", "thrombocytopenia"],
    "immunological": ["anti_dna", "anti_sm", "antiphospholipid"],
    "antinuclear antibody": ["ana"],
}


def reference(visit: dict) -> tuple:
    met, possible = [], 0
    for criterion, keys in CRITERIA.items():
        answers = [visit[key] for key in keys]
        if 1 in answers:
            met.append(criterion)
        elif None in answers:
            possible += 1
    verdict = True if len(met) >= 4 else False if len(met) + possible < 4 else None
    return (verdict, len(met), len(met) + possible, ", ".join(met))


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=1997, present=0.2, unassessed=0.05)

    scored = sle.score("acr-1997", visits)

    columns = ["acr_1997", "acr_1997_count", "acr_1997_count_highest", "acr_1997_criteria"]
    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    assert scored.select(columns).rows() == [reference(row) for row in rows]


def test_every_item_belongs_to_one_of_11_criteria():
    assert len(CRITERIA) == 11
    assert [(item.group, item.key) for item in ITEMS] == [
        (criterion, key) for criterion, keys in CRITERIA.items() for key in keys
    ]


def test_the_explanation_names_what_met_a_criterion_and_what_is_open():
    cells = {item.key: 0 for item in ITEMS} | {"anti_dna": 1, "psychosis": None}
    text = sle.explain(
        "acr-1997", pl.DataFrame([{"participant": "P1", "visit": 0, **cells}]), "P1", 0
    )
    assert "classified: no, 1 of 11 criteria met, 4 needed" in text
    assert "immunological: Anti-DNA antibodies" in text
    assert "neurological: open, not assessed: Psychosis" in text
