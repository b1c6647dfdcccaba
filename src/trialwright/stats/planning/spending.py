"""Spending functions: how much of an error rate may be used up when so much information is in."""

from collections.abc import Callable
from typing import Final, Literal, get_args

import numpy as np
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats

SpendingFunction = Literal["obrien-fleming", "pocock", "hwang-shih-decani", "kim-demets"]


def _obrien_fleming(level: float, share: Floats, _: float) -> Floats:
    spent: Floats = 2 * special.ndtr(special.ndtri(level / 2) / np.sqrt(share))
    return spent


def _pocock(level: float, share: Floats, _: float) -> Floats:
    spent: Floats = level * np.log1p((np.e - 1) * share)
    return spent


def _hwang_shih_decani(level: float, share: Floats, gamma: float) -> Floats:
    if gamma == 0:
        return level * share
    spent: Floats = level * np.expm1(-gamma * share) / np.expm1(-gamma)
    return spent


def _kim_demets(level: float, share: Floats, rho: float) -> Floats:
    if rho <= 0:
        raise UnusableInputError("The power of a Kim–DeMets spending function must be positive")
    spent: Floats = level * share**rho
    return spent


FUNCTIONS: Final[dict[str, Callable[[float, Floats, float], Floats]]] = {
    "obrien-fleming": _obrien_fleming,
    "pocock": _pocock,
    "hwang-shih-decani": _hwang_shih_decani,
    "kim-demets": _kim_demets,
}
PARAMETERS: Final = {"hwang-shih-decani": -4.0, "kim-demets": 1.0}
"""Default parameters, as in gsDesign and rpact."""


def spent(
    function: SpendingFunction, level: float, information: Floats, parameter: float | None = None
) -> Floats:
    """Give the cumulative error rate spent at information fractions.

    Args:
        function: `obrien-fleming` and `pocock` are those of Lan and DeMets; `hwang-shih-decani`
            takes gamma (negative spends late), `kim-demets` the power rho.
        level: the error rate in all, such as a one-sided alpha.
        information: shape (k,), fractions from above 0 to 1.
        parameter: gamma or rho; −4 and 1 if absent.

    Raises:
        UnusableInputError: an unknown function, or a level that is not between 0 and 1.

    Sources: Lan and DeMets, Biometrika 1983;70:659. Hwang, Shih, DeCani, Stat Med 1990;9:1439. Kim
    and DeMets, Biometrika 1987;74:149.

    >>> spent("kim-demets", 0.025, np.array([0.5, 1.0]), 2).tolist()
    [0.00625, 0.025]
    """
    if function not in get_args(SpendingFunction):
        raise UnusableInputError(
            f"Unknown spending function {function!r}", remedy=f"Use one of {', '.join(FUNCTIONS)}."
        )
    if not 0 < level < 1:
        raise UnusableInputError("An error rate lies between 0 and 1")
    if not np.all((np.asarray(information) > 0) & (np.asarray(information) <= 1 + 1e-9)):
        raise UnusableInputError("Information fractions lie above 0 and up to 1")
    value = PARAMETERS.get(function, 0.0) if parameter is None else parameter
    if not np.isfinite(value):
        raise UnusableInputError("The parameter of a spending function must be finite")
    with np.errstate(over="ignore", invalid="ignore"):
        used = FUNCTIONS[function](level, information, value)
    if not np.isfinite(used).all():
        raise UnusableInputError(f"The parameter {value} is too large for a spending function")
    return used
