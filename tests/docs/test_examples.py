"""The Python examples of the documents give what the documents show.

Pages that are made from the code are left out: their examples are run where they stand.
"""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```pycon\n(.*?)^```", re.MULTILINE | re.DOTALL)
GENERATED = ROOT / "docs" / "reference" / "statistics"
PAGES = [
    page
    for page in sorted(ROOT.glob("docs/**/*.md"))
    if page.parent != GENERATED and BLOCK.search(page.read_text(encoding="utf-8"))
]


def failures(text: str, name: str) -> int:
    """How many examples of a page print something else; its blocks are one conversation."""
    conversation = "\n".join(BLOCK.findall(text))
    test = doctest.DocTestParser().get_doctest(conversation, {}, name, name, 0)
    return doctest.DocTestRunner().run(test).failed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_print_what_it_shows(page: Path) -> None:
    assert failures(page.read_text(encoding="utf-8"), page.name) == 0


def test_the_methods_by_name_are_among_them() -> None:
    assert "statistics-by-name.md" in {page.name for page in PAGES}


def test_a_page_that_shows_something_else_is_found() -> None:
    assert failures("```pycon\n>>> a = 2\n```\n\n```pycon\n>>> a + a\n5\n```\n", "wrong") == 1
