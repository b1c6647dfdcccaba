"""Random numbers of virtual participants: each depends on seed, trial, purpose and participant.

Every draw is a uniform of its own place in a keyed stream, put through an inverse distribution
function. So a participant is the same person however many are simulated beside them, and on
however many workers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from trialwright.randomization.streams import uniforms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """The streams of some candidates of one simulated trial, given by their numbers from 0."""

    seed: int
    trial: int
    numbers: NDArray[np.intp]

    @property
    def count(self) -> int:
        """How many candidates."""
        return len(self.numbers)

    def of(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Draws":
        """The streams of some of these candidates."""
        return Draws(self.seed, self.trial, self.numbers[rows])

    def uniform(self, purpose: str, width: int = 1) -> Floats:
        """Shape (participants, width), on the open interval (0, 1)."""
        if not self.count:
            return np.empty((0, width))
        name = (self.seed, "simulation", self.trial, purpose)
        first, last = int(self.numbers.min()), int(self.numbers.max())
        rows = uniforms(name, last - first + 1, width, first_row=first)
        return rows[self.numbers - first]

    def normal(self, purpose: str, width: int = 1) -> Floats:
        """Standard normal, shape (participants, width)."""
        return np.asarray(ndtri(self.uniform(purpose, width)))

    def one(self, purpose: str) -> Floats:
        """One uniform per participant, shape (participants,)."""
        return self.uniform(purpose)[:, 0]

    def happens(self, purpose: str, probability: Floats | float) -> NDArray[np.bool_]:
        """Whether something of this probability happens, shape (participants,)."""
        return np.asarray(self.one(purpose) < probability)

    def choice(self, purpose: str, weights: ArrayLike) -> NDArray[np.intp]:
        """An index into `weights`, drawn in proportion to them, shape (participants,)."""
        return pick(self.one(purpose), weights)


def pick(uniform: Floats, weights: ArrayLike) -> NDArray[np.intp]:
    """The index into `weights` at which each uniform number falls."""
    shares = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.minimum(np.searchsorted(shares / shares[-1], uniform), len(shares) - 1)


def wandering(innovations: Floats, days: Floats, half_life: float) -> Floats:
    """A stationary Gaussian course that forgets half of its deviation in `half_life` days.

    Args:
        innovations: standard normal, shape (participants, times, ...).
        days: the times, rising, shape (times,).
        half_life: in days.

    Returns:
        A standard normal course of the shape of `innovations`, an Ornstein-Uhlenbeck process
        sampled exactly at the days.
    """
    kept = 0.5 ** (np.diff(days) / half_life)
    course = np.empty_like(innovations)
    course[:, 0] = innovations[:, 0]
    for time, share in enumerate(kept, start=1):
        course[:, time] = share * course[:, time - 1] + np.sqrt(1 - share**2) * innovations[:, time]
    return course
