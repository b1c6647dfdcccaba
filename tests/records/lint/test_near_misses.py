"""Each rule against words that are a flaw and words that are nearly the same and none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from trialwright.records.lint import RULES, Finding

Lint = Callable[[dict[str, Any]], list[Finding]]
PAIRS = YAML(typ="safe").load(Path(__file__).with_name("near_misses.yaml").read_text("utf-8"))
ROWS = [(code, pair) for code, pairs in PAIRS.items() for pair in pairs]
DESIGN, OUTCOME = "designModule.designInfo", "outcomesModule.primaryOutcomes"
CRITERIA, SUMMARY = "eligibilityModule.eligibilityCriteria", "descriptionModule.briefSummary"

# How the words stand in the record, by `at`, and what else the record must say for the rule.
PLACES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "inclusion": lambda words: {CRITERIA: f"Inclusion Criteria:\n\n* {words}"},
    "exclusion": lambda words: {CRITERIA: f"Exclusion Criteria:\n\n* {words}"},
    "summary": lambda words: {SUMMARY: words},
    "outcome": lambda words: {
        OUTCOME: [{"measure": "SRI-4", "description": words, "timeFrame": "week 12"}]
    },
    "crossover": lambda words: {
        f"{DESIGN}.interventionModel": "CROSSOVER",
        f"{DESIGN}.interventionModelDescription": None,
        SUMMARY: words,
    },
    "unmasked": lambda words: {f"{DESIGN}.maskingInfo": None, SUMMARY: words},
    "completion": lambda day: {"statusModule.completionDateStruct": {"date": day}},
    "frame": lambda words: {OUTCOME: [{"measure": "Flare", "timeFrame": words}]},
    "measure": lambda words: {OUTCOME: [{"measure": words, "timeFrame": "week 12"}]},
    "number": lambda number: {"identificationModule.nctId": number},
    "groups": lambda codes: {"eligibilityModule.stdAges": codes},
    "masked": lambda roles: {
        f"{DESIGN}.maskingInfo": {"masking": "DOUBLE", "whoMasked": roles}
    },
    "given": lambda names: {
        "armsInterventionsModule.armGroups": [
            {"label": "Go on", "type": "ACTIVE_COMPARATOR", "interventionNames": names}
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize(("code", "pair"), ROWS)
def test_a_flaw_is_found_where_it_stands(lint_with: Lint, code: str, pair: dict[str, Any]) -> None:
    found = [each for each in lint_with(PLACES[pair["at"]](pair["flaw"])) if each.code == code]
    assert found
    for each in found:
        assert each.section.startswith("protocolSection.")
        assert each.reading
        assert each.reason
        if pair["at"] in ("inclusion", "exclusion"):
            assert each.criterion == f"{pair['at']} 1"


@pytest.mark.parametrize(("code", "pair"), ROWS)
def test_what_is_nearly_the_same_is_no_flaw(
    lint_with: Lint, code: str, pair: dict[str, Any]
) -> None:
    found = lint_with(PLACES[pair["at"]](pair["none"]))
    assert [(each.words, each.reading) for each in found if each.code == code] == []


def test_every_rule_that_reads_json_has_a_pair() -> None:
    """TWR011 is for pages, whose outcomes may stand without a rank."""
    assert {rule.code for rule in RULES} - set(PAIRS) == {"TWR011"}
