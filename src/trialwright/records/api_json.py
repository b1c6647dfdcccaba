"""The JSON of version 2 of the API of ClinicalTrials.gov."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from trialwright.errors import UnusableInputError
from trialwright.records.criteria import split_criteria
from trialwright.records.model import RegisteredStudy
from trialwright.records.page import ELIGIBILITY
from trialwright.records.record import Record, Unclaimed


def read_api_json(text: str, sha256: str) -> Record:
    """Return the record of one study.

    Raises:
        UnusableInputError: the text is no JSON, or not that of one study.
    """
    document = _parse(text)
    try:
        study = RegisteredStudy.model_validate_json(json.dumps(document, allow_nan=False))
    except ValidationError as error:
        raise UnusableInputError(_explain(error), remedy="Fetch the record again.") from error
    except ValueError as error:
        raise UnusableInputError(
            "the file is damaged: it holds a number without end", remedy="Fetch the record again."
        ) from error
    lines = _lines(document, text)
    eligibility = study.protocol_section.eligibility_module.eligibility_criteria or ""
    return Record(
        study=study,
        format="api-v2-json",
        sha256=sha256,
        criteria=split_criteria(eligibility, lines.get(ELIGIBILITY), line_breaks=False),
        related_trials=(),
        unclaimed=tuple(Unclaimed(lines.get(path), path) for path in _unknown_keys(study, "")),
        lines=lines,
    )


def _parse(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise _broken(error, text) from error
    if isinstance(document, dict) and "studies" in document:
        raise UnusableInputError(
            "this is a page of search results, not one study",
            remedy="Save one entry of `studies` as a file.",
        )
    if not isinstance(document, dict) or not isinstance(document.get("protocolSection"), dict):
        raise UnusableInputError(
            "the JSON has no `protocolSection`, so it is no study of ClinicalTrials.gov",
            remedy="Fetch the study from version 2 of the API.",
        )
    return document


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a key that stands twice would lose its first value in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {max(keys, key=keys.count)!r} stands twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _broken(error: ValueError | RecursionError, text: str) -> UnusableInputError:
    remedy = "Fetch the record again."
    if isinstance(error, RecursionError):
        return UnusableInputError("the file is damaged: its JSON has no bottom", remedy=remedy)
    if not isinstance(error, json.JSONDecodeError):
        return UnusableInputError(f"the file is damaged: {error}", remedy=remedy)
    where = f"line {error.lineno}"
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return UnusableInputError(
            "the file is cut: its JSON breaks off", where=where, remedy=remedy
        )
    return UnusableInputError(
        f"the file is damaged: {error.msg} at column {error.colno}", where=where, remedy=remedy
    )


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    if not first["loc"]:
        return f"the file is damaged: {first['msg']}"
    place = ".".join(map(str, first["loc"]))
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place} is {json.dumps(first['input'])[:80]}: {first['msg']}{more}"


def _lines(document: dict[str, Any], text: str) -> dict[str, int]:
    """Return the line of every key and list entry; keys are met in the order of the text."""
    starts = [match.end() for match in re.finditer("\n", text)]
    lines: dict[str, int] = {}
    at = line = 0
    for path, key in _paths(document, ""):
        if key is not None:
            found = re.compile(rf"{re.escape(json.dumps(key, ensure_ascii=False))}\s*:").search(
                text, at
            )
            at = found.end() if found else at
        while line < len(starts) and starts[line] <= at:
            line += 1
        lines[path] = line + 1
    return lines


def _paths(node: Any, path: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, dict):
        for key, value in node.items():
            inner = f"{path}.{key}" if path else key
            yield inner, key
            yield from _paths(value, inner)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield f"{path}[{index}]", None
            yield from _paths(value, f"{path}[{index}]")


def _unknown_keys(node: object, path: str) -> Iterator[str]:
    """Yield the paths of keys that no field of the model has."""
    if isinstance(node, BaseModel):
        fields = type(node).model_fields
        for name in node.model_fields_set & set(fields):
            key = fields[name].alias or name
            yield from _unknown_keys(getattr(node, name), f"{path}.{key}" if path else key)
        for key in node.model_extra or {}:
            yield f"{path}.{key}" if path else key
    elif isinstance(node, tuple):
        for index, value in enumerate(node):
            yield from _unknown_keys(value, f"{path}[{index}]")
