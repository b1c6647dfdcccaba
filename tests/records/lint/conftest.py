"""A small study for the lint rules, changed at one place a test."""

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trialwright.records.lint import Finding, lint
from trialwright.records.read import read_content

SAMPLE = json.loads((Path(__file__).parents[1] / "samples" / "study.json").read_text("utf-8"))
TODAY = date(2022, 3, 1)

Lint = Callable[[dict[str, Any]], list[Finding]]


def with_changes(changes: dict[str, Any]) -> dict[str, Any]:
    """The sample without flaws, changed at `module.key` below the protocol section."""
    document = copy.deepcopy(SAMPLE)
    document["protocolSection"]["outcomesModule"]["primaryOutcomes"][1]["timeFrame"] = "week 52"
    for path, value in changes.items():
        node = document["protocolSection"]
        *parents, last = path.split(".")
        for key in parents:
            node = node[key]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return document


@pytest.fixture
def lint_with() -> Lint:
    """Lint the sample with changes."""

    def run(changes: dict[str, Any]) -> list[Finding]:
        return list(lint(read_content(json.dumps(with_changes(changes)).encode()), TODAY))

    return run


@pytest.fixture
def lint_criteria(lint_with: Lint) -> Callable[[str], list[Finding]]:
    """Lint the sample with these criteria, given as `inclusion` or `exclusion` and text."""

    def run(criteria: str) -> list[Finding]:
        return lint_with({"eligibilityModule.eligibilityCriteria": criteria})

    return run
