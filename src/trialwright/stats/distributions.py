"""Tail areas and quantiles of the usual laws, by the special functions that SciPy is built on.

`scipy.stats` has the same figures, but loading it takes half a second, which every command would
pay: here stands what each analysis needs. Arguments broadcast.
"""

from typing import Any

import numpy as np
from scipy import special


def normal_upper_tail(z: Any) -> Any:
    """The chance that a standard normal variable is above `z`."""
    return special.ndtr(-z)


def normal_upper_quantile(tail: Any) -> Any:
    """The value that a standard normal variable is above with the chance `tail`."""
    return -special.ndtri(tail)


def t_upper_tail(t: Any, degrees_of_freedom: Any) -> Any:
    """The chance that Student's t is above `t`; normal for None degrees of freedom."""
    if degrees_of_freedom is None:
        return normal_upper_tail(t)
    return special.stdtr(degrees_of_freedom, -t)


def t_upper_quantile(tail: Any, degrees_of_freedom: Any) -> Any:
    """The value that Student's t is above with the chance `tail`."""
    if degrees_of_freedom is None:
        return normal_upper_quantile(tail)
    # SciPy's inverse of a chance of zero is infinity of the wrong sign.
    return np.where(np.equal(tail, 0), np.inf, -special.stdtrit(degrees_of_freedom, tail))[()]


def chi_square_upper_tail(statistic: Any, degrees_of_freedom: Any) -> Any:
    """The chance that a chi-square variable is above `statistic`."""
    return special.chdtrc(degrees_of_freedom, statistic)


def chi_square_upper_quantile(tail: Any, degrees_of_freedom: Any) -> Any:
    """The value that a chi-square variable is above with the chance `tail`."""
    return special.chdtri(degrees_of_freedom, tail)


def f_upper_tail(statistic: Any, numerator: Any, denominator: Any) -> Any:
    """The chance that an F variable with these degrees of freedom is above `statistic`."""
    return special.fdtrc(numerator, denominator, statistic)


def beta_quantile(below: Any, a: Any, b: Any) -> Any:
    """The value that a beta variable is below with the chance `below`."""
    return special.betaincinv(a, b, below)


def beta_upper_quantile(tail: Any, a: Any, b: Any) -> Any:
    """The value that a beta variable is above with the chance `tail`."""
    return special.betainccinv(a, b, tail)
