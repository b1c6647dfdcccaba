"""Tests that strata share one odds ratio."""

import math

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from trialwright.stats.results import Floats, TestResult
from trialwright.stats.stratified.mantel_haenszel import common_odds_ratio
from trialwright.stats.stratified.tables import left_out, totals, used_strata


def breslow_day_test(tables: npt.ArrayLike, *, tarone: bool = False) -> TestResult:
    """Breslow and Day's test that the odds ratio is the same in all strata.

    Args:
        tables: shape (strata, 4): events and participants of the active arm, events and
            participants of the control arm.
        tarone: correct for the Mantel–Haenszel odds ratio not being the likeliest one.

    Returns:
        Chi-square with one degree of freedom fewer than strata with events and non-events; None
        with a note if there are fewer than two or the common odds ratio is 0 or infinite.

    Raises:
        UnusableInputError: if the counts cannot be, or no stratum has both arms.

    References:
        Breslow & Day 1980, Statistical Methods in Cancer Research 1, IARC, p. 142; Tarone 1985,
        Biometrika 72:91.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> f"{breslow_day_test(tables).p_value:.4f}"
        '0.3233'
    """
    used = used_strata(tables)
    ratio = common_odds_ratio(used).estimate
    x1, n1, x0, n0 = used.T
    varied = (x1 + x0 > 0) & (x1 + x0 < n1 + n0)
    x1, n1, x0, n0 = used[varied].T
    if len(x1) < 2 or ratio is None or ratio in (0.0, math.inf):
        return _nothing(used, tables)
    m = x1 + x0
    fitted = _fitted(ratio, n1, n0, m)
    variance = 1 / (1 / fitted + 1 / (m - fitted) + 1 / (n1 - fitted) + 1 / (n0 - m + fitted))
    statistic = float(((x1 - fitted) ** 2 / variance).sum())
    if tarone:
        statistic -= float((x1 - fitted).sum() ** 2 / variance.sum())
    return _tested(statistic, len(x1) - 1, used, tables)


def woolf_test(tables: npt.ArrayLike) -> TestResult:
    """Woolf's test that the odds ratio is the same in all strata.

    Args:
        tables: as in `breslow_day_test`; if any cell is empty, half is added to every cell.

    Raises:
        UnusableInputError: if the counts cannot be, or no stratum has both arms.

    References:
        Woolf 1955, Annals of Human Genetics 19:251.

    Example:
        >>> tables = [(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)]
        >>> f"{woolf_test(tables).p_value:.4f}"
        '0.4781'
    """
    used = used_strata(tables)
    if len(used) < 2:
        return _nothing(used, tables)
    x1, n1, x0, n0 = used.T
    cells = np.array([x1, n1 - x1, x0, n0 - x0])
    if (cells == 0).any():
        cells = cells + 0.5
    logs = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    weights = 1 / (1 / cells).sum(axis=0)
    mean = weights @ logs / weights.sum()
    return _tested(float(weights @ (logs - mean) ** 2), len(used) - 1, used, tables)


def _fitted(ratio: float, n1: Floats, n0: Floats, m: Floats) -> Floats:
    """Active events of each stratum that have the margins and the odds ratio."""
    b = n0 - m + ratio * (n1 + m)
    inside = np.sqrt(np.maximum(b * b - 4 * (ratio - 1) * ratio * n1 * m, 0.0))
    # The root between the bounds, written so that it holds at ratio one.
    return np.asarray(2 * ratio * n1 * m / (b + inside))


def _tested(statistic: float, freedom: int, used: Floats, tables: npt.ArrayLike) -> TestResult:
    return TestResult(
        statistic=statistic,
        degrees_of_freedom=freedom,
        p_value=float(chi2.sf(statistic, freedom)),
        counts=totals(used),
        notes=left_out(tables),
    )


def _nothing(used: Floats, tables: npt.ArrayLike) -> TestResult:
    note = "fewer than two strata can be compared, or the common odds ratio is 0 or infinite"
    return TestResult(p_value=None, counts=totals(used), notes=(*left_out(tables), note))
