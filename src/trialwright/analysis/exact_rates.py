"""Events per participant-year, each arm against the control, by exact methods.

Rates, limits and tests are those of `trialwright.stats.counts.exact_rates`.
"""

import math

import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.results import AnalysisResult, ArmRate, Comparison
from trialwright.analysis.strategies import stays_until_events
from trialwright.protocol.outcomes import Analysis, Estimand, EventRate
from trialwright.stats.counts.exact_rates import poisson_rate, poisson_rate_ratio
from trialwright.stats.results import Estimate

DAYS_PER_YEAR = 365.25


def exact_rates(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """The rate of each arm, and the ratio of each to the control."""
    estimand = dataset.study.estimand(analysis.estimand)
    assert isinstance(estimand.variable, EventRate)
    arms = [estimand.control, *estimand.arms]
    observed = observation(dataset, estimand)
    events = events_under_observation(dataset, observed, estimand.variable.category)
    rates = {arm: _rate(arm, observed, events, level) for arm in arms}
    control = rates[estimand.control]
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        rates=tuple(rates.values()),
        comparisons=tuple(
            _ratio(rates[arm], control, _people(observed, arm, control.arm), level)
            for arm in estimand.arms
        ),
        notes=(
            "the count of an arm is taken as Poisson; participants with several events make the"
            " true interval wider",
        ),
    )


def observation(dataset: Dataset, estimand: Estimand) -> pl.DataFrame:
    """The stays of the population with their length in `years`, first and last day included.

    An event that is handled while on treatment, or hypothetically, ends the observation.
    """
    members = dataset.members(estimand.population).select("participant")
    stays = stays_until_events(dataset, estimand)
    return stays.join(members, on="participant", how="semi").with_columns(
        years=((pl.col("to_on") - pl.col("from_on")).dt.total_days() + 1) / DAYS_PER_YEAR
    )


def events_under_observation(
    dataset: Dataset, observed: pl.DataFrame, category: str
) -> pl.DataFrame:
    """Events of a category that started during a stay: `participant`, `arm`."""
    return (
        dataset.data.adverse_events.filter(pl.col("category") == category)
        .select("participant", "number", "started_on")
        .join(observed, on="participant")
        .filter(pl.col("started_on").is_between(pl.col("from_on"), pl.col("to_on")))
        .select("participant", "arm")
    )


def _rate(arm: str, observed: pl.DataFrame, events: pl.DataFrame, level: float) -> ArmRate:
    stays, mine = observed.filter(pl.col("arm") == arm), events.filter(pl.col("arm") == arm)
    years = math.fsum(stays["years"])
    count = len(mine)
    found = poisson_rate(count, years, level=level) if years > 0 else None
    return ArmRate(
        arm=arm,
        participants=stays["participant"].n_unique(),
        participants_with_event=mine["participant"].n_unique(),
        events=count,
        person_years=years,
        rate=found.estimate if found else None,
        lower=found.lower if found else None,
        upper=found.upper if found else None,
    )


def _people(observed: pl.DataFrame, arm: str, control: str) -> int:
    """Participants under observation in either arm; in a crossover each is in both."""
    return observed.filter(pl.col("arm").is_in([arm, control]))["participant"].n_unique()


def _ratio(arm: ArmRate, control: ArmRate, participants: int, level: float) -> Comparison:
    observed = arm.person_years > 0 and control.person_years > 0
    found = (
        poisson_rate_ratio(
            arm.events, arm.person_years, control.events, control.person_years, level=level
        )
        if observed
        else Estimate(estimate=None, level=level, notes=("one of the arms was not observed",))
    )
    return Comparison(
        visit=None,
        arm=arm.arm,
        control=control.arm,
        quantity="rate ratio",
        estimate=found.estimate,
        lower=found.lower,
        upper=found.upper,
        level=level,
        p_value=found.p_value,
        participants=participants,
        notes=found.notes,
    )
