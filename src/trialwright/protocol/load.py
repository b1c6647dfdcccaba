"""From a study file to a Study, or to an error that names file, line and the allowed values."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from trialwright.errors import UnusableInputError
from trialwright.protocol.needs import broken_rules, gaps
from trialwright.protocol.references import Fault, broken_references
from trialwright.protocol.source import Source, plain, read_source
from trialwright.protocol.study import Study

_ADD_ITEM: Final = "add the item to a form"


@dataclass(frozen=True, slots=True)
class LoadedStudy:
    """A study under one reading, with the file that it came from."""

    study: Study
    source: Source
    reading: str | None

    @property
    def record_sha256(self) -> str | None:
        """The hash of the registry record that the study was written from, if it states one."""
        hashes = (entry.record_sha256 for entry in self.study.identity.registrations)
        return next((each for each in hashes if each), None)

    @property
    def sha256(self) -> str:
        """The hash of the file's text."""
        return hashlib.sha256(self.source.text.encode()).hexdigest()


def load_study(
    path: Path, reading: str | None = None, *, gaps_allowed: bool = False
) -> LoadedStudy:
    """Read, validate and resolve a study.

    Args:
        path: the study file.
        reading: the reading to take where the study offers several; its default if None.
        gaps_allowed: whether rules may need items that no form collects; `check` lists those.

    Raises:
        UnusableInputError: at the first fault, with file and line.
    """
    source = read_source(path)
    try:
        whole = Study.model_validate(plain(source.document))
    except ValidationError as error:
        raise _first_fault(source, error) from error
    except ValueError as error:
        raise UnusableInputError(str(error), where=str(path)) from error
    _refuse(source, whole, None, broken_references(whole))
    for name in whole.readings:
        _refuse(source, whole, name, broken_references(whole.under(name)))
    chosen = reading or whole.default_reading
    if chosen is not None and chosen not in whole.readings:
        raise UnusableInputError(
            f"the study has no reading {chosen!r}",
            where=str(path),
            remedy=f"its readings are {', '.join(whole.readings)}"
            if whole.readings
            else "it has one reading only: leave --reading away",
        )
    study = whole.under(chosen) if chosen else whole
    _refuse(source, whole, chosen, broken_rules(study))
    if not gaps_allowed:
        faults = ((g.location, f"no form collects {g.item!r}", _ADD_ITEM) for g in gaps(study))
        _refuse(source, whole, chosen, faults)
    return LoadedStudy(study, source, chosen)


def _refuse(source: Source, whole: Study, reading: str | None, faults: Iterable[Fault]) -> None:
    """Raise UnusableInputError for the first fault of a reading, if there is one."""
    for location, what, remedy in faults:
        replaced = whole.readings[reading].model_fields_set if reading else frozenset[str]()
        inside = location[0] in replaced
        path = ("readings", str(reading), *location) if inside else location
        raise UnusableInputError(what, where=source.where(path), remedy=remedy)


def _first_fault(source: Source, error: ValidationError) -> UnusableInputError:
    """The fault that stands first in the file, in words."""
    # A list with a faulty member is also called too short, which is not what is wrong.
    every = error.errors()
    faults = [fault for fault in every if fault["type"] != "too_short"] or every
    # A misspelled key is also a missing one; the misspelling is what the user can see.
    fault = min(faults, key=lambda fault: (fault["type"] == "missing", source.line(fault["loc"])))
    location = fault["loc"]
    more = f" ({len(faults) - 1} more faults)" if len(faults) > 1 else ""
    what, remedy = _in_words(fault)
    return UnusableInputError(what + more, where=source.where(location), remedy=remedy)


def _in_words(fault: Any) -> tuple[str, str]:
    """What is wrong and what is allowed, for one fault of the model."""
    name, given, context = fault["loc"][-1], fault["input"], fault.get("ctx", {})
    if fault["type"] == "extra_forbidden":
        known = _fields_at(fault["loc"][:-1])
        near = get_close_matches(str(name), known, n=1)
        allowed = f"allowed here: {', '.join(sorted(known))}"
        return (
            f"{name!r} is not known here",
            f"did you mean {near[0]}? {allowed}" if near else allowed,
        )
    if fault["type"] == "missing":
        return f"{name!r} is missing", "add it"
    if fault["type"] in {"literal_error", "enum"}:
        return f"{given!r} is not allowed", f"allowed: {context['expected']}"
    if fault["type"] == "value_error":
        return str(context["error"]), ""
    if fault["type"] == "string_pattern_mismatch":
        return (
            f"{given!r} is not a name that can stand here",
            f"its pattern is {context['pattern']}",
        )
    return f"{_short(given)}: {fault['msg'][0].lower()}{fault['msg'][1:]}", ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _fields_at(location: tuple[str | int, ...]) -> list[str]:
    """The fields that the model has at a location; empty where it is not a model."""
    models: list[type[BaseModel]] = [Study]
    for step in location:
        following = [
            found
            for model in models
            if step in model.model_fields
            for found in _models_in(model.model_fields[str(step)].annotation)
        ]
        tagged = [model for model in models if _kind(model) == step]
        models = following or tagged or models
    return sorted({name for model in models for name in model.model_fields})


def _kind(model: type[BaseModel]) -> str | None:
    """The value that picks this model in a union, None if it is no member of one."""
    field = model.model_fields.get("kind")
    return next(iter(get_args(field.annotation)), None) if field else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models within a type such as `tuple[Arm, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
