"""Records with every module and every key, made from the model: nothing is lost, nothing invented.

The values come from the types of the fields alone, so that a key which a reader drops, renames or
changes shows at once, wherever it stands.
"""

import json
import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.types import StringConstraints
from ruamel.yaml import YAML

from trialwright.records.model import RegisteredStudy
from trialwright.records.model.base import Day, Duration, NctId, PartialDate
from trialwright.records.read import read_content

BY_PATTERN = {
    get_args(kind)[1].pattern: values
    for kind, values in (
        (NctId, ["NCT01234567", "NCT00000000"]),
        (Day, ["2021-02-28", "2020-02-29"]),
        (PartialDate, ["2021", "2020-02", "2020-02-29"]),
        (Duration, ["18 Years", "1 Year", "6 Months", "0 Days"]),
    )
}


def values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Any JSON value that a field of this type takes; None is left to fields that are away."""
    for each in metadata:
        if isinstance(each, StringConstraints) and each.pattern:
            return st.sampled_from(BY_PATTERN[str(each.pattern)])
    if hasattr(annotation, "__metadata__"):
        return values(annotation.__origin__, annotation.__metadata__)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of([values(each) for each in arguments if each is not type(None)])
    if origin is tuple:
        return st.lists(values(arguments[0]), min_size=1, max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return objects(annotation)
    return {
        str: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
        bool: st.booleans(),
        int: st.integers(-(2**31), 2**31),
        float: st.floats(-180, 180).filter(lambda number: number != int(number)),
    }[annotation]


@cache
def objects(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """A JSON object with every key of a model but those that only other formats fill."""
    return st.fixed_dictionaries(
        {
            field.alias or name: values(field.annotation, tuple(field.metadata))
            for name, field in model.model_fields.items()
            if name != "unranked_outcomes"
        }
    )


ANY = settings(
    max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@ANY
@given(objects(RegisteredStudy))
def test_every_key_is_read_and_written_back(document: dict[str, Any]) -> None:
    record = read_content(json.dumps(document).encode())
    assert record.as_json() == document
    assert record.unclaimed == ()


@ANY
@given(objects(RegisteredStudy))
def test_a_record_that_was_written_reads_the_same(document: dict[str, Any]) -> None:
    once = read_content(json.dumps(document).encode())
    again = read_content(json.dumps(once.as_json()).encode())
    assert again.study == once.study
    assert again.criteria == once.criteria


def places(node: Any, path: str = "") -> list[str]:
    """The path of every key, written by hand as the record names it."""
    if isinstance(node, dict):
        inner = [(f"{path}.{key}" if path else key, value) for key, value in node.items()]
    elif isinstance(node, list):
        inner = [(f"{path}[{number}]", value) for number, value in enumerate(node)]
    else:
        return []
    return [found for place, value in inner for found in (place, *places(value, place))]


@ANY
@given(objects(RegisteredStudy))
def test_the_line_of_each_key_is_that_of_the_file(document: dict[str, Any]) -> None:
    """Printed with a key a line, the line that a fact is said to stand on holds its key."""
    text = json.dumps(document, indent=1)
    record = read_content(text.encode())
    lines = text.split("\n")
    for place in places(document):
        if not place.endswith("]"):
            key = place.rsplit(".", 1)[-1]
            line = record.line_of(place)
            assert line is not None, place
            assert lines[line - 1].lstrip().startswith(f'"{key}":'), place


@ANY
@given(objects(RegisteredStudy), st.data())
def test_a_key_that_nobody_knows_is_kept_and_named(
    document: dict[str, Any], data: st.DataObject
) -> None:
    where = data.draw(
        st.sampled_from(["protocolSection.designModule", "derivedSection", "hasResults"])
    )
    node = document
    for key in where.split(".") if where != "hasResults" else []:
        node = node[key]
    node["brandNew"] = {"deep": [1, None]}
    record = read_content(json.dumps(document).encode())
    expected = f"{where}.brandNew" if where != "hasResults" else "brandNew"
    assert [each.text for each in record.unclaimed] == [expected]
    assert record.as_json() == document


@pytest.fixture(scope="module")
def official(shared: Any) -> jsonschema.Draft202012Validator:
    text = (shared / "records/schema/ctg-oas-v2.0.5.yaml").read_text("utf-8")
    schema = YAML(typ="safe").load(text)
    return jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Study", "components": schema["components"]}
    )


@ANY
@given(objects(RegisteredStudy))
def test_what_is_written_is_valid_by_the_schema_of_the_register(
    official: jsonschema.Draft202012Validator, document: dict[str, Any]
) -> None:
    written = read_content(json.dumps(document).encode()).as_json()
    assert [error.json_path for error in official.iter_errors(written)] == []
