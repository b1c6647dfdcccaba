"""Dose-response scenarios by name, read from `scenarios.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from trialwright.errors import UnusableInputError
from trialwright.simulation.draws import Floats
from trialwright.simulation.parameters import read_data

REFERENCE_DOSE: Final = 1.0  # million international units an injection
SHAPES: Final = ("none", "linear", "plateau", "emax", "inverted u")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What treatment does at each dose; the data file explains each field."""

    name: str
    title: str
    shape: str
    clinical: float
    immune: float
    infection: float
    source: str
    reason: str
    half_effect_dose: float = 0
    peak_dose: float = REFERENCE_DOSE

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise UnusableInputError(
                f"the shape {self.shape!r} is not known",
                where=f"scenario {self.name}",
                remedy=f"the shapes are {', '.join(SHAPES)}",
            )

    def share(self, dose: ArrayLike) -> Floats:
        """The share of the full effect at a dose in million units: 0 at 0, 1 at its reference."""
        given = np.asarray(dose, dtype=np.float64)
        relative = given / REFERENCE_DOSE
        if self.shape == "none":
            return np.zeros_like(given)
        if self.shape == "linear":
            return relative
        if self.shape == "plateau":
            return (given > 0).astype(np.float64)
        if self.shape == "emax":
            half = self.half_effect_dose / REFERENCE_DOSE
            return np.asarray((1 + half) * relative / (relative + half))
        # A bump on the scale of the logarithm of dose, with an SD of log(2.1).
        distance = np.log(np.maximum(given, 1e-9) / self.peak_dose) / np.log(2.1)
        return np.asarray(np.where(given > 0, np.exp(-(distance**2) / 2), 0.0))


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by its name."""
    entries = read_data("scenarios.yaml")
    return {name: Scenario(name=name, **entry) for name, entry in entries.items()}


def scenario(name: str) -> Scenario:
    """The scenario of this name; UnusableInputError with the known names if there is none."""
    if name not in scenarios():
        raise UnusableInputError(
            f"there is no scenario {name!r}",
            where="--scenario",
            remedy=f"the scenarios are {', '.join(scenarios())}",
        )
    return scenarios()[name]
