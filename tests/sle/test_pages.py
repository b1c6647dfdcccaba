"""The reference pages cannot drift: they are what the items, rules and facts say."""

import re
from pathlib import Path

import pytest

from trialwright import sle
from trialwright.sle.cases import read_yaml
from trialwright.sle.pages import bibliography, page, pages, write

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "instruments"
AGAIN = "run: python -m trialwright.sle.pages docs/reference/instruments"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return pages()


def test_committed_pages_are_the_generated_ones(written: dict[str, str]):
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert set(committed) == set(written), AGAIN
    stale = [name for name, text in written.items() if committed[name] != text]
    assert stale == [], AGAIN


def test_pages_are_written_to_a_folder(tmp_path: Path, written: dict[str, str]):
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(written)
    assert (tmp_path / "pga.md").read_text(encoding="utf-8") == written["pga.md"]


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_a_page_names_every_item_column_option_and_check(key: str, written: dict[str, str]):
    instrument, text = sle.INSTRUMENTS[key], written[f"{key}.md"]
    names = [
        *(item.key for item in instrument.items),
        *instrument.columns,
        *(option.name for option in instrument.options),
        *(check.code for check in instrument.checks),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_every_fact_states_source_and_whether_it_was_checked(key: str):
    facts = read_yaml(sle.INSTRUMENTS[key], "sources.yaml")
    assert facts
    for fact in facts:
        assert set(fact) <= {"fact", "source", "verified", "assumed"}
        assert fact["fact"]
        assert fact["source"]
        assert isinstance(fact["verified"], bool)
        if "assumed" in fact:
            assert not fact["verified"]
            assert len(fact["assumed"]) > 10  # says why
        if fact["verified"]:
            assert fact["source"] != "memory"


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_every_source_tag_is_in_the_bibliography(key: str):
    instrument, known = sle.INSTRUMENTS[key], bibliography()
    facts = read_yaml(instrument, "sources.yaml")
    named = " ".join(
        [*(item.source for item in instrument.items), *(fact["source"] for fact in facts)]
    )
    assert set(re.findall(r"\bS\d+b?\b", named)) <= set(known)
    for item in instrument.items:
        assert not (item.verified and item.source == "memory")


def test_what_is_from_memory_is_printed(written: dict[str, str]):
    assert "Hematological thresholds and the hemolysis line" in written["bilag-2004.md"]
    line = next(line for line in written["bilag-2004.md"].splitlines() if "hemolysis line" in line)
    assert line.endswith("| from memory |")


def test_the_example_holds_its_output():
    text = page(sle.INSTRUMENTS["selena-sledai"])
    assert "selena_sledai: 10" in text
