"""The reference pages cannot drift: they are what the code's documentation says."""

from pathlib import Path

import pytest

from trialwright.stats.pages import markdown, pages, write

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "statistics"
AGAIN = "run: python -m trialwright.stats.pages docs/reference/statistics"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return pages()


def test_committed_pages_are_the_generated_ones(generated: dict[str, str]) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert set(committed) == set(generated), AGAIN
    assert [name for name, text in generated.items() if committed[name] != text] == [], AGAIN


def test_every_method_is_in_the_index_with_its_example(generated: dict[str, str]) -> None:
    index = generated["index.md"]
    for name in ("risk_difference", "cmh_test", "unconditional_test", "gee_logistic"):
        assert f"`{name}`" in index
    assert ">>> result = risk_difference(16, 29, 9, 30" in generated["proportions.md"]


def test_machinery_stays_in_the_code(generated: dict[str, str]) -> None:
    assert "restricted_control_risk" not in generated["proportions.md"]


def test_results_stand_with_their_methods(generated: dict[str, str]) -> None:
    assert "### `UnconditionalTest`" in generated["two-by-two.md"]
    assert "- `p_value`" in generated["results.md"] or "`p_value`" in generated["results.md"]


def test_what_a_result_can_be_asked_for_stands_with_it(generated: dict[str, str]) -> None:
    page = generated["mmrm.md"]
    section = page.split("### `Mmrm`")[1]
    assert "#### `Mmrm.differences`" in section
    assert "ls_means(over, *, weights='equal', at=None, level=0.95)" in section
    assert "self" not in section.replace("itself", "")
    assert "type_3()" in section


def test_examples_without_a_heading_are_blocks_too() -> None:
    assert markdown("Double it.\n\n>>> 2 * 2\n4") == "Double it.\n\n```pycon\n>>> 2 * 2\n4\n```"


def test_no_page_holds_an_address_of_memory(generated: dict[str, str]) -> None:
    assert [name for name, text in generated.items() if " at 0x" in text] == []


def test_sections_become_markdown() -> None:
    text = markdown(
        "One line.\n\nArgs:\n    x: what it is,\n        and more.\n    y: other.\n\nExample:\n    >>> 1 + 1\n    2"
    )
    assert text == (
        "One line.\n\n**Arguments**\n\n- `x`: what it is, and more.\n- `y`: other.\n\n"
        "**Example**\n\n```pycon\n>>> 1 + 1\n2\n```"
    )


def test_pages_of_rooms_that_are_gone_are_taken_away(
    tmp_path: Path, generated: dict[str, str]
) -> None:
    (tmp_path / "alchemy.md").write_text("gone")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(generated)
