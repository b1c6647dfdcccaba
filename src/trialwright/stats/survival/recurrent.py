"""Events that may recur: Andersen–Gill, Prentice–Williams–Peterson, and shared gamma frailty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import refuse_dependent
from trialwright.stats.results import Coefficients, Floats, Integers
from trialwright.stats.survival.cox import CoxFit, cox_regression
from trialwright.stats.survival.times import checked_times, numbered

MOST_STEPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FrailtyFit(Coefficients):
    """A fitted shared-frailty model.

    Attributes:
        theta: the variance of the frailties, whose mean is one.
        log_likelihood: with the frailties integrated out.
        frailties: expected of each participant, in the order of labels, shape (participants,).
    """

    log_likelihood: float
    theta: float
    frailties: Floats


def andersen_gill(
    start: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
) -> CoxFit:
    """Cox regression of all events with errors robust over participants (LWYY).

    Args:
        start, stop: of each record, shape (n,): from the last event (or entry) to the next.
        event: whether the record ended with an event, shape (n,).
        matrix: shape (n, p), without an intercept.
        terms: p names.
        participant: labels, shape (n,).

    Raises:
        UnusableInputError: as `cox_regression`.

    References:
        Andersen PK, Gill RD. Cox's regression model for counting processes. Annals of Statistics
        1982;10:1100-1120. Lin DY, Wei LJ, Yang I, Ying Z. Semiparametric regression for the mean
        and rate functions of recurrent events. Journal of the Royal Statistical Society B
        2000;62:711-730.

    Example:
        >>> fit = andersen_gill([0, 3, 0, 0, 5, 0], [3, 9, 7, 5, 8, 9], [1, 0, 1, 1, 1, 0],
        ...                     [[0], [0], [0], [1], [1], [1]], ["arm"], [1, 1, 2, 3, 3, 4])
        >>> round(fit.of("arm").estimate, 4)
        -0.1707
    """
    return cox_regression(stop, event, matrix, terms, start=start, cluster=participant)


def conditional_recurrence(
    start: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
    *,
    most_strata: int | None = None,
    gap_time: bool = False,
) -> CoxFit:
    """Each event among those who had the one before, with errors robust over participants (PWP).

    Args:
        start, stop, event, matrix, terms, participant: as in `andersen_gill`.
        most_strata: later events share the last stratum; none are joined if not given.
        gap_time: measure time from the last event instead of from entry.

    Raises:
        UnusableInputError: as `cox_regression`.

    References:
        Prentice RL, Williams BJ, Peterson AV. On the regression analysis of multivariate failure
        time data. Biometrika 1981;68:373-379.

    Example:
        >>> fit = conditional_recurrence(
        ...     [0, 3, 0, 0, 5, 0], [3, 9, 7, 5, 8, 9], [1, 1, 1, 1, 1, 0],
        ...     [[0], [0], [0], [1], [1], [1]], ["arm"], [1, 1, 2, 3, 3, 4])
        >>> round(fit.of("arm").estimate, 4)
        -0.1707
    """
    end, _, begin = checked_times(stop, event, start)
    whose, _ = numbered(participant, len(end), "participants")
    number = event_numbers(begin, whose)
    if most_strata is not None:
        number = np.minimum(number, most_strata)
    if gap_time:
        begin, end = np.zeros_like(begin), end - begin
    return cox_regression(
        end, event, matrix, terms, start=begin, strata=number, cluster=participant
    )


def event_numbers(start: Floats, whose: Integers) -> Integers:
    """Which of its participant's records each is in time, from 1."""
    order = np.lexsort((start, whose))
    sizes = np.bincount(whose)
    place = np.arange(len(whose)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    out = np.empty(len(whose), dtype=np.int64)
    out[order] = place + 1
    return out


def gamma_frailty(
    start: npt.ArrayLike,
    stop: npt.ArrayLike,
    event: npt.ArrayLike,
    matrix: npt.ArrayLike,
    terms: Sequence[str],
    participant: npt.ArrayLike,
) -> FrailtyFit:
    """Cox regression in which each participant has a hidden gamma-distributed hazard of its own.

    Args:
        start, stop, event, matrix, terms, participant: as in `andersen_gill`.

    Returns:
        The maximum of the likelihood with frailties integrated out; ties by Efron. The covariance
        takes theta as known, as R's survival does with sparse = FALSE; its default leaves out how
        frailties depend on each other. If theta is estimated as zero, Cox regression.

    Raises:
        UnusableInputError: as `cox_regression`; or if theta grows without bound.

    References:
        Therneau TM, Grambsch PM, Pankratz VS. Penalized survival models and frailty. Journal of
        Computational and Graphical Statistics 2003;12:156-175.

    Example:
        >>> fit = gamma_frailty(
        ...     [0, 2, 3, 5, 0, 0, 1, 0, 0, 4], [2, 3, 5, 9, 9, 1, 8, 9, 4, 9],
        ...     [1, 1, 1, 0, 0, 1, 0, 0, 1, 0], [[0]] * 5 + [[1]] * 5, ["arm"],
        ...     [1, 1, 1, 1, 2, 3, 3, 4, 5, 5])
        >>> round(fit.theta, 3), round(fit.of("arm").estimate, 3)
        (0.037, -0.811)
    """
    end, code, begin = checked_times(stop, event, start)
    x = np.asarray(matrix, dtype=np.float64)
    whose, _ = numbered(participant, len(end), "participants")
    plain = cox_regression(end, code, x, terms, start=begin)
    x = x - x.mean(axis=0)
    refuse_dependent(x, list(terms))
    data = _Comparisons.of(end, code, begin, whose)
    people = int(whose.max()) + 1
    state = np.concatenate([plain.estimates, np.zeros(people)])

    def profile(log_theta: float) -> tuple[float, Floats, Floats]:
        theta = float(np.exp(log_theta))
        at, information, value = _penalized(data, x, state, theta)
        state[:] = at  # the next search starts near
        return value + _integrated(data.events, theta), at, information

    best = minimize_scalar(
        lambda log_theta: -profile(log_theta)[0], bounds=(-9.0, 5.0), method="bounded",
        options={"xatol": 1e-9},
    )  # fmt: skip
    value, at, information = profile(float(best.x))
    counts = {"participants": people, "records": len(end), "events": int(code.sum())}
    if best.x > 4.9:
        raise UnusableInputError("the variance of the frailties grows without bound")
    if value <= plain.log_likelihood + 1e-9:
        return FrailtyFit(
            terms=plain.terms, estimates=plain.estimates, covariance=plain.covariance,
            log_likelihood=plain.log_likelihood, theta=0.0, frailties=np.ones(people),
            counts=counts, notes=("the variance of the frailties is estimated as zero",),
        )  # fmt: skip
    p = x.shape[1]
    return FrailtyFit(
        terms=tuple(terms),
        estimates=at[:p],
        covariance=np.asarray(np.linalg.inv(information)[:p, :p], dtype=np.float64),
        log_likelihood=value,
        theta=float(np.exp(best.x)),
        frailties=np.exp(at[p:]),
        counts=counts,
        notes=("errors take theta as known",),
    )


@dataclass(frozen=True, slots=True)
class _Comparisons:
    """Which records each event is compared with: shares of shape (events, n), Efron's for ties."""

    share: Floats
    record: Integers
    whose: Integers
    events: Floats

    @classmethod
    def of(cls, end: Floats, code: Integers, begin: Floats, whose: Integers) -> "_Comparisons":
        record = np.flatnonzero(code == 1)
        record = record[np.argsort(end[record], kind="stable")]
        time = end[record]
        _, first, size = np.unique(time, return_index=True, return_counts=True)
        order = np.arange(len(time)) - np.repeat(first, size)
        taken = order / np.repeat(size, size)
        share = ((begin < time[:, None]) & (end >= time[:, None])).astype(np.float64)
        tied = (end == time[:, None]) & (code == 1)
        return cls(
            share - tied * taken[:, None], record, whose, np.bincount(whose, code).astype(float)
        )


def _penalized(
    data: _Comparisons, x: Floats, start: Floats, theta: float
) -> tuple[Floats, Floats, float]:
    """Coefficients and log frailties at a theta, the information, and the penalized likelihood."""
    p = x.shape[1]
    at = start.copy()
    whole = np.zeros((len(x), len(start)))
    whole[:, :p] = x
    whole[np.arange(len(x)), p + data.whose] = 1.0

    def value_at(where: Floats) -> tuple[float, Floats]:
        eta = whole @ where
        top = float(eta.max())
        hazard = data.share * np.exp(eta - top)
        total = hazard.sum(axis=1)
        w = where[p:]
        penalty = float((np.exp(w) - w).sum()) / theta
        value = float(eta[data.record].sum() - np.log(total).sum()) - top * len(total)
        return value - penalty, hazard / total[:, None]

    value, chance = value_at(at)
    for _ in range(MOST_STEPS):
        expected = chance.sum(axis=0)
        score = whole[data.record].sum(axis=0) - whole.T @ expected
        means = chance @ whole
        information = (whole.T * expected) @ whole - means.T @ means
        frailty = np.exp(at[p:])
        score[p:] -= (frailty - 1) / theta
        information[np.arange(p, len(at)), np.arange(p, len(at))] += frailty / theta
        step = np.linalg.solve(information, score)
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        while True:
            following, chance = value_at(at + step)
            if following >= value - 1e-10 * abs(value) or np.abs(step).max() < 1e-14:
                break
            step = step / 2
        at, value = at + step, following
        if np.abs(step).max() < 1e-10:
            return at, information, value
    raise UnusableInputError("the likelihood with frailties could not be maximized")


def _integrated(events: Floats, theta: float) -> float:
    """What turns the penalized into the integrated likelihood."""
    shape = 1 / theta
    each = (
        shape - (shape + events) * np.log(shape + events) + shape * np.log(shape)
        + gammaln(shape + events) - gammaln(shape) + events
    )  # fmt: skip
    return float(each.sum())
