"""Items have the names and types that rules use."""

import pytest

from trialwright.protocol import form_of, rule_items
from trialwright.protocol.items import score_name


def test_own_items_stand_under_their_own_name_with_their_type(study_with):
    items = rule_items(study_with().study)
    assert (items["age"].kind, items["age"].unit) == ("number", "a")
    assert items["informed_consent"].kind == "boolean"
    assert (items["sex"].kind, items["sex"].codes) == ("code", ("F", "M"))
    assert items["last_biologic"].kind == "date"


def test_no_rule_reads_free_text(study_with):
    assert "remark" not in rule_items(study_with().study)


def test_the_items_and_scores_of_an_instrument_stand_under_its_form(study_with):
    items = rule_items(study_with().study)
    assert items["selena_sledai.rash"].kind == "boolean"
    assert items["selena_sledai"].kind == "number"
    assert "rash" not in items


@pytest.mark.parametrize(
    ("form", "instrument", "column", "name"),
    [
        ("acr_1997", "acr-1997", "acr_1997", "acr_1997"),
        ("acr_1997", "acr-1997", "acr_1997_count", "acr_1997.count"),
        ("criteria", "acr-1997", "acr_1997", "criteria"),
        ("bilag", "bilag-2004", "renal", "bilag.renal"),
    ],
)
def test_a_score_does_not_say_its_instrument_twice(form, instrument, column, name):
    assert score_name(form, instrument, column) == name


@pytest.mark.parametrize(
    ("item", "form"),
    [
        ("age", "person"),
        ("selena_sledai", "selena_sledai"),
        ("selena_sledai.rash", "selena_sledai"),
        ("alt", "laboratory"),
    ],
)
def test_the_form_that_collects_an_item_is_found(study_with, item, form):
    assert form_of(study_with().study, item).id == form


def test_an_item_that_is_not_collected_has_no_form(study_with):
    assert form_of(study_with().study, "hand_grip_strength") is None
