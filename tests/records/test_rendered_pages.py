"""Facts drawn at random, written as a page and read again, are the same facts."""

import json
from typing import Any

from hypothesis import given, settings

from records.rendering import classic_facts, classic_page, mirror_facts, mirror_page
from trialwright.records.read import read_content


@settings(max_examples=40, deadline=None)
@given(classic_facts())
def test_a_classic_page_reads_as_it_was_written(facts: dict[str, Any]) -> None:
    record = read_content(classic_page(facts).encode())
    read = record.as_json()["protocolSection"]
    if not {"minimumAge", "maximumAge"} & facts["eligibilityModule"].keys():
        # A page without limits shows all age groups in their place.
        assert read["eligibilityModule"].pop("stdAges") == ["CHILD", "ADULT", "OLDER_ADULT"]
    assert read == facts
    assert record.unclaimed == ()


@settings(max_examples=40, deadline=None)
@given(mirror_facts())
def test_a_mirror_page_reads_as_it_was_written(
    drawn: tuple[dict[str, Any], list[tuple[str, str, str, str]]],
) -> None:
    facts, related = drawn
    record = read_content(mirror_page(facts, related).encode())
    assert record.as_json()["protocolSection"] == facts
    assert record.unclaimed == ()
    assert [
        (trial.status, trial.nct_id, trial.title, trial.phase) for trial in record.related_trials
    ] == related


@settings(max_examples=20, deadline=None)
@given(classic_facts())
def test_page_and_json_give_the_same_criteria(facts: dict[str, Any]) -> None:
    page = read_content(classic_page(facts).encode())
    document = read_content(json.dumps({"protocolSection": facts}).encode())
    assert [(each.name, each.text) for each in page.criteria] == [
        (each.name, each.text) for each in document.criteria
    ]


@settings(max_examples=20, deadline=None)
@given(classic_facts())
def test_each_criterion_stands_on_its_line(facts: dict[str, Any]) -> None:
    text = classic_page(facts)
    lines = text.split("\n")
    for criterion in read_content(text.encode()).criteria:
        assert criterion.line is not None
        assert lines[criterion.line - 1] == f"- {criterion.text}"
