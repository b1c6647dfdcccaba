"""Screening until the enrollment is reached: who came, who was eligible, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trialwright.errors import UnusableInputError
from trialwright.protocol import Study, rule_items
from trialwright.protocol.eligibility import screen
from trialwright.rules import parse_rule
from trialwright.simulation.activity import untreated_level
from trialwright.simulation.capture import Attendance, Days, item_values
from trialwright.simulation.course import simulate_course, sledai_of
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.enrollment import consent_days, draw_sites, site_of
from trialwright.simulation.observations import Person, observe
from trialwright.simulation.parameters import number
from trialwright.simulation.scenarios import Scenario
from trialwright.simulation.screening import latest_values
from trialwright.simulation.timeline import Timeline

FIRST_POOL: Final = 4  # candidates drawn for each participant wanted, before charts are read
LARGEST_POOL: Final = 64  # the study can't recruit if this many don't hold enough who are eligible
NEVER: Final = date.min  # each candidate has a day of assessment of their own
SCREENED_FOR_EACH: Final = 1.9  # expected; only the calendar depends on it


@dataclass(frozen=True, slots=True)
class Screened:
    """Everybody who was screened, in the order of consent.

    Attributes:
        draws: their streams.
        names: what they are called.
        site: index of the site of each.
        site_improvement: what the site adds to standard care, SD of the latent level.
        level: manifestations above threshold at screening, (candidates, manifestations).
        consented_on, first_dose: days; `first_dose` is when it would be.
        came_to_baseline: whether screening left them eligible.
        randomized: whether baseline left them eligible too.
        item_values: what was captured before treatment.
        judged_on: the values on which eligibility was judged in the end, a row for each.
    """

    draws: Draws
    names: Sequence[str]
    site: NDArray[np.intp]
    site_improvement: NDArray[np.float64]
    level: Floats
    consented_on: Days
    first_dose: Days
    came_to_baseline: NDArray[np.bool_]
    randomized: NDArray[np.bool_]
    item_values: pl.DataFrame
    judged_on: pl.DataFrame


def recruit(study: Study, line: Timeline, scenario: Scenario, seed: int, trial: int) -> Screened:
    """Screen one candidate after the other until the enrollment is reached.

    Raises:
        UnusableInputError: next to nobody meets the criteria.
    """
    wanted = study.design.enrollment.count
    pool = FIRST_POOL * wanted
    while pool <= LARGEST_POOL * wanted:
        screened = _screen(study, line, scenario, Draws(seed, trial, np.arange(pool)))
        if screened.randomized.sum() >= wanted:
            return _until_full(study, screened, study.visits[line.baseline].id)
        pool *= 2
    raise UnusableInputError(
        f"of {LARGEST_POOL * wanted} virtual candidates only {screened.randomized.sum()} are "
        f"eligible, and {wanted} are wanted",
        where=f"study {study.id}, criteria",
        remedy="look for the criterion that excludes nearly everybody in the table of criteria",
    )


def _screen(study: Study, line: Timeline, scenario: Scenario, pool: Draws) -> Screened:
    sites = draw_sites(study, pool.seed, pool.trial)
    draws = pool.of(_consenting(pool, line))
    names = [f"{place:04d}" for place in range(1, draws.count + 1)]
    site = site_of(draws, sites)
    expected = round(SCREENED_FOR_EACH * study.design.enrollment.count)
    consented_on = consent_days(study, draws, expected)
    first_dose = consented_on + _days_to_baseline(study, draws, line.baseline)

    no_dose = np.zeros((draws.count, len(line.days)))
    course = simulate_course(draws, line, no_dose, sites.improvement[site], scenario)
    filled = observe(study, Person(draws, course, line.baseline))
    before = np.arange(len(study.visits)) <= line.baseline
    visited_on = np.where(
        np.arange(len(before)) < line.baseline, consented_on[:, None], first_dose[:, None]
    )
    attended = np.repeat(before[None], draws.count, axis=0)
    who = Attendance(names, attended, visited_on, consented_on)
    captured = item_values(study, filled, who, draws, line.baseline)

    needed = _names_needed(study)
    baseline = study.visits[line.baseline].id
    at_screening = captured.filter(pl.col("visit") != baseline)
    first = latest_values(study, at_screening, names, needed, consented_on)
    came = _eligible(study, first) if line.baseline else np.ones(len(names), dtype=bool)
    latest = latest_values(study, captured, names, needed, first_dose)
    return Screened(
        draws=draws,
        names=names,
        site=site,
        site_improvement=sites.improvement[site],
        level=course.level[:, 0],
        consented_on=consented_on,
        first_dose=first_dose,
        came_to_baseline=came,
        randomized=came & _eligible(study, latest),
        item_values=captured,
        judged_on=pl.concat([first, latest]).gather(
            np.where(came, len(names), 0) + np.arange(len(names))
        ),
    )


def _eligible(study: Study, latest: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether all criteria speak for certain for each candidate."""
    words = screen(study, latest, NEVER, reasons=False).eligibility["eligibility"]
    return np.asarray(words == "eligible", dtype=bool)


def _consenting(pool: Draws, line: Timeline) -> NDArray[np.bool_]:
    """Sites read the chart first: few whose disease is quiet are asked for consent."""
    screening = untreated_level(pool, line.days)[:, line.visit_at[0]]
    active = sledai_of(screening) >= number("participation.chart_sledai")
    anyway = pool.happens(
        "screened although inactive", number("participation.screened_although_inactive")
    )
    return np.asarray(active | anyway)


def _days_to_baseline(study: Study, draws: Draws, baseline: int) -> NDArray[np.timedelta64]:
    """Days from consent to the first dose, within the window of the screening visit."""
    first, start = study.visits[0], study.visits[baseline]
    planned = start.day - first.day - (1 if first.day < 0 else 0)
    earlier, later = (min(7, side) for side in (first.window.after, first.window.before))
    luck = draws.one("days from consent to first dose")
    days = planned - earlier + np.floor(luck * (earlier + later + 1))
    return np.asarray(np.maximum(days, 0).astype("timedelta64[D]"))


def _names_needed(study: Study) -> set[str]:
    """The items that criteria and strata ask for."""
    known = rule_items(study)
    rules = [each.rule for each in study.criteria if each.rule]
    for factor in study.randomization.strata:
        if factor.levels != "sites":
            rules += [level.rule for level in factor.levels]
    return {name for rule in rules for name in parse_rule(rule, known).items}


def _until_full(study: Study, screened: Screened, baseline: str) -> Screened:
    """Those screened up to the last who is randomized; consent gives the order."""
    last = int(np.flatnonzero(screened.randomized)[study.design.enrollment.count - 1]) + 1
    names = screened.names[:last]
    came = screened.came_to_baseline[:last]
    known = pl.col("participant").is_in(names)
    at_baseline = pl.Series(names).filter(pl.Series(came)).implode()
    return Screened(
        draws=screened.draws.of(np.arange(last)),
        names=names,
        site=screened.site[:last],
        site_improvement=screened.site_improvement[:last],
        level=screened.level[:last],
        consented_on=screened.consented_on[:last],
        first_dose=screened.first_dose[:last],
        came_to_baseline=came,
        randomized=screened.randomized[:last],
        item_values=screened.item_values.filter(
            known & ((pl.col("visit") != baseline) | pl.col("participant").is_in(at_baseline))
        ),
        judged_on=screened.judged_on.head(last),
    )
