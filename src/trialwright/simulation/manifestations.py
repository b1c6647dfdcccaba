"""What lupus can do to a participant, read from `manifestations.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from trialwright.simulation.parameters import read_data


@dataclass(frozen=True, slots=True)
class Manifestation:
    """A manifestation with a latent course of its own; the data file explains each field."""

    key: str
    domain: str
    prevalence: float
    response: float
    sledai: str = ""
    bilag: Mapping[str, float] = field(default_factory=dict)


@cache
def manifestations() -> tuple[Manifestation, ...]:
    """All manifestations, in the order of the file: their place in every array of courses."""
    entries: dict[str, dict[str, Any]] = read_data("manifestations.yaml")["manifestations"]
    return tuple(Manifestation(key=key, **entry) for key, entry in entries.items())


@cache
def position(key: str) -> int:
    """The place of a manifestation in every array of courses."""
    return [each.key for each in manifestations()].index(key)
