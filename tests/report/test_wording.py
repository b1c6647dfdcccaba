"""What the page says, on results made by hand."""

import math
from dataclasses import replace

import pytest

from analysis.trials import dose_finding, infection
from report.made import analysis
from trialwright.analysis.results import (
    ArmProportion,
    ArmRate,
    Comparison,
    Reach,
)
from trialwright.report.wording import findings, reach_sentence
from trialwright.report.words import Words, readable_unit


def compared(arm, control, quantity="difference in proportions", **more):
    return Comparison(
        **(
            {
                "visit": "week-12",
                "arm": arm,
                "control": control,
                "quantity": quantity,
                "estimate": 0.252,
                "lower": 0.0011,
                "upper": 0.463,
                "level": 0.95,
                "p_value": 0.0524,
                "participants": 59,
            }
            | more
        )
    )


def result(study, name, **parts):
    return analysis(name, study, **parts)


def responders(arm, count, total):
    return ArmProportion(
        visit="week-12",
        arm=arm,
        responders=count,
        participants=total,
        missing=0,
        failures=0,
        proportion=count / total,
        lower=0.0,
        upper=1.0,
    )


def primary(*comparisons):
    return result(
        dose_finding(),
        "primary",
        proportions=(
            responders("placebo", 9, 30),
            responders("il-2-0.5-miu", 16, 29),
            responders("il-2-1-miu", 16, 29),
        ),
        comparisons=comparisons,
    )


def test_a_comparison_of_responders_in_one_sentence():
    # He 2020: 16/29 against 9/30; 25.2 points, Newcombe's interval 0.1 to 46.3, p .0524.
    found = primary(compared("il-2-1-miu", "placebo", adjusted_p_value=0.157, claim=False))
    head, sentence = findings(dose_finding(), [found])
    assert head == "No difference was shown in 1 comparison. This does not show that there is none."
    assert sentence == (
        "Week 12: 16/29 (55%) on IL-2 1 MIU and 9/30 (30%) on Placebo responded by SRI-4: a"
        " difference of +25.2 percentage points (95% interval 0.1 to 46.3; p = 0.052, adjusted"
        " p = 0.157)."
    )


def test_arms_of_which_the_same_is_claimed_share_a_clause():
    found = primary(
        compared("il-2-0.5-miu", "placebo", claim=True),
        compared("il-2-1-miu", "placebo", claim=True),
        compared("il-2-0.2-miu", "placebo", claim=False, estimate=None, notes=("nobody there",)),
    )
    found = replace(found, proportions=(*found.proportions, responders("il-2-0.2-miu", 0, 1)))
    head, *_, last = findings(dose_finding(), [found])
    assert head == (
        "More participants responded on IL-2 0.5 MIU and IL-2 1 MIU than on Placebo."
        " In 1 other comparison no difference was shown."
    )
    assert last.endswith("responded by SRI-4; nobody there.")


def test_harm_is_claimed_as_plainly():
    found = primary(compared("il-2-1-miu", "placebo", claim=True, estimate=-0.2))
    assert findings(dose_finding(), [found])[0].startswith("Fewer participants responded on IL-2")


def test_without_a_planned_test_nothing_is_claimed():
    found = primary(compared("il-2-1-miu", "placebo"))
    assert findings(dose_finding(), [found])[0] == "No comparison was planned as a test."


def test_a_change_with_its_unit():
    found = result(
        infection(),
        "epstein-barr",
        comparisons=(
            compared(
                "il-2",
                "standard-therapy",
                "difference in means",
                visit="week-10",
                estimate=-0.282,
                lower=-0.53,
                upper=-0.03,
                p_value=0.0291,
                adjusted_p_value=0.0873,
                claim=False,
                participants=29,
            ),
        ),
    )
    assert findings(infection(), [found])[1] == (
        "Week 10: Epstein-Barr virus DNA, change on Interleukin-2 minus change on Traditional"
        " therapy: −0.282 log10 copies/mL (95% interval −0.530 to −0.030; p = 0.029, adjusted"
        " p = 0.087; 29 participants)."
    )


