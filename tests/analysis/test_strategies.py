"""What each strategy of ICH E9(R1) makes of the same participants, judged by hand."""

import polars as pl
import pytest

from analysis.trials import SLEDAI_8, SLEDAI_12, Found, Person, day, dose_finding, infection, trial
from trialwright.analysis.change import changes
from trialwright.analysis.dataset import prepare
from trialwright.analysis.exact_rates import exact_rates
from trialwright.analysis.response import responses
from trialwright.analysis.strategies import STRATEGIES, handling, stays_until_events
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Handling

FELL = ("arthritis",)  # 4 points
WHILE = "while on treatment"


def prepared(visits, study=None, arm="placebo", medications=(), adverse_events=(), **person):
    study = study or dose_finding()
    people = [Person("P1", arm, visits, **person)]
    return prepare(
        study, trial(study, people, medications=medications, adverse_events=adverse_events)
    )


def estimand(name, study=None, missing="observed", **strategies):
    handled = tuple(
        Handling(event=event.replace("_", "-"), strategy=strategy)
        for event, strategy in strategies.items()
    )
    changed = {"intercurrent_events": handled, "missing": missing}
    return (study or dose_finding()).estimand(name).model_copy(update=changed)


def rescue(on):
    return {
        "participant": "P1",
        "medication": "azathioprine",
        "medication_class": "immunosuppressant",
        "dose": 100,
        "started": on,
    }


# Change of SELENA-SLEDAI. Weeks 4, 8 and 12 are days 29, 57 and 85; the values are 12, 8, 4, 0.

COURSE = {
    "baseline": Found(sledai=SLEDAI_12),
    "week-4": Found(sledai=SLEDAI_8),
    "week-8": Found(sledai=FELL),
    "week-12": Found(sledai=()),
}


def changed(strategies, visits=COURSE, **how):
    chosen = estimand("sledai-over-time", **strategies)
    table = changes(prepared(visits, **how), chosen)
    return dict(table.select(pl.col("visit").cast(pl.String), "change").iter_rows())


@pytest.mark.parametrize(
    ("strategy", "week_8", "week_12"),
    [
        ("treatment policy", -8.0, -12.0),
        ("hypothetical", -8.0, None),
        (WHILE, -8.0, -8.0),
    ],
)
def test_treatment_stopped_between_weeks_8_and_12(strategy, week_8, week_12):
    found = changed({"treatment_stopped": strategy}, treatment_ended=(60, "adverse event"))
    assert (found["week-8"], found.get("week-12")) == (week_8, week_12)


@pytest.mark.parametrize(
    ("stopped_on", "week_8", "week_12"),
    [
        (29, -4.0, -4.0),  # on the day of week 4, whose assessment comes first
        (28, 0.0, 0.0),  # before any assessment: the last value is the baseline's
        (57, -8.0, -8.0),
        (84, -8.0, -8.0),
        (85, -8.0, -12.0),
        (60, -8.0, -8.0),
    ],
)
def test_the_last_value_before_the_event_counts(stopped_on, week_8, week_12):
    found = changed({"treatment_stopped": WHILE}, treatment_ended=(stopped_on, "adverse event"))
    assert (found["week-8"], found["week-12"]) == (week_8, week_12)


def test_it_counts_at_visits_that_the_participant_no_longer_came_to():
    found = changed(
        {"treatment_stopped": WHILE},
        visits={name: COURSE[name] for name in ("baseline", "week-4")},
        treatment_ended=(40, "lack of efficacy"),
        ended=(40, "lost to follow-up"),
    )
    weeks = ("week-8", "week-12", "week-16", "week-20", "week-24")
    assert found == {"week-4": -4.0, **dict.fromkeys(weeks, -4.0)}


def test_a_visit_missed_before_the_event_is_missing_and_the_value_before_it_counts_after():
    visits = COURSE | {"week-8": None, "week-12": Found(sledai=())}
    found = changed({"treatment_stopped": WHILE}, visits, treatment_ended=(60, "adverse event"))
    assert "week-8" not in found
    assert found["week-12"] == -4.0  # of week 4


def test_without_an_event_nothing_is_carried_forward():
    visits = {name: COURSE[name] for name in ("baseline", "week-4")}
    assert changed({"treatment_stopped": WHILE}, visits) == {"week-4": -4.0}


def test_without_a_baseline_there_is_no_change_to_carry():
    visits = {name: COURSE[name] for name in ("week-4", "week-8")}
    stopped = {"treatment_ended": (40, "adverse event")}
    assert changed({"treatment_stopped": WHILE}, visits, **stopped) == {}


@pytest.mark.parametrize(
    ("rescued_on", "week_12"),
    [
        (50, None),  # before the end of treatment: what follows is set aside
        (65, -8.0),  # after it: the value of week 8 stood already
    ],
)
def test_each_event_is_judged_by_its_own_strategy_in_the_order_of_days(rescued_on, week_12):
    found = changed(
        {"treatment_stopped": WHILE, "rescue": "hypothetical"},
        treatment_ended=(60, "adverse event"),
        medications=[rescue(rescued_on)],
    )
    assert found.get("week-12") == week_12


