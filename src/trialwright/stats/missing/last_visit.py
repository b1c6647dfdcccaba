"""Two arms compared at the last visit of completed data sets, by analysis of covariance, pooled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import refuse_dependent
from trialwright.stats.missing.pooling import PooledEstimate, pool
from trialwright.stats.results import Floats

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVisit:
    """A pooled comparison.

    Attributes:
        difference: active minus reference, adjusted for the covariates.
        reference_mean, active_mean: at the covariates' means.
    """

    difference: PooledEstimate
    reference_mean: PooledEstimate
    active_mean: PooledEstimate


def compare_last_visit(
    completed: npt.ArrayLike,
    active: npt.ArrayLike,
    covariates: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> LastVisit:
    """Analysis of covariance of every completed data set, and Rubin's rules.

    Args:
        completed: outcomes at one visit, shape (imputations, n).
        active: whether in the active arm, shape (n,).
        covariates: shape (n, c).
        level: of the intervals.

    Raises:
        UnusableInputError: if shapes differ, a value is missing, an arm is neither true nor false,
            the covariates determine the arm, nothing is left to estimate the variance from, or as
            `pool`.

    Example:
        >>> import numpy as np
        >>> sets = [[1.0, 2, 3, 5, 6, 8], [1.0, 2, 4, 5, 6, 7]]
        >>> found = compare_last_visit(sets, [0, 0, 0, 1, 1, 1], np.empty((6, 0)))
        >>> round(found.difference.estimate, 4), round(found.difference.standard_error, 4)
        (4.0, 1.2019)
    """
    y, x = np.asarray(completed, dtype=np.float64), np.asarray(covariates, dtype=np.float64)
    arm = arm_flags(active)
    if y.ndim != 2 or x.ndim != 2 or not y.shape[1] == len(x) == len(arm):
        raise UnusableInputError("outcomes, arms and covariates differ in length")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UnusableInputError("an outcome or a covariate is missing", remedy="impute it first")
    matrix = comparison_matrix(arm, x)
    free = len(arm) - matrix.shape[1]
    if free < 1:
        raise UnusableInputError("too few participants to estimate a variance from")
    inverse = np.linalg.inv(matrix.T @ matrix)
    beta = y @ matrix @ inverse
    squares = ((y - beta @ matrix.T) ** 2).sum(axis=1) / free
    if (squares <= 1e-22 * (y**2).mean(axis=1)).any():
        raise UnusableInputError("the outcome is fitted without error, so it has no variance")

    def pooled(*weights: float) -> PooledEstimate:
        along = np.zeros(matrix.shape[1])
        along[:2] = weights
        spread = float(along @ inverse @ along)
        return pool(beta @ along, spread * squares, complete_degrees_of_freedom=free, level=level)

    return LastVisit(difference=pooled(0, 1), reference_mean=pooled(1, 0), active_mean=pooled(1, 1))


def arm_flags(active: npt.ArrayLike) -> Flags:
    """Whether in the active arm, shape (n,).

    Raises:
        UnusableInputError: if one is neither true nor false.
    """
    given = np.asarray(active)
    if not np.isin(given, (0, 1)).all():
        raise UnusableInputError("'active' is either true or false for each participant")
    return given.astype(bool)


def comparison_matrix(arm: Flags, covariates: Floats) -> Floats:
    """Columns of the analysis of covariance: the reference arm's mean, the difference, covariates.

    Raises:
        UnusableInputError: if a column follows from those before it.
    """
    matrix = np.column_stack([np.ones(len(arm)), arm, covariates - covariates.mean(axis=0)])
    names = ["constant", "arm", *(f"covariate {k}" for k in range(covariates.shape[1]))]
    refuse_dependent(matrix, names)
    return matrix
