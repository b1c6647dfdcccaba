"""Candidate curves: shapes with guessed parameters, scaled to an effect that is planned for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response.shapes import (
    BETA_SCALE,
    Shape,
    checked_doses,
    shape_named,
)
from trialwright.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dose-response curve guessed before the trial.

    Attributes:
        name: what the study calls it, such as `emax1`.
        shape: name of its shape, such as `emax`.
        parameters: of the shape, in its order: ed50; ed50 and h; delta; delta1 and delta2.

    Raises:
        UnusableInputError: an unknown shape, or parameters that do not fit it.

    >>> Candidate("early", "emax", (0.15,)).means([0, 0.2, 0.5, 1]).round(4).tolist()
    [0.0, 0.6571, 0.8846, 1.0]
    """

    name: str
    shape: str
    parameters: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        shape = shape_named(self.shape)
        if len(self.parameters) != len(shape.parameters):
            names = ", ".join(shape.parameters) or "no parameters"
            raise UnusableInputError(f"Candidate {self.name!r}: {self.shape} takes {names}")
        usable = np.isfinite(self.parameters)
        if self.shape != "quadratic":
            usable &= np.asarray(self.parameters) > 0
        if not np.all(usable):
            raise UnusableInputError(f"Candidate {self.name!r}: parameters must be positive")

    def means(
        self, doses: npt.ArrayLike, *, placebo: float = 0.0, largest_effect: float = 1.0
    ) -> Floats:
        """Give the mean at each dose, scaled so that the largest effect in the dose range is met.

        Args:
            doses: shape (k,), rising; the last one ends the dose range.
            placebo: mean at dose zero.
            largest_effect: change from there to the extreme of the curve; negative if it falls.

        Raises:
            UnusableInputError: effects that are not finite, or a curve that cannot be computed.
        """
        levels = checked_doses(doses)
        if not (np.isfinite(placebo) and np.isfinite(largest_effect)):
            raise UnusableInputError("The placebo mean and the largest effect must be finite")
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            curve = self.heights(levels)
            start = self.heights(np.zeros(1), levels[-1])[0]
            reach = float(self.heights(np.array([self.peak(levels[-1])]), levels[-1])[0]) - start
            means: Floats = placebo + largest_effect * (curve - start) / reach
        if not np.isfinite(means).all():
            raise UnusableInputError(
                f"Candidate {self.name!r}: its curve is too steep or too flat to be computed",
                remedy="Give parameters nearer to the doses.",
            )
        return means

    def heights(self, doses: Floats, largest: float | None = None) -> Floats:
        """Give the unscaled curve at doses."""
        end = doses[-1] if largest is None else largest
        return self._shape.curve(doses, np.asarray(self.parameters, dtype=float), float(end))

    def peak(self, largest: float) -> float:
        """Give the dose of the largest effect within 0 to `largest`."""
        return peak_dose(self._shape, np.asarray(self.parameters, dtype=float), largest)

    @property
    def _shape(self) -> Shape:
        return shape_named(self.shape)


def peak_dose(shape: Shape, parameters: Floats, largest: float) -> float:
    """Give the dose between 0 and `largest` at which the curve is furthest from its start.

    For the quadratic shape, parameters are (b2 / |b1|,).
    """
    if shape.name == "quadratic":
        bend = float(parameters[0])
        return largest if bend >= 0 else min(-1 / (2 * bend), largest)
    if shape.name == "betaMod":
        rise, fall = parameters
        return min(float(BETA_SCALE * largest * rise / (rise + fall)), largest)
    return largest


def candidate_means(
    candidates: Sequence[Candidate],
    doses: npt.ArrayLike,
    *,
    placebo: float = 0.0,
    largest_effect: float = 1.0,
) -> Floats:
    """Give the means of all candidates, shape (candidates, doses).

    >>> candidate_means([Candidate("linear", "linear")], [0, 1, 4], largest_effect=2).tolist()
    [[0.0, 0.5, 2.0]]
    """
    if not candidates:
        raise UnusableInputError("No candidate curves")
    names = [candidate.name for candidate in candidates]
    if len(set(names)) < len(names):
        raise UnusableInputError("Candidates must have different names")
    return np.stack(
        [
            candidate.means(doses, placebo=placebo, largest_effect=largest_effect)
            for candidate in candidates
        ]
    )


def parameters_from_share(
    shape: str, dose: float, share: float, *, largest: float, second: tuple[float, float] = (0, 0)
) -> tuple[float, ...]:
    """Find the parameters of a curve that has reached a share of its effect at a dose.

    Args:
        shape: `emax` (share of the asymptote), `exponential` or `quadratic` (share of the largest
            effect in the dose range), `sigEmax` or `logistic` (two points).
        dose: where the share is reached.
        share: between 0 and 1.
        largest: the end of the dose range.
        second: a second (dose, share), for shapes with two parameters.

    Raises:
        UnusableInputError: an impossible share, or a shape that no such guess determines.

    Source: Pinheiro, Bretz, Branson, in Ting (ed.), Dose Finding in Drug Development, Springer
    2006, chapter 10.

    >>> parameters_from_share("emax", 0.2, 0.5, largest=1)
    (0.2,)
    """
    if not (0 < share < 1 and 0 < dose <= largest):
        raise UnusableInputError("A guess needs a dose in range and a share between 0 and 1")
    if shape == "emax":
        return (dose * (1 - share) / share,)
    if shape in {"sigEmax", "logistic"}:
        other, other_share = second
        if not (0 < other_share < 1 and other > 0 and (other - dose) * (other_share - share) > 0):
            raise UnusableInputError(f"The {shape} shape needs a second, consistent guess")
        logits = np.log([share / (1 - share), other_share / (1 - other_share)])
        places = np.array([dose, other])
        if shape == "sigEmax":
            steepness = float(np.diff(logits)[0] / np.diff(np.log(places))[0])
            return (float(dose * np.exp(-logits[0] / steepness)), steepness)
        delta = float(np.diff(places)[0] / np.diff(logits)[0])
        return (float(dose - delta * logits[0]), delta)
    if shape == "exponential":
        return (_exponential_delta(dose, share, largest),)
    if shape == "quadratic":
        # share = d (1 + bend d) · (−4 bend), an umbrella: the smaller root rises to its top later
        bend = -(1 - np.sqrt(1 - share)) / (2 * dose)
        return (float(bend),)
    raise UnusableInputError(f"A guess does not determine the {shape} shape")


def _exponential_delta(dose: float, share: float, largest: float) -> float:
    if share >= dose / largest:
        raise UnusableInputError("An exponential curve lies below the straight line")

    def excess(log_delta: float) -> float:
        rate = np.exp(-log_delta)
        return (
            float(np.exp((dose - largest) * rate) * np.expm1(-dose * rate))
            / float(np.expm1(-largest * rate))
            - share
        )

    low, high = np.log(largest * 2e-3), np.log(largest * 1e6)
    return float(np.exp(optimize.brentq(excess, low, high, xtol=1e-14)))
