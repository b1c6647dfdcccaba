"""The reference page of study files, made from the model so that the two cannot drift apart."""

import sys
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from trialwright.protocol.element import Element
from trialwright.protocol.study import Study

_PLAIN = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
_INTRODUCTION = """# The study file

`study.yaml` is one YAML document; unknown keys are refused. Names of arms, visits, outcomes and so
on are lower case, joined by hyphens (`week-12`); names of forms and items are joined by underscores
(`anti_dsdna`), because rules use them. Units are UCUM. Day 1 is the day of the first dose; there is
no day 0. A [JSON Schema](study.schema.json) for editors lies beside this page, and
[the rule language](rule-language.md) has its own.

Every element may carry `assumed: true` with a `reason`, where the record is silent and the choice
is our own, and `source`, where a fact comes from elsewhere than the record. The report lists every
assumption.
"""


def study_reference() -> str:
    """The page, in Markdown: one table per kind of element, from the study down."""
    parts = [_INTRODUCTION]
    parts.extend("\n".join(_section(model)) for model in _models(Study, []))
    return "\n".join(parts)


def _section(model: type[BaseModel]) -> Iterator[str]:
    yield f"## {model.__name__}\n"
    yield f"{_first_paragraphs(model)}\n"
    yield "| key | value | needed | meaning |"
    yield "|---|---|---|---|"
    for name, field in model.model_fields.items():
        if name not in Element.model_fields:
            needed = "yes" if field.is_required() else ""
            yield f"| `{name}` | {_value(field)} | {needed} | {field.description or ''} |"
    yield ""


def _first_paragraphs(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _value(field: FieldInfo) -> str:
    text = _words(field.annotation)
    return text.replace("|", "\\|")


def _words(annotation: Any) -> str:
    """A type in words: `tuple[Arm, ...]` is "list of Arm"."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in {Union, UnionType}:
        return " or ".join(_words(part) for part in arguments if part is not NoneType)
    if origin is tuple:
        return f"list of {_words(arguments[0])}"
    if origin is dict:
        return f"{_words(arguments[0])} to {_words(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    name: str = annotation.__name__
    return _PLAIN.get(name, name)


def _models(model: type[BaseModel], seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """The model and those within it, each once, in the order of the file."""
    if model not in seen:
        seen.append(model)
        for field in model.model_fields.values():
            for inner in _within(field.annotation):
                _models(inner, seen)
    return seen


def _within(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _within(part)


if __name__ == "__main__":
    sys.stdout.write(study_reference())
