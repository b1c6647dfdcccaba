"""The model writes back what it read, and knows every key of the register's schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from trialwright.records.model import RegisteredStudy
from trialwright.records.model.base import RegisterModel

STUDY = json.loads((Path(__file__).parent / "samples" / "study.json").read_text("utf-8"))


def read_and_write(document: Any) -> Any:
    return RegisteredStudy.model_validate_json(json.dumps(document)).as_json()


def parts_of(node: Any) -> st.SearchStrategy[Any]:
    """Any part of a JSON document: objects lose keys, lists lose their ends, text changes."""
    if isinstance(node, dict):
        required = {"lat", "lon"} if {"lat", "lon"} <= node.keys() else set()
        parts = {key: parts_of(value) for key, value in node.items()}
        return st.fixed_dictionaries(
            {key: part for key, part in parts.items() if key in required},
            optional={key: part for key, part in parts.items() if key not in required},
        )
    if isinstance(node, list):
        return st.tuples(*map(parts_of, node)).flatmap(
            lambda whole: st.integers(0, len(whole)).map(lambda end: list(whole[:end]))
        )
    return st.just(node)


def test_a_study_is_written_back_key_for_key() -> None:
    assert read_and_write(STUDY) == STUDY
    assert json.dumps(read_and_write(STUDY)) == json.dumps(STUDY)


@settings(max_examples=60, deadline=None)
@given(parts_of(STUDY))
def test_any_part_of_a_study_is_written_back(document: Any) -> None:
    assert read_and_write(document) == document


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_any_text_is_written_back(title: str, summary: str) -> None:
    document = {
        "protocolSection": {
            "identificationModule": {"briefTitle": title},
            "descriptionModule": {"briefSummary": summary},
        }
    }
    if any("\ud800" <= letter <= "\udfff" for letter in title + summary):
        return
    assert read_and_write(document) == document


def test_empty_lists_and_missing_lists_are_told_apart() -> None:
    with_list = {"protocolSection": {"conditionsModule": {"keywords": []}}}
    without = {"protocolSection": {"conditionsModule": {}}}
    assert read_and_write(with_list) == with_list
    assert read_and_write(without) == without


def test_keys_that_the_schema_dropped_are_kept() -> None:
    document = {"protocolSection": {"designModule": {"oldKey": {"deep": [1, 2.5, None]}}}}
    assert read_and_write(document) == document


def test_modules_that_are_missing_read_as_empty() -> None:
    study = RegisteredStudy.model_validate_json("{}")
    assert study.protocol_section.design_module.phases == ()
    assert study.protocol_section.status_module.start_date_struct.date is None
    assert study.as_json() == {}


def test_whole_numbers_stay_whole() -> None:
    places = [{"geoPoint": {"lat": 70, "lon": 18.5}}]
    document = {"protocolSection": {"contactsLocationsModule": {"locations": places}}}
    assert json.dumps(read_and_write(document)) == json.dumps(document)


@pytest.mark.parametrize(
    ("module", "key", "value"),
    [
        ("statusModule", "overallStatus", "SLEEPING"),
        ("statusModule", "statusVerifiedDate", "March 2018"),
        ("statusModule", "statusVerifiedDate", "2018-13"),
        ("statusModule", "studyFirstSubmitDate", "2018-02-30"),
        ("designModule", "phases", ["PHASE9"]),
        ("designModule", "enrollmentInfo", {"count": "30"}),
        ("eligibilityModule", "minimumAge", "eighteen"),
        ("eligibilityModule", "healthyVolunteers", "No"),
        ("identificationModule", "nctId", "NCT123"),
    ],
)
def test_what_no_study_can_have_is_refused(module: str, key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        read_and_write({"protocolSection": {module: {key: value}}})


def models_below(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the model and all models of its fields by class name."""
    found: dict[str, type[BaseModel]] = {model.__name__: model}
    for field in model.model_fields.values():
        for inner in inner_models(field.annotation):
            if inner.__name__ not in found:
                found |= models_below(inner)
    return found


def inner_models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in inner_models(part)]


def test_every_key_of_the_official_schema_has_a_field_and_no_other(shared: Path) -> None:
    text = (shared / "records/schema/ctg-oas-v2.0.5.yaml").read_text("utf-8")
    schemas = YAML(typ="safe").load(text)["components"]["schemas"]
    ours = {"OutcomesModule": {"unrankedOutcomes"}}
    for name, model in models_below(RegisteredStudy).items():
        keys = {field.alias or key for key, field in model.model_fields.items()}
        official = schemas["Study" if name == "RegisteredStudy" else name]["properties"]
        assert keys - ours.get(name, set()) == set(official), name
    assert len(models_below(RegisteredStudy)) == 83


def test_real_records_are_written_back_and_stay_valid(shared: Path) -> None:
    text = (shared / "records/schema/ctg-oas-v2.0.5.yaml").read_text("utf-8")
    official = YAML(typ="safe").load(text)
    schema = {"$ref": "#/components/schemas/Study", "components": official["components"]}
    validator = jsonschema.Draft202012Validator(schema)
    files = sorted((shared / "records/ctgov_v2").glob("*.json"))
    assert len(files) == 26
    for file in files:
        document = json.loads(file.read_bytes())
        written = RegisteredStudy.model_validate_json(file.read_bytes()).as_json()
        assert written == document, file.name
        validator.validate(written)


def test_models_cannot_be_changed() -> None:
    study = RegisteredStudy.model_validate_json("{}")
    with pytest.raises(ValidationError):
        study.has_results = True  # type: ignore[misc]  # that is the point


def test_field_names_follow_python_and_keys_follow_the_register() -> None:
    assert issubclass(RegisteredStudy, RegisterModel)
    names = {
        name for model in models_below(RegisteredStudy).values() for name in model.model_fields
    }
    assert all(name == name.lower() for name in names)
