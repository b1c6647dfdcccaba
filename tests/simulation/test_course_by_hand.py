"""The course of one participant at a time, walked with plain numbers, against all of them at once.

The plain walk reads the same luck and the same parameters, and is written from the words of the
parameters' file: one participant, one day after the other, `if` by `if`.
"""

import math

import numpy as np
import pytest

from simulation.shipped import load
from trialwright import sle
from trialwright.simulation.activity import untreated_level
from trialwright.simulation.course import END_REASONS, STAYS, simulate_course, starting_prednisone
from trialwright.simulation.draws import Draws
from trialwright.simulation.manifestations import manifestations
from trialwright.simulation.parameters import number, table
from trialwright.simulation.plan import dose_changes, doses
from trialwright.simulation.scenarios import scenario
from trialwright.simulation.timeline import timeline

COUNT = 120
PEOPLE = Draws(12, 3, np.arange(COUNT))
NOT_FOLLOWED = {"death", "lost to follow-up", "withdrawal by participant", "protocol deviation"}
WEIGHTS = {item.key: item.weight for item in sle.instrument("selena-sledai").items}


def plain_sledai(level):
    shown = {
        each.sledai
        for each, one in zip(manifestations(), level, strict=True)
        if one > 0 and each.sledai
    }
    return sum(WEIGHTS[item] for item in shown)


class Plain:
    """The walk of one participant."""

    def __init__(self, person, line, dose, site, chosen):
        visits = len(line.visit_at)
        draws = PEOPLE.of(np.array([person]))
        self.luck = {
            name: draws.uniform(f"{name} at visits", visits)[0]
            for name in ("rescue", "kind of rescue", "taper", "dropout", "reason", "follow-up")
        }
        self.levels = untreated_level(draws, line.days)[0]
        self.line, self.dose, self.site, self.chosen = line, dose, site, chosen
        self.effect = self.immune = self.rescued = self.wanted = 0.0
        self.dose_now = float(starting_prednisone(draws)[0])
        self.end = self.left_at = None
        self.seen = []
        self.started = []
        self.gone_after = visits - 1

    def walk(self):
        line = self.line
        for time, day in enumerate(line.days):
            gap = day - line.days[time - 1] if time else 0.0
            before = self.dose[time - 1] if time else 0.0
            self.pass_days(gap, before if self.end is None else 0.0)
            care = 1 - 0.5 ** (max(0, day - 1) / number("care.half_time"))
            improvement = (
                care * (number("care.improvement") + self.site)
                + self.chosen.clinical * self.effect
                + number("rescue.improvement") * self.rescued
            )
            level = [
                one - improvement * each.response
                for one, each in zip(self.levels[time], manifestations(), strict=True)
            ]
            for visit in np.flatnonzero(line.visit_at == time):
                self.visit(int(visit), level)
        return self

    def pass_days(self, gap, dose):
        target = float(self.chosen.share(dose))
        for name, kind in (("effect", "treatment"), ("immune", "immune")):
            now = getattr(self, name)
            way = "onset" if target > now else "offset"
            left = math.pow(2, -gap / number(f"{kind}.{way}_half_time"))
            setattr(self, name, target + (now - target) * left)
        left = math.pow(2, -gap / number("care.half_time"))
        self.rescued = self.wanted + (self.rescued - self.wanted) * left

    def visit(self, visit, level):
        sledai = plain_sledai(level)
        taken = self.dose_now
        start = self.seen[self.line.baseline][0] if len(self.seen) > self.line.baseline else sledai
        change = sledai - start
        if visit > self.line.baseline:
            rescued = self.rescue(visit, change)
            if change <= -2 and not rescued:
                self.taper(visit)
        self.seen.append((sledai, taken, self.dose_now, self.effect, self.immune))
        if self.line.baseline <= visit < len(self.line.visit_at) - 1 and self.end is None:
            self.leave(visit, change > 0)

    def rescue(self, visit, change):
        chance = number("rescue.when_worse") if change >= 3 else number("rescue.otherwise")
        if self.luck["rescue"][visit] >= chance:
            return False
        self.wanted = 1.0
        if self.luck["kind of rescue"][visit] >= number("rescue.by_immunosuppressant"):
            self.dose_now += number("prednisone.raise")
        elif not self.started:
            self.started.append(visit)
        return True

    def taper(self, visit):
        step, lowest = number("prednisone.step"), number("prednisone.lowest")
        if self.luck["taper"][visit] >= number("prednisone.taper_probability"):
            return
        if self.dose_now > lowest:
            cut = max(step, step * round(self.dose_now * number("prednisone.taper_share") / step))
            self.dose_now = max(lowest, self.dose_now - cut)

    def leave(self, visit, worse):
        days = self.line.days[self.line.visit_at]
        monthly = number("participation.dropout")
        if worse:
            monthly *= number("participation.dropout_when_worse")
        chance = 1 - (1 - monthly) ** ((days[visit + 1] - days[visit]) / 28)
        if self.luck["dropout"][visit] >= chance:
            return
        luck = self.luck["reason"][visit]
        self.left_at = self.gone_after = visit
        if worse and luck < 0.5:
            self.end = "lack of efficacy"
        else:
            shares = table("participation.end_reasons")
            rest = ((luck - 0.5) / 0.5 if worse else luck) * sum(shares.values())
            for self.end, share in shares.items():  # the last one tried is the one
                rest -= share
                if rest <= 0:
                    break
        stays = self.luck["follow-up"][visit] < number("participation.follow_up_after_treatment")
        if stays and self.end not in NOT_FOLLOWED:
            self.gone_after = len(self.line.visit_at) - 1


