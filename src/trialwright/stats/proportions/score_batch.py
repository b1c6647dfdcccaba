"""The limits of `score` for many trials at once, compiled, because a simulation needs them all."""

import numpy as np
from numba import njit
from numba.extending import register_jitable

from trialwright.stats.proportions import score
from trialwright.stats.results import Floats

for _part in (
    score._bounded,
    score.restricted_control_risk,
    score.difference_score,
    score.difference_limit,
    score.difference_limits,
):
    register_jitable(_part)  # lets compiled code call it; it stays plain for everyone else


@njit(cache=True)
def difference_limits_batch(
    quantile: float, tables: Floats, weights: Floats, bias_correction: bool
) -> Floats:
    """Lower and upper limits of each trial, shape (trials, 2).

    Args:
        quantile, bias_correction: as for `score.difference_limits`.
        tables: shape (trials, strata, 4): x1, n1, x0, n0.
        weights: shape (trials, strata).
    """
    limits = np.empty((len(tables), 2))
    for i in range(len(tables)):
        found = score.difference_limits(quantile, tables[i], weights[i], bias_correction)
        limits[i, 0], limits[i, 1] = found
    return limits
