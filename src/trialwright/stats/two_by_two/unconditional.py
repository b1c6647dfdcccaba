"""Unconditional exact tests: Barnard's, Boschloo's and their kin.

The p value is the largest probability, over the common risk π, of the tables at least as extreme as
the observed one. Given the total of events, a table's law is hypergeometric whatever π, so that
probability is Σ f_s Binomial(s; N, π), f_s being the share of extreme tables at total s. In the
angle φ, π = sin²φ, it is a trigonometric polynomial of degree N in 2φ: a grid of a few times N
angles cannot step over a peak, and each peak that could be the highest is refined.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.stats import binom, hypergeom

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.tables import TwoArms
from trialwright.stats.results import Floats, TestResult

Booleans = npt.NDArray[np.bool_]
STATISTICS = ("z-pooled", "z-unpooled", "fisher", "csm")
TIES = 1e-9
ANGLES_PER_PARTICIPANT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class UnconditionalTest(TestResult):
    """A test with the risk at which its p value is attained.

    Attributes:
        nuisance: the common risk that makes the observed table least surprising.
        shares: shape (N + 1,): of the tables with s events in all, the probability that they are
            extreme, given s.
    """

    nuisance: float
    shares: Floats = field(repr=False)

    def probability(self, risk: float) -> float:
        """The probability of extreme tables at a common risk."""
        total = len(self.shares) - 1
        return float(binom.pmf(np.arange(total + 1), total, risk) @ self.shares)


def unconditional_test(
    events: int,
    participants: int,
    control_events: int,
    control_participants: int,
    *,
    statistic: str = "fisher",
    alternative: str = "two-sided",
) -> UnconditionalTest:
    """Unconditional exact test of an active arm against a control arm.

    Args:
        events: participants of the active arm with the event.
        participants: of the active arm.
        control_events: participants of the control arm with the event.
        control_participants: of the control arm.
        statistic: what makes a table extreme: 'fisher' (its Fisher p: Boschloo's test), 'z-pooled'
            (Barnard's test in its usual form), 'z-unpooled', or 'csm' (Barnard's own ordering by
            convexity, symmetry and minimum; two-sided only).
        alternative: 'two-sided', 'greater' (more events in the active arm) or 'less'.

    Raises:
        UnusableInputError: if the counts cannot be, or the statistic or alternative is unknown.

    Programs:
        SciPy's boschloo_exact and barnard_exact take the columns as the groups, and can stop at a
        local maximum: 19/29 v 11/30 has Barnard's p .0303, SciPy 1.17 has been seen to give .0296.
        R's Exact and exact2x2 search a grid of risks and are off by up to 4e-5.

    References:
        Barnard 1947, Biometrika 34:123; Boschloo 1970, Statistica Neerlandica 24:1; Suissa &
        Shuster 1985, JRSS A 148:317 (z statistics).

    Example:
        >>> result = unconditional_test(4, 15, 11, 15, statistic="z-pooled")
        >>> f"{result.p_value:.6f} at {result.nuisance:.4f}"
        '0.016143 at 0.5000'
    """
    table = TwoArms(events, participants, control_events, control_participants)
    if alternative not in ("two-sided", "greater", "less"):
        raise UnusableInputError(f"there is no alternative {alternative!r}")
    if statistic == "csm":
        if alternative != "two-sided":
            raise UnusableInputError("the CSM ordering is two-sided")
        extreme = _csm_region(table)
    elif statistic in STATISTICS:
        extreme = _region(table, statistic, alternative)
    else:
        raise UnusableInputError(
            f"there is no ordering {statistic!r}", remedy=f"try {', '.join(STATISTICS)}"
        )
    law = _by_total(extreme, participants, control_participants)
    nuisance, largest = _peak(law)
    return UnconditionalTest(
        p_value=min(largest, 1.0),
        alternative=alternative,
        counts=table.counts,
        nuisance=nuisance,
        shares=law,
    )


def _given_total(n1: int, n0: int) -> Floats:
    """The probability of each table (x1, x0) given its total of events, shape (n1 + 1, n0 + 1)."""
    x1, x0 = np.ogrid[: n1 + 1, : n0 + 1]
    return np.asarray(hypergeom.pmf(x1, n1 + n0, n1, x1 + x0))


def _by_total(extreme: Booleans, n1: int, n0: int) -> Floats:
    """The share of extreme tables at each total of events."""
    x1, x0 = np.ogrid[: n1 + 1, : n0 + 1]
    chances = _given_total(n1, n0) * extreme
    return np.asarray(np.bincount((x1 + x0).ravel(), chances.ravel(), n1 + n0 + 1), np.float64)


def _region(table: TwoArms, statistic: str, alternative: str) -> Booleans:
    """True for each table at least as extreme as the observed one."""
    n1, n0 = table.participants, table.control_participants
    if statistic == "fisher":
        extremity = -_fisher_p(n1, n0, alternative)
        allowance = TIES * np.abs(extremity)
    else:
        extremity = _z(n1, n0, pooled=statistic == "z-pooled")
        extremity = {"greater": extremity, "less": -extremity}.get(alternative, np.abs(extremity))
        allowance = np.full_like(extremity, TIES)
    seen = extremity[table.events, table.control_events]
    return np.asarray(extremity >= seen - allowance, dtype=np.bool_)


def _z(n1: int, n0: int, *, pooled: bool) -> Floats:
    """The z statistic of every table; zero where both risks are 0 or both 1."""
    x1, x0 = np.ogrid[: n1 + 1, : n0 + 1]
    p1, p0, mean = x1 / n1, x0 / n0, (x1 + x0) / (n1 + n0)
    own = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    variance = mean * (1 - mean) * (1 / n1 + 1 / n0) if pooled else own
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (p1 - p0) / np.sqrt(variance)
    return np.where(p1 == p0, 0.0, z)


def _fisher_p(n1: int, n0: int, alternative: str) -> Floats:
    """Fisher's p of every table, shape (n1 + 1, n0 + 1)."""
    given = _given_total(n1, n0)
    p = np.empty((n1 + 1, n0 + 1))
    for total in range(n1 + n0 + 1):
        active = np.arange(max(0, total - n0), min(n1, total) + 1)
        law = given[active, total - active]
        if alternative == "greater":
            tail = law[::-1].cumsum()[::-1]
        elif alternative == "less":
            tail = law.cumsum()
        else:
            order = np.sort(law)
            tied = np.searchsorted(order, law * (1 + 1e-7), side="right")
            tail = order.cumsum()[tied - 1]
        p[active, total - active] = tail
    return p


def _peak(shares: Floats) -> tuple[float, float]:
    """Where Σ shares_s Binomial(s; N, π) is largest, and its value there."""
    total = len(shares) - 1
    successes = np.arange(total + 1)
    angles = np.linspace(0, math.pi / 2, ANGLES_PER_PARTICIPANT * total + 1)
    values = binom.pmf(successes, total, np.sin(angles)[:, np.newaxis] ** 2) @ shares

    def at(angle: float) -> float:
        return float(binom.pmf(successes, total, math.sin(angle) ** 2) @ shares)

    best_angle = float(angles[values.argmax()])
    best = float(values.max())
    # Bernstein: between neighbors h apart in 2φ the polynomial rises by less than (N h)² / 8.
    step = 2 * (angles[1] - angles[0])
    hopeful = best - (total * step) ** 2 / 8
    padded = np.concatenate([[-1.0], values, [-1.0]])
    peaks = (values >= padded[:-2]) & (values >= padded[2:]) & (values >= hopeful)
    for index in np.flatnonzero(peaks):
        low, high = angles[max(int(index) - 1, 0)], angles[min(int(index) + 1, len(angles) - 1)]
        found = minimize_scalar(
            lambda angle: -at(angle), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        if -found.fun > best:
            best, best_angle = float(-found.fun), float(found.x)
    return math.sin(best_angle) ** 2, best


def _csm_region(table: TwoArms) -> Booleans:
    """Barnard's ordering: from the corners on, add the table that raises the p value least.

    A table may be added once the more extreme neighbors in its row and column are in (convexity),
    always with its mirror image (n1 − x1, n0 − x0) (symmetry).
    """
    n1, n0 = table.participants, table.control_participants
    total = n1 + n0
    risks = np.sin(np.linspace(0, math.pi / 2, ANGLES_PER_PARTICIPANT * total + 1)) ** 2
    law = binom.pmf(np.arange(total + 1), total, risks[:, np.newaxis])
    given = _given_total(n1, n0)
    region = np.zeros((n1 + 1, n0 + 1), dtype=bool)
    size = np.zeros(len(risks))

    def chance(x1: int, x0: int) -> Floats:
        mirrored = law[:, total - x1 - x0] * given[n1 - x1, n0 - x0]
        same = (x1, x0) == (n1 - x1, n0 - x0)
        return np.asarray(law[:, x1 + x0] * given[x1, x0] + (0.0 if same else mirrored))

    seen = (table.events, table.control_events)
    candidates = {(n1, 0)}
    while not region[seen]:
        raised = {one: size + chance(*one) for one in candidates}
        largest = {one: float(values.max()) for one, values in raised.items()}
        least = min(largest.values())
        for x1, x0 in [one for one in candidates if largest[one] <= least * (1 + TIES)]:
            size = size + chance(x1, x0)
            region[x1, x0] = region[n1 - x1, n0 - x0] = True
        candidates = _next(region, n1, n0)
    return region


def _next(region: Booleans, n1: int, n0: int) -> set[tuple[int, int]]:
    """The tables with the larger active risk whose more extreme neighbors are all in."""
    inside = np.pad(region, ((0, 1), (1, 0)), constant_values=True)
    free = ~region & inside[1:, 1:] & inside[:-1, :-1]
    x1, x0 = np.nonzero(free)
    return {(int(a), int(b)) for a, b in zip(x1, x0, strict=True) if a * n0 >= b * n1}
