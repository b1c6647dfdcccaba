"""Regression of the cumulative incidence: proportional hazards of the subdistribution.

Who had a competing event stays in the comparison with a falling weight: the probability of not
having been censored since.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Coefficients, Floats, Integers
from trialwright.stats.survival.cox import cox_regression
from trialwright.stats.survival.times import checked_causes


@dataclass(frozen=True, slots=True)
class WeightedRecords:
    """Records whose weighted Cox regression is that of Fine and Gray.

    Attributes:
        participant: whose they are, positions in the data, shape (m,).
        start, stop, event, weight: shape (m,).
    """

    participant: Integers
    start: Floats
    stop: Floats
    event: Integers
    weight: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayFit(Coefficients):
    """A fitted model; exponentials of its coefficients are subdistribution hazard ratios."""

    log_likelihood: float


def fine_gray(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    *,
    cause: int = 1,
) -> FineGrayFit:
    """Fine and Gray's regression, with ties by Breslow and robust errors, as R's cmprsk has it.

    Args:
        time: to the first event or the end of observation, shape (n,).
        event: 0 for none, else the cause, shape (n,).
        matrix: shape (n, p), without an intercept.
        terms: p names.
        cause: the one whose incidence is modeled.

    Raises:
        UnusableInputError: as `checked_causes` and `cox_regression`; without events of the cause.

    References:
        Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk.
        Journal of the American Statistical Association 1999;94:496-509.

    Example:
        >>> fit = fine_gray([3, 5, 7, 9, 4, 8, 11, 12], [1, 2, 1, 1, 1, 2, 1, 0],
        ...                 [[a] for a in (0, 0, 0, 0, 1, 1, 1, 1)], ["arm"])
        >>> f"{fit.of('arm').estimate:.4f} ({fit.of('arm').standard_error:.4f})"
        '-0.7752 (0.8291)'
    """
    stop, code, is_mine, is_other = checked_causes(time, event, cause)
    x = np.asarray(matrix, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(stop):
        raise UnusableInputError("times and matrix differ in length")
    if not is_mine.any():
        raise UnusableInputError(f"nobody had an event of cause {cause}")
    records = fine_gray_records(stop, code, cause=cause, failures_first=False)
    fit = cox_regression(
        records.stop, records.event, x[records.participant], terms,
        start=records.start, ties="breslow", weights=records.weight,
    )  # fmt: skip
    parts = _influence(stop, code, cause, x - x.mean(axis=0), fit.estimates)
    return FineGrayFit(
        terms=fit.terms,
        estimates=fit.estimates,
        covariance=fit.covariance @ (parts.T @ parts) @ fit.covariance,
        log_likelihood=fit.log_likelihood,
        counts={
            "participants": len(stop),
            "events": int(is_mine.sum()),
            "competing events": int(is_other.sum()),
        },
        notes=("robust variance, which allows for the estimated weights",),
    )


def fine_gray_records(
    time: npt.ArrayLike, event: npt.ArrayLike, *, cause: int = 1, failures_first: bool = True
) -> WeightedRecords:
    """Split participants with competing events at each later censoring.

    Args:
        time, event, cause: as in `fine_gray`.
        failures_first: whether events leave the risk set before censorings at the same time, as R's
            survival::finegray has it; cmprsk keeps them.

    Raises:
        UnusableInputError: as `checked_causes`.

    Example:
        >>> records = fine_gray_records([3, 5, 7, 9], [1, 2, 0, 1])
        >>> records.participant.tolist(), records.weight.tolist()
        ([0, 1, 2, 3, 1, 1], [1.0, 1.0, 1.0, 1.0, 1.0, 0.5])
    """
    stop, code, is_mine, is_other = checked_causes(time, event, cause)
    moments, curve = _censoring(stop, code, failures_first=failures_first)
    competing = np.flatnonzero(is_other)
    edges = np.concatenate([[-np.inf], moments, [np.inf]])
    end = np.minimum(edges[1:], max(float(stop.max()), 0.0) + 1)
    begin = np.maximum(edges[:-1], stop[competing][:, None])
    at_start = curve[np.searchsorted(moments, stop[competing], side="left")]
    weight = curve / at_start[:, None]
    kept = (end > begin) & (weight > 0)
    row, column = np.nonzero(kept)
    n = len(stop)
    return WeightedRecords(
        participant=np.concatenate([np.arange(n), competing[row]]),
        start=np.concatenate([np.full(n, -1.0), begin[row, column]]),
        stop=np.concatenate([stop, end[column]]),
        event=np.concatenate([is_mine.astype(np.int64), np.zeros(len(row), np.int64)]),
        weight=np.concatenate([np.ones(n), weight[row, column]]),
    )


def _censoring(stop: Floats, code: Integers, *, failures_first: bool) -> tuple[Floats, Floats]:
    """Times of censoring, shape (m,), and the probability of none up to each, shape (m + 1,)."""
    moments, number = np.unique(stop[code == 0], return_counts=True)
    ordered = np.sort(stop)
    risk = len(stop) - np.searchsorted(ordered, moments, side="left").astype(np.float64)
    if failures_first:
        failed = np.sort(stop[code > 0])
        risk -= np.searchsorted(failed, moments, "right") - np.searchsorted(failed, moments, "left")
    return moments, np.concatenate([[1.0], np.cumprod(1 - number / risk)])


def _influence(stop: Floats, code: Integers, cause: int, x: Floats, beta: Floats) -> Floats:
    """Each participant's part of the score and of the estimated weights, shape (n, p)."""
    times, deaths = np.unique(stop[code == cause], return_counts=True)
    moments, curve = _censoring(stop, code, failures_first=False)
    competing = (code > 0) & (code != cause)
    then = curve[np.searchsorted(moments, times, side="left")]
    own = curve[np.searchsorted(moments, stop, side="left")]
    later = stop[:, None] < times[None, :]
    weight = np.where(later, competing[:, None] * then / own[:, None], 1.0)
    hazard = weight * np.exp(x @ beta)[:, None]
    total = hazard.sum(axis=0)
    mean = (x.T @ hazard / total).T
    rate = hazard * (deaths / total)
    out = (rate @ mean) - x * rate.sum(axis=1)[:, None]
    failed = np.flatnonzero(code == cause)
    out[failed] += x[failed] - mean[np.searchsorted(times, stop[failed])]
    # A censoring at u changes the weights, from u on, of all who had a competing event before.
    if len(moments):
        after = np.where(later & competing[:, None], rate, 0.0)
        change = np.empty((len(moments), x.shape[1]))
        at_risk = np.array([(stop >= u).sum() for u in moments], dtype=np.float64)
        for k, u in enumerate(moments):
            part = after[:, times >= u] * (stop < u)[:, None]
            change[k] = x.T @ part.sum(axis=1) - part.sum(axis=0) @ mean[times >= u]
        number = np.bincount(np.searchsorted(moments, stop[code == 0]), minlength=len(moments))
        running = np.cumsum(change * (number / at_risk**2)[:, None], axis=0)
        running = np.vstack([np.zeros(x.shape[1]), running])
        out -= running[np.searchsorted(moments, stop, side="right")]
        censored = np.flatnonzero(code == 0)
        place = np.searchsorted(moments, stop[censored])
        out[censored] += change[place] / at_risk[place][:, None]
    return np.asarray(out, dtype=np.float64)
