"""The numbers that virtual participants are made from, each with its unit and its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

_PARTS: Final = {"value", "unit", "source", "verified", "assumed", "reason"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or a table of numbers.

    Attributes:
        value: the number, or a mapping of names to numbers.
        unit: UCUM, or words where UCUM has none.
        source: where it was read; empty if it is an assumption through and through.
        verified: it was read in the source; false for what is from memory.
        assumed: it is our own choice, for the stated reason.
    """

    value: Any
    unit: str
    source: str
    verified: bool
    assumed: bool
    reason: str


def read_data(name: str) -> Any:
    """A data file of this folder, parsed."""
    text = files("trialwright.simulation").joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)  # ten times as fast as a loader in Python


@cache
def parameters() -> Mapping[str, Parameter]:
    """Every parameter by its name, `section.name`, in the order of the file."""
    found = {}
    for section, entries in read_data("parameters.yaml").items():
        for name, entry in entries.items():
            unknown = set(entry) - _PARTS
            if unknown:
                raise KeyError(f"{section}.{name} has the unknown part {unknown.pop()}")
            found[f"{section}.{name}"] = Parameter(
                value=entry["value"],
                unit=entry["unit"],
                source=entry.get("source", ""),
                verified=entry.get("verified", False),
                assumed=entry.get("assumed", False),
                reason=entry.get("reason", ""),
            )
    return found


def number(name: str) -> float:
    """The value of a parameter that is one number."""
    return float(parameters()[name].value)


def table(name: str) -> Mapping[str, Any]:
    """The value of a parameter that is a mapping."""
    value: Mapping[str, Any] = parameters()[name].value
    return value
