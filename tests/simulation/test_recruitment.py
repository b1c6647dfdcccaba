import numpy as np
import polars as pl
import pytest

from simulation.shipped import load
from trialwright.simulation.plan import dose_changes
from trialwright.simulation.recruitment import recruit
from trialwright.simulation.scenarios import scenario
from trialwright.simulation.timeline import timeline


def recruited(name, seed=1):
    study = load(name)
    return recruit(study, timeline(study, dose_changes(study)), scenario("null"), seed, 0)


@pytest.mark.parametrize("name", ["dose-finding", "crossover"])
def test_screening_stops_with_the_last_who_is_randomized(name):
    screened = recruited(name)
    assert screened.randomized.sum() == load(name).design.enrollment.count
    assert screened.randomized[-1]
    assert len(screened.names) == len(screened.site) == len(screened.randomized)


def test_only_those_who_came_to_baseline_can_be_randomized():
    screened = recruited("dose-finding")
    assert not (screened.randomized & ~screened.came_to_baseline).any()
    assert (screened.came_to_baseline & ~screened.randomized).any()
    at_baseline = screened.item_values.filter(pl.col("visit") == "baseline")
    came = {
        name for name, yes in zip(screened.names, screened.came_to_baseline, strict=True) if yes
    }
    assert set(at_baseline["participant"]) == came


def test_the_first_dose_lies_within_the_window_of_screening():
    for name in ("dose-finding", "infection"):
        screened = recruited(name)
        days = (screened.first_dose - screened.consented_on).astype(int)
        # day -14 with 14 days before and 7 after: 7 to 28 days; sites use a week either way
        assert days.min() >= 7
        assert days.max() <= 21


def test_eligibility_is_judged_on_the_last_values_before_treatment():
    screened = recruited("dose-finding")
    judged = screened.judged_on.with_columns(came=pl.Series(screened.came_to_baseline))
    days = pl.Series(
        np.where(screened.came_to_baseline, screened.first_dose, screened.consented_on)
    )
    assert judged["screening_date"].equals(days.cast(pl.Date).alias("screening_date"))
    assert judged.filter(pl.Series(screened.randomized))["selena_sledai"].min() >= 8


def test_most_who_are_screened_have_active_disease_since_sites_read_charts_first():
    screened = recruited("dose-finding")
    at_screening = screened.judged_on.filter(~pl.Series(screened.came_to_baseline))
    inactive = (at_screening["selena_sledai"] < 8).sum() / len(screened.names)
    assert 0.02 < inactive < 0.25