@pytest.mark.parametrize(
    ("name", "scenario_name", "group"),
    [("dose-finding", "he2020-like", 3), ("crossover", "emax", 1), ("infection", "plateau", 1)],
)
def test_all_at_once_is_each_one_by_hand(name, scenario_name, group):
    # given
    study, chosen = load(name), scenario(scenario_name)
    line = timeline(study, dose_changes(study))
    due = doses(study, line.days)[group]
    site = np.linspace(-0.3, 0.8, COUNT)
    # when
    given = np.repeat(due[None], COUNT, axis=0)
    course = simulate_course(PEOPLE, line, given, site, chosen)
    # then
    for person in range(COUNT):
        plain = Plain(person, line, due, site[person], chosen).walk()
        sledai, taken, after, effect, immune = (np.array(each) for each in zip(*plain.seen))  # noqa: B905  # of one length by making
        assert course.sledai[person] == pytest.approx(sledai)
        assert course.prednisone[person] == pytest.approx(taken)
        assert course.prednisone_after[person] == pytest.approx(after)
        assert course.effect[person] == pytest.approx(effect)
        assert course.immune[person] == pytest.approx(chosen.immune * immune)
        assert np.flatnonzero(course.immunosuppressant_started[person]).tolist() == plain.started
        reason = course.end_reason[person]
        assert (None if reason == STAYS else END_REASONS[reason]) == plain.end
        last = len(line.visit_at) - 1
        assert course.treatment_ends_after[person] == (
            last if plain.left_at is None else plain.left_at
        )
        assert course.ends_after[person] == plain.gone_after


def test_the_people_walked_by_hand_meet_every_turn():
    # given the treated people of the first comparison: it would prove little if nobody ever left
    study, chosen = load("dose-finding"), scenario("he2020-like")
    line = timeline(study, dose_changes(study))
    given = np.repeat(doses(study, line.days)[3][None], COUNT, axis=0)
    course = simulate_course(PEOPLE, line, given, np.linspace(-0.3, 0.8, COUNT), chosen)
    assert course.immunosuppressant_started.any()
    assert (course.prednisone_after > course.prednisone).any()
    assert (course.prednisone_after < course.prednisone).any()
    assert (course.ends_after > course.treatment_ends_after).any()
    assert len(set(course.end_reason.tolist())) > 3
    assert (course.prednisone[:, 0] == 0).any()


def test_who_may_be_followed_and_who_may_not_are_all_the_reasons():
    from trialwright.simulation.course import MAY_BE_FOLLOWED

    assert set(MAY_BE_FOLLOWED) | NOT_FOLLOWED == set(END_REASONS)
    assert not set(MAY_BE_FOLLOWED) & NOT_FOLLOWED
