"""The published JSON Schema is the one of the model, and accepts what the model accepts."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from trialwright.protocol.schema import study_schema

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs/reference/study.schema.json"
STUDIES = sorted(ROOT.glob("studies/*/study.yaml"))


def in_json(path: Path) -> object:
    """A study as a JSON program sees it: days are text."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path), default=str))


def test_the_published_schema_is_current():
    assert PUBLISHED.read_text() == study_schema(), "run `make docs`"


def test_it_is_a_schema():
    Draft202012Validator.check_schema(json.loads(study_schema()))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_the_shipped_studies_fit_it(path):
    assert list(Draft202012Validator(json.loads(study_schema())).iter_errors(in_json(path))) == []


def test_it_refuses_what_the_model_refuses():
    study = in_json(STUDIES[0])
    study["design"]["phase"] = "phase two"
    study["sponser"] = study.pop("sponsor")
    errors = Draft202012Validator(json.loads(study_schema())).iter_errors(study)
    assert {error.validator for error in errors} == {"enum", "additionalProperties", "required"}
