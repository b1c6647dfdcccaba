"""Power of the maximum-contrast test, and the group size that reaches it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response.contrasts import (
    contrast_correlation,
    contrast_deviation,
    square_covariance,
)
from trialwright.stats.multiplicity import JointLaw
from trialwright.stats.results import Floats

Summary = Literal["mean", "min"]
LARGEST_GROUP = 10**6


def contrast_power(
    means: npt.ArrayLike,
    covariance: npt.ArrayLike,
    contrasts: npt.ArrayLike,
    *,
    alpha: float,
    degrees_of_freedom: float = np.inf,
    two_sided: bool = False,
) -> Floats:
    """Give the chance that the largest contrast is significant, for each true curve.

    Args:
        means: shape (..., k): true means at the doses.
        covariance: shape (k, k), or (k,) for its diagonal: true covariance of the estimates.
        contrasts: shape (m, k).
        alpha: level of the test.
        degrees_of_freedom: of the residual variance; infinity for z statistics.
        two_sided: whether falling dose responses count too.

    Raises:
        UnusableInputError: shapes that do not fit, or an impossible level.

    Source: Pinheiro, Bornkamp, Bretz, J Biopharm Stat 2006;16:639. Exact for a variance that is
    estimated with independent degrees of freedom. DoseFinding's power carries the error of
    its sampled critical value, 1e-4 in the cases of the tests. Its power 0.4296 of an Emax curve
    whose parameters the public case leaves out fits none of that file's candidates.

    >>> power = contrast_power([[0, 0, 0]], [0.1, 0.1, 0.1], [[-1, 0, 1]], alpha=0.025)
    >>> power.round(6).tolist()
    [0.025]
    """
    rows = np.atleast_2d(np.asarray(contrasts, dtype=float))
    truth = np.asarray(means, dtype=float)
    if truth.ndim == 0 or truth.shape[-1] != rows.shape[1]:
        raise UnusableInputError(f"Means of shape {truth.shape} for {rows.shape[1]} doses")
    if np.isnan(truth).any():
        raise UnusableInputError("A true mean is missing")
    matrix = square_covariance(covariance, rows.shape[1])
    deviation = contrast_deviation(rows, matrix)
    law = JointLaw(contrast_correlation(rows, matrix), degrees_of_freedom)
    critical = law.critical_value(alpha, two_sided=two_sided)
    return law.exceeds_shifted(
        np.full(len(rows), critical), truth @ rows.T / deviation, two_sided=two_sided
    )


@dataclass(frozen=True, slots=True, eq=False)
class ContrastSampleSize:
    """The smallest trial whose maximum-contrast test has the wanted power.

    Attributes:
        per_dose: shape (k,): participants at each dose.
        power_by_curve: shape (curves,): power under each true curve.
        power: their mean or minimum, as asked.
    """

    per_dose: npt.NDArray[np.int64]
    power_by_curve: Floats
    power: float


def contrast_sample_size(
    means: npt.ArrayLike,
    standard_deviation: float,
    contrasts: npt.ArrayLike,
    *,
    alpha: float,
    power: float,
    allocation: npt.ArrayLike | None = None,
    summary: Summary = "mean",
    two_sided: bool = False,
) -> ContrastSampleSize:
    """Find the smallest trial with normal outcomes whose maximum-contrast test has the power.

    Args:
        means: shape (curves, k): true means at the doses.
        standard_deviation: of one participant's outcome.
        contrasts: shape (m, k).
        alpha: level of the test.
        power: wanted, as the `summary` (mean or minimum) over the curves.
        allocation: shape (k,): ratios of the group sizes; equal if absent. The group of the
            smallest ratio is an integer, the others are rounded up.
        summary: `mean` or `min`.
        two_sided: whether falling dose responses count too.

    Raises:
        UnusableInputError: settings that no trial, or none of a million a dose, can meet.

    >>> line = contrast_sample_size([[0, 1]], 2, [[-1, 1]], alpha=0.025, power=0.8)
    >>> line.per_dose.tolist()
    [64, 64]
    """
    truth = np.atleast_2d(np.asarray(means, dtype=float))
    ratios = np.ones(truth.shape[1]) if allocation is None else np.asarray(allocation, dtype=float)
    if ratios.shape != (truth.shape[1],) or np.any(ratios <= 0):
        raise UnusableInputError("The allocation needs one positive ratio per dose")
    if not (0 < power < 1 and 0 < standard_deviation < np.inf):
        raise UnusableInputError("Power lies between 0 and 1, and the deviation is positive")
    if summary not in {"mean", "min"}:
        raise UnusableInputError(f"Unknown summary {summary!r}", remedy="Use mean or min.")
    ratios = ratios / ratios.min()

    def groups(smallest: int) -> npt.NDArray[np.int64]:
        sizes: npt.NDArray[np.int64] = np.ceil(smallest * ratios - 1e-9).astype(np.int64)
        return sizes

    def powers(smallest: int) -> Floats:
        sizes = groups(smallest)
        return contrast_power(
            truth,
            standard_deviation**2 / sizes,
            contrasts,
            alpha=alpha,
            degrees_of_freedom=float(sizes.sum() - sizes.size),
            two_sided=two_sided,
        )

    def reaches(smallest: int) -> bool:
        found = powers(smallest)
        return bool((found.mean() if summary == "mean" else found.min()) >= power)

    smallest = smallest_integer(reaches, start=2, largest=LARGEST_GROUP)
    found = powers(smallest)
    return ContrastSampleSize(
        groups(smallest), found, float(found.mean() if summary == "mean" else found.min())
    )


def smallest_integer(reaches: Callable[[int], bool], *, start: int, largest: int) -> int:
    """Find the smallest integer from `start` that reaches, if what follows it reaches as well."""
    if reaches(start):
        return start
    low, high = start, 2 * start
    while not reaches(high):
        low, high = high, 2 * high
        if high > largest:
            raise UnusableInputError(
                f"Not even {largest} a group reach the power",
                remedy="Look for a curve without effect, or one that the contrasts miss.",
            )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high
