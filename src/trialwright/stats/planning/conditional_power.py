"""Conditional and predictive power: what the data at a look say about the end."""

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.planning.group_sequential import GroupSequentialDesign, crossing_chances
from trialwright.stats.results import Floats


def conditional_power(
    design: GroupSequentialDesign, look: int, z: float, drifts: npt.ArrayLike | None = None
) -> Floats:
    """Give the chance to cross an efficacy bound later, given Z at a look.

    Args:
        design: with k looks.
        look: the look that is over, from 1 to k − 1.
        z: what was observed there.
        drifts: means of Z at full information; if absent, the estimate of the drift, z / √t.

    Returns:
        Shape of `drifts`.

    Raises:
        UnusableInputError: a look that is not an interim look, or z not finite.

    Source: Jennison and Turnbull, Group Sequential Methods, Chapman & Hall 2000, section 10.2.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> round(float(conditional_power(design, 1, 1.2, 0.0)), 6)
    0.056595
    """
    looks = design.information.size
    if not 1 <= look < looks:
        raise UnusableInputError(f"Conditional power needs an interim look, 1 to {looks - 1}")
    if not np.isfinite(z):
        raise UnusableInputError("The statistic at the look must be finite")
    time = design.information[look - 1]
    asked = np.asarray(z / np.sqrt(time) if drifts is None else drifts, dtype=float)
    if not np.isfinite(asked).all():
        raise UnusableInputError("The drifts must be finite")
    left = 1 - time
    later = (design.information[look:] - time) / left
    so_far = z * np.sqrt(time)
    scale = np.sqrt(left * later)
    upper = (design.upper[look:] * np.sqrt(design.information[look:]) - so_far) / scale
    lower = (design.lower[look:] * np.sqrt(design.information[look:]) - so_far) / scale
    lower[-1] = -np.inf
    chances = [
        crossing_chances(later, lower, upper, float(drift) * np.sqrt(left)).power
        for drift in asked.ravel()
    ]
    return np.array(chances).reshape(asked.shape)


def predictive_power(design: GroupSequentialDesign, look: int, z: float) -> float:
    """Give the power at the last look averaged over a flat prior of the drift, given Z at a look.

    Looks between are ignored.

    Raises:
        UnusableInputError: as in `conditional_power`.

    Source: Spiegelhalter, Freedman, Blackburn, Control Clin Trials 1986;7:8.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> round(predictive_power(design, 1, 1.2), 4)
    0.393
    """
    if not 1 <= look < design.information.size or not np.isfinite(z):
        raise UnusableInputError("Predictive power needs an interim look and a finite statistic")
    time = float(design.information[look - 1])
    ahead = (z - float(design.upper[-1]) * np.sqrt(time)) / np.sqrt(1 - time)
    return float(special.ndtr(ahead))
