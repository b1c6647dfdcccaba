"""One small record per kind of flaw, and what it is told: `samples/flaws/expected.yaml`."""

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from trialwright.records.lint import RULES, lint
from trialwright.records.read import read_record

FLAWS = Path(__file__).parents[1] / "samples" / "flaws"
EXPECTED = YAML(typ="safe").load((FLAWS / "expected.yaml").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_record_is_told_its_flaws_and_no_other(name: str) -> None:
    found = lint(read_record(FLAWS / name), date(2022, 3, 1))
    assert [[each.code, each.criterion, each.reading] for each in found] == EXPECTED[name]


def test_every_record_is_expected_and_every_rule_has_a_record() -> None:
    assert {file.name for file in FLAWS.glob("*.json")} == set(EXPECTED)
    codes = {code for findings in EXPECTED.values() for code, _, _ in findings}
    assert codes == {rule.code for rule in RULES}
