"""The pages beside the code that they are made of, read another way."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.stats.pages import WRITTEN, markdown, pages, write

PAGES = pages()
ROOMS = {name: text for name, text in PAGES.items() if name != "index.md"}
MODULE = re.compile(r"^## `(trialwright\.[\w.]+)`$", re.MULTILINE)
METHOD = re.compile(r"^### `(\w+)`\n\n```python\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


# each page's methods with the module that has them, and the call that is shown
METHODS = [
    pytest.param(module, name, call, id=f"{page.removesuffix('.md')}.{name}")
    for page, text in ROOMS.items()
    for module, part in zip(*[iter(MODULE.split(text)[1:])] * 2, strict=True)
    for name, call in METHOD.findall(part)
]


@pytest.mark.parametrize(("module", "name", "call"), METHODS)
def test_a_call_as_shown_has_the_arguments_of_the_code(module: str, name: str, call: str) -> None:
    signature = inspect.signature(getattr(importlib.import_module(module), name))
    shown = ast.parse(call.replace("*,", "").replace("\n    *\n", "")).body[0]
    assert isinstance(shown, ast.Expr)
    assert isinstance(shown.value, ast.Call)
    given_names = [ast.unparse(argument) for argument in shown.value.args]
    given_names += [str(keyword.arg) for keyword in shown.value.keywords]
    assert given_names == list(signature.parameters)
    for keyword in shown.value.keywords:
        default = signature.parameters[str(keyword.arg)].default
        assert ast.unparse(keyword.value) == ast.unparse(ast.parse(repr(default)).body[0])


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_is_whole_markdown(name: str) -> None:
    text = PAGES[name]
    assert text.startswith(f"{WRITTEN}\n\n# ")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text
    assert text.count("```") % 2 == 0
    assert "self" not in re.findall(r"\w+", "".join(call for _, call in METHOD.findall(text)))


def test_the_index_links_every_page_once() -> None:
    links = re.findall(r"^- \[[^]]+\]\(([\w-]+\.md)\)", PAGES["index.md"], re.MULTILINE)
    assert links == sorted(ROOMS)


def test_the_index_names_what_the_pages_show() -> None:
    lines = dict(re.findall(r"^- \[[^]]+\]\(([\w-]+\.md)\)(.*)$", PAGES["index.md"], re.MULTILINE))
    for page, text in ROOMS.items():
        named = re.findall(r"`(\w+)`", lines[page])
        assert named == [name for name, _ in METHOD.findall(text)], page


def test_every_example_stands_in_a_block() -> None:
    for name, text in PAGES.items():
        blocks = re.findall(r"```pycon\n(.*?)\n```", text, re.DOTALL)
        inside = sum(block.count(">>> ") for block in blocks)
        assert inside == text.count(">>> "), name


@pytest.mark.parametrize(
    ("documentation", "expected"),
    [
        ("One line.", "One line."),
        ("One.\n\nTwo lines\nof text.", "One.\n\nTwo lines\nof text."),
        ("A.\n\nArgs:\n    x, y: both.", "A.\n\n**Arguments**\n\n- `x, y`: both."),
        ("A.\n\nAttributes:\n    x: one.", "A.\n\n**Attributes**\n\n- `x`: one."),
        ("A.\n\nArgs:\n    see the other.", "A.\n\n**Arguments**\n\n- see the other."),
        ("A.\n\nRaises:\n    Error: if so,\n        or so.", "A.\n\n**Raises**\n\nError: if so,\nor so."),
        ("A.\n\nReference:\n    Paper 1:\n    pages.", "A.\n\n**Reference**\n\nPaper 1:\npages."),
        ("A.\n\nExample:\n    >>> 1\n    1", "A.\n\n**Example**\n\n```pycon\n>>> 1\n1\n```"),
        ("A ratio: of a to b.", "A ratio: of a to b."),
        ("", ""),
    ],
)  # fmt: skip
def test_sections(documentation: str, expected: str) -> None:
    assert markdown(documentation) == expected


@settings(max_examples=20)
@given(
    names=st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), min_size=1, max_size=5),
    words=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=9),
)
def test_arguments_however_they_are_wrapped_are_one_line_each(
    names: list[str], words: list[str]
) -> None:
    half = len(words) // 2
    entries = [
        f"    {n}: {' '.join(words[:half])}\n        {' '.join(words[half:])}" for n in names
    ]
    shown = markdown("What.\n\nArgs:\n" + "\n".join(entries))
    assert shown.splitlines()[4:] == [f"- `{name}`: {' '.join(words)}" for name in names]


def test_writing_again_changes_nothing_and_other_files_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert first.pop("notes.txt") == b"mine"
    assert {name: text.encode() for name, text in PAGES.items()} == first
