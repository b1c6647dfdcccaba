"""The MCP step: contrasts that fit the candidate curves best, and the test of their maximum."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import JointLaw
from trialwright.stats.results import Floats


def optimal_contrasts(means: npt.ArrayLike, covariance: npt.ArrayLike) -> Floats:
    """Give, for each candidate, the contrast that detects it with the most power.

    Args:
        means: shape (m, k): candidate means at the k doses.
        covariance: shape (k, k) of the estimates, or (k,) for its diagonal, up to a factor; for
            group sizes n in a normal model, 1 / n.

    Returns:
        Shape (m, k): rows sum to zero and have length one; each is positive on its candidate.

    Raises:
        UnusableInputError: shapes that do not fit, a missing mean, a singular covariance, or a flat
            candidate.

    Source: Pinheiro, Bornkamp, Glimm, Bretz, Stat Med 2014;33:1646, section 3.

    >>> optimal_contrasts([[0, 1, 2]], [1, 1, 1]).round(4).tolist()
    [[-0.7071, 0.0, 0.7071]]
    """
    curves = np.atleast_2d(np.asarray(means, dtype=float))
    if not np.isfinite(curves).all():
        raise UnusableInputError("A candidate mean is missing or infinite")
    inverse = np.linalg.inv(square_covariance(covariance, curves.shape[1]))
    pull = curves @ inverse
    total = inverse.sum(axis=0)
    contrasts = pull - np.outer(pull.sum(axis=1) / total.sum(), total)
    length = np.linalg.norm(contrasts, axis=1, keepdims=True)
    if np.any(length <= 1e-12 * np.linalg.norm(pull, axis=1, keepdims=True)):
        raise UnusableInputError("A flat candidate has no contrast")
    scaled: Floats = contrasts / length
    return scaled


def contrast_correlation(contrasts: npt.ArrayLike, covariance: npt.ArrayLike) -> Floats:
    """Give the correlation of contrast estimates, shape (m, m).

    >>> contrast_correlation([[-1, 1, 0], [-1, 0, 1]], [1, 1, 1]).round(6).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    rows = np.atleast_2d(np.asarray(contrasts, dtype=float))
    matrix = square_covariance(covariance, rows.shape[1])
    deviation = contrast_deviation(rows, matrix)
    correlation: Floats = rows @ matrix @ rows.T / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 1)
    return (correlation + correlation.T) / 2


@dataclass(frozen=True, eq=False)
class ContrastTest:
    """The test of the largest contrast.

    Attributes:
        contrasts: shape (m, k).
        correlation: shape (m, m), of the contrast statistics.
        statistics: shape (..., m): t or z statistics, large if the dose response rises.
        degrees_of_freedom: infinity for z statistics.
        law: the joint law of the statistics if no dose has an effect.
        two_sided: whether falling dose responses count too.
    """

    contrasts: Floats
    correlation: Floats
    statistics: Floats
    degrees_of_freedom: float
    law: JointLaw
    two_sided: bool

    @cached_property
    def adjusted_p(self) -> Floats:
        """P-values adjusted for the number of contrasts, shape (..., m)."""
        return self.law.adjusted(self.statistics, two_sided=self.two_sided)

    def critical_value(self, alpha: float) -> float:
        """Give the value that the largest statistic must exceed."""
        return self.law.critical_value(alpha, two_sided=self.two_sided)

    def shows_dose_response(self, alpha: float) -> npt.NDArray[np.bool_]:
        """Tell, for each trial, whether the largest statistic exceeds its critical value."""
        size = np.abs(self.statistics) if self.two_sided else self.statistics
        return np.asarray(size.max(axis=-1) > self.critical_value(alpha))


def contrast_test(
    estimates: npt.ArrayLike,
    covariance: npt.ArrayLike,
    contrasts: npt.ArrayLike,
    *,
    degrees_of_freedom: float = np.inf,
    scale: npt.ArrayLike = 1.0,
    two_sided: bool = False,
) -> ContrastTest:
    """Test contrasts of the estimates at the doses, adjusted for the largest of them.

    Args:
        estimates: shape (..., k): means, logits or other estimates, for any number of trials.
        covariance: shape (k, k) or, for its diagonal, (k,): of the estimates, up to `scale`.
        contrasts: shape (m, k).
        degrees_of_freedom: of the residual variance; infinity for z statistics.
        scale: shape (...): the factor of the covariance, such as each trial's residual variance.
        two_sided: whether falling dose responses count too.

    Raises:
        UnusableInputError: shapes that do not fit or a covariance that is not one.

    Source: Bretz, Pinheiro, Branson, Biometrics 2005;61:738. R's DoseFinding samples the joint law:
    for eight candidates at four doses it gave the critical value 2.2821, which is 2.28292.

    >>> found = contrast_test([1, 2, 3], [0.2, 0.2, 0.2], [[-0.5, 0, 0.5]])
    >>> round(float(found.statistics[0]), 4)
    3.1623
    """
    rows = np.atleast_2d(np.asarray(contrasts, dtype=float))
    observed = np.asarray(estimates, dtype=float)
    if observed.ndim == 0 or observed.shape[-1] != rows.shape[1]:
        raise UnusableInputError(
            f"Contrasts over {rows.shape[1]} doses, estimates of shape {observed.shape}"
        )
    if not np.all(np.isfinite(observed)):
        raise UnusableInputError("An estimate is missing or infinite")
    matrix = square_covariance(covariance, rows.shape[1])
    deviation = contrast_deviation(rows, matrix)
    factors = np.asarray(scale, dtype=float)
    if not np.all(factors > 0):
        raise UnusableInputError("The variance must be positive")
    spread = np.sqrt(factors)[..., None]
    if factors.ndim and factors.shape != observed.shape[:-1]:
        raise UnusableInputError(
            f"Variances of shape {factors.shape} for trials of shape {observed.shape[:-1]}"
        )
    correlation = contrast_correlation(rows, matrix)
    return ContrastTest(
        contrasts=rows,
        correlation=correlation,
        statistics=observed @ rows.T / (deviation * spread),
        degrees_of_freedom=degrees_of_freedom,
        law=JointLaw(correlation, degrees_of_freedom),
        two_sided=two_sided,
    )


def contrast_deviation(contrasts: Floats, covariance: Floats) -> Floats:
    """Give the standard deviations of contrast estimates, shape (m,), or say what is wrong."""
    variance = np.einsum("mk,kl,ml->m", contrasts, covariance, contrasts)
    if not np.all((variance > 0) & (variance < np.inf)):
        raise UnusableInputError("A contrast has no weights, or weights that are not finite")
    deviation: Floats = np.sqrt(variance)
    return deviation


def square_covariance(covariance: npt.ArrayLike, size: int) -> Floats:
    """Give a covariance as a matrix, from a matrix or its diagonal, or say what is wrong."""
    matrix = np.asarray(covariance, dtype=float)
    if matrix.ndim == 1:
        matrix = np.diag(matrix)
    if not np.isfinite(matrix).all():
        raise UnusableInputError("The covariance of the estimates is missing or infinite")
    if matrix.shape != (size, size):
        raise UnusableInputError(f"A covariance of shape {matrix.shape} for {size} doses")
    if not (np.allclose(matrix, matrix.T) and np.all(np.linalg.eigvalsh(matrix) > 0)):
        raise UnusableInputError(
            "The covariance of the estimates is not positive definite",
            remedy="Look for doses without participants, or without variation.",
        )
    return matrix
