"""Times under observation, checked."""

import numpy as np
import numpy.typing as npt

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, Integers


def checked_times(
    time: npt.ArrayLike, event: npt.ArrayLike, start: npt.ArrayLike | None = None
) -> tuple[Floats, Integers, Floats]:
    """Times, codes of events, and starts (minus infinity if none), shape (n,) each.

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
    if not np.isfinite(stop).all() or (stop < 0).any() or np.isnan(begin).any():
        raise UnusableInputError("a time is missing, infinite or negative")
    if not ((code >= 0) & (code == np.floor(code))).all():
        raise UnusableInputError("events are coded 0 (none), 1, 2 …; nothing missing")
    if (begin >= stop).any():
        raise UnusableInputError("an interval ends where it starts, or before")
    return stop, code.astype(np.int64), begin


def numbered(labels: npt.ArrayLike | None, n: int) -> tuple[Integers, list[str]]:
    """Numbers of labels in their order, shape (n,), and the labels; one label if none are given."""
    if labels is None:
        return np.zeros(n, dtype=np.int64), [""]
    names, codes = np.unique(np.asarray(labels), return_inverse=True)
    if codes.shape != (n,):
        raise UnusableInputError("labels and times differ in length")
    return codes.astype(np.int64), [str(name) for name in names.tolist()]
