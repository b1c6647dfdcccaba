"""A record page saved as text, read line by line; what nobody claims is kept aside."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from trialwright.errors import UnusableInputError
from trialwright.records.criteria import split_criteria
from trialwright.records.model import RegisteredStudy
from trialwright.records.record import Record, RecordFormat, RelatedTrial, Unclaimed

PROTOCOL = "protocolSection."
ELIGIBILITY = PROTOCOL + "eligibilityModule.eligibilityCriteria"


@dataclass
class Page:
    """The lines of a page, the place of the reader, and the facts found so far.

    Paths of facts are dotted keys of the API below `protocolSection`, unless they start at the top
    with a slash: `/hasResults`.
    """

    lines: tuple[str, ...]
    at: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    unclaimed: list[Unclaimed] = field(default_factory=list)
    related: list[RelatedTrial] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether every line was looked at."""
        return self.at >= len(self.lines)

    @property
    def line(self) -> str:
        """The current line without outer white space; empty behind the last line."""
        return self.peek(0)

    def peek(self, ahead: int) -> str:
        """Return a following line without outer white space; empty behind the last line."""
        at = self.at + ahead
        return self.lines[at].strip() if at < len(self.lines) else ""

    def take(self) -> str:
        """Return the current line and move on."""
        line = self.line
        self.at += 1
        return line

    def leave(self) -> None:
        """Report the current line as understood by nobody, and move on."""
        self.unclaimed.append(Unclaimed(self.at + 1, self.line))
        self.at += 1

    def put(self, path: str, value: object, *, line: int | None = None) -> None:
        """State a fact.

        Raises:
            ValueError: the page has stated the fact before, and differently.
        """
        full = path[1:] if path.startswith("/") else PROTOCOL + path
        *parents, last = full.split(".")
        node = self.facts
        for key in parents:
            node = node.setdefault(key, {})
        if last in node and node[last] != value:
            raise ValueError(f"{full} was {node[last]!r}")
        node[last] = value
        self.places.setdefault(full, line or self.at + 1)

    def append(self, path: str, value: object, *, line: int | None = None) -> None:
        """Add an entry to the list at `path`."""
        known = self.get(path) or []
        full = path[1:] if path.startswith("/") else PROTOCOL + path
        self.places[f"{full}[{len(known)}]"] = line or self.at + 1
        self.places.setdefault(full, line or self.at + 1)
        if known:
            known.append(value)
        else:
            self.put(path, [value], line=line)

    def get(self, path: str) -> Any:
        """Return the fact at `path`, or None."""
        node: Any = self.facts
        for key in (path[1:] if path.startswith("/") else PROTOCOL + path).split("."):
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def record(self, record_format: RecordFormat, sha256: str) -> Record:
        """Return the finished record.

        Raises:
            UnusableInputError: the facts are not those of a study.
        """
        try:
            study = RegisteredStudy.model_validate_json(json.dumps(self.facts))
        except ValidationError as error:
            raise UnusableInputError(f"the page states what no study can have: {error}") from error
        text = study.protocol_section.eligibility_module.eligibility_criteria or ""
        return Record(
            study=study,
            format=record_format,
            sha256=sha256,
            criteria=split_criteria(text, self.places.get(ELIGIBILITY), line_breaks=True),
            related_trials=tuple(self.related),
            unclaimed=tuple(sorted(self.unclaimed, key=lambda left: left.line or 0)),
            lines=dict(self.places),
        )


Reader = Callable[[Page, re.Match[str]], None]
ValueReader = Callable[[Page, str], None]
Rule = tuple[re.Pattern[str], Reader]


def read_lines(page: Page, rules: Iterable[Rule], stray: Callable[[Page], None]) -> None:
    """Give each line to the first rule that knows it, and to `stray` if none does.

    A reader that raises ValueError or LookupError has not understood, and the line where it
    started is reported.
    Readers claim lines by moving on; one that does not move claims its line alone.
    """
    known = tuple(rules)
    while not page.done:
        start = page.at
        try:
            for pattern, read in known:
                if found := pattern.match(page.line):
                    read(page, found)
                    break
            else:
                stray(page)
        except (ValueError, LookupError):
            page.at = start
            page.leave()
        if page.at == start:
            page.at += 1


def refuse_if_cut(missing: Iterable[str]) -> None:
    """Raise UnusableInputError if a page lacks anything that every whole page states."""
    if names := ", ".join(missing):
        raise UnusableInputError(
            f"the record page is cut or damaged: it does not state {names}",
            remedy="Save the whole page again.",
        )


def furniture(page: Page, _: re.Match[str]) -> None:
    """Claim a line that says nothing about the study."""
    page.at += 1


def one_of(path: str, codes: Mapping[str, object]) -> ValueReader:
    """Return a reader that puts the code of the words at `path`."""

    def read(page: Page, words: str) -> None:
        if words not in codes:
            raise ValueError(words)
        page.put(path, codes[words])

    return read


def text_at(path: str) -> ValueReader:
    """Return a reader that puts the words as they are."""

    def read(page: Page, words: str) -> None:
        if not words:
            raise ValueError(path)
        page.put(path, words)

    return read


def header(*titles: str) -> re.Pattern[str]:
    """Return the pattern of a table's header: these titles and no other word."""
    return re.compile(r"\s*\|\s*".join(map(re.escape, titles)) + r"[\s|]*$")


TABLE_RULE = re.compile(r":?-{3,}:?(\s*\|\s*:?-{3,}:?)*\s*\|?$")


def cells_of(line: str) -> list[str]:
    """Return the cells of a table row, without the empty ones at its end."""
    cells = [cell.strip() for cell in line.split("|")]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def named_cells(names: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    """Return the cells that are not empty under their names.

    Raises:
        ValueError: there are more cells than names, so one would be lost.
    """
    if len(cells) > len(names):
        raise ValueError(cells[len(names)])
    return {name: words for name, words in zip(names, cells, strict=False) if words}
