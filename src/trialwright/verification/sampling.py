"""Figures that both programs draw at random: how far they may lie from each other by chance.

Between m data sets the estimates vary by B. The mean of m of them has variance B / m, and their
variance a relative variance of 2 / (m - 1). A figure may differ by what four standard errors of
both programs' means and variances make of it.
"""

from itertools import product
from typing import Any, Final

import numpy as np

from trialwright.stats.missing.pooling import PooledEstimate, pool
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate
from trialwright.verification.estimates import estimate_figures

DRAWS: Final = 1000
REACH: Final = 4.0
"""In standard errors: one figure in sixteen thousand lies farther away by chance."""
NAMES_OF_DRAWS: Final = ("imputations", "n_imputations", "n_samples", "draws", "m")
POOLED: Final = {
    "within": "within",
    "between": "between",
    "total": "total",
    "riv": "relative_increase",
    "lambda": "share_missing",
    "fmi": "fraction_missing",
}


def generator() -> np.random.Generator:
    """The same numbers at each verification."""
    return np.random.Generator(np.random.Philox(20231))


def other_draws(case: Case) -> int | None:
    """How many data sets the other program drew; None if the settings don't say."""
    found = next((case.spec[name] for name in NAMES_OF_DRAWS if name in case.spec), None)
    return None if found is None else int(found)


def pooled_figures(found: PooledEstimate) -> dict[str, Any]:
    """By the names that cases use."""
    more = {key: getattr(found, name) for key, name in POOLED.items()}
    return {**estimate_figures(found), **more}


def sampled_figures(
    found: PooledEstimate, theirs: int | None, complete_degrees_of_freedom: float
) -> dict[str, Any]:
    """The figures, each with its sampling error; `theirs` are the other program's draws."""
    ours = found.counts["data sets"]
    share = 1 / ours + (0.0 if theirs is None else 1 / theirs)
    shift = REACH * np.sqrt(found.between * share)
    factor = REACH * np.sqrt(2 * share)
    corners = [
        pooled_figures(_with(found, one * shift, other * factor, complete_degrees_of_freedom))
        for one, other in product((-1, 1), repeat=2)
    ]
    return {
        key: Approximate(value, max(abs(corner[key] - value) for corner in corners))
        for key, value in pooled_figures(found).items()
    }


def _with(found: PooledEstimate, shift: float, factor: float, complete: float) -> PooledEstimate:
    """What pooling gives for a mean and a variance of the estimates that are a little different."""
    m = found.counts["data sets"]
    between = found.between * max(1 + factor, 0.0)
    away = np.sqrt(between * (m - 1) / m) * np.where(np.arange(m) % 2, 1.0, -1.0)
    return pool(
        (found.estimate or 0.0) + shift + away,
        np.full(m, found.within),
        complete_degrees_of_freedom=complete,
        level=found.level,
    )
