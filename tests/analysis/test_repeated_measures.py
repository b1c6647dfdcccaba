"""One model of all visits: what it says, against what it falls back to, and when it does."""

import polars as pl
import pytest

from analysis.examples import people
from analysis.trials import dose_finding, trial
from simulation.shipped import load
from simulation.shipped import trial as simulated
from trialwright.analysis.change import changes
from trialwright.analysis.change_by_visit import NOTE, analysis_of_covariance, repeated_measures
from trialwright.analysis.dataset import prepare
from trialwright.analysis.model_means import adjusted_at_visit
from trialwright.analysis.repeated_measures import ALONE, adjusted_over_visits
from trialwright.stats.mmrm import mmrm

ARMS = ["low", "high"]
VISITS = ("week-4", "week-8", "week-12")


def table(participants=18, seed=1, **dropped):
    """Three arms in turn; `dropped` arms are absent from the visits named."""
    rows = []
    for number in range(participants):
        arm = ("control", *ARMS)[number % 3]
        for week, visit in enumerate(VISITS):
            if visit in dropped.get(arm, ()):
                continue
            # Digits of squares: scattered, the same everywhere, and related within participants.
            scatter = (number**2 * seed + week**3 * (number + 2)) % 11 - 5
            rows.append(
                {
                    "participant": f"P{number:02}",
                    "visit": visit,
                    "arm": arm,
                    "baseline": 8.0 + number % 5,
                    "change": -1.0 * week - (number % 3) + scatter / 3 + number % 4,
                    "stratum:activity": ("low", "high")[number // 3 % 2],
                }
            )
    return pl.DataFrame(rows)


def at(rows):
    return {visit: rows.filter(pl.col("visit") == visit) for visit in VISITS}


def adjusted(rows, strata=("stratum:activity",)):
    return adjusted_over_visits(at(rows), ARMS, "control", list(strata), 0.95)


def alone(rows, visit, strata=("stratum:activity",)):
    return adjusted_at_visit(at(rows)[visit], visit, ARMS, "control", list(strata), 0.95)


def test_the_note_names_the_model_and_what_it_was_fitted_to():
    _, (note,) = adjusted(table())
    for words in ("unstructured covariance", "Kenward–Roger", "54 values of 18 participants"):
        assert words in note


@pytest.mark.parametrize("seed", [1, 2])
def test_a_simulated_trial_against_the_compiled_model(seed):
    """Written out once more as a formula for `trialwright.stats.mmrm`, which agrees with R."""
    study = load("dose-finding")
    dataset = prepare(study, simulated("dose-finding", seed=seed))
    analysis = next(each for each in study.analyses if each.id == "sledai-over-time")
    found = repeated_measures(dataset, analysis, 0.95)
    estimand = study.estimand("sledai-over-time")
    rows = changes(dataset, estimand).rename({"stratum:activity": "activity"})
    model = mmrm(
        rows,
        "change ~ baseline*visit + arm*visit + activity",
        participant="participant",
        visit="visit",
        method="kenward-roger",
        levels={"arm": [estimand.control, *estimand.arms]},
    )
    expected = model.differences("arm")
    assert len(found.comparisons) == len(expected) == 18
    for each in found.comparisons:
        other = expected[each.arm, each.visit]
        for name in ("estimate", "lower", "upper", "p_value", "standard_error",
                     "degrees_of_freedom"):  # fmt: skip
            assert getattr(each, name) == pytest.approx(getattr(other, name), rel=1e-6)
    means = model.ls_means(["arm", "visit"], weights="proportional")
    adjusted_means = [each for each in found.means if each.kind == "adjusted change"]
    assert {(each.arm, each.visit) for each in adjusted_means} == set(means)
    for each in adjusted_means:
        other = means[each.arm, each.visit]
        assert (each.mean, each.lower) == pytest.approx((other.estimate, other.lower), rel=1e-6)


def test_without_covariates_and_gaps_the_estimates_are_those_of_each_visit_alone():
    rows = table().with_columns(baseline=pl.lit(8.0))
    models, _ = adjusted(rows, strata=())
    for visit in VISITS:
        for mine, other in zip(
            models[visit].comparisons, alone(rows, visit, strata=()).comparisons, strict=True
        ):
            assert mine.estimate == pytest.approx(other.estimate)
            assert mine.standard_error == pytest.approx(other.standard_error)
            assert mine.degrees_of_freedom == pytest.approx(other.degrees_of_freedom)


def test_who_left_lends_strength_to_later_visits():
    """Those who leave after doing badly are not forgotten: the model's means differ from alone."""
    rows = table(36)
    worst = pl.col("arm").eq("high") & pl.col("change").gt(-1) & pl.col("visit").eq("week-8")
    leavers = rows.filter(worst)["participant"]
    assert len(leavers) > 2
    left = rows.filter(
        ~(pl.col("participant").is_in(leavers.implode()) & pl.col("visit").eq("week-12"))
    )
    models, _ = adjusted(left)
    both, only = (
        next(mean for mean in means if mean.arm == "high")
        for means in (models["week-12"].means, alone(left, "week-12").means)
    )
    assert both.participants == only.participants
    assert both.mean != pytest.approx(only.mean, abs=0.01)


def test_a_visit_that_an_arm_has_left_is_analyzed_alone_and_that_is_said():
    rows = table(high=("week-12",))
    models, notes = adjusted(rows)
    assert notes[1] == f"not every arm has participants at week-12: {ALONE}"
    assert "36 values of 18 participants" in notes[0]
    assert models["week-12"] == alone(rows, "week-12")
    assert models["week-12"].comparisons[1].notes == ("nobody of this arm at this visit",)
    assert models["week-8"] != alone(rows, "week-8")


def test_a_visit_that_nobody_came_to_needs_no_words_about_arms():
    rows = table(control=("week-4",), low=("week-4",), high=("week-4",))
    models, notes = adjusted(rows)
    assert len(notes) == 1
    assert models["week-4"].comparisons[0].notes == ("nobody to compare at this visit",)


def test_an_arm_without_anybody_does_not_stop_the_others():
    models, (note,) = adjusted(table(high=VISITS))
    assert note.startswith("mixed model")
    low, high = models["week-12"].comparisons
    assert low.estimate is not None
    assert (high.estimate, high.notes) == (None, ("nobody of this arm at this visit",))


UNFITTED = {
    "there is nobody to compare": table(control=VISITS),
    "it needs two visits": table(low=VISITS[1:]),
    "do not determine the covariance among visits": table(6),
    "fitted without error": table().with_columns(change=pl.lit(-2.0)),
    "nobody has records of two of the visits": table().filter(
        pl.col("participant").str.slice(1).cast(pl.Int64) // 3 % 2 == (pl.col("visit") == "week-4")
    ),
}


@pytest.mark.parametrize("reason", UNFITTED)
def test_where_there_is_no_model_each_visit_stands_alone_and_the_reason_is_given(reason):
    rows = UNFITTED[reason]
    models, (note,) = adjusted(rows)
    assert note.startswith("the mixed model for repeated measures cannot be fitted: ")
    assert reason in note
    assert note.endswith(f"so each visit is {ALONE}")
    assert models == {visit: alone(rows, visit) for visit in VISITS}


def test_less_than_one_degree_of_freedom_is_no_inference():
    """Nine participants, two of whom miss a visit: there is a maximum, and it says nothing."""
    missed = pl.concat_str("participant", "visit").is_in(["P00week-8", "P05week-12"])
    rows = table(9, seed=7).filter(~missed)
    models, (note,) = adjusted(rows)
    assert "too few participants: less than one degree of freedom is left" in note
    assert models == {visit: alone(rows, visit) for visit in VISITS}


def test_a_stratum_that_follows_from_the_baseline_is_left_out_and_named():
    rows = table().with_columns(
        pl.when(pl.col("baseline") > 9).then(pl.lit("high")).otherwise(pl.lit("low")).alias("copy"),
        baseline=pl.when(pl.col("baseline") > 9).then(10.0).otherwise(8.0),
    )
    models, _ = adjusted(rows.rename({"copy": "stratum:copy"}), ["stratum:copy"])
    assert models["week-8"].comparisons[0].notes == (
        "left out, as these data do not tell it from the other terms: copy",
    )


def test_arms_compared_with_another_control_change_signs_only():
    rows = table()
    models, _ = adjusted(rows)
    turned, _ = adjusted_over_visits(at(rows), ["control", "high"], "low", [], 0.95)
    plain, _ = adjusted(rows, strata=())
    for visit in VISITS:
        forth, back = plain[visit].comparisons[0], turned[visit].comparisons[0]
        assert (back.estimate, back.lower) == pytest.approx((-forth.estimate, -forth.upper))
        assert back.p_value == pytest.approx(forth.p_value)
    assert models.keys() == turned.keys()


def of_study(method, made=None, **changed):
    study = dose_finding()
    analysis = next(each for each in study.analyses if each.id == "sledai-over-time")
    estimand = study.estimand("sledai-over-time").model_copy(update=changed)
    others = tuple(each for each in study.estimands if each.id != estimand.id)
    study = study.model_copy(update={"estimands": (*others, estimand)})
    return method(prepare(study, trial(study, made or people())), analysis, 0.95)


def test_analysis_of_covariance_says_that_visits_stand_alone():
    assert of_study(analysis_of_covariance).notes == (NOTE,)


def test_values_from_before_an_event_are_counted_in_a_note():
    from trialwright.protocol.outcomes import Handling

    handled = (Handling(event="treatment-stopped", strategy="while on treatment"),)
    result = of_study(analysis_of_covariance, intercurrent_events=handled)
    # Three of the 24 stop on day 60: weeks 12 to 24, four visits each.
    assert result.notes == (NOTE, "12 values are the last ones before an intercurrent event")
