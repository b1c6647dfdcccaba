"""What a group-sequential trial has shown: repeated and final p-values, estimates, intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from trialwright.errors import UnusableInputError
from trialwright.stats.planning.group_sequential import (
    GroupSequentialDesign,
    crossing_chances,
    upper_bounds,
)
from trialwright.stats.planning.sample_sizes import restricted_rates

LARGEST_REPEATED_P = 0.5
SMALLEST_REPEATED_P = 1e-12


@dataclass(frozen=True, slots=True)
class StagewiseInference:
    """Inference by the stage-wise ordering, once the trial has ended.

    Attributes:
        p_value: one-sided.
        drift: median-unbiased estimate: of the mean of Z at full information, or, where it is said
            so, of the difference that this drift stands for.
        lower, upper: its limits, each with error alpha.
    """

    p_value: float
    drift: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class LookAtRates:
    """What is known about a difference of rates at one look.

    Attributes:
        z: pooled z statistic of all participants so far.
        repeated_p: smallest level at which the efficacy bound of this look is reached; 0.5 means
            0.5 or more.
        repeated_lower, repeated_upper: limits that hold at every look together.
        crossed: whether an efficacy or futility bound is crossed.
        final: inference about the difference of rates if the trial ends here; else None.
    """

    z: float
    repeated_p: float
    repeated_lower: float
    repeated_upper: float
    crossed: bool
    final: StagewiseInference | None


def stagewise_p_value(
    design: GroupSequentialDesign, look: int, z: float, *, drift: float = 0.0
) -> float:
    """Give the chance of a path that is at least as extreme: crossing earlier, or here with more.

    Args:
        design: efficacy bounds; futility bounds count only if they bind.
        look: at which the trial ended, from 1.
        z: observed there.
        drift: mean of Z at full information.

    Raises:
        UnusableInputError: a look that the design does not have, or z not finite.

    Source: Tsiatis, Rosner, Mehta, Biometrics 1984;40:797.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> round(stagewise_p_value(design, 2, design.upper[1]), 6)
    0.025
    """
    _check_look(design, look, z)
    lower = design.lower if design.binding else np.full(design.information.size, -np.inf)
    upper = np.append(design.upper[: look - 1], z)
    found = crossing_chances(design.information[:look], lower[:look], upper, drift)
    return float(min(found.upper.sum(), 1.0))


def stagewise_inference(design: GroupSequentialDesign, look: int, z: float) -> StagewiseInference:
    """Give the p-value, the median-unbiased drift and its two-sided 1 − 2 alpha limits.

    Raises:
        UnusableInputError: as in `stagewise_p_value`.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> abs(round(stagewise_inference(design, 2, design.upper[1]).lower, 6))
    0.0
    """
    p_value = stagewise_p_value(design, look, z)
    center = z / float(np.sqrt(design.information[look - 1]))
    spread = 12 / float(np.sqrt(design.information[0]))

    def solved(chance: float) -> float:
        low, high = min(center, 0.0) - spread, max(center, 0.0) + spread
        return float(
            optimize.brentq(
                lambda drift: stagewise_p_value(design, look, z, drift=drift) - chance,
                low,
                high,
                xtol=1e-12,
            )
        )

    return StagewiseInference(p_value, solved(0.5), solved(design.alpha), solved(1 - design.alpha))


def repeated_p_value(design: GroupSequentialDesign, look: int, z: float) -> float:
    """Give the smallest level whose efficacy bound at this look is reached, at most 0.5.

    Source: Jennison and Turnbull, Group Sequential Methods, Chapman & Hall 2000, section 9.3. R's
    rpact stops its root search at 1e-6, which shows in small p-values.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("pocock", 2, 0.025)
    >>> round(repeated_p_value(design, 1, design.upper[0]), 9)
    0.025
    """
    _check_look(design, look, z)
    lower = np.append(design.lower[:-1], -np.inf)
    kept = lower if design.binding else np.full(lower.size, -np.inf)

    def missing(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        upper = upper_bounds(design.kind, design.information, kept, alpha, design.parameter)
        return float(upper[look - 1]) - z

    low, high = np.log(SMALLEST_REPEATED_P), np.log(LARGEST_REPEATED_P)
    if missing(high) >= 0:
        return LARGEST_REPEATED_P
    if missing(low) <= 0:
        return SMALLEST_REPEATED_P
    return float(np.exp(optimize.brentq(missing, low, high, xtol=1e-12)))


def rates_at_looks(
    design: GroupSequentialDesign,
    events: Sequence[int],
    participants: Sequence[int],
    control_events: Sequence[int],
    control_participants: Sequence[int],
) -> tuple[LookAtRates, ...]:
    """Analyze a difference of rates at every look so far.

    Args:
        design: its information fractions are taken as planned.
        events, participants: per stage, on treatment; as many stages as looks so far.
        control_events, control_participants: per stage, on control.

    Returns:
        One entry per look so far. Repeated limits invert the score test with Farrington and
        Manning's restricted rates; final ones scale the drift by the unpooled standard error.

    Raises:
        UnusableInputError: counts that do not fit together, or more stages than looks.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> looks = rates_at_looks(design, [17, 20], [30, 30], [10, 9], [30, 30])
    >>> round(looks[1].final.drift, 4)
    0.2783

    Source: Jennison and Turnbull 2000, chapters 8 and 9; Wassmer and Brannath, Group Sequential
    and Confirmatory Adaptive Designs, Springer 2016, chapters 4 and 5.
    """
    counts = [
        np.asarray(each, dtype=float)
        for each in (events, participants, control_events, control_participants)
    ]
    stages = counts[0].size
    if any(each.shape != (stages,) for each in counts) or not 0 < stages <= design.information.size:
        raise UnusableInputError("Counts need one entry per stage, at most one per look")
    looks: list[LookAtRates] = []
    for look in range(1, stages + 1):
        total = [float(each[:look].sum()) for each in counts]
        looks.append(_look(design, look, *total))
    return tuple(looks)


def rate_z(
    events: float,
    participants: float,
    control_events: float,
    control_participants: float,
    difference: float = 0.0,
) -> float:
    """Give the score z of a difference of rates, with restricted variance; 0 if nothing varies.

    Source: Farrington and Manning, Stat Med 1990;9:1447.

    >>> round(rate_z(9, 20, 5, 20), 6)
    1.325987
    """
    if not (0 <= events <= participants and 0 <= control_events <= control_participants):
        raise UnusableInputError("More responders than participants, or fewer than none")
    if participants == 0 or control_participants == 0:
        raise UnusableInputError("Both groups need participants")
    rate, control = events / participants, control_events / control_participants
    first, second = restricted_rates(rate, control, difference, participants / control_participants)
    variance = first * (1 - first) / participants + second * (1 - second) / control_participants
    apart = rate - control - difference
    if variance <= 1e-15:
        return float(np.sign(apart)) * 1e6 if abs(apart) > 1e-12 else 0.0
    return float(apart / np.sqrt(variance))


def difference_where(z_of: Callable[[float], float], bound: float) -> float:
    """Give the difference of rates at which a falling z equals a bound, within −1 to 1."""
    low, high = -1 + 1e-9, 1 - 1e-9
    if z_of(low) <= bound:
        return -1.0
    if z_of(high) >= bound:
        return 1.0
    return float(
        optimize.brentq(lambda difference: z_of(difference) - bound, low, high, xtol=1e-13)
    )


def _look(
    design: GroupSequentialDesign,
    look: int,
    events: float,
    participants: float,
    control_events: float,
    control_participants: float,
) -> LookAtRates:
    def z_of(difference: float) -> float:
        return rate_z(events, participants, control_events, control_participants, difference)

    z, bound = z_of(0.0), float(design.upper[look - 1])
    crossed = z >= bound or z <= float(design.lower[look - 1])
    ended = crossed or look == design.information.size
    final = None
    if ended:
        on_drift = stagewise_inference(design, look, z)
        rate, control = events / participants, control_events / control_participants
        error = float(
            np.sqrt(
                rate * (1 - rate) / participants + control * (1 - control) / control_participants
            )
            * np.sqrt(design.information[look - 1])
        )
        final = StagewiseInference(
            on_drift.p_value, *(error * x for x in (on_drift.drift, on_drift.lower, on_drift.upper))
        )
    return LookAtRates(
        z=z,
        repeated_p=repeated_p_value(design, look, z),
        repeated_lower=difference_where(z_of, bound),
        repeated_upper=difference_where(z_of, -bound),
        crossed=crossed,
        final=final,
    )


def _check_look(design: GroupSequentialDesign, look: int, z: float) -> None:
    if not 1 <= look <= design.information.size:
        raise UnusableInputError(f"The design has looks 1 to {design.information.size}")
    if not np.isfinite(z):
        raise UnusableInputError("The statistic at the look must be finite")
