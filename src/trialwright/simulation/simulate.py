"""One whole trial on virtual participants, through the code that conducts a real one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trialwright.protocol import Study, rule_items
from trialwright.protocol.eligibility import screen
from trialwright.protocol.scheme import randomization_scheme
from trialwright.randomization import AllocationList, allocation_list
from trialwright.randomization.streams import random_words
from trialwright.rules import parse_rule
from trialwright.simulation.capture import Attendance, Days, item_values
from trialwright.simulation.course import END_REASONS, STAYS, Course, simulate_course
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.facts import answer
from trialwright.simulation.observations import Person, check_items, observe
from trialwright.simulation.parameters import number
from trialwright.simulation.plan import dose_changes, doses, injections, stretches
from trialwright.simulation.recruitment import NEVER, Screened, recruit
from trialwright.simulation.safety import Exposure, adverse_events
from trialwright.simulation.scenarios import scenario
from trialwright.simulation.timeline import Timeline, timeline
from trialwright.simulation.treatment import exposures, medications, takes_antimalarial
from trialwright.trialdata import TABLES, TrialData

DRIFT: Final = 2  # days by which visits usually miss their day, within the window


def simulate(
    study: Study, scenario_name: str, seed: int, trial: int = 0, *, reasons: bool = True
) -> TrialData:
    """A trial of the study on virtual participants.

    What happens to a candidate depends on seed, trial number and the candidate's own number only,
    so that the same arguments give the same bytes however the work is divided.

    Args:
        study: the protocol, under the reading that is wanted.
        scenario_name: what treatment does; see `scenarios`.
        seed: of everything random, the allocation list included.
        trial: counts the replicates of one seed.
        reasons: whether to say in words why each criterion is met or not.

    Raises:
        UnusableInputError: no such scenario; an item or instrument of the study that virtual
            participants have no model for; criteria that next to nobody meets.
    """
    check_items(study)
    chosen = scenario(scenario_name)
    line = timeline(study, dose_changes(study))
    screened = recruit(study, line, chosen, seed, trial)
    allocations = _allocate(study, screened, simulated_list(study, seed, trial))

    rows = np.flatnonzero(screened.randomized)
    draws = screened.draws.of(rows)
    names = [screened.names[row] for row in rows.tolist()]
    order = dict(zip(allocations["participant"], allocations["allocated_to"], strict=True))
    ratio = list(study.randomization.ratio)
    groups = np.array([ratio.index(order[name]) for name in names], dtype=np.intp)
    given = doses(study, line.days)[groups]
    course = simulate_course(draws, line, given, screened.site_improvement[rows], chosen)
    stay = _stay(study, draws, course, line, screened.first_dose[rows], groups)
    visited_on = stay.visited_on.copy()
    visited_on[:, : line.baseline] = screened.consented_on[rows][:, None]

    filled = observe(study, Person(draws, course, line.baseline))
    attended = stay.attended.copy()
    attended[:, : line.baseline + 1] = False  # captured before randomization
    who = Attendance(names, attended, visited_on, screened.consented_on[rows])
    later = item_values(study, filled, who, draws, line.baseline)
    background = answer("standard_treatment_started", draws, course.level[:, 0])
    since = screened.consented_on[rows] - background.astype("timedelta64[D]")
    exposure = Exposure(
        days=line.days,
        doses=given,
        injected=injections(study, line.days)[groups],
        treatment_ends=stay.treatment_ends,
        ends=stay.ends,
        antimalarial=takes_antimalarial(draws),
    )
    first_dose = screened.first_dose[rows]
    return TrialData(
        participants=_participants(study, screened, rows, stay, course),
        criteria=screen(study, screened.judged_on, NEVER, reasons=reasons).criteria,
        allocations=allocations,
        visits=_visits(study, screened, rows, stay, line),
        item_values=pl.concat([screened.item_values, later]).sort(TABLES["item_values"].key),
        adverse_events=adverse_events(draws, names, course, exposure, first_dose, chosen),
        exposures=exposures(study, draws, names, groups, first_dose, stay.treatment_ends),
        medications=medications(draws, names, course, since, visited_on),
    )


def simulated_list(study: Study, seed: int, trial: int = 0) -> AllocationList:
    """The allocation list that `simulate` uses for the same study, seed and trial."""
    list_seed = int(random_words((seed, "simulation", trial, "seed of the list"), 1)[0, 0])
    return allocation_list(randomization_scheme(study), list_seed)


@dataclass(frozen=True, slots=True)
class _Stay:
    """How long the randomized stay, (participants,), and which visits they attend.

    Attributes:
        treatment_ends, ends: study days.
        treatment_completed: whether the last dose planned was reached.
        due, attended: (participants, visits).
        visited_on: (participants, visits), of the visits attended.
    """

    treatment_ends: Floats
    ends: Floats
    treatment_completed: NDArray[np.bool_]
    due: NDArray[np.bool_]
    attended: NDArray[np.bool_]
    visited_on: Days


def _stay(
    study: Study,
    draws: Draws,
    course: Course,
    line: Timeline,
    first_dose: Days,
    groups: NDArray[np.intp],
) -> _Stay:
    visits = study.visits
    drift = np.array([(min(DRIFT, v.window.before), min(DRIFT, v.window.after)) for v in visits])
    luck = draws.uniform("day of the visit", len(visits))
    moved = np.floor(luck * (drift.sum(axis=1) + 1)) - drift[:, 0]
    study_day = course.days + np.where(np.arange(len(visits)) > line.baseline, moved, 0)

    last = len(visits) - 1
    next_visit = np.minimum(course.treatment_ends_after + 1, last)
    here, there = course.days[course.treatment_ends_after], course.days[next_visit]
    somewhere = np.round(here + (0.2 + 0.6 * draws.one("day of leaving")) * (there - here))
    left = course.end_reason != STAYS
    planned = np.array(
        [
            max((each.last_day for each in stretches(study, group)), default=course.days[-1])
            for group in study.randomization.ratio
        ]
    )
    completed = ~left | (somewhere > planned[groups])
    treatment_ends = np.where(completed, planned[groups], somewhere)
    stops = course.ends_after < last
    ends = np.where(stops, somewhere, study_day[:, -1])

    due = np.arange(len(visits)) <= course.ends_after[:, None]
    missed = draws.uniform("visit missed", len(visits)) < number("participation.missed_visit")
    missed[:, : line.baseline + 1] = False
    since_first = np.where(study_day > 0, study_day - 1, study_day).astype("timedelta64[D]")
    attended, visited_on = due & ~missed, first_dose[:, None] + since_first
    return _Stay(treatment_ends, ends, completed, due, attended, visited_on)


def _allocate(study: Study, screened: Screened, rows_of: AllocationList) -> pl.DataFrame:
    """The next row of their stratum for each, in the order of their first dose."""
    randomized = np.flatnonzero(screened.randomized)
    order = randomized[np.lexsort((randomized, screened.first_dose[randomized]))]
    names = [screened.names[row] for row in order.tolist()]
    scheme = randomization_scheme(study)
    levels = _levels(study, screened)
    strata = [
        scheme.stratum_of({factor: str(found[row]) for factor, found in levels.items()})
        for row in order
    ]
    table = pl.DataFrame(
        {
            "participant": names,
            "stratum": strata,
            "allocated_on": pl.Series(screened.first_dose[order]).cast(pl.Date),
        }
    ).with_columns(position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("stratum"))
    schema = TABLES["allocations"].columns
    return (
        table.join(
            rows_of.rows.select("stratum", "position", "allocated_to"),
            on=["stratum", "position"],
            how="left",
            maintain_order="left",
        )
        .select(list(schema))
        .sort("participant")
    )


def _levels(study: Study, screened: Screened) -> dict[str, NDArray[np.str_]]:
    """The level of each stratification factor, for everybody screened."""
    known = rule_items(study)
    found = {}
    for factor in study.randomization.strata:
        if factor.levels == "sites":
            found[factor.id] = np.array([site.id for site in study.sites])[screened.site]
            continue
        level = pl.lit("none")
        for each in reversed(factor.levels):
            rule = parse_rule(each.rule, known).expression(pl.col("screening_date"))
            level = pl.when(rule).then(pl.lit(each.id)).otherwise(level)
        found[factor.id] = screened.judged_on.select(level.alias("level"))["level"].to_numpy()
    return found


def _participants(
    study: Study, screened: Screened, rows: NDArray[np.intp], stay: _Stay, course: Course
) -> pl.DataFrame:
    sex = answer("sex", screened.draws, screened.level)
    reasons = np.array([*END_REASONS, "completed"])  # STAYS is -1 and finds the last
    ended = np.full((len(screened.names), 2), None, dtype=object)
    reason = np.full((len(screened.names), 2), None, dtype=object)
    first_dose = screened.first_dose[rows]
    for column, days in enumerate((stay.treatment_ends, stay.ends)):
        ended[rows, column] = (first_dose + (days - 1).astype("timedelta64[D]")).tolist()
    reason[rows, 0] = np.where(stay.treatment_completed, "completed", reasons[course.end_reason])
    stopped = course.ends_after < len(study.visits) - 1
    reason[rows, 1] = np.where(stopped, reasons[course.end_reason], "completed")
    schema = TABLES["participants"].columns
    return pl.DataFrame(
        {
            "participant": screened.names,
            "site": np.array([site.id for site in study.sites])[screened.site].tolist(),
            "sex": np.where(sex == "F", "female", "male").tolist(),
            "age": np.round(answer("age", screened.draws, screened.level)),
            "consented_on": pl.Series(screened.consented_on).cast(pl.Date),
            "screened_on": pl.Series(screened.consented_on).cast(pl.Date),
            "randomized": screened.randomized,
            "treatment_ended_on": pl.Series(ended[:, 0].tolist(), dtype=pl.Date),
            "treatment_end_reason": reason[:, 0].tolist(),
            "ended_on": pl.Series(ended[:, 1].tolist(), dtype=pl.Date),
            "end_reason": reason[:, 1].tolist(),
        },
        schema=schema,
    )


def _visits(
    study: Study, screened: Screened, rows: NDArray[np.intp], stay: _Stay, line: Timeline
) -> pl.DataFrame:
    """Visits due: before treatment for screen failures, until the end for the randomized."""
    count = (len(screened.names), len(study.visits))
    due, attended = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    due[:, : line.baseline] = True
    due[:, line.baseline] = screened.came_to_baseline
    attended[:] = due
    on = np.where(
        np.arange(count[1]) < line.baseline,
        screened.consented_on[:, None],
        screened.first_dose[:, None],
    )
    due[rows], attended[rows] = stay.due, stay.attended
    on[rows, line.baseline :] = stay.visited_on[:, line.baseline :]
    since = (on - screened.first_dose[:, None]).astype(np.int64)
    day = np.where(since >= 0, since + 1, since)
    person, visit = np.nonzero(due)
    here = pl.Series(attended[person, visit])
    treated = pl.Series(screened.randomized[person])
    schema = TABLES["visits"].columns
    return (
        pl.DataFrame(
            {
                "participant": pl.Series(screened.names, dtype=pl.String)[person],
                "visit": pl.Series([each.id for each in study.visits])[visit],
                "visited_on": pl.Series(on[person, visit]).cast(pl.Date),
                "study_day": day[person, visit],
            }
        )
        .with_columns(
            status=pl.when(here).then(pl.lit("attended")).otherwise(pl.lit("missed")),
            visited_on=pl.when(here).then("visited_on"),
            study_day=pl.when(here & treated).then("study_day"),
        )
        .select(list(schema))
        .cast(pl.Schema(schema))
    )
