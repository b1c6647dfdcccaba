"""Fisher's exact test of several arms, as extended by Freeman and Halton."""

import math

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from trialwright.errors import UnusableInputError
from trialwright.stats.results import Floats, TestResult

TIES = 1e-7
DECIMALS = 11  # log products that agree to these are one node of the network
MOST_NODES = 5_000_000


def freeman_halton_test(events: npt.ArrayLike, participants: npt.ArrayLike) -> TestResult:
    """Exact conditional test that the proportions of all arms are equal.

    Args:
        events: shape (arms,).
        participants: shape (arms,).

    Returns:
        The probability, given the margins, of tables not more likely than the observed one.

    Raises:
        UnusableInputError: if the counts cannot be, or the tables are too many to enumerate.

    References:
        Freeman & Halton 1951, Biometrika 38:141. Arms are added one by one and partial tables of
        equal total and equal probability merged, as in the network of Mehta & Patel 1983, JASA
        78:427.

    Example:
        >>> f"{freeman_halton_test([10, 14, 22, 14], [40, 40, 40, 40]).p_value:.6f}"
        '0.045904'
    """
    given = np.asarray(events, dtype=np.float64), np.asarray(participants, dtype=np.float64)
    if given[0].shape != given[1].shape or given[0].ndim != 1 or not np.isfinite(given).all():
        raise UnusableInputError("events and participants need one number for every arm")
    x, n = (counts.astype(np.int64) for counts in given)
    if not ((x >= 0) & (x <= n)).all() or not np.array_equal([x, n], given):
        raise UnusableInputError("counts need 0 ≤ events ≤ participants, whole, in every arm")
    total, m = int(n.sum()), int(x.sum())
    sums, logs, ways = np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1)
    room = n[::-1].cumsum()[::-1] - n  # participants of the arms still to come
    for size, after in zip(n, room, strict=True):
        choices = np.arange(size + 1)
        sums = (sums[:, np.newaxis] + choices).ravel()
        logs = (logs[:, np.newaxis] + _log_choose(int(size), choices)).ravel()
        ways = np.repeat(ways, size + 1)
        possible = (sums <= m) & (sums + after >= m)
        sums, logs, ways = _merged(sums[possible], logs[possible], ways[possible])
        if len(sums) > MOST_NODES // (int(n.max()) + 1):
            raise UnusableInputError(
                "the tables with these margins are too many to enumerate",
                remedy="use the chi-square test",
            )
    everything = float(_log_choose(total, np.array([m]))[0])
    seen = sum(float(_log_choose(int(a), np.array([b]))[0]) for a, b in zip(n, x, strict=True))
    extreme = logs <= seen + TIES
    p = float((ways[extreme] * np.exp(logs[extreme] - everything)).sum())
    return TestResult(p_value=min(p, 1.0), counts={"participants": total, "events": m})


def _log_choose(n: int, k: npt.NDArray[np.int64]) -> Floats:
    return np.asarray(math.lgamma(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _merged(
    sums: npt.NDArray[np.int64], logs: Floats, ways: Floats
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Partial tables of the same total and probability become one, with their number."""
    order = np.lexsort((logs, sums))
    sums, logs, ways = sums[order], logs[order], ways[order]
    rounded = np.round(logs, DECIMALS)
    starts = np.flatnonzero(
        np.concatenate([[True], (np.diff(sums) != 0) | (np.diff(rounded) != 0)])
    )
    return sums[starts], logs[starts], np.add.reduceat(ways, starts)
