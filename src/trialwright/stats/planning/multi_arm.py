"""Multi-arm multi-stage trials: closed tests that combine stages and may drop arms."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import JointLaw
from trialwright.stats.planning.conditional_power import conditional_power
from trialwright.stats.planning.group_sequential import GroupSequentialDesign
from trialwright.stats.planning.stagewise import difference_where, rate_z, repeated_p_value
from trialwright.stats.results import Floats

IntersectionTest = Literal["dunnett", "bonferroni", "simes"]
ByArm = tuple[tuple[float | None, ...], ...]
SMALLEST_P = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class MultiArmAnalysis:
    """A closed combination test of several arms against a control.

    Every entry is by arm, then by stage; None where the arm was no longer in the trial.

    Attributes:
        stage_z: z statistic of the stage's own participants.
        stage_p: its one-sided p-value.
        repeated_p: smallest level at which the closed test rejects at this stage; 0.5 is 0.5 or
            more.
        rejected: whether it rejects at the design's level, at this stage or before.
        conditional_rejection: chance of rejecting at a later look, under the hypothesis, given
            the stages so far; None after the last.
        repeated_lower, repeated_upper: simultaneous limits of the difference of rates.
    """

    stage_z: ByArm
    stage_p: ByArm
    repeated_p: ByArm
    rejected: tuple[tuple[bool, ...], ...]
    conditional_rejection: ByArm
    repeated_lower: ByArm
    repeated_upper: ByArm


def analyze_arms(
    design: GroupSequentialDesign,
    events: Sequence[Sequence[int | None]],
    participants: npt.ArrayLike,
    control_events: Sequence[int],
    control_participants: npt.ArrayLike,
    *,
    test: IntersectionTest = "dunnett",
) -> MultiArmAnalysis:
    """Analyze response rates of several arms by the closed inverse-normal combination test.

    Args:
        design: efficacy bounds; the weights of the stages are their planned information.
        events: per arm and stage, responders; None from the stage on that the arm was dropped at.
        participants: per arm and stage, or anything that broadcasts to it.
        control_events: per stage.
        control_participants: per stage, or one number.
        test: of the intersections at each stage: `dunnett` with the known correlation,
            `bonferroni`, or `simes`, whose limits are those of Bonferroni.

    Raises:
        UnusableInputError: shapes that do not fit, an arm that comes back, or impossible counts.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> events = [[9, 7], [11, None], [8, 12]]
    >>> found = analyze_arms(design, events, 20, [5, 5], 20)
    >>> [row[-1] for row in found.rejected]
    [False, False, True]

    Source: Bretz, Schmidli, König, Racine, Maurer, Biom J 2006;48:623; Wassmer and Brannath,
    Springer 2016, chapter 11, also for the conditional rejection probability and the limits.
    """
    trial = _Trial(design, events, participants, control_events, control_participants, test)
    arms, stages = range(trial.arms), range(trial.stages)
    combined = trial.combined_over_subsets()
    later_chance = trial.conditional_rejection(combined)
    p_values = [
        [
            repeated_p_value(design, s + 1, combined[a, s]) if trial.present[a, s] else None
            for s in stages
        ]
        for a in arms
    ]
    crossed = combined >= design.upper[: trial.stages]
    z = [
        [rate_z(*trial.counts(a, s)) if trial.present[a, s] else None for s in stages] for a in arms
    ]
    return MultiArmAnalysis(
        stage_z=_frozen(z),
        stage_p=_frozen(
            [[None if x is None else float(special.ndtr(-x)) for x in row] for row in z]
        ),
        repeated_p=_frozen(p_values),
        rejected=tuple(tuple(bool(x) for x in np.logical_or.accumulate(row)) for row in crossed),
        conditional_rejection=_frozen(
            [[_or_none(later_chance[a, s], trial.present[a, s]) for s in stages] for a in arms]
        ),
        repeated_lower=_frozen([[trial.limit(a, s, 1) for s in stages] for a in arms]),
        repeated_upper=_frozen([[trial.limit(a, s, -1) for s in stages] for a in arms]),
    )


def intersection_p(z: Floats, test: IntersectionTest, correlation: Floats | None = None) -> Floats:
    """Give the p-value of an intersection hypothesis from its arms' z statistics.

    Args:
        z: shape (..., m).
        test: `dunnett`, `bonferroni` or `simes`.
        correlation: shape (m, m), for Dunnett; one half if absent.

    Raises:
        UnusableInputError: an unknown test, no statistic, or one that is not a number.

    >>> float(intersection_p(np.array([1.959964, 0.0]), "bonferroni").round(4))
    0.05
    """
    if test not in get_args(IntersectionTest):
        raise UnusableInputError(
            f"Unknown test {test!r}", remedy=f"Use one of {', '.join(get_args(IntersectionTest))}."
        )
    if z.ndim == 0 or z.shape[-1] == 0 or np.isnan(z).any():
        raise UnusableInputError("An intersection needs a statistic of each arm")
    count = z.shape[-1]
    if test == "bonferroni":
        p: Floats = np.minimum(count * special.ndtr(-z.max(axis=-1)), 1)
    elif test == "simes":
        ascending = np.sort(special.ndtr(-z), axis=-1)
        p = (count * ascending / np.arange(1, count + 1)).min(axis=-1)
    else:
        matrix = np.full((count, count), 0.5) + np.eye(count) / 2
        law = JointLaw(matrix if correlation is None else correlation)
        largest, place = np.unique(z.max(axis=-1), return_inverse=True)
        p = law.exceeds(largest[:, None] * np.ones(count))[place].reshape(z.shape[:-1])
    return np.clip(p, SMALLEST_P, 1 - 1e-16)


class _Trial:
    """The counts of a trial, its subsets of arms, and their combined statistics."""

    def __init__(
        self,
        design: GroupSequentialDesign,
        events: Sequence[Sequence[int | None]],
        participants: npt.ArrayLike,
        control_events: Sequence[int],
        control_participants: npt.ArrayLike,
        test: IntersectionTest,
    ) -> None:
        self.design, self.test = design, test
        self.arms, self.stages = len(events), len(control_events)
        if self.arms == 0 or any(len(row) != self.stages for row in events):
            raise UnusableInputError("Every arm needs an entry for each stage")
        if not 0 < self.stages <= design.information.size:
            raise UnusableInputError("More stages than the design has looks")
        self.present = np.array([[count is not None for count in row] for row in events])
        if np.any(np.diff(self.present.astype(int), axis=1) > 0) or not self.present[:, 0].all():
            raise UnusableInputError("An arm cannot come back after it was dropped")
        self.events = np.array([[count or 0 for count in row] for row in events], dtype=float)
        self.control = np.asarray(control_events, dtype=float)
        try:
            self.sizes = np.broadcast_to(
                np.asarray(participants, dtype=float), (self.arms, self.stages)
            )
            self.control_sizes = np.broadcast_to(
                np.asarray(control_participants, dtype=float), (self.stages,)
            )
        except ValueError as error:
            raise UnusableInputError(
                f"Participants do not fit {self.arms} arms and {self.stages} stages"
            ) from error
        steps = np.sqrt(np.diff(design.information[: self.stages], prepend=0))
        weights = np.tril(np.tile(steps, (self.stages, 1)))
        self.weights = weights / np.sqrt(design.information[: self.stages])[:, None]

    def counts(self, arm: int, stage: int) -> tuple[float, float, float, float]:
        return (
            float(self.events[arm, stage]),
            float(self.sizes[arm, stage]),
            float(self.control[stage]),
            float(self.control_sizes[stage]),
        )

    def combined_over_subsets(self) -> Floats:
        """Give, per arm and look, the smallest combined z of all intersections with the arm."""
        smallest = np.full((self.arms, self.stages), np.inf)
        for subset in subsets(self.arms):
            stage_z = [self._subset_z(subset, stage) for stage in range(self.stages)]
            over_looks = self.weights @ np.array(stage_z)
            for arm in subset:
                smallest[arm] = np.minimum(smallest[arm], over_looks)
        return smallest

    def conditional_rejection(self, combined: Floats) -> Floats:
        """Give, per arm and look, the chance under the null to cross a later look's bound.

        The chance rises with the combined z, so the hardest intersection decides.
        """
        chances = np.full(combined.shape, np.nan)
        for look in range(min(self.stages, self.design.information.size - 1)):
            for arm, z in enumerate(combined[:, look]):
                chances[arm, look] = conditional_power(self.design, look + 1, z, 0.0)
        return chances

    def limit(self, arm: int, stage: int, side: int) -> float | None:
        """Invert the single-step test of one arm, as if every other arm had the same z.

        Equal z would cost nothing under Simes's test, so that its limits are Bonferroni's.
        """
        if not self.present[arm, stage]:
            return None
        test: IntersectionTest = "bonferroni" if self.test == "simes" else self.test

        def z_of(difference: float) -> float:
            stage_z = []
            for each in range(stage + 1):
                z = side * rate_z(*self.counts(arm, each), difference)
                others = [a for a in range(self.arms) if self.present[a, each]]
                stage_z.append(self._quantile(np.full(len(others), z), others, each, test))
            return side * float(self.weights[stage, : stage + 1] @ np.array(stage_z))

        return difference_where(z_of, side * float(self.design.upper[stage]))

    def _subset_z(self, subset: tuple[int, ...], stage: int) -> float:
        """Turn the p-value of an intersection at a stage into z; without arms left p is one."""
        left = [arm for arm in subset if self.present[arm, stage]]
        if not left:
            return -37.0
        z = np.array([rate_z(*self.counts(arm, stage)) for arm in left])
        return self._quantile(z, left, stage, self.test)

    def _quantile(self, z: Floats, arms: list[int], stage: int, test: IntersectionTest) -> float:
        share = self.sizes[arms, stage] / (self.sizes[arms, stage] + self.control_sizes[stage])
        correlation = np.sqrt(np.outer(share, share))
        np.fill_diagonal(correlation, 1)
        return float(-special.ndtri(intersection_p(z, test, correlation)))


def subsets(arms: int) -> tuple[tuple[int, ...], ...]:
    """Give all non-empty subsets of arms, by their positions."""
    return tuple(
        subset for size in range(1, arms + 1) for subset in combinations(range(arms), size)
    )


def _frozen(rows: list[list[float | None]]) -> ByArm:
    return tuple(tuple(row) for row in rows)


def _or_none(value: float, present: bool) -> float | None:
    return float(value) if present and not np.isnan(value) else None
