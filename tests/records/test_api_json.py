"""The JSON of the API: places of facts, keys nobody knows, and files that are no study."""

import json
from pathlib import Path

import pytest

from trialwright.errors import UnusableInputError
from trialwright.records.read import read_content
from trialwright.records.record import Record, Unclaimed


def test_the_sample_reads(study_json: Record) -> None:
    protocol = study_json.study.protocol_section
    assert study_json.format == "api-v2-json"
    assert study_json.unclaimed == ()
    assert study_json.related_trials == ()
    assert protocol.identification_module.nct_id == "NCT90000001"
    assert protocol.sponsor_collaborators_module.lead_sponsor.agency_class == "OTHER"
    assert study_json.study.has_results is True


def test_facts_know_their_line(study_json: Record, samples: Path) -> None:
    lines = (samples / "study.json").read_text("utf-8").splitlines()
    for path, words in {
        "protocolSection": "protocolSection",
        "protocolSection.identificationModule.nctId": '"nctId": "NCT90000001"',
        "protocolSection.statusModule.overallStatus": '"overallStatus"',
        "protocolSection.statusModule.completionDateStruct.date": "2024-06-30",
        "protocolSection.armsInterventionsModule.interventions[1].name": '"name": "Questionnaire"',
        "protocolSection.outcomesModule.primaryOutcomes[1].measure": "Survival",
        "protocolSection.eligibilityModule.eligibilityCriteria": '"eligibilityCriteria"',
        "hasResults": '"hasResults"',
    }.items():
        line = study_json.line_of(path)
        assert line is not None
        assert words in lines[line - 1], path
    assert study_json.line_of("protocolSection.nothing") is None


def test_a_key_that_the_schema_does_not_know_is_reported_and_kept() -> None:
    text = '{"protocolSection": {"designModule": {"phases": [],\n"mood": "good"}}}'
    record = read_content(text.encode())
    assert record.unclaimed == (Unclaimed(2, "protocolSection.designModule.mood"),)
    assert record.as_json() == json.loads(text)


def test_criteria_carry_the_line_of_their_text(study_json: Record) -> None:
    line = study_json.line_of("protocolSection.eligibilityModule.eligibilityCriteria")
    assert {criterion.line for criterion in study_json.criteria} == {line}
    assert [criterion.name for criterion in study_json.criteria] == [
        "inclusion 1",
        "inclusion 2",
        "inclusion 3",
        "exclusion 1",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cut"),
        ('{"protocolSection": {"statusModule": ', "cut"),
        ('{"protocolSection": }', "damaged"),
        ("[]", "no `protocolSection`"),
        ('{"studies": []}', "search results"),
        ('{"protocolSection": {"a": 1, "b": 1, "b": 2}}', "'b' stands twice"),
        ('{"protocolSection": {"a": NaN}}', "NaN is no JSON"),
        ('{"protocolSection": {"a": 1e999}}', "number without end"),
        ('{"protocolSection": {"a": "\\ud800"}}', "damaged"),
        ('{"name": "x"}', "no `protocolSection`"),
        ('{"protocolSection": 3}', "no `protocolSection`"),
        ("[" * 100_000, "damaged"),
        ('{"protocolSection": {"statusModule": {"overallStatus": "ASLEEP"}}}', "overallStatus"),
    ],
)
def test_what_is_no_study_gets_one_clear_error(text: str, words: str) -> None:
    with pytest.raises(UnusableInputError) as raised:
        read_content(text.encode())
    assert words in raised.value.what
    assert raised.value.remedy


def test_an_error_names_place_value_and_how_many_more() -> None:
    text = '{"protocolSection": {"statusModule": {"overallStatus": "A", "whyStopped": 3}}}'
    with pytest.raises(UnusableInputError) as raised:
        read_content(text.encode())
    assert 'protocolSection.statusModule.overallStatus is "A"' in raised.value.what
    assert "COMPLETED" in raised.value.what
    assert "(and 1 more)" in raised.value.what
