"""Draws from what incomplete longitudinal outcomes say of a normal model's means and covariance.

Data augmentation: missing values are drawn given the parameters, the parameters given the completed
data, in turn. Every draw has a chain of its own, so that draws do not depend on each other; chains
advance together, as the first axis of each array.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm
from trialwright.stats.results import Floats, Integers


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of the parameters.

    Attributes:
        coefficients: shape (draws, p).
        covariance: of the visits, shape (draws, m, m).
    """

    coefficients: Floats
    covariance: Floats


def draw_posterior(
    outcomes: npt.ArrayLike,
    columns: npt.ArrayLike,
    generator: np.random.Generator,
    *,
    draws: int,
    sweeps: int = 100,
) -> Posterior:
    """Independent draws of a multivariate normal model's parameters, missing values at random.

    The prior is flat for the coefficients and Jeffreys' for the covariance, |covariance| to the
    power -(m + 1)/2.

    Args:
        outcomes: shape (n, m), not-a-number where missing, with or without gaps.
        columns: the means' design, shape (n, m, p).
        generator: of random numbers.
        draws: how many.
        sweeps: steps of each chain from the REML estimates to its draw. What is left of the start
            falls with their number as fast as the largest fraction of missing information raised to
            it: 100 leave nothing of a fraction of 0.8.

    Raises:
        UnusableInputError: if shapes differ, as `fit_mmrm`, or with fewer participants than a
            proper posterior needs.

    References:
        Tanner MA, Wong WH. The calculation of posterior distributions by data augmentation. Journal
        of the American Statistical Association 1987;82:528-540. Schafer JL. Analysis of Incomplete
        Multivariate Data. 1997, chapter 5.
    """
    y, x = np.asarray(outcomes, dtype=np.float64), np.asarray(columns, dtype=np.float64)
    if y.ndim != 2 or x.ndim != 3 or x.shape[:2] != y.shape:
        raise UnusableInputError("outcomes and columns differ in length")
    if draws < 1 or sweeps < 1:
        raise UnusableInputError("at least one draw and one sweep are needed")
    n, m, p = x.shape
    if n - -(-p // m) < m:
        raise UnusableInputError(
            f"{n} participants are too few for {p} coefficients and a covariance of {m} visits",
            remedy="take covariates out, join arms, or use fewer visits",
        )
    seen = ~np.isnan(y)
    who, visit = np.nonzero(seen)
    fit = fit_mmrm(y[seen], x[seen], who, visit)
    if not fit.converged:
        raise UnusableInputError("the imputation model did not converge")
    beta = np.broadcast_to(fit.coefficients, (draws, p))
    sigma: Floats = np.repeat(fit.visit_covariance, draws, axis=0)
    gaps = Gaps.of(y)
    squares = np.einsum("nja,nkb->jkab", x, x).reshape(m * m, p * p)
    flat = x.reshape(n * m, p)
    for _ in range(sweeps):
        mean = (beta @ flat.T).reshape(draws, n, m)
        whole = completed(y, mean, sigma, gaps, generator)
        about = whole - mean
        precision = _wishart(generator, n, about.transpose(0, 2, 1) @ about)
        sigma = np.asarray(np.linalg.inv(precision), dtype=np.float64)
        weight = (precision.reshape(draws, m * m) @ squares).reshape(draws, p, p)
        right = (whole @ precision).reshape(draws, n * m) @ flat
        # The noise has the precision `weight` as covariance, so the draw has its inverse.
        noise = np.linalg.cholesky(weight) @ generator.standard_normal((draws, p, 1))
        beta = np.linalg.solve(weight, right[:, :, None] + noise)[:, :, 0]
    return Posterior(beta, sigma)


def refuse_unattended(outcomes: Floats, arms: Mapping[str, npt.NDArray[np.bool_]]) -> None:
    """Raise `UnusableInputError` if nobody of an arm was seen at some visit.

    Args:
        outcomes: shape (n, m), not-a-number where missing.
        arms: by name, whether in it, shape (n,).
    """
    for name, rows in arms.items():
        unseen = np.flatnonzero(np.isnan(outcomes[rows]).all(axis=0))
        if len(unseen):
            raise UnusableInputError(
                f"nobody of {name} was seen at visit {unseen[0] + 1} of {outcomes.shape[1]}",
                remedy="leave the visit out, for nothing tells its mean",
            )


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where outcomes are missing.

    Attributes:
        rows: of the incomplete, shape (k,).
        visits: of each of these rows, the seen before the missing, shape (k, m).
        seen: how many of them are seen, shape (k,).
        kind: rows of one kind miss the same visits, and stand together; shape (k,).
    """

    rows: Integers
    visits: Integers
    seen: Integers
    kind: Integers

    @classmethod
    def of(cls, outcomes: Floats) -> "Gaps":
        """The gaps of outcomes, not-a-number where missing, shape (n, m)."""
        lost = np.isnan(outcomes)
        _, kind = np.unique(lost, axis=0, return_inverse=True)
        rows = np.flatnonzero(lost.any(axis=1))
        rows = rows[np.argsort(kind.ravel()[rows], kind="stable")]
        visits = np.argsort(lost[rows], axis=1, kind="stable")
        return cls(rows, visits, (~lost[rows]).sum(axis=1), kind.ravel()[rows].astype(np.int64))


def completed(
    outcomes: Floats, mean: Floats, covariance: Floats, gaps: Gaps, generator: np.random.Generator
) -> Floats:
    """Outcomes with missing ones drawn given the participant's seen ones, shape (draws, n, m).

    Args:
        outcomes: shape (n, m).
        mean: shape (draws, n, m).
        covariance: of the visits, shape (draws, m, m).
        gaps: of the outcomes.
        generator: of random numbers.
    """
    out = np.repeat(outcomes[None], len(mean), axis=0)
    noise = generator.standard_normal((len(mean), *gaps.visits.shape))
    _fill(out, mean, covariance, noise, gaps.rows, gaps.visits, gaps.seen, gaps.kind)
    return out


@njit(cache=True)
def _fill(
    out: Floats, mean: Floats, covariance: Floats, noise: Floats,
    rows: Integers, visits: Integers, seen: Integers, kind: Integers,
) -> None:  # pragma: no cover (compiled)  # fmt: skip
    """Draw what is missing of `out`, in place.

    With the seen visits first, the covariance's Cholesky root turns standard normals into
    deviations: those of the seen visits are solved for, those of the missing ones are noise.
    """
    m = mean.shape[2]
    root, normal = np.zeros((m, m)), np.zeros(m)
    for draw in range(len(mean)):
        for k in range(len(rows)):
            row, at = rows[k], visits[k]
            if k == 0 or kind[k] != kind[k - 1]:
                for i in range(m):
                    for j in range(i + 1):
                        value = covariance[draw, at[i], at[j]]
                        for other in range(j):
                            value -= root[i, other] * root[j, other]
                        root[i, j] = np.sqrt(value) if i == j else value / root[j, j]
            for i in range(m):
                value = 0.0
                for j in range(i):
                    value += root[i, j] * normal[j]
                if i < seen[k]:
                    about = out[draw, row, at[i]] - mean[draw, row, at[i]]
                    normal[i] = (about - value) / root[i, i]
                else:
                    normal[i] = noise[draw, k, i]
                    out[draw, row, at[i]] = mean[draw, row, at[i]] + value + root[i, i] * normal[i]


def _wishart(generator: np.random.Generator, free: int, squares: Floats) -> Floats:
    """Precisions whose inverses are inverse-Wishart about `squares`, shape (draws, m, m).

    Bartlett's decomposition: roots of chi-squares on the diagonal, normals below it.
    """
    draws, m, _ = squares.shape
    lower = np.tril(generator.standard_normal((draws, m, m)), -1)
    lower[:, np.arange(m), np.arange(m)] = np.sqrt(
        generator.chisquare(free - np.arange(m), size=(draws, m))
    )
    # squares = C C', so C^-T is a root of its inverse.
    root = np.linalg.solve(np.linalg.cholesky(squares).transpose(0, 2, 1), lower)
    return np.asarray(root @ root.transpose(0, 2, 1), dtype=np.float64)
