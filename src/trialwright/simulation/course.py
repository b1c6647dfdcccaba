"""The course of each randomized participant: activity, rescue, prednisone, staying or leaving.

The days are walked through once; at each visit the SLEDAI of that day decides what happens until
the next. Whole arrays of participants go through each step.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright import sle
from trialwright.simulation.activity import untreated_level
from trialwright.simulation.draws import Draws, Floats, pick
from trialwright.simulation.manifestations import manifestations
from trialwright.simulation.parameters import number, table
from trialwright.simulation.scenarios import Scenario
from trialwright.simulation.timeline import Timeline

Flags = NDArray[np.bool_]
Integers = NDArray[np.intp]
END_REASONS = ("lack of efficacy", *table("participation.end_reasons"))
STAYS = -1


@dataclass(frozen=True, slots=True)
class Course:
    """What happens to each participant; arrays are (participants, visits) unless they say more.

    Attributes:
        days: of the visits, (visits,).
        level: manifestations above threshold at each visit, (participants, visits, manifestations).
        level_before: the same four weeks before each visit.
        effect: share of the full clinical effect of treatment that is reached.
        immune: share of the full change of immune cells that is reached, which is much quicker.
        sledai: SELENA-SLEDAI.
        prednisone: mg a day taken up to the visit; its change follows the visit.
        prednisone_after: mg a day from the visit on.
        immunosuppressant_started: at the visit, for a flare.
        treatment_ends_after: index of the last visit on treatment, the last one for those who
            complete, (participants,).
        ends_after: index of the last visit of those who stay no longer, (participants,).
        end_reason: index into END_REASONS, STAYS for those who complete treatment, (participants,).
    """

    days: Floats
    level: Floats
    level_before: Floats
    effect: Floats
    immune: Floats
    sledai: Floats
    prednisone: Floats
    prednisone_after: Floats
    immunosuppressant_started: Flags
    treatment_ends_after: Integers
    ends_after: Integers
    end_reason: Integers


def sledai_of(level: Floats) -> Floats:
    """SELENA-SLEDAI of manifestations above threshold, over the last axis."""
    items = sle.instrument("selena-sledai").items
    order = [item.key for item in items]
    shows = np.zeros((len(manifestations()), len(order)), dtype=np.float32)
    for row, each in enumerate(manifestations()):
        if each.sledai:
            shows[row, order.index(each.sledai)] = 1
    present = ((level > 0).astype(np.float32) @ shows) > 0
    return np.asarray(present @ np.array([item.weight for item in items], dtype=np.float64))


def starting_prednisone(draws: Draws) -> Floats:
    """The daily dose before the trial, in whole steps; a few take none."""
    step = number("prednisone.step")
    dose = number("prednisone.median") * np.exp(
        number("prednisone.log_sd") * draws.normal("prednisone")[:, 0]
    )
    taken = draws.happens("takes prednisone", number("prednisone.users"))
    return np.asarray(np.where(taken, np.maximum(step, step * np.round(dose / step)), 0.0))


def simulate_course(
    draws: Draws,
    line: Timeline,
    doses: Floats,
    site_improvement: Floats,
    scenario: Scenario,
) -> Course:
    """Walk through the days.

    Args:
        draws: the participants' streams.
        line: the days and where the visits stand among them.
        doses: the dose an injection that is due, (participants, times), 0 while none is.
        site_improvement: added to that of standard care, (participants,).
        scenario: what treatment does.
    """
    return _Walk(draws, line, doses, site_improvement, scenario).course()


class _Walk:
    """The state of all participants on the way through the days."""

    def __init__(
        self,
        draws: Draws,
        line: Timeline,
        doses: Floats,
        site_improvement: Floats,
        scenario: Scenario,
    ) -> None:
        people, visits = draws.count, len(line.visit_at)
        self.line, self.scenario = line, scenario
        self.level = untreated_level(draws, line.days)
        self.response = np.array([each.response for each in manifestations()])
        self.targets = scenario.share(doses)
        self.site_improvement = site_improvement
        self.luck = {
            name: draws.uniform(f"{name} at visits", visits)
            for name in ("rescue", "kind of rescue", "taper", "dropout", "reason", "follow-up")
        }
        self.effect = np.zeros((people, len(line.days)))
        self.immune = np.zeros((people, len(line.days)))
        self.rescued = np.zeros((people, len(line.days)))
        self.wants_rescue = np.zeros(people)
        self.sledai = np.zeros((people, visits))
        self.prednisone = np.zeros((people, visits + 1))
        self.prednisone[:, : line.baseline + 1] = starting_prednisone(draws)[:, None]
        self.started = np.zeros((people, visits), dtype=bool)
        self.treatment_ends = np.full(people, visits - 1)
        self.ends = np.full(people, visits - 1)
        self.reason = np.full(people, STAYS)

    def course(self) -> Course:
        """Walk, then gather."""
        line = self.line
        visit_of = {int(time): visit for visit, time in enumerate(line.visit_at)}
        for time in range(len(line.days)):
            self._pass_time(time)
            if time in visit_of:
                self._visit(visit_of[time], time)
        return Course(
            days=line.days[line.visit_at],
            level=self.level[:, line.visit_at],
            level_before=self.level[:, line.look_back_at],
            effect=self.effect[:, line.visit_at],
            immune=self.scenario.immune * self.immune[:, line.visit_at],
            sledai=self.sledai,
            prednisone=self.prednisone[:, :-1],
            prednisone_after=self.prednisone[:, 1:],
            immunosuppressant_started=self.started,
            treatment_ends_after=self.treatment_ends,
            ends_after=self.ends,
            end_reason=self.reason,
        )

    def _pass_time(self, time: int) -> None:
        """Move treatment and rescue towards their targets, then lower the level of this day."""
        days = self.line.days
        if time:
            gap = days[time] - days[time - 1]
            target = np.where(self.reason == STAYS, self.targets[:, time - 1], 0.0)
            for course, kind in ((self.effect, "treatment"), (self.immune, "immune")):
                course[:, time] = _towards(target, course[:, time - 1], gap, kind)
            left = 0.5 ** (gap / number("care.half_time"))
            self.rescued[:, time] = (
                self.wants_rescue + (self.rescued[:, time - 1] - self.wants_rescue) * left
            )
        since_start = max(0.0, days[time] - 1)
        reached = 1 - 0.5 ** (since_start / number("care.half_time"))
        improvement = (
            (number("care.improvement") + self.site_improvement) * reached
            + self.scenario.clinical * self.effect[:, time]
            + number("rescue.improvement") * self.rescued[:, time]
        )
        self.level[:, time] -= improvement[:, None] * self.response

    def _visit(self, visit: int, time: int) -> None:
        """Score the day; after it, decide on rescue, prednisone and going on."""
        self.sledai[:, visit] = sledai_of(self.level[:, time])
        baseline = self.line.baseline
        self.prednisone[:, visit + 1] = self.prednisone[:, visit]
        if visit < baseline:
            return
        change = self.sledai[:, visit] - self.sledai[:, baseline]
        if visit > baseline:
            rescued = self._rescue(visit, change >= 3)
            self._taper(visit, (change <= -2) & ~rescued)
        if visit < self.sledai.shape[1] - 1:
            self._leave(visit, change > 0)

    def _rescue(self, visit: int, worse: Flags) -> Flags:
        chance = np.where(worse, number("rescue.when_worse"), number("rescue.otherwise"))
        rescued = self.luck["rescue"][:, visit] < chance
        drug = self.luck["kind of rescue"][:, visit] < number("rescue.by_immunosuppressant")
        self.started[:, visit] = rescued & drug & ~self.started.any(axis=1)
        self.prednisone[:, visit + 1] += np.where(rescued & ~drug, number("prednisone.raise"), 0)
        self.wants_rescue = np.where(rescued, 1.0, self.wants_rescue)
        return np.asarray(rescued)

    def _taper(self, visit: int, improved: Flags) -> None:
        step, lowest = number("prednisone.step"), number("prednisone.lowest")
        dose = self.prednisone[:, visit + 1]
        cut = np.maximum(step, step * np.round(dose * number("prednisone.taper_share") / step))
        tapers = self.luck["taper"][:, visit] < number("prednisone.taper_probability")
        lower = np.where(dose > lowest, np.maximum(lowest, dose - cut), dose)
        self.prednisone[:, visit + 1] = np.where(improved & tapers, lower, dose)

    def _leave(self, visit: int, worse: Flags) -> None:
        days = self.line.days[self.line.visit_at]
        gaps = (days[visit + 1] - days[visit]) / 28
        chance = number("participation.dropout") * np.where(
            worse, number("participation.dropout_when_worse"), 1.0
        )
        leaves = self.luck["dropout"][:, visit] < 1 - (1 - chance) ** gaps
        leaves &= self.reason == STAYS
        others = list(table("participation.end_reasons").values())
        lack = np.where(worse, 0.5, 0.0)
        luck = self.luck["reason"][:, visit]
        chosen = 1 + pick(np.clip((luck - lack) / (1 - lack), 0, 1), others)
        self.reason = np.where(leaves, np.where(luck < lack, 0, chosen), self.reason)
        self.treatment_ends = np.where(leaves, visit, self.treatment_ends)
        stays = self.luck["follow-up"][:, visit] < number("participation.follow_up_after_treatment")
        may_stay = np.isin(self.reason, [END_REASONS.index(r) for r in MAY_BE_FOLLOWED])
        self.ends = np.where(leaves & ~(stays & may_stay), visit, self.ends)


def _towards(target: Floats, before: Floats, gap: float, kind: str) -> Floats:
    """Where an effect stands after `gap` days on the way to its target."""
    onset, offset = (number(f"{kind}.{way}_half_time") for way in ("onset", "offset"))
    half_time = np.where(target > before, onset, offset)
    return np.asarray(target + (before - target) * 0.5 ** (gap / half_time))


MAY_BE_FOLLOWED = ("lack of efficacy", "adverse event", "physician decision", "pregnancy")
