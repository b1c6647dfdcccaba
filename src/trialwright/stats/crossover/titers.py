"""Titers below the limit of quantification: normal regression with left-censored outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.fixed_participants import sums
from trialwright.stats.logistic.design import label_codes, refuse_dependent
from trialwright.stats.results import Coefficients, Floats

MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CensoredFit(Coefficients):
    """A fitted regression with censored outcomes.

    Attributes:
        scale: standard deviation of the outcome about its mean.
        naive_errors: from the observed information, shape (p,); equal to `standard_errors` unless
            participants were given.
    """

    log_likelihood: float
    scale: float
    naive_errors: Floats


def tobit_regression(
    response: npt.ArrayLike,
    below: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    participant: npt.ArrayLike | None = None,
) -> CensoredFit:
    """Normal regression in which some outcomes are known only to lie at or below a limit.

    Args:
        response: shape (n,), such as log10 titers; the limit where it was not reached.
        below: whether the outcome lies below that value, shape (n,).
        matrix: shape (n, p), with an intercept column if one is wanted.
        terms: p names.
        participant: shape (n,), labels; if given, errors are robust against the likeness of the
            same participant's periods (sandwich over participants, without small-sample factor).

    Raises:
        UnusableInputError: if shapes differ, values are missing, columns are dependent, too few
            outcomes are quantified, participants are no more than parameters, or the likelihood has
            no maximum, as when a group is censored throughout.

    References:
        Tobin J. Estimation of relationships for limited dependent variables. Econometrica
        1958;26:24-36.

    Example:
        >>> titer = np.log10([100, 100, 540, 160, 100, 2150, 120, 900])
        >>> fit = tobit_regression(titer, titer <= 2, [[1, k % 2] for k in range(8)], ["1", "arm"])
        >>> f"{fit.of('arm').estimate:.4f} {fit.scale:.4f}"
        '0.5947 0.6303'
    """
    y, x = np.asarray(response, dtype=np.float64), np.asarray(matrix, dtype=np.float64)
    low = np.asarray(below).astype(bool)
    if x.ndim != 2 or not y.shape == x.shape[:1] == low.shape or len(terms) != x.shape[1]:
        raise UnusableInputError("response, censoring, matrix and terms differ in length")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise UnusableInputError("a value is missing", remedy="leave such records out")
    refuse_dependent(x, list(terms))
    unit = np.abs(x).max(axis=0)
    x = x / unit
    if np.linalg.matrix_rank(x[~low]) < x.shape[1] or (~low).sum() <= x.shape[1]:
        raise UnusableInputError(
            "too few outcomes lie above the limit of quantification to estimate every term",
            remedy="compare the proportions above the limit instead",
        )
    at = _maximize(y, low, x)
    value, scores, information = _curves(y, low, x, at)
    whole = np.asarray(np.linalg.inv(information), dtype=np.float64)
    covariance = whole
    counts = {"records": len(y), "below the limit": int(low.sum())}
    if participant is not None:
        totals = sums(scores, label_codes(participant, len(y), "participants"))
        if len(totals) <= len(at):
            raise UnusableInputError(
                f"{len(totals)} participants are too few for robust errors of {len(at)} parameters",
                remedy="leave terms out, or do not give participants",
            )
        covariance = whole @ (totals.T @ totals) @ whole
        counts["participants"] = len(totals)
    return CensoredFit(
        terms=tuple(terms),
        estimates=at[:-1] / unit,
        covariance=covariance[:-1, :-1] / np.outer(unit, unit),
        log_likelihood=value,
        scale=float(np.exp(at[-1])),
        naive_errors=np.sqrt(np.diag(whole)[:-1]) / unit,
        counts=counts,
        notes=() if participant is None else ("errors are robust over participants",),
    )


def _maximize(y: Floats, low: npt.NDArray[np.bool_], x: Floats) -> Floats:
    """Coefficients and log scale, by Newton's method from least squares."""
    first = np.linalg.lstsq(x, y, rcond=None)[0]
    spread = float((y - x @ first).std())
    if spread <= 1e-10 * float(np.abs(y).max()):
        raise UnusableInputError("the response is fitted without error: no variance is left")
    # In units of the spread, so that the floor of the curvatures below means the same for all.
    y, at = y / spread, np.append(first / spread, 0.0)
    value, scores, information = _curves(y, low, x, at)
    for _ in range(MOST_STEPS):
        roots, axes = np.linalg.eigh(information)
        step = axes @ ((axes.T @ scores.sum(axis=0)) / np.maximum(np.abs(roots), 1e-10))
        size = 1.0
        while size > 1e-10:
            nearby = _curves(y, low, x, at + size * step)
            if nearby[0] >= value - 1e-12 * abs(value):
                break
            size /= 2
        at = at + size * step
        value, scores, information = nearby
        if at[-1] < -16:
            break
        if float(np.abs(step).max()) <= 1e-11 * (1 + float(np.abs(at).max())):
            return np.append(spread * at[:-1], at[-1] + np.log(spread))
    raise UnusableInputError("the likelihood of the censored outcomes has no maximum")


def _curves(
    y: Floats, low: npt.NDArray[np.bool_], x: Floats, at: Floats
) -> tuple[float, Floats, Floats]:
    """Log likelihood, each record's scores, shape (n, p + 1), and the observed information."""
    scale = np.exp(at[-1])
    z = (y - x @ at[:-1]) / scale
    density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    tail = np.where(low, log_ndtr(np.where(low, z, 0.0)), 0.0)
    ratio = np.exp(np.where(low, density - tail, -np.inf))  # of normal density and probability
    value = float(np.where(low, tail, density - at[-1]).sum())
    slope = np.where(low, ratio, -z)  # by z
    curve = np.where(low, -ratio * (z + ratio), -1.0)
    scores = np.column_stack([-x * (slope / scale)[:, None], -slope * z - ~low])
    p = x.shape[1]
    hessian = np.empty((p + 1, p + 1))
    hessian[:p, :p] = (x * (curve / scale**2)[:, None]).T @ x
    hessian[p, :p] = hessian[:p, p] = x.T @ ((curve * z + slope) / scale)
    hessian[p, p] = (curve * z**2 + slope * z).sum()
    return value, scores, -hessian
