"""The path of a test statistic over looks: its density while the trial goes on.

Z at information fraction t is normal with mean drift · √t, and its increments are independent. The
density of Z at a look, on the part of the paths that have not stopped, is carried from look to
look on Gauss–Legendre nodes (Armitage, McPherson, Rowe, JRSS A 1969;132:235).
"""

from collections.abc import Callable

import numpy as np
from scipy import optimize, special

from trialwright.stats.results import Floats

REACH = 9.0
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(12)


class Path:
    """The paths that are still going on, at the look that comes next."""

    def __init__(self, information: Floats, drift: float) -> None:
        self._information = information
        self._drift = drift
        self._look = 0
        self._before = np.zeros(1)  # Brownian motion at the last look: nodes and their weights
        self._weight = np.ones(1)

    @property
    def _mean(self) -> Floats:
        mean: Floats = self._before + self._drift * self._step
        return mean

    @property
    def _time(self) -> float:
        return float(self._information[self._look])

    @property
    def _step(self) -> float:
        return self._time - (float(self._information[self._look - 1]) if self._look else 0.0)

    def above(self, bound: float) -> float:
        """Give the chance to go on until this look and have Z above the bound."""
        distance = (bound * np.sqrt(self._time) - self._mean) / np.sqrt(self._step)
        return float(self._weight @ special.ndtr(-distance))

    def below(self, bound: float) -> float:
        """Give the chance to go on until this look and have Z below the bound."""
        distance = (bound * np.sqrt(self._time) - self._mean) / np.sqrt(self._step)
        return float(self._weight @ special.ndtr(distance))

    def bound_above(self, chance: float) -> float:
        """Give the bound that Z exceeds at this look with a chance; infinity for none."""
        return self._bound(chance, self.above, np.inf)

    def bound_below(self, chance: float) -> float:
        """Give the bound that Z falls short of at this look with a chance."""
        return self._bound(chance, self.below, -np.inf)

    def _bound(self, chance: float, crossing: Callable[[float], float], never: float) -> float:
        if chance <= 1e-300:
            return never
        center = self._drift * np.sqrt(self._time)
        low, high = center - 4 * REACH, center + 4 * REACH
        total = float(self._weight.sum())
        if chance >= total * (1 - 1e-12):
            return -never
        return float(optimize.brentq(lambda bound: crossing(bound) - chance, low, high, xtol=1e-13))

    def go_on(self, lower: float, upper: float) -> None:
        """Go to the next look with the paths whose Z lies between the bounds."""
        center = self._drift * np.sqrt(self._time)
        low, high = max(lower, center - REACH), min(upper, center + REACH)
        coming = float(self._information[self._look + 1]) - self._time
        smooth = min(self._step, coming) / self._time
        panels = max(1, int(np.ceil(max(high - low, 0) / (1.5 * np.sqrt(min(smooth, 1))))))
        edges = np.linspace(low, max(high, low), panels + 1) * np.sqrt(self._time)
        half = np.diff(edges)[:, None] / 2
        nodes = (edges[:-1, None] + half * (NODES + 1)).ravel()
        weights = (half * NODE_WEIGHTS).ravel()
        apart = (nodes[:, None] - self._mean) / np.sqrt(self._step)
        kernel = np.exp(-(apart**2) / 2) / np.sqrt(2 * np.pi * self._step)
        self._weight = weights * (kernel @ self._weight)
        self._before = nodes
        self._look += 1
