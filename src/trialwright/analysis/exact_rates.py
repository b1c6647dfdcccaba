"""Events per participant-year, each arm against the control, by exact methods.

The count of an arm is taken as Poisson. Given the sum of two counts, the share of one arm is
binomial; its limits become those of the rate ratio.

Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442.
Przyborowski J, Wilenski H. Homogeneity of results in testing samples from Poisson series.
Biometrika 1940;31:313-323.
"""

import math

import polars as pl
from scipy.stats import binom, chi2

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.results import AnalysisResult, ArmRate, Comparison
from trialwright.protocol.outcomes import Analysis, EventRate
from trialwright.stats.proportions.one import proportion

DAYS_PER_YEAR = 365.25


def exact_rates(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """The rate of each arm, and the ratio of each to the control."""
    estimand = dataset.study.estimand(analysis.estimand)
    assert isinstance(estimand.variable, EventRate)
    arms = [estimand.control, *estimand.arms]
    observed = observation(dataset, estimand.population)
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


def observation(dataset: Dataset, population: str) -> pl.DataFrame:
    """The stays of a population with their length in `years`, first and last day included."""
    members = dataset.members(population).select("participant")
    return dataset.stays.join(members, on="participant", how="semi").with_columns(
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


def poisson_interval(events: int, exposure: float, level: float) -> tuple[float, float]:
    """Garwood's exact limits of a rate."""
    tail = (1 - level) / 2
    lower = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    return lower / exposure, float(chi2.isf(tail, 2 * events + 2)) / 2 / exposure


def conditional_p_value(events: int, control_events: int, share: float) -> float:
    """Twice the smaller tail of the binomial count of events, given their sum; at most 1."""
    law = binom(events + control_events, share)
    return min(1.0, 2 * min(float(law.cdf(events)), float(law.sf(events - 1))))


def _rate(arm: str, observed: pl.DataFrame, events: pl.DataFrame, level: float) -> ArmRate:
    stays, mine = observed.filter(pl.col("arm") == arm), events.filter(pl.col("arm") == arm)
    years = math.fsum(stays["years"])
    count = len(mine)
    lower, upper = poisson_interval(count, years, level) if years > 0 else (None, None)
    return ArmRate(
        arm=arm,
        participants=stays["participant"].n_unique(),
        participants_with_event=mine["participant"].n_unique(),
        events=count,
        person_years=years,
        rate=count / years if years > 0 else None,
        lower=lower,
        upper=upper,
    )


def _people(observed: pl.DataFrame, arm: str, control: str) -> int:
    """Participants under observation in either arm; in a crossover each is in both."""
    return observed.filter(pl.col("arm").is_in([arm, control]))["participant"].n_unique()


def _ratio(arm: ArmRate, control: ArmRate, participants: int, level: float) -> Comparison:
    estimate = lower = upper = p_value = None
    notes: tuple[str, ...] = ()
    total = arm.events + control.events
    if arm.person_years <= 0 or control.person_years <= 0:
        notes = ("one of the arms was not observed",)
    elif total == 0:
        lower, upper = 0.0, math.inf
        notes = ("no event in either arm: the ratio is not determined",)
    else:
        share = proportion(arm.events, total, method="clopper-pearson", level=level)
        assert share.lower is not None
        assert share.upper is not None
        years = control.person_years / arm.person_years
        estimate, lower, upper = (
            _odds(each) * years for each in (arm.events / total, share.lower, share.upper)
        )
        p_value = conditional_p_value(
            arm.events, control.events, arm.person_years / (arm.person_years + control.person_years)
        )
    return Comparison(
        visit=None,
        arm=arm.arm,
        control=control.arm,
        quantity="rate ratio",
        estimate=estimate,
        lower=lower,
        upper=upper,
        level=level,
        p_value=p_value,
        participants=participants,
        notes=notes,
    )


def _odds(share: float) -> float:
    return math.inf if share >= 1 else share / (1 - share)
