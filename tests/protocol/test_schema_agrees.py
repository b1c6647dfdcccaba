"""The published schema and the model say the same of a study that somebody changed at random."""

import copy
import json
from functools import cache
from pathlib import Path
from random import Random

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from ruamel.yaml import YAML

from trialwright.protocol import Study
from trialwright.protocol.schema import study_schema

SMALL = Path(__file__).with_name("small.yaml")
# What the model checks across fields, in words; a schema of single fields cannot say it.
ACROSS_FIELDS = "Value error"
OF_ONE_FIELD = ("is neither true nor false", "which is no day")
ODD = [None, "", "x", " ", 0, -1, 1.5, 10**12, True, [], {}, ["x"], {"id": "x"}, "2026-02-01"]


@cache
def whole():
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(SMALL), default=str))


@cache
def validator():
    return Draft202012Validator(json.loads(study_schema()))


def places(node, path=()):
    """Every place of a document that holds something."""
    yield path
    parts = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in parts:
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))
        else:
            yield (*path, key)


def changed(random):
    """The small study with one place removed, replaced by something odd, or joined by a stranger."""
    study = copy.deepcopy(whole())
    path = random.choice([path for path in places(study) if path])
    node = study
    for step in path[:-1]:
        node = node[step]
    kind = random.choice(["remove", "replace", "replace", "replace", "add"])
    if kind == "remove":
        del node[path[-1]]
    elif kind == "replace":
        node[path[-1]] = random.choice(ODD)
    elif isinstance(node, dict):
        node["a_stranger"] = random.choice(ODD)
    return study, (*path, kind)


def model_refuses(study):
    """What the model finds wrong with single fields."""
    try:
        Study.model_validate_json(json.dumps(study), strict=False)
    except ValidationError as error:
        return [
            each
            for each in error.errors()
            if ACROSS_FIELDS not in each["msg"] or any(one in each["msg"] for one in OF_ONE_FIELD)
        ]
    return []


@pytest.mark.parametrize("seed", range(8))
def test_a_study_changed_at_random_fits_both_or_neither(seed):
    random = Random(seed)
    refused = 0
    for _ in range(40):
        study, path = changed(random)
        faults = model_refuses(study)
        fits = validator().is_valid(study)
        if fits:
            assert faults == [], (path, faults)
        elif (
            not faults
        ):  # the model reads "1" as 1 and strips a text, and is lenient in nothing else
            assert isinstance(at(study, path[:-1]), str | float), path
        refused += bool(faults)
    assert refused > 8


def at(study, path):
    node = study
    for step in path:
        if isinstance(node, dict) and step not in node:
            return None
        if isinstance(node, list) and step >= len(node):
            return None
        node = node[step]
    return node


@pytest.mark.parametrize("section", [
    "format", "id", "version", "identity", "sponsor", "sites", "status", "design", "arms",
    "randomization", "visits", "forms", "criteria", "outcomes", "analysis_sets", "multiplicity",
])  # fmt: skip
def test_a_study_without_one_of_its_sections_is_refused_by_both(section):
    study = {key: part for key, part in whole().items() if key != section}
    (fault,) = model_refuses(study)
    assert (fault["type"], fault["loc"]) == ("missing", (section,))
    (error,) = validator().iter_errors(study)
    assert error.validator == "required"
    assert section in error.message


@pytest.mark.parametrize("section", ["sites", "arms", "visits", "forms", "criteria", "outcomes",
                                     "analysis_sets"])  # fmt: skip
def test_a_section_that_must_hold_something_may_not_be_empty(section):
    study = {**whole(), section: []}
    assert [fault["type"] for fault in model_refuses(study)] == ["too_short"]
    assert [error.validator for error in validator().iter_errors(study)] == ["minItems"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("design", "enrollment", "count"), True, "count is neither true nor false"),
        (("randomization", "block_sizes"), [2, True], "block_sizes is neither true nor false"),
        (("randomization", "ratio"), {"placebo": True, "drug": 1}, "ratio is neither"),
        (("multiplicity", "alpha"), False, "alpha is neither true nor false"),
        (("status", "completion", "on"), 0, "on is 0, which is no day: write days as"),
        (("status", "first_posted"), 86400, "first_posted is 86400, which is no day"),
    ],
)
def test_truths_numbers_and_days_are_not_taken_for_one_another(path, value, words):
    study = copy.deepcopy(whole())
    at(study, path[:-1])[path[-1]] = value
    with pytest.raises(ValidationError, match=words):
        Study.model_validate(study)
    assert not validator().is_valid(study)
