"""Exact power of several active arms against one control arm, by enumeration."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats

TIES = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArmPower:
    """Probabilities of rejection.

    Attributes:
        any: of at least one comparison.
        each: of each comparison, shape (active arms,).
        all: of every comparison.
    """

    any: float
    each: Floats
    all: float


def exact_power_multi_arm(
    rates: npt.ArrayLike, participants: npt.ArrayLike, critical: float
) -> MultiArmPower:
    """Exact power of pooled z tests of each active arm against control, one-sided, at one bound.

    Given the control arm's count the comparisons are independent, so that the sum over that count
    replaces the sum over all tables.

    Args:
        rates: shape (arms,), the true risks, control first.
        participants: shape (arms,), or one number for all.
        critical: an arm is declared better if its z statistic is at least this.

    Raises:
        UnusableInputError: unless there are two or more arms, each with participants, and risks
            between 0 and 1.

    Example:
        >>> power = exact_power_multi_arm([0.25, 0.35, 0.45, 0.5], 40, 1.959963984540054)
        >>> f"{power.any:.4f}"
        '0.7485'
    """
    risk = np.asarray(rates, dtype=np.float64)
    if risk.ndim != 1 or len(risk) < 2 or not ((risk >= 0) & (risk <= 1)).all():
        raise UnusableInputError("power needs two or more risks between 0 and 1")
    try:
        sizes = np.broadcast_to(np.asarray(participants, dtype=np.float64), risk.shape)
    except ValueError as error:
        raise UnusableInputError("there are not as many arm sizes as risks") from error
    if not ((sizes >= 1) & (sizes < np.inf)).all() or (sizes % 1).any():
        raise UnusableInputError("each arm needs at least one participant, in whole numbers")
    sizes = sizes.astype(np.int64)
    if np.isnan(critical):
        raise UnusableInputError("The critical value is not a number")
    n0 = int(sizes[0])
    control = binom.pmf(np.arange(n0 + 1), n0, risk[0])
    rejecting = np.array(
        [
            _rejects(int(n), n0, critical) @ binom.pmf(np.arange(n + 1), n, p)
            for n, p in zip(sizes[1:], risk[1:], strict=True)
        ]
    )
    return MultiArmPower(
        any=float(control @ (1 - np.prod(1 - rejecting, axis=0))),
        each=rejecting @ control,
        all=float(control @ np.prod(rejecting, axis=0)),
    )


def _rejects(n1: int, n0: int, critical: float) -> Floats:
    """1 where the pooled z statistic reaches the bound, shape (n0 + 1, n1 + 1)."""
    x0, x1 = np.ogrid[: n0 + 1, : n1 + 1]
    mean = (x0 + x1) / (n0 + n1)
    error = np.sqrt(mean * (1 - mean) * (1 / n0 + 1 / n1))
    gap = x1 / n1 - x0 / n0
    z = np.divide(gap, error, out=np.zeros_like(gap), where=error > 0)
    return np.asarray(z >= critical - TIES, dtype=np.float64)