def test_the_value_carried_is_one_of_the_same_period():
    study = infection("crossover")

    def at(share):
        return Found(numbers={"regulatory_t_cells": share})

    visits = {
        "period-1-week-0": at(4.0),
        "period-1-week-10": at(6.0),
        "period-2-week-0": at(5.0),
        "period-2-week-10": at(4.5),
    }
    stop = study.visit("period-2-week-0").day + 3
    dataset = prepared(
        visits, study, "il-2-first", treatment_ended=(stop, "adverse event"), ended=(170, "death")
    )
    table = changes(dataset, estimand("treg", study, treatment_stopped=WHILE))
    # In the second period nothing was measured after its own week 0, so nothing changed.
    assert table.select("period", "baseline", "change", "cut").rows() == [
        ("period-1", 4.0, 2.0, False),
        ("period-2", 5.0, 0.0, True),
    ]


# Response

RESPONDS_AT_8 = {
    "baseline": Found(),
    "week-4": Found(),
    "week-8": Found(sledai=FELL),
    "week-12": Found(),
}


def judged(strategies, visits=RESPONDS_AT_8, name="sri-4-week-12", **how):
    missing = how.pop("missing", "observed")
    dataset = prepared(visits, **how)
    row = responses(dataset, estimand(name, missing=missing, **strategies)).row(0, named=True)
    return row["response"], row["missing"], row["failed"]


@pytest.mark.parametrize(
    ("strategy", "verdict"),
    [
        ("treatment policy", (False, False, False)),
        ("composite", (False, False, True)),
        ("hypothetical", (None, True, False)),
        (WHILE, (True, False, False)),  # as at week 8
    ],
)
def test_a_response_lost_after_treatment_ended(strategy, verdict):
    stopped = {"treatment_ended": (60, "adverse event")}
    assert judged({"treatment_stopped": strategy}, **stopped) == verdict


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("sri-4-week-12", False),
        ("sledai-component", False),  # nothing fell yet
        ("bilag-component", True),  # and nothing is worse
        ("pga-component", True),
    ],
)
def test_an_event_before_any_assessment_leaves_things_as_at_baseline(name, response):
    worse = Found(sledai=SLEDAI_12, bilag={"skin_eruption_severe": 4}, pga=3.0)
    found = judged(
        {"treatment_stopped": WHILE},
        {"baseline": Found(), "week-12": worse},
        name,
        treatment_ended=(10, "adverse event"),
    )
    assert found == (response, False, False)


def test_the_last_known_response_counts_not_the_last_visit():
    visits = RESPONDS_AT_8 | {"week-4": Found(sledai=FELL), "week-8": Found(sledai=None)}
    stopped = {"treatment_ended": (60, "adverse event")}
    assert judged({"treatment_stopped": WHILE}, visits, **stopped) == (True, False, False)


@pytest.mark.parametrize(("rescued_on", "failed"), [(40, True), (70, False)])
def test_a_failure_counts_if_it_came_while_on_treatment(rescued_on, failed):
    found = judged(
        {"treatment_stopped": WHILE, "rescue": "composite"},
        treatment_ended=(60, "adverse event"),
        medications=[rescue(rescued_on)],
    )
    assert found == (not failed, False, failed)


# Rates

FEVER = [{"participant": "P1", "started": on} for on in (10, 40, 90)]


@pytest.mark.parametrize(
    ("strategy", "events", "days"),
    [("treatment policy", 3, 169), ("hypothetical", 2, 60), (WHILE, 2, 60)],
)
def test_a_rate_counts_events_and_days_up_to_the_event(strategy, events, days):
    study = dose_finding()
    dataset = prepared(
        {"baseline": Found()}, adverse_events=FEVER, treatment_ended=(60, "adverse event")
    )
    chosen = estimand("infections", treatment_stopped=strategy)
    others = tuple(each for each in study.estimands if each.id != chosen.id)
    changed_study = study.model_copy(update={"estimands": (*others, chosen)})
    dataset = prepare(changed_study, dataset.data)
    analysis = next(each for each in study.analyses if each.id == "infections")
    placebo = exact_rates(dataset, analysis, 0.95).rates[0]
    assert (placebo.events, placebo.person_years) == (events, pytest.approx(days / 365.25))


def test_an_event_before_day_1_leaves_nothing_to_observe():
    dataset = prepared({"baseline": Found()}, treatment_ended=(-3, "adverse event"))
    stays = stays_until_events(dataset, estimand("infections", treatment_stopped=WHILE))
    assert stays.is_empty()


# All of them


def test_what_is_known_of_a_visit_after_two_events():
    dataset = prepared(
        RESPONDS_AT_8, treatment_ended=(60, "adverse event"), medications=[rescue(50)]
    )
    handled = handling(
        dataset, estimand("sri-4-week-12", treatment_stopped=WHILE, rescue="composite")
    )
    rows = handled.filter(pl.col("visit").is_in(["week-8", "week-12"]))
    assert rows.drop("participant", "visit").rows() == [
        # on, until, cut, failed, hidden
        (day(57), day(57), False, True, False),
        (day(85), day(60), True, True, False),
    ]


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("sri-4-week-12", "principal stratum"),
        ("sledai-over-time", "principal stratum"),
        ("sledai-over-time", "composite"),
        ("infections", "principal stratum"),
        ("infections", "composite"),
    ],
)
def test_a_strategy_without_an_estimator_is_refused_by_name(name, strategy):
    dataset = prepared({"baseline": Found()})
    with pytest.raises(UnusableInputError, match=f"'rescue' by the strategy '{strategy}'") as error:
        handling(dataset, estimand(name, rescue=strategy))
    assert error.value.where == f"estimand {name}"
    assert error.value.remedy.startswith("choose treatment policy, ")


def test_a_principal_stratum_is_nobodys():
    assert set(STRATEGIES) == {"sri", "change", "event rate"}
    for strategies in STRATEGIES.values():
        assert "principal stratum" not in strategies
        assert "treatment policy" in strategies
