"""The ratio and the odds ratio of two proportions, active over control, and their intervals."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import scipy

from trialwright.errors import UnusableInputError
from trialwright.stats.distributions import normal_upper_tail
from trialwright.stats.proportions.tables import TwoArms, normal_quantile
from trialwright.stats.results import Estimate

Score = Callable[[float, TwoArms], float]
LARGEST_LOG: Final = 200.0


def risk_ratio(
    events: int,
    participants: int,
    control_events: int,
    control_participants: int,
    *,
    method: str = "miettinen-nurminen",
    level: float = 0.95,
) -> Estimate:
    """Ratio of two proportions, active over control, with its interval.

    Args:
        events: participants of the active arm with the event.
        participants: of the active arm.
        control_events: participants of the control arm with the event.
        control_participants: of the control arm.
        method: 'miettinen-nurminen', 'koopman' (without the factor N / (N − 1)), 'katz' (Wald on
            the log scale) or 'katz-half' (Katz's with half an event added to each arm's events in
            the variance, as R's DescTools 0.99.59 computes what it calls 'katz.log').
        level: two-sided confidence level.

    Returns:
        The estimate and limits on the ratio scale; the standard error (Katz) is of the log ratio.
        Without control events the ratio is infinite, without any event it is None with a note.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or the method is unknown.

    Programs:
        DescTools' 'katz.log' and Katz's own formula differ: 14/40 v 10/40 gives 0.7219 to 2.7151
        there ('katz-half'), 0.7072 to 2.7717 by the paper ('katz').

    References:
        Miettinen & Nurminen 1985, Statistics in Medicine 4:213; Koopman 1984, Biometrics 40:513;
        Katz et al. 1978, Biometrics 34:469.

    Example:
        >>> result = risk_ratio(16, 29, 9, 30)
        >>> f"{result.estimate:.2f} ({result.lower:.2f} to {result.upper:.2f})"
        '1.84 (0.99 to 3.56)'
    """
    table = TwoArms(events, participants, control_events, control_participants)
    if method in ("katz", "katz-half"):
        half = 0.5 if method == "katz-half" else 0.0
        active = ((events + half, 1), (participants, -1))
        control = ((control_events + half, 1), (control_participants, -1))
        return _log_wald(
            table, level, top=table.risk, bottom=table.control_risk, terms=(*active, *control)
        )
    return _by_score(table, level, method, RATIO_SCORES, _quotient(table.risk, table.control_risk))


def odds_ratio(
    events: int,
    participants: int,
    control_events: int,
    control_participants: int,
    *,
    method: str = "miettinen-nurminen",
    level: float = 0.95,
) -> Estimate:
    """Odds ratio of two proportions, active over control, with its interval.

    The conditional estimate with exact limits is `two_by_two.conditional.conditional_odds_ratio`.

    Args:
        events: participants of the active arm with the event.
        participants: of the active arm.
        control_events: participants of the control arm with the event.
        control_participants: of the control arm.
        method: 'miettinen-nurminen', 'cornfield' (without the factor N / (N − 1)) or 'woolf' (Wald
            on the log scale).
        level: two-sided confidence level.

    Returns:
        The estimate and limits on the ratio scale; the standard error (Woolf) is of the log.
        With an empty cell the ratio is 0, infinite or, if an entire margin is empty, None.

    Raises:
        UnusableInputError: if the counts or the level cannot be, or the method is unknown.

    References:
        Miettinen & Nurminen 1985, Statistics in Medicine 4:213; Cornfield 1956, Proceedings of the
        Third Berkeley Symposium 4:135; Woolf 1955, Annals of Human Genetics 19:251.

    Example:
        >>> result = odds_ratio(16, 29, 9, 30)
        >>> f"{result.estimate:.2f} ({result.lower:.2f} to {result.upper:.2f})"
        '2.87 (0.99 to 8.33)'
    """
    table = TwoArms(events, participants, control_events, control_participants)
    without, control_without = participants - events, control_participants - control_events
    if method == "woolf":
        return _log_wald(
            table,
            level,
            top=events * control_without,
            bottom=control_events * without,
            terms=((events, 1), (without, 1), (control_events, 1), (control_without, 1)),
        )
    ratio = _quotient(events * control_without, control_events * without)
    return _by_score(table, level, method, ODDS_SCORES, ratio)


def _quotient(top: float, bottom: float) -> float | None:
    if bottom == 0:
        return None if top == 0 else math.inf
    return top / bottom


def _log_wald(
    table: TwoArms,
    level: float,
    *,
    top: float,
    bottom: float,
    terms: tuple[tuple[float, int], ...],
) -> Estimate:
    """Wald's interval of a log ratio whose variance is the sum of ± 1 / count over `terms`."""
    z = normal_quantile(level)
    ratio = _quotient(top, bottom)
    if ratio is None or ratio in (0.0, math.inf):
        return Estimate(
            estimate=ratio,
            lower=0.0,
            upper=math.inf,
            level=level,
            counts=table.counts,
            notes=("an empty cell: the log ratio has no standard error",),
        )
    error = math.sqrt(max(sum(sign / count for count, sign in terms), 0.0))
    middle = math.log(ratio)
    statistic = middle / error if error > 0 else None
    return Estimate(
        estimate=ratio,
        standard_error=error,
        lower=math.exp(middle - z * error),
        upper=math.exp(middle + z * error),
        level=level,
        statistic=statistic,
        p_value=None if statistic is None else float(2 * normal_upper_tail(abs(statistic))),
        counts=table.counts,
        notes=("the standard error is of the logarithm",),
    )


def _by_score(
    table: TwoArms, level: float, method: str, scores: Mapping[str, Score], ratio: float | None
) -> Estimate:
    z = normal_quantile(level)
    if method not in scores:
        raise UnusableInputError(
            f"there is no interval {method!r} for this ratio", remedy=f"try {', '.join(scores)}"
        )
    score = scores[method]
    statistic = score(1.0, table)
    return Estimate(
        estimate=ratio,
        lower=_where(z, score, table),
        upper=_where(-z, score, table),
        level=level,
        statistic=statistic,
        p_value=float(2 * normal_upper_tail(abs(statistic))),
        counts=table.counts,
        notes=() if ratio is not None else ("without events the ratio is not determined",),
    )


def _where(target: float, score: Score, table: TwoArms) -> float:
    """The ratio whose score is `target`; the score falls as the ratio grows."""

    def gap(log_ratio: float) -> float:
        return score(math.exp(log_ratio), table) - target

    if gap(-LARGEST_LOG) <= 0:
        return 0.0
    if gap(LARGEST_LOG) >= 0:
        return math.inf
    root = scipy.optimize.brentq(
        gap, -LARGEST_LOG, LARGEST_LOG, xtol=1e-14, rtol=4 * np.finfo(float).eps
    )
    return math.exp(root)


def _ratio_score(ratio: float, table: TwoArms, correction: bool) -> float:
    """Score of a ratio, with the risks that are likeliest under it."""
    n1, n0, total = table.participants, table.control_participants, table.total
    b = n1 * ratio + table.events + n0 + table.control_events * ratio
    inside = max(b * b - 4 * total * ratio * table.total_events, 0.0)
    p0 = 2 * table.total_events / (b + math.sqrt(inside))  # the smaller root, without cancellation
    p1 = p0 * ratio
    variance = p1 * max(1 - p1, 0.0) / n1 + ratio * ratio * p0 * max(1 - p0, 0.0) / n0
    return _standardized(table.risk - ratio * table.control_risk, variance, table, correction)


def _odds_score(ratio: float, table: TwoArms, correction: bool) -> float:
    """Score of an odds ratio, with the risks that are likeliest under it.

    The deviation of one cell is that of every cell; an empty cell gives it without cancellation.
    """
    n1, n0, events = table.participants, table.control_participants, table.total_events
    # Solved for the arm whose quadratic stays tame: control if ratio ≥ 1, active if not.
    if ratio >= 1:
        p0 = _odds_root(n0, n1, events, ratio)
        scale = 1 + p0 * (ratio - 1)
        p1, q0, q1 = p0 * ratio / scale, 1 - p0, (1 - p0) / scale
    else:
        p1 = _odds_root(n1, n0, events, 1 / ratio)
        scale = ratio + p1 * (1 - ratio)
        p0, q1, q0 = p1 / scale, 1 - p1, ratio * (1 - p1) / scale
    one, zero = n1 * p1 * q1, n0 * p0 * q0
    if one <= 0 or zero <= 0:
        return 0.0
    if table.control_events == 0:
        deviation = n0 * p0
    elif table.events == n1:
        deviation = n1 * q1
    elif table.control_events == n0:
        deviation = -n0 * q0
    else:
        deviation = table.events - n1 * p1
    return _standardized(deviation, one * zero / (one + zero), table, correction)


def _odds_root(n: int, other: int, events: int, ratio: float) -> float:
    """The risk p in the arm of size n, if the other arm has `ratio` ≥ 1 times its odds."""
    a, b = n * (ratio - 1), other * ratio + n - events * (ratio - 1)
    inside = math.sqrt(b * b + 4 * a * events)
    return 2 * events / (b + inside) if b >= 0 else (inside - b) / (2 * a)


def _standardized(deviation: float, variance: float, table: TwoArms, correction: bool) -> float:
    factor = table.total / (table.total - 1) if correction else 1.0
    if variance <= 0:
        return 0.0 if abs(deviation) < 1e-15 else math.copysign(1e6, deviation)
    return deviation / math.sqrt(variance * factor)


RATIO_SCORES: Final[Mapping[str, Score]] = {
    "miettinen-nurminen": lambda ratio, table: _ratio_score(ratio, table, True),
    "koopman": lambda ratio, table: _ratio_score(ratio, table, False),
}
ODDS_SCORES: Final[Mapping[str, Score]] = {
    "miettinen-nurminen": lambda ratio, table: _odds_score(ratio, table, True),
    "cornfield": lambda ratio, table: _odds_score(ratio, table, False),
}
