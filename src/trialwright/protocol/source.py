"""The text of a study file: its values, and the line on which each of them stands."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from trialwright.errors import UnusableInputError

Location = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML document that knows its lines."""

    path: Path
    text: str
    document: CommentedMap

    def line(self, location: Location) -> int:
        """The line, from 1, of the innermost part of `location` that the file holds."""
        node: Any = self.document
        line = 1
        for step in location:
            if isinstance(node, CommentedMap) and step in node:
                if step in (
                    node.lc.data or {}
                ):  # a merged key stands elsewhere: keep the mapping's
                    line = node.lc.key(step)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
            else:
                continue  # a step that only the model knows, such as the name of a union's member
            node = node[step]
        return line

    def where(self, location: Location) -> str:
        """File, line and the path of the value, as an error tells it."""
        path = ".".join(str(step) for step in location)
        return f"{self.path}, line {self.line(location)}" + (f", {path}" if path else "")


def read_source(path: Path) -> Source:
    """Read a YAML file whose top is a mapping.

    Raises:
        UnusableInputError: the file is missing, not text, not YAML, or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UnusableInputError(
            f"the study cannot be read: {why}",
            where=str(path),
            remedy="name a study file, such as studies/il2-sle-dose-finding/study.yaml",
        ) from error
    try:
        document = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}, line {mark.line + 1}" if mark else str(path)
        what = str(error.problem or error.context or "it is not YAML").splitlines()[0]
        raise UnusableInputError(
            f"the file is not YAML: {what}",
            where=place,
            remedy="mend the line or the one before it; at its end, the file may be cut short",
        ) from error
    except ValueError as error:
        raise UnusableInputError(
            f"there is no such day: {error}",
            where=f"{path}, line {_line_without_day(text)}",
            remedy="write days as 2026-01-31",
        ) from error
    except RecursionError as error:
        raise UnusableInputError(
            "the file is not a study: its brackets or indents are nested too deeply",
            where=str(path),
        ) from error
    except YAMLError as error:
        raise UnusableInputError("the file is not YAML", where=str(path)) from error
    if not isinstance(document, CommentedMap):
        raise UnusableInputError(
            "the file is not a study: its top is not a mapping",
            where=str(path),
            remedy="a study begins with `format: trialwright-study/1`",
        )
    return Source(path, text, document)


def _line_without_day(text: str) -> int:
    """The first line, from 1, with a day that the calendar lacks, such as 2026-02-30."""
    for number, line in enumerate(text.splitlines(), 1):
        for year, month, day in re.findall(r"\b(\d{4})-(\d\d?)-(\d\d?)\b", line):
            try:
                date(int(year), int(month), int(day))
            except ValueError:
                return number
    return 1


def plain(value: Any) -> Any:
    """The values of a document without their lines.

    Raises:
        ValueError: a number is not finite, which YAML allows and a study does not.
    """
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a number that a study can use")
        return float(value)
    return value
