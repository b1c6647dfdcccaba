"""Times under observation, checked, and who was at risk at each of them."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.design import label_codes
from trialwright.stats.results import Floats, Integers

SAME = 1.5e-8  # times nearer, as a part of their mean, differ by rounding only, as R has it


def checked_times(
    time: npt.ArrayLike, event: npt.ArrayLike, start: npt.ArrayLike | None = None
) -> tuple[Floats, Integers, Floats]:
    """Times, codes of events, and starts (minus infinity if none), shape (n,) each.

    Times that differ by rounding only are made equal, so that ties do not depend on the unit.

    Raises:
        UnusableInputError: if lengths differ, a time is missing or negative, an interval is empty,
            or an event's code is no whole number from 0.
    """
    stop = np.asarray(time, dtype=np.float64)
    code = np.asarray(event, dtype=np.float64)
    begin = np.full(stop.shape, -np.inf) if start is None else np.asarray(start, dtype=np.float64)
    if stop.ndim != 1 or not stop.shape == code.shape == begin.shape:
        raise UnusableInputError("times and events differ in length")
    if not len(stop):
        raise UnusableInputError("nobody was observed")
    if not np.isfinite(stop).all() or (stop < 0).any() or not (begin < np.inf).all():
        raise UnusableInputError("a time is missing, infinite or negative")
    if not (np.isfinite(code) & (code >= 0) & (code == np.floor(code))).all():
        raise UnusableInputError("events are coded 0 (none), 1, 2 …; nothing missing")
    stop, begin = _without_rounding(stop, begin)
    if (begin >= stop).any():
        raise UnusableInputError("an interval ends where it starts, or before")
    return stop, code.astype(np.int64), begin


def _without_rounding(stop: Floats, begin: Floats) -> tuple[Floats, Floats]:
    """Times of which those that differ by rounding only are the first of them."""
    moments, place = np.unique(np.concatenate([stop, begin]), return_inverse=True)
    known = moments[np.isfinite(moments)]
    apart = np.diff(known) > SAME * np.abs(known).mean()
    if apart.all():
        return stop, begin
    first = np.concatenate([np.full(len(moments) - len(apart), True), apart])
    same = moments[first][np.cumsum(first) - 1][place]
    return same[: len(stop)], same[len(stop) :]


def checked_causes(
    time: npt.ArrayLike, event: npt.ArrayLike, cause: int
) -> tuple[Floats, Integers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Times, codes, and whose event was of the cause or of another, shape (n,) each.

    Raises:
        UnusableInputError: as `checked_times`, or if the cause is no whole number from 1.
    """
    stop, code, _ = checked_times(time, event)
    if not cause >= 1 or cause != int(cause):
        raise UnusableInputError(f"causes are coded 1, 2 …, not {cause}")
    return stop, code, code == cause, (code > 0) & (code != cause)


def at_risk_by_arm(
    stop: Floats, whose: Integers, arms: int, *marks: npt.NDArray[np.generic]
) -> tuple[Floats, list[Floats]]:
    """How many were at risk just before each time, and had each mark at it, shape (times, arms)."""
    times, place = np.unique(stop, return_inverse=True)
    ended, *counts = (np.zeros((len(times), arms)) for _ in range(1 + len(marks)))
    for table, mark in zip([ended, *counts], [np.ones(len(stop)), *marks], strict=True):
        np.add.at(table, (place, whose), mark.astype(np.float64))
    return np.asarray(ended[::-1].cumsum(axis=0)[::-1], dtype=np.float64), counts


def place_of(times: Floats, time: float) -> int:
    """The last of rising times that is not after a time; -1 before all of them.

    Raises:
        UnusableInputError: if the time is negative or missing.
    """
    if not time >= 0:
        raise UnusableInputError(f"a time counts from 0, so it cannot be {time}")
    return int(np.searchsorted(times, time, side="right")) - 1


def numbered(labels: npt.ArrayLike | None, n: int, what: str) -> tuple[Integers, list[str]]:
    """Numbers of labels in their order, shape (n,), and the labels; one label if none are given.

    Raises:
        UnusableInputError: if there are not n labels, or one is missing.
    """
    if labels is None:
        return np.zeros(n, dtype=np.int64), [""]
    codes = label_codes(labels, n, what)
    return codes, [str(name) for name in np.unique(np.asarray(labels)).tolist()]
