"""Competing risks: the incidence of one event when another may come first."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate, Floats, Integers, TestResult
from trialwright.stats.survival.times import (
    at_risk_by_arm,
    checked_causes,
    numbered,
    place_of,
)

Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence:
    """The Aalen–Johansen curve of one cause in one arm.

    Attributes:
        times: at which an observation ended, shape (k,).
        incidence: probability of the event by each of them, shape (k,).
        variance: by Gray's formula, as R's cmprsk prints it, shape (k,).
        robust_variance: of the infinitesimal jackknife, as R's survival prints it, shape (k,).
        participants, events: counts.
    """

    times: Floats
    incidence: Floats
    variance: Floats
    robust_variance: Floats
    participants: int
    events: int

    def at(self, time: float, *, robust: bool = False, level: float = 0.95) -> Estimate:
        """The incidence by a time, with a plain interval cut at 0 and 1."""
        place = place_of(self.times, time)
        value = float(self.incidence[place]) if place >= 0 else 0.0
        variances = self.robust_variance if robust else self.variance
        error = float(np.sqrt(variances[place])) if place >= 0 else 0.0
        reach = normal_quantile(level) * error
        return Estimate(
            estimate=value,
            standard_error=error,
            lower=max(0.0, value - reach),
            upper=min(1.0, value + reach),
            level=level,
            counts={"participants": self.participants, "events": self.events},
            notes=() if time <= self.times[-1] else ("beyond the last observation",),
        )


def cumulative_incidence(
    time: npt.ArrayLike, event: npt.ArrayLike, *, cause: int = 1
) -> CumulativeIncidence:
    """The cumulative incidence of one cause in one arm.

    Args:
        time: to the first event or the end of observation, shape (n,).
        event: 0 for none, else the cause, shape (n,).
        cause: the one that is wanted.

    Raises:
        UnusableInputError: as `checked_causes`.

    References:
        Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based
        on censored observations. Scandinavian Journal of Statistics 1978;5:141-150. Gray RJ, as
        below, for the variance.

    Example:
        >>> curve = cumulative_incidence([3, 5, 5, 8, 9, 12], [1, 2, 1, 1, 0, 0])
        >>> round(curve.at(6).estimate, 4), round(curve.at(6).standard_error, 4)
        (0.3333, 0.2134)
    """
    stop, code, is_mine, is_other = checked_causes(time, event, cause)
    times, place = np.unique(stop, return_inverse=True)
    whose = np.zeros(len(stop), dtype=np.int64)
    table, counts = at_risk_by_arm(stop, whose, 1, is_mine, is_other)
    risk, mine, others = table[:, 0], counts[0][:, 0], counts[1][:, 0]
    deaths = mine + others
    after = np.asarray(np.cumprod(1 - deaths / risk), dtype=np.float64)
    before = np.concatenate([[1.0], after[:-1]])
    incidence = np.cumsum(before * mine / risk)
    return CumulativeIncidence(
        times=times,
        incidence=incidence,
        variance=_gray_variance(mine, others, risk, before, after, incidence),
        robust_variance=_jackknife(
            place, is_mine, code > 0, incidence, mine, deaths, risk, before, after
        ),
        participants=len(stop),
        events=int(mine.sum()),
    )


def _gray_variance(
    mine: Floats, others: Floats, risk: Floats, before: Floats, after: Floats, incidence: Floats
) -> Floats:
    """The variance at each time; between events of the cause it stays as it was."""
    alive = after > 0
    inverse = np.divide(1.0, after, out=np.zeros_like(after), where=alive)

    def rate(number: Floats) -> Floats:
        tied = np.where(number > 1, 1 - (number - 1) / np.maximum(risk - 1, 1), 1.0)
        return np.asarray(before**2 * tied * number / risk**2)

    one, two = rate(mine), np.where(alive, rate(others), 0.0)
    ratio = incidence * inverse
    lead = 1 + ratio
    first = np.cumsum(lead**2 * one + ratio**2 * two)
    cross = np.cumsum(lead * inverse * one + ratio * inverse * two)
    second = np.cumsum(inverse**2 * (one + two))
    variance = first + incidence**2 * second - 2 * incidence * cross
    last = np.maximum.accumulate(np.where(mine > 0, np.arange(len(mine)), -1))
    return np.where(last >= 0, np.maximum(variance[last], 0.0), 0.0)


def _jackknife(
    place: Integers, is_mine: Marks, is_event: Marks, incidence: Floats, mine: Floats,
    deaths: Floats, risk: Floats, before: Floats, after: Floats,
) -> Floats:  # fmt: skip
    """Sum of squares of each participant's influence on the incidence, at each time.

    While at risk, all have the same influence. After the own end, at T, the influence of a
    participant on the log survival, m, stays, and moves the incidence F by m (F(t) - F(T)).
    """
    k = len(mine)
    factor = np.divide(before, risk * after, out=np.zeros(k), where=after > 0)
    moved = np.cumsum(factor * deaths / risk)
    moved_before = np.concatenate([[0.0], moved[:-1]])
    waiting = np.cumsum(before * mine / risk * (moved_before - 1 / risk))
    m = moved[place] - is_event * factor[place]
    rest = waiting[place] + is_mine * (before / risk)[place] - m * incidence[place]
    squares, products, slopes = (
        np.cumsum(np.bincount(place, part, k)) for part in (rest**2, rest * m, m**2)
    )
    left = risk - np.bincount(place, minlength=k)
    ended = squares + 2 * incidence * products + incidence**2 * slopes
    return np.maximum(ended + left * waiting**2, 0.0)  # rounding may leave less than zero


def gray_test(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    arm: npt.ArrayLike,
    *,
    cause: int = 1,
    rho: float = 0.0,
) -> TestResult:
    """Whether arms differ in the cumulative incidence of a cause.

    Args:
        time, event: as in `cumulative_incidence`.
        arm: labels, shape (n,).
        cause: the one that is compared.
        rho: weights, the power of one minus the common incidence just before; 0 weighs all alike.

    Returns:
        A chi-square statistic with one degree of freedom fewer than arms.

    Raises:
        UnusableInputError: as `checked_causes`; with one arm only, without events of the cause, or
            if too few events make the variance singular.

    References:
        Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing
        risk. Annals of Statistics 1988;16:1141-1154.

    Example:
        >>> found = gray_test([3, 5, 7, 9, 4, 8, 11, 12], [1, 2, 1, 1, 1, 2, 1, 0],
        ...                   ["a"] * 4 + ["b"] * 4)
        >>> round(found.statistic, 4), found.degrees_of_freedom
        (1.3296, 1.0)
    """
    stop, _, is_mine, is_other = checked_causes(time, event, cause)
    whose, arms = numbered(arm, len(stop), "arms")
    k = len(arms)
    if k < 2:
        raise UnusableInputError("there is one arm only, so nothing to compare")
    if not is_mine.any():
        raise UnusableInputError(f"nobody had an event of cause {cause}")
    risks, (mine, others) = at_risk_by_arm(stop, whose, k, is_mine, is_other)
    score, variance = _gray_sums(mine, others, risks, rho)
    part = variance[:-1, :-1]
    if np.linalg.matrix_rank(part, hermitian=True) < k - 1:
        raise UnusableInputError("too few events to compare all arms")
    statistic = float(score[:-1] @ np.linalg.solve(part, score[:-1]))
    return TestResult(
        statistic=statistic,
        degrees_of_freedom=float(k - 1),
        p_value=float(chi2.sf(statistic, k - 1)),
        counts={"participants": len(stop), "events": int(is_mine.sum())},
    )


def _gray_sums(mine: Floats, others: Floats, risks: Floats, rho: float) -> tuple[Floats, Floats]:
    """Score of each arm, shape (k,), and its variance, shape (k, k), time after time.

    Noise enters through each arm's own events; an event at one time moves later weights through the
    arm's survival, which the running matrix c carries.
    """
    k = risks.shape[1]
    score, c, spread = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    drift, mixed = np.zeros(k), np.zeros((k, k))  # of each arm's later survival; with the score
    survival, own, common = np.ones(k), np.zeros(k), 0.0
    for d1, d2, n in zip(mine, others, risks, strict=True):
        events = d1.sum()
        if not events + d2.sum():
            continue
        here = n > 0
        size = np.where(here, n, 1.0)
        scaled = np.where(here, n / np.where(survival > 0, survival, 1.0), 0.0)
        total = scaled.sum()
        eligible = scaled * (1 - own)
        after = np.where(here, survival * (1 - (d1 + d2) / size), survival)
        later = common + events / total
        weight = max(1 - common, 0.0) ** rho  # rounding may leave less than zero
        a = weight * (np.diag(scaled) - np.outer(scaled, scaled) / total)
        c = c + a * events / (total * (1 - common))
        score = score + np.where(here, weight * (d1 - events * eligible / eligible.sum()), 0.0)
        alive = after > 0
        pull = np.divide(1 - later, after, out=np.zeros(k), where=alive)
        if events:
            turn = np.where(alive, 1 - pull, 1.0)
            ties = 1 - (events - 1) / (total * survival - 1) if events > 1 else np.ones(k)
            noise = np.where(here, ties * survival * events / (total * size), 0.0)
            move = a - turn * c
            drift = drift + turn**2 * noise
            mixed = mixed + move * turn * noise
            spread = spread + (move * noise) @ move.T
        if d2.any():
            ties = np.where(d2 > 1, 1 - (d2 - 1) / np.maximum(n - 1, 1), 1.0)
            noise = np.where(alive & here, ties * survival**2 * d2 / size**2, 0.0)
            move = pull * c
            drift = drift + pull**2 * noise
            mixed = mixed - move * pull * noise
            spread = spread + (move * noise) @ move.T
        own = own + np.where(here, survival * d1 / size, 0.0)
        common, survival = later, after
    spread = spread + (c * drift) @ c.T + c @ mixed.T + mixed @ c.T
    return score, spread
