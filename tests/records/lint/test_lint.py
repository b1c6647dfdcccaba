"""All rules together: documented, ordered, and silent where nothing is wrong."""

from datetime import date
from pathlib import Path

from trialwright.records.lint import RULES, lint
from trialwright.records.read import read_record
from trialwright.records.record import Record

TODAY = date(2026, 11, 22)
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "record-lint.md"


def test_codes_are_stable_names_and_used_once() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == [f"TWR{number:03}" for number in range(1, 15)]


def test_every_rule_is_documented_under_its_name() -> None:
    page = PAGE.read_text("utf-8")
    for rule in RULES:
        assert f"## {rule.code}: {rule.name}\n" in page
    assert page.count("## TWR") == len(RULES)


def test_findings_come_in_the_order_of_the_rules(shared: Path) -> None:
    found = lint(read_record(shared / "seeds/000_bb595da736273c65.txt"), TODAY)
    assert [each.code for each in found] == ["TWR001"] * 8 + [
        "TWR002",
        "TWR004",
        "TWR005",
        "TWR010",
    ]
    assert [each.line for each in found][8:] == [22, 4, 5, None]


def test_the_infection_page(shared: Path) -> None:
    found = lint(read_record(shared / "seeds/001_46e35d0dd0f5de8d.txt"), TODAY)
    assert [(each.code, each.line) for each in found] == [
        ("TWR003", 24),
        ("TWR011", 43),
        ("TWR011", 44),
        ("TWR011", 45),
    ]


def test_real_records_have_no_flaw_but_two_that_still_recruit(shared: Path) -> None:
    # Read by eye: both say recruiting, with completion dates in 2025.
    found = {
        (file.stem, each.code)
        for file in (shared / "records/ctgov_v2").glob("*.json")
        for each in lint(read_record(file), TODAY)
    }
    assert found == {("NCT03797482", "TWR005"), ("NCT04550923", "TWR005")}


def test_the_mirror_sample(mirror: Record) -> None:
    found = lint(mirror, TODAY)
    assert [(each.code, each.line) for each in found] == [("TWR001", 15), ("TWR010", None)]
    assert found[0].criterion == "inclusion 2"


def test_the_classic_sample(classic: Record) -> None:
    found = lint(classic, date(2022, 3, 1))
    assert [(each.code, each.words) for each in found] == [("TWR006", "Survival")]
