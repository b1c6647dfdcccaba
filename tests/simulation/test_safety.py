import numpy as np
import polars as pl
import pytest
from scipy.stats import poisson

from trialwright.simulation.course import STAYS, Course
from trialwright.simulation.draws import Draws
from trialwright.simulation.safety import Exposure, adverse_events, events
from trialwright.simulation.scenarios import scenario
from trialwright.trialdata import TABLES
from trialwright.trialdata.tables import check_table

COUNT = 4_000
PEOPLE = Draws(6, 0, np.arange(COUNT))
NAMES = [f"{number:04d}" for number in range(COUNT)]
FIRST = np.full(COUNT, np.datetime64("2020-01-01"))
DAYS = np.array([1.0, 169.0])
YEARS = 168 / 365.25


def simulated(dose=0.0, injected=1.0, prednisone=10.0, antimalarial=False, name="null", until=169.0,
              effect=0.0):  # fmt: skip
    shape = (COUNT, 2)
    course = Course(
        days=DAYS,
        level=np.zeros((COUNT, 2, 1)),
        level_before=np.zeros((COUNT, 2, 1)),
        effect=np.full(shape, effect),
        immune=np.zeros(shape),
        sledai=np.zeros(shape),
        prednisone=np.full(shape, prednisone),
        prednisone_after=np.full(shape, prednisone),
        immunosuppressant_started=np.zeros(shape, dtype=bool),
        treatment_ends_after=np.ones(COUNT, dtype=np.intp),
        ends_after=np.ones(COUNT, dtype=np.intp),
        end_reason=np.full(COUNT, STAYS),
    )
    exposure = Exposure(
        days=DAYS,
        doses=np.full(shape, dose),
        injected=np.full(shape, injected),
        treatment_ends=np.full(COUNT, until),
        ends=np.full(COUNT, 169.0),
        antimalarial=np.full(COUNT, antimalarial),
    )
    return adverse_events(PEOPLE, NAMES, course, exposure, FIRST, scenario(name))


PLACEBO = simulated()


def within(count, rate):
    """Whether a count over all participants is within the Poisson limits of a false alarm of 1e-6."""
    low, high = poisson.interval(1 - 1e-6, rate * COUNT * YEARS)
    return low <= count <= high


@pytest.mark.parametrize("event", events(), ids=lambda event: event.term)
def test_each_event_comes_at_its_rate(event):
    rows = PLACEBO.filter(pl.col("term") == event.term)
    assert within(rows.height, event.rate * event.prednisone)
    low = simulated(prednisone=5.0, antimalarial=True).filter(pl.col("term") == event.term)
    assert within(low.height, event.rate * event.antimalarial)


@pytest.mark.parametrize("event", [e for e in events() if e.per_dose], ids=lambda event: event.term)
def test_a_dose_adds_its_rate_while_treated(event):
    half = simulated(dose=0.5).filter(pl.col("term") == event.term)
    assert within(half.height, event.rate + 0.5 * event.per_dose)
    stopped = simulated(dose=1.0, until=85.0).filter(pl.col("term") == event.term)
    after = stopped.filter(pl.col("started_on") > pl.date(2020, 1, 1) + pl.duration(days=85))
    assert after.height / max(stopped.height, 1) < (0.01 if event.on_injection else 0.2)


def test_without_injections_nothing_comes_of_them():
    none = simulated(injected=0.0)
    assert none.filter(
        pl.col("category").is_in(["injection site reaction", "reactogenicity"])
    ).is_empty()


def test_a_scenario_changes_infections_by_its_ratio_and_nothing_else():
    treated = simulated(name="he2020-like", effect=1.0)
    infections = pl.col("category") == "infection"
    expected = np.exp(-1.05) * sum(e.rate * e.prednisone for e in events() if e.infection)
    assert within(treated.filter(infections).height, expected)
    assert (
        treated.filter(~infections)
        .drop("number")
        .equals(PLACEBO.filter(~infections).drop("number"))
    )


def test_infections_that_treatment_prevents_are_among_those_without_it():
    # The same participants have the same infections, less those prevented.
    columns = ["participant", "term", "started_on"]
    infections = pl.col("category") == "infection"
    treated = simulated(name="he2020-like", effect=1.0).filter(infections).select(columns)
    assert treated.join(PLACEBO.filter(infections), on=columns, how="anti").is_empty()


def test_events_lie_within_participation_and_end_after_they_start():
    check_table("adverse_events", PLACEBO)
    assert PLACEBO["started_on"].min() >= FIRST[0].astype(object)
    last = FIRST[0].astype(object)
    assert (PLACEBO["started_on"].max() - last).days < 168
    assert (PLACEBO["ended_on"] > PLACEBO["started_on"]).all()


def test_numbers_count_the_events_of_a_participant_in_order():
    ordered = PLACEBO.sort("participant", "number")
    assert ordered.equals(PLACEBO)
    in_time = PLACEBO.group_by("participant", maintain_order=True).agg(
        (pl.col("started_on").diff().drop_nulls() >= pl.duration(days=0)).all().alias("ordered"),
        (pl.col("number") == pl.int_range(1, pl.len() + 1)).all().alias("counted"),
    )
    assert in_time["ordered"].all()
    assert in_time["counted"].all()


def test_only_grave_events_are_serious_and_grades_are_those_of_the_criteria():
    assert PLACEBO.filter("serious")["grade"].min() >= 3
    assert PLACEBO["grade"].is_between(1, 5).all()
    assert set(PLACEBO.filter("special_interest")["term"]) == {"herpes zoster"}
    assert set(TABLES["adverse_events"].columns) == set(PLACEBO.columns)