@pytest.mark.parametrize(
    ("estimate", "words"), [(1.5, "rose more (or fell less)"), (-1.5, "fell more (or rose less)")]
)
def test_a_claim_of_a_change(estimate, words):
    claimed = compared(
        "il-2",
        "standard-therapy",
        "difference in means",
        visit="week-10",
        estimate=estimate,
        claim=True,
    )
    found = result(infection(), "treg", comparisons=(claimed,))
    head = findings(infection(), [found])[0]
    assert head == (
        f"Treg, share of CD4 T cells {words} on Interleukin-2 than on Traditional therapy."
    )


def rate(arm, events):
    return ArmRate(
        arm=arm,
        participants=15,
        participants_with_event=events,
        events=events,
        person_years=2.9,
        rate=events / 2.9,
        lower=0.0,
        upper=1.0,
    )


@pytest.mark.parametrize(
    ("lower", "upper", "words"), [(0.1, 9.0, "0.10 to 9.00"), (0.5, math.inf, "upwards of 0.50")]
)
def test_a_ratio_of_rates(lower, upper, words):
    ratio = compared(
        "il-2", "standard-therapy", "rate ratio", visit=None, estimate=3.0, lower=lower, upper=upper
    )
    rates = (rate("standard-therapy", 1), rate("il-2", 3))
    found = result(infection(), "infections", rates=rates, comparisons=(ratio,))
    assert findings(infection(), [found])[1] == (
        "3 events in 2.9 participant-years on Interleukin-2 and 1 event in 2.9 participant-years on"
        f" Traditional therapy: a rate ratio of 3.00 (95% interval {words}; p = 0.052)."
    )


def reached(**more):
    words, found = Words(infection()), result(infection(), more.pop("analysis", "infections"))
    return reach_sentence(words, found, Reach(analysis=found.id, participants=30, **more))


def test_what_a_small_trial_cannot_show_is_said_plainly():
    text = reached(expected_events=3.0, power_at_zero=0.08)
    assert "the chance to show it would be 8%: this trial cannot show a lower rate." in text
    assert "had no event" in reached(expected_events=0.0)
    assert "A rate ratio of 0.40 or less" in reached(expected_events=30.0, detectable_ratio=0.4)
    text = reached(analysis="sledai", half_width=2.0, detectable_difference=2.84)
    assert "the interval reaches 2.00 points to either side" in text
    assert "A true difference of 2.84 points would be found with a chance of 80%" in text


def test_units_are_written_as_people_write_them():
    assert readable_unit("[iU]/mL") == "IU/mL"
    assert readable_unit("mm") == "mm"


def test_titles_by_id():
    words = Words(infection("crossover"))
    assert words.group("il-2-first") == "IL-2 first"
    assert words.group("all") == "All"
    assert words.criterion("other reason") == "Other reason"
    assert words.week("period-2-week-0") == 14
    assert Words(dose_finding()).week("screening") == -2


@pytest.mark.parametrize(
    ("ratio", "words"), [(0.4, "Fewer events happened on"), (2.5, "More events happened on")]
)
def test_a_claim_of_a_ratio_turns_at_1(ratio, words):
    claimed = compared(
        "il-2", "standard-therapy", "rate ratio", visit=None, estimate=ratio, claim=True
    )
    rates = (rate("standard-therapy", 5), rate("il-2", 2))
    found = result(infection(), "infections", rates=rates, comparisons=(claimed,))
    assert findings(infection(), [found])[0] == (
        f"{words} Interleukin-2 than on Traditional therapy."
    )


def test_measures_of_which_the_same_is_claimed_share_a_clause():
    """Two measures fell and one rose: two clauses, the first letter raised, the untested told."""

    def of(name, estimate, claim=True):
        found = compared(
            "il-2",
            "standard-therapy",
            "difference in means",
            visit="week-10",
            estimate=estimate,
            claim=claim,
        )
        return result(infection(), name, comparisons=(found,))

    found = [
        of("epstein-barr", -1.0),
        of("treg", 2.0),
        of("cytomegalovirus", -2.0),
        of("granzyme-b", 1.0, claim=False),
    ]
    assert findings(infection(), found)[0] == (
        "Epstein-Barr virus DNA and Cytomegalovirus DNA fell more (or rose less) on Interleukin-2"
        " than on Traditional therapy and Treg, share of CD4 T cells rose more (or fell less) on"
        " Interleukin-2 than on Traditional therapy. In 1 other comparison no difference was shown."
    )
