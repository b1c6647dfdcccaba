"""Exact power and size of tests of rates, by going through every table that can come out."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.planning.sample_sizes import rates_size
from trialwright.stats.results import Floats

RateTest = Literal["fisher", "z-pooled", "z-unpooled", "boschloo"]
BoolArray = npt.NDArray[np.bool_]
IN_A_ROW = 10
LARGEST_GROUP = 3000
NUISANCE = np.linspace(0.0005, 0.9995, 1000)


def rejection_region(
    test: RateTest, participants: int, control_participants: int, *, alpha: float
) -> BoolArray:
    """Tell for every table whether a one-sided test finds the first rate larger.

    Args:
        test: `fisher` (exact conditional), `z-pooled` (a score test), `z-unpooled` (Wald) or
            `boschloo` (unconditional, with Fisher's p as statistic; its nuisance parameter is
            searched on a grid of a thousand rates).
        participants, control_participants: group sizes.
        alpha: one-sided level.

    Returns:
        Shape (participants + 1, control_participants + 1), by responders.

    Raises:
        UnusableInputError: an unknown test, an empty group, or an impossible level.

    Sources: Barnard, Biometrika 1947;34:123. Boschloo, Stat Neerl 1970;24:1.

    >>> rejection_region("fisher", 4, 4, alpha=0.025).sum()
    np.int64(1)
    """
    if test not in get_args(RateTest):
        raise UnusableInputError(
            f"Unknown test {test!r}", remedy=f"Use one of {', '.join(get_args(RateTest))}."
        )
    sizes: tuple[object, ...] = (participants, control_participants)
    if not all(isinstance(size, int | np.integer) and size >= 1 for size in sizes):
        raise UnusableInputError("Both groups need participants, in whole numbers")
    if not 0 < alpha < 1:
        raise UnusableInputError("The level must lie between 0 and 1")
    events = np.arange(participants + 1)[:, None]
    control = np.arange(control_participants + 1)[None, :]
    if test in {"fisher", "boschloo"}:
        total = participants + control_participants
        p = stats.hypergeom.sf(events - 1, total, events + control, participants)
        region: BoolArray = p <= alpha * (1 + 1e-12)
        return region if test == "fisher" else _boschloo(p, alpha)
    rate, control_rate = events / participants, control / control_participants
    if test == "z-pooled":
        pooled = (events + control) / (participants + control_participants)
        variance = pooled * (1 - pooled) * (1 / participants + 1 / control_participants)
    else:
        variance = (
            rate * (1 - rate) / participants
            + control_rate * (1 - control_rate) / control_participants
        )
    difference = rate - control_rate
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(difference == 0, 0, difference / np.sqrt(variance))
    above: BoolArray = z > special.ndtri(1 - alpha)
    return above


def rate_test_power(
    test: RateTest,
    rate: float,
    control_rate: float,
    participants: int,
    control_participants: int,
    *,
    alpha: float,
) -> float:
    """Give the exact chance that a one-sided test rejects; with equal rates, its size there.

    Raises:
        UnusableInputError: as in `rejection_region`, or rates outside 0 to 1.

    >>> round(rate_test_power("fisher", 0.55, 0.3, 20, 20, alpha=0.025), 6)
    0.245193
    """
    region = rejection_region(test, participants, control_participants, alpha=alpha)
    first, second = (
        binomial_chances(rate, participants),
        binomial_chances(control_rate, control_participants),
    )
    return float(first @ region @ second)


@dataclass(frozen=True, slots=True)
class ExactSize:
    """The participants per group that an exact calculation of the power asks for.

    Attributes:
        per_group: the smallest number from which on the power stays, for as long as was looked.
        power: exact, with that number.
        smallest_with_power: the smallest number that has the power at all; exact power is a saw.
    """

    per_group: int
    power: float
    smallest_with_power: int


def rate_test_size(
    test: RateTest, rate: float, control_rate: float, *, alpha: float, power: float
) -> ExactSize:
    """Find the size of two equal groups by the exact power of a test.

    Exact power rises in a saw. The search goes up one by one until ten sizes in a row suffice.

    Args:
        test: as in `rejection_region`.
        rate: under the alternative, above `control_rate`.
        control_rate: of the control group.
        alpha: one-sided level.
        power: wanted.

    Raises:
        UnusableInputError: as in `rejection_region`, a rate that is not above control, or rates so
            close that the tables are too large to go through.

    >>> rate_test_size("fisher", 0.9, 0.2, alpha=0.025, power=0.8).per_group
    9
    """
    if not rate > control_rate:
        raise UnusableInputError("The rate under the alternative must be above control")
    near = rates_size(rate, control_rate, alpha=alpha, power=power).groups[0]
    if near > LARGEST_GROUP:
        raise UnusableInputError(
            f"About {near:.0f} participants a group are too many to go through every table",
            remedy="Use the normal approximation, rates_size.",
        )
    start = max(2, int(0.6 * near))
    found: list[float] = []
    size = start
    while len(found) < IN_A_ROW or min(found[-IN_A_ROW:]) < power:
        found.append(rate_test_power(test, rate, control_rate, size, size, alpha=alpha))
        size += 1
        if size > 20 * near + 100:
            raise UnusableInputError(f"The {test} test does not reach the power")
    first = next(place for place, each in enumerate(found) if each >= power)
    lasting = len(found) - IN_A_ROW
    return ExactSize(start + lasting, found[lasting], start + first)


def binomial_chances(rate: float, participants: int) -> Floats:
    """Give the chances of 0 to n responders, shape (n + 1,)."""
    if not 0 <= rate <= 1:
        raise UnusableInputError("Rates must lie between 0 and 1")
    chances: Floats = stats.binom.pmf(np.arange(participants + 1), participants, rate)
    return chances


def _boschloo(fisher: Floats, alpha: float) -> BoolArray:
    """Reject the tables with the smallest Fisher p for as long as the size stays below alpha."""
    participants, control = fisher.shape[0] - 1, fisher.shape[1] - 1
    first = stats.binom.pmf(np.arange(participants + 1)[:, None], participants, NUISANCE)
    second = stats.binom.pmf(np.arange(control + 1)[:, None], control, NUISANCE)
    order = np.argsort(fisher, axis=None, kind="stable")
    p = fisher.ravel()[order]
    likely = np.nonzero(p <= max(4 * alpha, 0.2))[0]
    order, p = order[likely], p[likely]
    rows, columns = np.unravel_index(order, fisher.shape)
    size = np.cumsum(first[rows] * second[columns], axis=0).max(axis=1)
    last_of_tie = np.append(np.diff(p) > 1e-12 * p[1:], True)
    allowed = np.nonzero(last_of_tie & (size <= alpha))[0]
    region = np.zeros(fisher.size, dtype=bool)
    if allowed.size:
        region[order[: allowed[-1] + 1]] = True
    return region.reshape(fisher.shape)
