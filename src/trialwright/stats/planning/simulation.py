"""Simulated multi-arm trials with rates: what a design does, over many trials at once."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import special

from trialwright.errors import UnusableInputError
from trialwright.stats.planning.group_sequential import GroupSequentialDesign
from trialwright.stats.planning.multi_arm import IntersectionTest, intersection_p, subsets
from trialwright.stats.results import Floats

BoolArray = npt.NDArray[np.bool_]
Selection = Literal["best", "all"]


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedArms:
    """Operating characteristics found by simulation.

    Attributes:
        trials: how many were simulated.
        any_rejected: share of trials that found an arm better than control.
        rejected: shape (stages, arms): share of trials that found this arm first at this stage.
        continued: shape (stages, arms): share of trials with the arm still in at this stage.
        control_continued: shape (stages,): share of trials that went on to this stage.
        expected_participants: per trial.
    """

    trials: int
    any_rejected: float
    rejected: Floats
    continued: Floats
    control_continued: Floats
    expected_participants: float

    def standard_error(self, share: npt.ArrayLike) -> Floats:
        """Give the Monte Carlo standard error of a share of trials."""
        value = np.asarray(share, dtype=float)
        error: Floats = np.sqrt(value * (1 - value) / self.trials)
        return error


def simulate_arms(
    design: GroupSequentialDesign,
    rates: npt.ArrayLike,
    participants_per_stage: int,
    *,
    trials: int,
    generator: np.random.Generator,
    test: IntersectionTest = "dunnett",
    selection: Selection = "best",
) -> SimulatedArms:
    """Simulate closed combination tests of several arms against a control.

    After a stage without the end, `best` keeps the arm with the highest rate (equal ones draw
    lots) and `all` keeps all. A trial ends early once every arm in it has been
    found better.

    Args:
        design: efficacy bounds; one look for a single-stage trial.
        rates: shape (k,): control first.
        participants_per_stage: in each arm.
        trials: how many.
        generator: source of randomness.
        test: of the intersections at each stage.
        selection: which arms go on.

    Raises:
        UnusableInputError: fewer than two arms, rates outside 0 to 1, no participants, or an
            unknown test or selection.

    >>> from trialwright.stats.planning import efficacy_bounds
    >>> design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    >>> chance = np.random.Generator(np.random.Philox(1))
    >>> found = simulate_arms(design, [0.3, 0.3, 0.3], 20, trials=2000, generator=chance)
    >>> found.any_rejected < 0.04
    True
    """
    chances = np.asarray(rates, dtype=float)
    if chances.ndim != 1 or chances.size < 2 or not np.all((chances >= 0) & (chances <= 1)):
        raise UnusableInputError("Give rates between 0 and 1, of the control and at least one arm")
    counts: tuple[object, ...] = (participants_per_stage, trials)
    if not all(isinstance(count, int | np.integer) and count >= 1 for count in counts):
        raise UnusableInputError("There must be participants and trials, in whole numbers")
    if selection not in get_args(Selection):
        raise UnusableInputError(f"Unknown selection {selection!r}", remedy="Use best or all.")
    arms, stages = chances.size - 1, design.information.size
    events = generator.binomial(participants_per_stage, chances, (stages, trials, chances.size))
    steps = np.sqrt(np.diff(design.information, prepend=0))
    groups = subsets(arms)
    score = np.zeros((len(groups), trials))
    present = np.ones((trials, arms), dtype=bool)
    found = np.zeros((trials, arms), dtype=bool)
    running = np.ones(trials, dtype=bool)
    rejected, continued = np.zeros((stages, arms)), np.zeros((stages, arms))
    control_continued = np.zeros(stages)
    for stage in range(stages):
        continued[stage] = (present & running[:, None]).mean(axis=0)
        control_continued[stage] = running.mean()
        z = _stage_z(events[stage], participants_per_stage, present)
        passed = np.ones((trials, arms), dtype=bool)
        bound = design.upper[stage] * np.sqrt(design.information[stage])
        for index, group in enumerate(groups):
            score[index] += steps[stage] * _group_z(z, present, group, test)
            passed[:, group] &= (score[index] >= bound)[:, None]
        new = passed & present & ~found & running[:, None]
        found |= new
        rejected[stage] = new.mean(axis=0)
        running &= ~np.all(found | ~present, axis=1)
        if selection == "best" and stage == 0:
            lot = generator.random((trials, arms))
            best = np.argmax(events[0][:, 1:] + lot, axis=1)
            present &= np.arange(arms) == best[:, None]
    participants = participants_per_stage * (continued.sum() + control_continued.sum())
    return SimulatedArms(
        trials=trials,
        any_rejected=float(found.any(axis=1).mean()),
        rejected=rejected,
        continued=continued,
        control_continued=control_continued,
        expected_participants=float(participants),
    )


def _stage_z(events: npt.NDArray[np.int64], participants: int, present: BoolArray) -> Floats:
    """Give the pooled z of each arm against control, −infinity for an arm that is out."""
    active, control = events[:, 1:], events[:, :1]
    pooled = (active + control) / (2 * participants)
    error = np.sqrt(2 * pooled * (1 - pooled) / participants)
    apart = (active - control) / participants
    z = np.where(error > 0, apart / np.where(error > 0, error, 1), 0.0)
    return np.where(present, z, -np.inf)


def _group_z(
    z: Floats, present: BoolArray, group: tuple[int, ...], test: IntersectionTest
) -> Floats:
    """Give the z of an intersection's p-value at a stage, by how many of its arms are left."""
    left = present[:, group].sum(axis=1)
    combined = np.full(len(z), -37.0)
    for count in range(1, len(group) + 1):
        which = np.nonzero(left == count)[0]
        if which.size:
            highest = -np.sort(-z[which][:, group], axis=1)[:, :count]
            combined[which] = -special.ndtri(intersection_p(highest, test))
    return combined
