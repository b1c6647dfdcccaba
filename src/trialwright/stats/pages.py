"""The reference pages of the statistics, made of their documentation in the code.

`python -m trialwright.stats.pages docs/reference/statistics` writes them; a test holds the
committed pages equal to what this module says. A page has a room: a package, or a module beside the
packages. Methods are the functions whose documentation has an example, which the tests run; what
they return, and what that can be asked for, stands with them. Functions without an example are
machinery.
"""

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any, Final

import trialwright.stats
from trialwright.files import whole_file

ROOT: Final = "trialwright.stats"
LISTED: Final = ("Args", "Attributes")
HEADINGS: Final = {"Args": "Arguments", "Example": "Example"}
WRITTEN: Final = "<!-- Written by `python -m trialwright.stats.pages`; edit the code instead. -->"


def pages() -> dict[str, str]:
    """Every page by file name."""
    rooms: dict[str, list[ModuleType]] = {}
    for found in pkgutil.walk_packages(trialwright.stats.__path__, f"{ROOT}."):
        module = importlib.import_module(found.name)
        room = found.name.removeprefix(f"{ROOT}.").split(".")[0]
        if not found.ispkg and (_methods(module) or found.name == f"{ROOT}.results"):
            rooms.setdefault(room, []).append(module)
    written = {f"{room.replace('_', '-')}.md": _page(room, rooms[room]) for room in sorted(rooms)}
    return {"index.md": _index(rooms), **written}


def write(folder: Path) -> None:
    """Write every page into a folder, and take away pages of rooms that are gone."""
    current = pages()
    for name, text in current.items():
        with whole_file(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.name not in current:
            path.unlink()


def markdown(documentation: str) -> str:
    """Documentation in the house's form as Markdown: sections in bold, arguments as a list."""
    blocks = re.split(r"^([A-Z][a-z]+):\n", f"{documentation}\n", flags=re.MULTILINE)
    parts = [_fenced(blocks[0].strip())]
    for title, body in zip(blocks[1::2], blocks[2::2], strict=True):
        text = inspect.cleandoc(body)
        parts.append(f"**{HEADINGS.get(title, title)}**")
        if title == "Example":
            parts.append(f"```pycon\n{text}\n```")
        elif title in LISTED:
            parts.append(_listed(dedent(body).strip()))
        else:
            parts.append(_fenced(text))
    return "\n\n".join(part for part in parts if part)


def _fenced(text: str) -> str:
    """Examples without a heading, each a block of its own."""
    parts = text.split("\n\n")
    return "\n\n".join(
        f"```pycon\n{part}\n```" if part.startswith(">>>") else part for part in parts
    )


def _index(rooms: dict[str, list[ModuleType]]) -> str:
    lines = [
        WRITTEN,
        "# Statistical methods",
        "Arrays in, typed results out. Each method is documented with an example that the tests "
        "run; its numbers are compared with other programs' by `trialwright verify`.",
        "A paper names the origin of a method and was not read again for it (`verified: false`); "
        "what is verified are the numbers, each test beside its source.",
        "[Statistical methods by name](../statistics-by-name.md) tells where each stands.",
    ]
    for room in sorted(rooms):
        names = [f"`{name}`" for module in rooms[room] for name in _methods(module)]
        about = f": {', '.join(names)}" if names else ""
        lines.append(f"- [{_title(room)}]({room.replace('_', '-')}.md){about}")
    return "\n\n".join(lines[:5]) + "\n\n" + "\n".join(lines[5:]) + "\n"


def _page(room: str, modules: list[ModuleType]) -> str:
    parts = [WRITTEN, f"# {_title(room)}"]
    package = importlib.import_module(f"{ROOT}.{room}")
    if hasattr(package, "__path__"):
        parts.append(inspect.getdoc(package) or "")
    for module in modules:
        parts += [f"## `{module.__name__}`", inspect.getdoc(module) or ""]
        for name, method in _methods(module).items():
            parts += [f"### `{name}`", _signature(name, method), markdown(_documentation(method))]
        for name, result in _results(module).items():
            parts += [f"### `{name}`", markdown(_documentation(result))]
            for asked, method in _asked(result).items():
                heading = f"#### `{name}.{asked}`"
                parts += [heading, _signature(asked, method), markdown(_documentation(method))]
    return "\n\n".join(parts) + "\n"


def _title(room: str) -> str:
    words = room.replace("_", " ")
    return words.upper() if words == "mmrm" else words.capitalize()


def _methods(module: ModuleType) -> dict[str, Any]:
    """The functions with an example, in the order of the file."""
    return {
        name: value
        for name, value in _own(module)
        if inspect.isfunction(value) and ">>>" in _documentation(value)
    }


def _results(module: ModuleType) -> dict[str, Any]:
    """The dataclasses, in the order of the file."""
    return {name: value for name, value in _own(module) if is_dataclass(value)}


def _asked(result: type) -> dict[str, Any]:
    """What a result can be asked for: its public methods, in the order of the file."""
    return {
        name: value
        for name, value in vars(result).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def _own(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name, value in vars(module).items():
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__:
            yield name, value


def _documentation(thing: object) -> str:
    return inspect.getdoc(thing) or ""


def _signature(name: str, method: Any) -> str:
    """The call with defaults, one argument a line if long; types are told by the text."""
    words = []
    keyword_only = False
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            words.append("*")
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        words.append(f"{parameter.name}{default}")
    call = f"{name}({', '.join(words)})"
    if len(call) > 80:
        call = "\n".join([f"{name}(", *(f"    {word}," for word in words), ")"])
    return f"```python\n{call}\n```"


def _listed(text: str) -> str:
    """`name: what` with its continuation lines, as a list."""
    entries = re.split(r"\n(?=\S)", text)
    return "\n".join(
        f"- `{name}`: {' '.join(rest.split())}" if rest else f"- {entry}"
        for entry in entries
        for name, _, rest in [entry.partition(":")]
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
