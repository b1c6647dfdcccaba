"""The SLE Responder Index of one participant after another, judged by hand."""

import polars as pl
import pytest

from analysis.trials import SLEDAI_8, SLEDAI_12, Found, Person, dose_finding, trial
from trialwright.analysis.dataset import prepare
from trialwright.analysis.response import components, responses
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Handling

FELL = ("arthritis",)  # 4 points, from 8
NEW_A = {"skin_eruption_severe": 4}
NEW_B = {"skin_eruption_mild": 2}
TWO_NEW_B = {"skin_eruption_mild": 2, "arthritis_moderate_tendonitis_tenosynovitis": 2}


def judged(week_12, estimand="sri-4-week-12", *, changes=None, medications=(), **person):
    """The row of one participant at week 12, with baseline of 8 points, no BILAG, PGA 2.0."""
    study = dose_finding()
    someone = Person("P1", "placebo", {"baseline": Found(), "week-12": week_12}, **person)
    data = trial(study, [someone], medications=medications)
    chosen = study.estimand(estimand)
    if changes:
        chosen = chosen.model_copy(update=changes)
    return responses(prepare(study, data), chosen).row(0, named=True)


def test_a_responder():
    row = judged(Found(sledai=FELL))
    assert (row["response"], row["missing"], row["failed"]) == (True, False, False)
    assert row["reduction"] == 4
    assert row["stratum:activity"] == "below-12"
    assert row["stratum:site"] == "pkuph"


@pytest.mark.parametrize(
    ("found", "response"),
    [
        (Found(sledai=FELL), True),
        (Found(sledai=("hematuria", "fever")), False),  # 8 to 5 is 3 points
        (Found(sledai=FELL, bilag=NEW_A), False),
        (Found(sledai=FELL, bilag=NEW_B), True),  # one new B is allowed
        (Found(sledai=FELL, bilag=TWO_NEW_B), False),
        (Found(sledai=FELL, pga=2.2), True),
        (Found(sledai=FELL, pga=2.3), False),  # 2.3 - 2.0 is 0.3, which is worse
    ],
)
def test_every_part_is_needed(found, response):
    assert judged(found)["response"] is response


def test_the_literal_or_needs_one_of_the_clauses_only():
    assert judged(Found(sledai=FELL, bilag=NEW_A), "sri-4-literal-or")["response"] is True
    assert judged(Found(sledai=FELL, bilag=TWO_NEW_B), "sri-4-literal-or")["response"] is True


def test_a_part_alone():
    found = Found(sledai=SLEDAI_12, bilag=NEW_A, pga=1.0)
    assert judged(found, "sledai-component")["response"] is False
    assert judged(found, "bilag-component")["response"] is False
    assert judged(found, "pga-component")["response"] is True


def test_a_missed_visit_is_missing_and_no_response():
    row = judged(None)
    assert (row["response"], row["missing"]) == (False, True)


def test_a_part_that_failed_decides_though_another_is_not_known():
    row = judged(Found(sledai=SLEDAI_8, pga=None))
    assert (row["response"], row["missing"]) == (False, False)
    row = judged(Found(sledai=FELL, pga=None))
    assert (row["response"], row["missing"]) == (False, True)


def test_only_the_observed_count_if_the_estimand_says_so():
    assert judged(None, changes={"missing": "observed"})["response"] is None


def prednisone(dose, started, ended=None):
    return {
        "participant": "P1",
        "medication": "prednisone",
        "medication_class": "glucocorticoid",
        "dose": dose,
        "started": started,
        "ended": ended,
    }


@pytest.mark.parametrize(
    ("how", "failed"),
    [
        ({"treatment_ended": (84, "adverse event")}, True),  # the day before week 12
        ({"treatment_ended": (85, "adverse event")}, False),  # after the assessment of week 12
        ({"treatment_ended": (40, "completed")}, False),
        ({"medications": [prednisone(10, -20, 30), prednisone(16, 30)]}, True),
        ({"medications": [prednisone(10, -20, 30), prednisone(15, 30)]}, False),
        ({"medications": [prednisone(10, -20, 85), prednisone(16, 85)]}, False),
    ],
)
def test_an_event_before_the_visit_makes_a_failure(how, failed):
    row = judged(Found(sledai=FELL), **how)
    assert row["failed"] is failed
    assert row["response"] is not failed


def test_the_treatment_policy_looks_away_from_events():
    ignored = (Handling(event="treatment-stopped", strategy="treatment policy"),)
    row = judged(
        Found(sledai=FELL),
        changes={"intercurrent_events": ignored},
        treatment_ended=(10, "adverse event"),
    )
    assert (row["response"], row["failed"]) == (True, False)


def test_the_hypothetical_strategy_sets_later_visits_aside():
    hidden = (Handling(event="treatment-stopped", strategy="hypothetical"),)
    row = judged(
        Found(sledai=FELL),
        changes={"intercurrent_events": hidden, "missing": "observed"},
        treatment_ended=(10, "adverse event"),
    )
    assert (row["response"], row["missing"]) == (None, True)


def test_a_strategy_that_a_response_cannot_have_is_refused():
    stratum = (Handling(event="rescue", strategy="principal stratum"),)
    with pytest.raises(UnusableInputError, match="principal stratum"):
        judged(Found(), changes={"intercurrent_events": stratum})


def test_a_participant_without_baseline_is_missing():
    study = dose_finding()
    data = trial(study, [Person("P1", "placebo", {"week-12": Found(sledai=FELL)})])
    row = responses(prepare(study, data), study.estimand("sri-4-week-12")).row(0, named=True)
    assert (row["response"], row["missing"]) == (False, True)


def test_points_asked_for_come_from_the_study():
    study = dose_finding()
    person = Person("P1", "placebo", {"baseline": Found(), "week-12": Found(sledai=FELL)})
    dataset = prepare(study, trial(study, [person]))
    variable = study.estimand("sri-4-week-12").variable
    for points, fell in ((4, True), (5, False)):
        parts = components(dataset, variable.model_copy(update={"points": points}))
        assert parts["sledai"].to_list() == [fell]
        assert parts.columns == ["participant", "visit", "sledai", "bilag", "pga", "reduction"]
        assert parts.schema["visit"] == pl.Enum([visit.id for visit in study.visits])
