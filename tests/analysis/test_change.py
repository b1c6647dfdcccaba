"""Changes from baseline, and the models that compare them, on a few people."""

import polars as pl
import pytest

from analysis.trials import SLEDAI_8, SLEDAI_12, Found, Person, dose_finding, infection, trial
from trialwright.analysis.change import baseline_visit, changes, counted_as_one
from trialwright.analysis.dataset import prepare
from trialwright.analysis.model_means import adjusted_at_visit, observed_means
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Handling


def table(study, people, estimand="sledai-over-time", **changed):
    chosen = study.estimand(estimand).model_copy(update=changed)
    return changes(prepare(study, trial(study, people)), chosen)


def test_a_change_is_the_value_minus_the_baseline():
    visits = {
        "screening": Found(sledai=()),
        "baseline": Found(sledai=SLEDAI_12),
        "week-4": Found(sledai=SLEDAI_8),
        "week-8": None,
        "week-12": Found(sledai=None),
    }
    rows = table(dose_finding(), [Person("P1", "placebo", visits)])
    assert rows.select("visit", "baseline", "value", "change").cast(
        {"visit": pl.String}
    ).rows() == [("week-4", 12.0, 8.0, -4.0)]
    assert rows["arm"].to_list() == ["placebo"]
    assert rows["stratum:activity"].to_list() == ["below-12"]


def test_without_a_baseline_there_is_no_change():
    assert table(dose_finding(), [Person("P1", "placebo", {"week-4": Found()})]).is_empty()


def stopped(strategy):
    study = dose_finding()
    visits = {"baseline": Found(), "week-4": Found(), "week-8": Found()}
    person = Person("P1", "placebo", visits, treatment_ended=(40, "adverse event"))
    handling = (Handling(event="treatment-stopped", strategy=strategy),)
    rows = table(study, [person], intercurrent_events=handling)
    return rows["visit"].cast(pl.String).to_list()


def test_the_strategy_decides_on_visits_after_an_event():
    assert stopped("treatment policy") == ["week-4", "week-8"]
    assert stopped("hypothetical") == ["week-4"]
    with pytest.raises(UnusableInputError, match="'composite'"):
        stopped("composite")


def test_titers_are_compared_on_a_logarithmic_scale():
    study = infection()

    def at(copies):
        return Found(numbers={"epstein_barr_dna": copies})

    people = [Person("P1", "il-2", {"week-0": at(1000.0), "week-10": at(0.0)})]
    rows = table(study, people, "epstein-barr")
    assert rows.select("baseline", "value", "change").row(0) == pytest.approx((3.0, 0.0, -3.0))
    dataset = prepare(study, trial(study, people))
    assert counted_as_one(dataset, study.estimand("epstein-barr").variable)
    assert not counted_as_one(dataset, study.estimand("sledai").variable)


def test_in_a_crossover_each_period_has_its_own_baseline():
    study = infection("crossover")

    def at(share):
        return Found(numbers={"regulatory_t_cells": share})

    visits = {
        "period-1-week-0": at(4.0),
        "period-1-week-10": at(6.0),
        "period-2-week-0": at(5.0),
        "period-2-week-10": at(4.5),
    }
    people = [Person("A", "il-2-first", visits, ended=(170, "completed"))]
    rows = table(study, people, "treg")
    assert rows.select("period", "arm", "baseline", "change").rows() == [
        ("period-1", "il-2", 4.0, 2.0),
        ("period-2", "standard-therapy", 5.0, -0.5),
    ]
    dataset = prepare(study, trial(study, people))
    variable = study.estimand("treg").variable
    assert baseline_visit(dataset, variable, "period-2-week-10") == "period-2-week-0"


def frame(**columns):
    return pl.DataFrame(columns)


def test_adjusted_means_by_hand():
    """Without a covariate that varies, the model is the two means and their pooled spread."""
    rows = frame(
        arm=["a", "a", "a", "c", "c", "c"],
        baseline=[8.0] * 6,
        change=[-4.0, -5.0, -6.0, -1.0, -2.0, -3.0],
    )
    found = adjusted_at_visit(rows, "week-12", ["a"], "c", [], 0.95)
    assert [mean.mean for mean in found.means] == pytest.approx([-2.0, -5.0])
    (difference,) = found.comparisons
    assert difference.estimate == pytest.approx(-3.0)
    # Both variances are 1, so the standard error is the root of 2/3, on 4 degrees of freedom;
    # the 97.5% quantile of that t is 2.776445 (any table of t).
    assert difference.standard_error == pytest.approx((2 / 3) ** 0.5)
    assert difference.degrees_of_freedom == 4
    assert difference.upper == pytest.approx(-3 + 2.776445 * (2 / 3) ** 0.5, abs=1e-5)
    assert difference.participants == 6


def test_observed_means_by_hand():
    rows = frame(arm=["a", "a", "c"], value=[1.0, 3.0, 5.0])
    a, c, nobody = observed_means(rows, "week-12", ["a", "c", "n"], "value", 0.95)
    assert (a.mean, a.participants) == (2.0, 2)
    assert a.standard_deviation == pytest.approx(2**0.5)
    # The 97.5% quantile of t on 1 degree of freedom is 12.7062, and the standard error is 1.
    assert a.upper == pytest.approx(2 + 12.7062, abs=1e-4)
    assert (c.mean, c.standard_deviation, c.lower) == (5.0, None, None)
    assert (nobody.mean, nobody.participants) == (None, 0)


def test_too_few_for_a_model_is_stated():
    rows = frame(arm=["a", "c"], baseline=[8.0, 9.0], change=[-1.0, -2.0])
    (difference,) = adjusted_at_visit(rows, "week-12", ["a"], "c", [], 0.95).comparisons
    assert difference.estimate is None
    assert difference.notes[0].startswith("no model: ")
