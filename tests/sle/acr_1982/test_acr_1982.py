"""ACR 1982 against a plain reference, and against the completions of what was not assessed."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sle.completions import assert_bounds_are_reached, assert_decided_where_completions_agree
from sle.random_visits import random_table, shuffled
from trialwright import sle
from trialwright.sle.acr_1982.items import ITEMS

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
    "immunological": ["anti_dna", "anti_sm", "le_cells", "false_positive_syphilis"],
    "antinuclear antibody": ["ana"],
}
COLUMNS = ["acr_1982", "acr_1982_count", "acr_1982_count_highest", "acr_1982_criteria"]
YES_NO = {item.key: (0, 1) for item in ITEMS}


def reference(visit: dict) -> tuple:
    met, possible = [], 0
    for criterion, keys in CRITERIA.items():
        present = [visit[key] for key in keys]
        if 1 in present:
            met.append(criterion)
        elif None in present:
            possible += 1
    verdict = True if len(met) >= 4 else False if len(met) + possible < 4 else None
    return (verdict, len(met), len(met) + possible, ", ".join(met))


def test_equals_the_reference_on_100_000_visits():
    visits = random_table(ITEMS, 100_000, seed=1982, present=0.2, unassessed=0.05)

    scored = sle.score("acr-1982", visits)

    rows = (row for piece in visits.iter_slices(4_000) for row in piece.to_dicts())
    assert scored.select(COLUMNS).rows() == [reference(row) for row in rows]
    assert set(scored["acr_1982"]) == {True, False, None}


def test_every_item_belongs_to_one_of_11_criteria():
    assert len(CRITERIA) == 11
    assert sorted((item.group, item.key) for item in ITEMS) == sorted(
        (criterion, key) for criterion, keys in CRITERIA.items() for key in keys
    )


def test_the_verdict_is_that_of_every_completion():
    visits = random_table(ITEMS, 400, seed=5, present=0.22, unassessed=0.04, per_participant=1)
    assert_decided_where_completions_agree("acr-1982", visits, ["acr_1982"], YES_NO)
    assert_bounds_are_reached(
        "acr-1982", visits, "acr_1982_count", "acr_1982_count_highest", YES_NO
    )


@pytest.mark.parametrize("key", ["acr-1982", "acr-1997"])
def test_order_and_chunks_change_nothing(key: str):
    visits = random_table(sle.instrument(key).items, 500, seed=2, present=0.2)
    result = sle.score(key, visits)
    mixed = sle.score(key, shuffled(visits)).sort("participant", "visit")
    chunked = sle.score(key, pl.concat([visits[:123], visits[123:]], rechunk=False))
    assert_frame_equal(mixed, result)
    assert_frame_equal(chunked, result)


def test_without_the_items_that_differ_both_editions_agree():
    of_1997 = sle.instrument("acr-1997").items
    visits = random_table(of_1997, 2_000, seed=3, present=0.2).with_columns(antiphospholipid=0)
    of_1982 = visits.drop("antiphospholipid").with_columns(le_cells=0, false_positive_syphilis=0)
    assert (
        sle.score("acr-1982", of_1982)["acr_1982"].to_list()
        == sle.score("acr-1997", visits)["acr_1997"].to_list()
    )


def test_antiphospholipid_antibodies_count_in_1997_alone():
    keys = {item.key for item in ITEMS}
    assert "antiphospholipid" not in keys
    assert {"le_cells", "false_positive_syphilis"} <= keys


def test_the_explanation_names_what_met_a_criterion():
    cells = {item.key: 0 for item in ITEMS} | {"le_cells": 1, "seizures": None}
    text = sle.explain(
        "acr-1982", pl.DataFrame([{"participant": "P1", "visit": 0, **cells}]), "P1", 0
    )
    assert "classified: no, 1 of 11 criteria met, 4 needed" in text
    assert "immunological: LE cells" in text
    assert "neurological: open, not assessed: Seizures" in text
