"""An estimate by the names that cases use for its figures."""

import math
from typing import Any, Final

from trialwright.stats.missing.pooling import PooledEstimate
from trialwright.stats.results import Estimate

FIGURES: Final = {
    "est": "estimate",
    "se": "standard_error",
    "t": "statistic",
    "z": "statistic",
    "df": "degrees_of_freedom",
    "p": "p_value",
    "lo": "lower",
    "hi": "upper",
}


def estimate_figures(found: Estimate | PooledEstimate) -> dict[str, Any]:
    """Estimate, error, test and interval.

    Example:
        >>> found = Estimate(estimate=2.0, standard_error=0.5, lower=1.02, upper=2.98)
        >>> estimate_figures(found)["lo"]
        1.02
    """
    return {key: getattr(found, name) for key, name in FIGURES.items()}


def ratio_figures(name: str, found: Estimate) -> dict[str, float | None]:
    """The ratio that an estimate on the log scale stands for, with its limits.

    Example:
        >>> ratio_figures("hr", Estimate(estimate=0.0, lower=-math.inf))
        {'hr': 1.0, 'hr_lo': 0.0, 'hr_hi': None}
    """
    logs = {name: found.estimate, f"{name}_lo": found.lower, f"{name}_hi": found.upper}
    return {key: None if log is None else math.exp(log) for key, log in logs.items()}
