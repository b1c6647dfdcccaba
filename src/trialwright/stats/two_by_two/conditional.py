"""Exact inference given both margins, in one two-by-two table or in several strata.

Given the margins of every stratum, the events of the active arm add up to T, whose law is the
convolution of the strata's hypergeometric laws; with a common odds ratio θ each weight is
multiplied by θ^t (Fisher 1935, JRSS 98:39; Cox 1970, The Analysis of Binary Data, section 4.2).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp
from scipy.stats import hypergeom

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.tables import TwoArms, normal_quantile
from trialwright.stats.results import Estimate, Floats, TestResult

TIES = 1e-7  # tables as likely as the observed one but for rounding count as ties
Stratum = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ConditionalLaw:
    """The law of T = events of the active arm, over all strata, given all margins.

    Attributes:
        support: the values of T.
        log_weights: their log probabilities at odds ratio one.
        observed: the value that was seen.
    """

    support: Floats
    log_weights: Floats
    observed: float

    def probabilities(self, log_odds_ratio: float = 0.0) -> Floats:
        """The probability of each value of the support."""
        logs = self.log_weights + log_odds_ratio * (self.support - self.observed)
        return np.asarray(np.exp(logs - logsumexp(logs)))

    def tail(self, side: str, log_odds_ratio: float = 0.0, share: float = 1.0) -> float:
        """P(T at least as 'greater' or as 'less' as observed), a share of the observed value."""
        law = self.probabilities(log_odds_ratio)
        beyond = self.support > self.observed if side == "greater" else self.support < self.observed
        return float(law[beyond].sum() + share * law[self.support == self.observed].sum())


def conditional_law(strata: Sequence[Stratum]) -> ConditionalLaw:
    """The conditional law of one or more tables (events, participants, control events, control).

    Raises:
        UnusableInputError: if there is no table with participants in both arms.
    """
    law, lowest, observed = np.ones(1), 0, 0
    used = 0
    for x1, n1, x0, n0 in strata:
        if n1 == 0 or n0 == 0:
            continue  # such a stratum compares nothing
        table = TwoArms(x1, n1, x0, n0)
        used += 1
        least, most = max(0, table.total_events - n0), min(n1, table.total_events)
        law = np.convolve(
            law, hypergeom.pmf(np.arange(least, most + 1), table.total, n1, table.total_events)
        )
        lowest += least
        observed += x1
    if not used:
        raise UnusableInputError("no stratum has participants in both arms")
    with np.errstate(divide="ignore"):
        logs = np.log(law)
    return ConditionalLaw(lowest + np.arange(len(law), dtype=np.float64), logs, observed)


def fisher_test(
    events: int,
    participants: int,
    control_events: int,
    control_participants: int,
    *,
    alternative: str = "two-sided",
    mid_p: bool = False,
) -> TestResult:
    """Fisher's exact test of an active arm against a control arm.

    Args:
        events: participants of the active arm with the event.
        participants: of the active arm.
        control_events: participants of the control arm with the event.
        control_participants: of the control arm.
        alternative: 'two-sided' (tables not more likely than the observed one), 'greater' (more
            events in the active arm) or 'less'.
        mid_p: count the observed table by half; two-sided then twice the smaller tail.

    Raises:
        UnusableInputError: if the counts cannot be or the alternative is unknown.

    References:
        Fisher 1935, JRSS 98:39; Lancaster 1961, JASA 56:223 (mid-p).

    Example:
        >>> f"{fisher_test(16, 29, 9, 30).p_value:.4f}"
        '0.0673'
    """
    table = TwoArms(events, participants, control_events, control_participants)
    return exact_test([_stratum(table)], alternative=alternative, mid_p=mid_p)


def exact_test(
    strata: Sequence[Stratum], *, alternative: str = "two-sided", mid_p: bool = False
) -> TestResult:
    """Exact conditional test that the odds ratio is one in all strata.

    Args:
        strata: tables (events, participants, control events, control participants); strata with an
            empty arm are left out.
        alternative: 'two-sided' (values of T not more likely than the observed one), 'greater' or
            'less'.
        mid_p: count the observed value by half; two-sided then twice the smaller tail.

    Raises:
        UnusableInputError: if the counts cannot be, every stratum has an empty arm, or the
            alternative is unknown.

    References:
        Mehta, Patel & Gray 1985, JASA 80:969; Lancaster 1961, JASA 56:223 (mid-p).

    Example:
        >>> result = exact_test([(3, 9, 0, 6), (2, 9, 1, 9), (3, 7, 6, 10), (6, 15, 3, 15)])
        >>> f"{result.p_value:.4f}"
        '0.3144'
    """
    law = conditional_law(strata)
    share = 0.5 if mid_p else 1.0
    if alternative in ("greater", "less"):
        p = law.tail(alternative, share=share)
    elif alternative != "two-sided":
        raise UnusableInputError(f"there is no alternative {alternative!r}")
    elif mid_p:
        p = 2 * min(law.tail("greater", share=0.5), law.tail("less", share=0.5))
    else:
        chances = law.probabilities()
        seen = chances[law.support == law.observed].sum()
        p = float(chances[chances <= seen * (1 + TIES)].sum())
    notes = () if len(law.support) > 1 else ("the margins allow no other table",)
    return TestResult(
        p_value=min(p, 1.0), alternative=alternative, counts=_totals(strata), notes=notes
    )


def conditional_odds_ratio(
    strata: Sequence[Stratum], *, level: float = 0.95, mid_p: bool = False
) -> Estimate:
    """The common odds ratio of largest conditional likelihood, with its exact central interval.

    Args:
        strata: tables (events, participants, control events, control participants); one table, or
            one for each stratum.
        level: two-sided confidence level.
        mid_p: limits of the mid-p test, narrower and not guaranteed.

    Returns:
        Estimate, limits and the two-sided p of `exact_test`. At the ends of what the margins allow
        the estimate is 0 or infinite and the interval open on that side; if they allow one table
        only, the estimate is None and the interval 0 to infinity.

    Raises:
        UnusableInputError: if the counts or the level cannot be.

    Programs:
        R's fisher.test and mantelhaen.test(exact = TRUE) stop their root search at 1.2e-4 and agree
        to four digits only.

    References:
        Cornfield 1956, Proceedings of the Third Berkeley Symposium 4:135; Mehta, Patel & Gray 1985,
        JASA 80:969.

    Example:
        >>> result = conditional_odds_ratio([(14, 40, 10, 40)])
        >>> f"{result.estimate:.5f} ({result.lower:.5f} to {result.upper:.5f})"
        '1.60568 (0.55424 to 4.79892)'
    """
    normal_quantile(level)
    law = conditional_law(strata)
    least, most = law.support[0], law.support[-1]
    tail, share = (1 - level) / 2, 0.5 if mid_p else 1.0
    estimate: float | None
    if least == most:
        estimate = None
    elif law.observed == least:
        estimate = 0.0
    elif law.observed == most:
        estimate = math.inf
    else:
        estimate = _solve(
            lambda theta: float(law.probabilities(theta) @ law.support) - law.observed
        )
    at_least = law.observed == least or least == most
    at_most = law.observed == most or least == most
    return Estimate(
        estimate=estimate,
        lower=0.0 if at_least else _solve(lambda t: law.tail("greater", t, share) - tail),
        upper=math.inf if at_most else _solve(lambda t: tail - law.tail("less", t, share)),
        level=level,
        p_value=exact_test(strata, mid_p=mid_p).p_value,
        counts=_totals(strata),
        notes=("the margins allow no other table",) if estimate is None else (),
    )


def _solve(rising: Callable[[float], float]) -> float:
    """The odds ratio at which a function that rises with its logarithm is zero."""
    reach = 1.0
    while rising(reach) < 0 or rising(-reach) > 0:
        reach *= 2
    root = brentq(rising, -reach, reach, xtol=1e-15, rtol=4 * np.finfo(float).eps)
    return math.exp(root)


def _stratum(table: TwoArms) -> Stratum:
    return table.events, table.participants, table.control_events, table.control_participants


def _totals(strata: Sequence[Stratum]) -> dict[str, int]:
    sums = [int(sum(column)) for column in zip(*strata, strict=True)]
    names = ("events", "participants", "control events", "control participants")
    used = sum(1 for stratum in strata if stratum[1] and stratum[3])
    return {**dict(zip(names, sums, strict=True)), "strata used": used}
