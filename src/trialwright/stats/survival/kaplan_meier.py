"""The probability of staying free of an event, by the product-limit method."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.tables import normal_quantile
from trialwright.stats.results import Estimate, Floats, Integers
from trialwright.stats.survival.times import checked_times, place_of

INTERVALS = ("log-log", "log", "plain")
EQUAL = 1e-12  # two probabilities nearer than this are one, as R has it for quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class KaplanMeier:
    """The curve of one arm.

    Attributes:
        times: at which an observation ended, shape (k,), rising.
        at_risk, events: just before and at each of them, shape (k,).
        survival: from each of them on, shape (k,).
        hazard_variance: Greenwood's sum, the variance of the log survival, shape (k,); infinite
            once survival is zero.
        participants: how many were observed.
    """

    times: Floats
    at_risk: Integers
    events: Integers
    survival: Floats
    hazard_variance: Floats
    participants: int

    def at(self, time: float, *, interval: str = "log-log", level: float = 0.95) -> Estimate:
        """The survival at a time with Greenwood's standard error.

        Counts hold how many were at risk just before. Limits are None where survival is zero.
        Beyond the last observation the curve stays as it was, and a note says so.

        Args:
            time: from 0.
            interval: the scale on which it is symmetric: 'log-log' (Kalbfleisch and Prentice),
                'log' or 'plain'; the latter two are cut at 0 and 1.
            level: of the interval.
        """
        survival, variance = self._value(place_of(self.times, time))
        at_risk = int(self.participants - self._left_before(time))
        lower, upper = _limits(survival, variance, interval, level)
        notes = () if time <= self.times[-1] else ("beyond the last observation",)
        return Estimate(
            estimate=survival,
            standard_error=0.0 if survival == 0 else survival * math.sqrt(variance),
            lower=lower,
            upper=upper,
            level=level,
            counts={"at risk": at_risk},
            notes=notes if lower is not None else (*notes, "no interval is defined here"),
        )

    def quantile(
        self, share: float = 0.5, *, interval: str = "log-log", level: float = 0.95
    ) -> Estimate:
        """The time by which a share of participants had the event; None if it was not reached.

        The limits are the times at which those of the curve reach the same share (Brookmeyer and
        Crowley 1982). A lower one that was not reached is None, an upper one infinite.
        """
        if not 0 < share < 1:
            raise UnusableInputError(f"a share lies between 0 and 1, not at {share}")
        limits = [_limits(*self._value(place), interval, level) for place in range(len(self.times))]
        # Where survival is zero limits are not defined, so that they reach nothing, as in R.
        lower, upper = np.array(
            [(1.0, 1.0) if low is None else (low, high) for low, high in limits]
        ).T
        found, low, high = (
            self._reached(curve, 1 - share) for curve in (self.survival, lower, upper)
        )
        return Estimate(
            estimate=found,
            lower=low,
            upper=math.inf if high is None else high,
            level=level,
            counts={"participants": self.participants, "events": int(self.events.sum())},
            notes=() if found is not None else ("the share was not reached",),
        )

    def restricted_mean(self, horizon: float, *, level: float = 0.95) -> Estimate:
        """The mean time free of the event up to a horizon: the area under the curve.

        Reference:
            Royston P, Parmar MK. Restricted mean survival time. BMC Medical Research Methodology
            2013;13:152.
        """
        if horizon <= 0 or (horizon > self.times[-1] and self.survival[-1] > 0):
            raise UnusableInputError(
                f"the curve is not known up to {horizon}",
                remedy=f"choose a horizon of at most {self.times[-1]}, the last observation",
            )
        inside = self.times < horizon
        knots = np.concatenate([[0.0], self.times[inside], [horizon]])
        heights = np.concatenate([[1.0], self.survival[inside]])
        areas = np.diff(knots) * heights
        left = np.cumsum(areas[::-1])[::-1][1:]  # after each knot
        deaths, risk = self.events[inside], self.at_risk[inside]
        survivors = risk - deaths
        parts = np.divide(deaths, risk * survivors, out=np.zeros(len(deaths)), where=survivors > 0)
        error = math.sqrt(float((left**2 * parts).sum()))
        reach = normal_quantile(level) * error
        area = float(areas.sum())
        return Estimate(
            estimate=area, standard_error=error, lower=area - reach, upper=area + reach,
            level=level,
            counts={"participants": self.participants, "events": int(deaths.sum())},
        )  # fmt: skip

    def _value(self, place: int) -> tuple[float, float]:
        if place < 0:
            return 1.0, 0.0
        return float(self.survival[place]), float(self.hazard_variance[place])

    def _left_before(self, time: float) -> int:
        gone = -np.diff(np.append(self.at_risk, 0))
        return int(gone[self.times < time].sum())

    def _reached(self, curve: Floats, height: float) -> float | None:
        """Where a falling curve comes to a height; the middle of a step that lies on it.

        The last step ends with the last observation, as R has it.
        """
        below = np.flatnonzero(curve <= height + EQUAL)
        if not len(below):
            return None
        first = last = below[0]
        if curve[first] >= height - EQUAL:
            under = np.flatnonzero(curve < height - EQUAL)
            last = under[0] if len(under) else -1
        return float(self.times[first] + self.times[last]) / 2


def kaplan_meier(time: npt.ArrayLike, event: npt.ArrayLike) -> KaplanMeier:
    """The product-limit estimate of one arm.

    Args:
        time: to the event or the end of observation, shape (n,).
        event: whether it was the event, shape (n,), 0 or 1. At equal times events come first.

    Raises:
        UnusableInputError: as `checked_times`.

    References:
        Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. Journal of the
        American Statistical Association 1958;53:457-481. Greenwood M. 1926, for the variance.

    Example:
        >>> curve = kaplan_meier([3, 5, 5, 8, 9, 12], [1, 1, 0, 1, 0, 0])
        >>> point = curve.at(6)
        >>> f"{point.estimate:.4f} ({point.lower:.4f}, {point.upper:.4f})"
        '0.6667 (0.1946, 0.9044)'
        >>> curve.quantile().estimate, round(curve.restricted_mean(10).estimate, 3)
        (8.0, 7.556)
    """
    stop, code, _ = checked_times(time, event)
    if code.max() > 1:
        raise UnusableInputError(
            "more than one kind of event", remedy="use the cumulative incidence of each"
        )
    times, place = np.unique(stop, return_inverse=True)
    ended = np.bincount(place, minlength=len(times))
    events = np.bincount(place, code, len(times)).astype(np.int64)
    at_risk = len(stop) - np.concatenate([[0], np.cumsum(ended)[:-1]])
    remaining = at_risk - events
    with np.errstate(divide="ignore"):
        parts = np.where(events > 0, events / (at_risk * remaining.astype(np.float64)), 0.0)
    return KaplanMeier(
        times=times,
        at_risk=at_risk,
        events=events,
        survival=np.cumprod(remaining / at_risk),
        hazard_variance=np.cumsum(parts),
        participants=len(stop),
    )


def _limits(
    survival: float, variance: float, interval: str, level: float
) -> tuple[float | None, float | None]:
    if interval not in INTERVALS:
        raise UnusableInputError(
            f"there is no interval {interval!r}", remedy=f"use one of {INTERVALS}"
        )
    reach = normal_quantile(level)
    if survival == 0:
        return None, None
    if variance == 0:
        return 1.0, 1.0
    error = math.sqrt(variance)
    if interval == "plain":
        return max(0.0, survival * (1 - reach * error)), min(1.0, survival * (1 + reach * error))
    if interval == "log":
        return survival * math.exp(-reach * error), min(1.0, survival * math.exp(reach * error))
    shift = reach * error / abs(math.log(survival))
    return survival ** math.exp(shift), survival ** math.exp(-shift)
