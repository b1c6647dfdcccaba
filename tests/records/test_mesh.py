"""Headings that a page glues together."""

import json
from importlib.resources import files

import pytest

from trialwright.records.mesh import file_under_mesh, split_mesh
from trialwright.records.page import Page


def test_glued_headings_come_apart() -> None:
    words = "Analgesics, Non-Narcotic Analgesics Sensory System Agents"
    terms = split_mesh(words)
    assert terms is not None
    assert [term.term for term in terms] == [
        "Analgesics, Non-Narcotic",
        "Analgesics",
        "Sensory System Agents",
    ]
    assert {term.branch for term in terms} == {"intervention"}


@pytest.mark.parametrize("words", ["SLE", "Analgesicsx", "Analgesics and more", "Lupus"])
def test_words_that_are_no_headings(words: str) -> None:
    assert split_mesh(words) is None


def test_headings_that_name_a_condition_are_told_from_their_ancestors() -> None:
    page = Page(("",))
    page.put("conditionsModule.conditions", ["Systemic Lupus Erythematosus"])
    terms = split_mesh("Lupus Erythematosus, Systemic Autoimmune Diseases Rituximab")
    assert terms is not None
    file_under_mesh(page, terms)
    assert page.get("/derivedSection.conditionBrowseModule") == {
        "meshes": [{"term": "Lupus Erythematosus, Systemic"}],
        "ancestors": [{"term": "Autoimmune Diseases"}],
    }
    assert page.get("/derivedSection.interventionBrowseModule") == {
        "ancestors": [{"term": "Rituximab"}]
    }


def test_each_heading_has_a_source_and_none_stands_twice() -> None:
    text = files("trialwright.records").joinpath("mesh.json").read_text("utf-8")
    headings = json.loads(text)["headings"]
    terms = [heading["term"] for heading in headings]
    assert terms == sorted(set(terms))
    for heading in headings:
        assert heading["branch"] in {"condition", "intervention"}
        assert heading["verified"] is not heading["source"].endswith("from memory")
