"""Which method of a case is computed by which function; one line for each topic.

A key that ends with an asterisk serves every method that begins as it does.
"""

from collections.abc import Mapping
from typing import Final

from trialwright.verification import (
    binary,
    binary_models,
    counts,
    crossover,
    design,
    dose_response,
    missing,
    mmrm,
    multiplicity,
    randomization,
    ranks,
    survival,
)
from trialwright.verification.compare import Method

METHODS: Final[Mapping[str, Method]] = {
    **binary.METHODS,
    **binary_models.METHODS,
    **multiplicity.METHODS,
    **dose_response.METHODS,
    **design.METHODS,
    **mmrm.METHODS,
    **ranks.METHODS,
    **crossover.METHODS,
    **counts.METHODS,
    **survival.METHODS,
    **missing.METHODS,
    **randomization.METHODS,
}
