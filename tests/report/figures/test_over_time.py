"""Lines over time hold the shares and means of the results, at the weeks of the study's visits."""

import pytest

from analysis.trials import dose_finding, infection
from report.made import DOSES, analysis, mean, responded
from trialwright.report.figures.over_time import means_over_time, responders_over_time
from trialwright.report.words import Words

WORDS = Words(dose_finding())


def values(chart):
    return [
        (row["arm"], row["week"], row["value"], row["lower"], row["upper"])
        for row in chart["data"]["values"]
    ]


def responders(*proportions):
    return responders_over_time(WORDS, analysis("over-time", proportions=proportions), "f")


def means(*found, words=WORDS, name="sledai-over-time"):
    return means_over_time(words, analysis(name, words.study, means=found), "f")


def test_shares_are_drawn_in_percent_at_the_week_of_the_visit(charts):
    figure = responders(
        responded("placebo", 5, 20, "week-4", lower=0.125, upper=0.5),
        responded(DOSES[0], 10, 20, "week-4", lower=0.25, upper=0.75),
        responded("placebo", 6, 20, "week-24", lower=0.25, upper=0.5),
        responded(DOSES[0], 15, 20, "week-24", lower=0.5, upper=0.875),
    )
    assert values(charts[0]) == [
        ("Placebo", 4, 25, 12.5, 50),
        ("IL-2 0.2 MIU", 4, 50, 25, 75),
        ("Placebo", 24, 30, 25, 50),
        ("IL-2 0.2 MIU", 24, 75, 50, 87.5),
    ]
    assert figure.headers == ("Visit", "Placebo", "IL-2 0.2 MIU")
    assert figure.rows == (
        ("Week 4", "5/20 (25%)", "10/20 (50%)"),
        ("Week 24", "6/20 (30%)", "15/20 (75%)"),
    )
    assert figure.description == (
        "Share of responders with 95% intervals by week. At Week 24: Placebo 30%, IL-2 0.2 MIU 75%."
    )


def test_an_arm_that_nobody_came_from_has_no_point_but_a_cell(charts):
    figure = responders(responded("placebo", 0, 0), responded(DOSES[0], 1, 4, lower=0.0, upper=1.0))
    assert [row[0] for row in values(charts[0])] == ["IL-2 0.2 MIU"]
    assert figure.rows == (("Week 12", "0/0", "1/4 (25%)"),)
    assert "Placebo –, IL-2 0.2 MIU 25%" in figure.description


def test_limits_of_0_and_1_are_drawn_as_such(charts):
    responders(
        responded("placebo", 0, 20, lower=0.0, upper=0.16),
        responded(DOSES[0], 20, 20, lower=0.84, upper=1.0),
    )
    assert [row[2:] for row in values(charts[0])] == [(0, 0, 16), (100, 84, 100)]


def test_a_share_without_limits_is_a_point_without_a_bar(charts):
    responders(responded("placebo", 5, 20))
    assert [row[2:] for row in values(charts[0])] == [(25, 25, 25)]


def test_shares_have_the_whole_axis_and_means_what_they_need(charts):
    responders(responded("placebo", 5, 20))
    means(mean("placebo", "week-4", 8.0))
    scales = [each["encoding"]["y"]["scale"] for chart in charts for each in chart["layer"]]
    assert scales == [{"domain": [0, 100]}] * 3 + [{"zero": True, "nice": True}] * 3


def test_arms_stand_beside_each_other_around_their_week(charts):
    """Four arms a quarter of a week apart: −0.375, −0.125, 0.125 and 0.375 around week 12."""
    responders(*(responded(arm, 1, 4) for arm in ("placebo", *DOSES)))
    places = [row["x"] for row in charts[0]["data"]["values"]]
    assert places == pytest.approx([11.625, 11.875, 12.125, 12.375])
    assert charts[0]["encoding"]["x"]["axis"]["values"] == [12]
    assert charts[0]["encoding"]["x"]["scale"]["domain"] == [11, 13]


def test_the_ticks_are_written_with_the_decimals_that_they_have(charts):
    """A visit on day 4 is no visit in week 0; `.2~f` writes 3/7 as 0.43 and 12 as 12."""
    responders(responded("placebo", 1, 4))
    assert charts[0]["encoding"]["x"]["axis"]["format"] == ".2~f"


def test_means_are_drawn_as_they_are(charts):
    figure = means(
        mean("placebo", "baseline", 10.25, lower=9.5, upper=11.0),
        mean(DOSES[0], "baseline", 10.0, lower=9.0, upper=11.0),
        mean("placebo", "week-4", 7.5),
        mean(DOSES[0], "week-4", None, participants=0),
    )
    assert values(charts[0]) == [
        ("Placebo", 0, 10.25, 9.5, 11.0),
        ("IL-2 0.2 MIU", 0, 10.0, 9.0, 11.0),
        ("Placebo", 4, 7.5, 7.5, 7.5),
    ]
    assert figure.rows == (
        ("Baseline", "10.2 (9.5 to 11.0), 20", "10.0 (9.0 to 11.0), 20"),
        ("Week 4", "7.50, 20", "–"),
    )
    assert figure.description == (
        "Mean of SELENA-SLEDAI with 95% intervals by week. Baseline: Placebo 10.2,"
        " IL-2 0.2 MIU 10.0. Week 4: Placebo 7.50, IL-2 0.2 MIU –."
    )


def test_one_visit_is_described_once(charts):
    text = means(mean("placebo", "week-4", 8.0)).description
    assert text.endswith("by week. Week 4: Placebo 8.00.")


def test_adjusted_changes_are_no_observed_means(charts):
    figure = means(mean("placebo", "week-4", -2.0, kind="adjusted change"))
    assert values(charts[0]) == []
    assert figure.rows == ()
    assert figure.description.endswith("Nobody was observed.")


def test_a_cell_of_an_arm_without_a_row_is_a_dash(charts):
    figure = means(mean("placebo", "baseline", 8.0), mean(DOSES[0], "week-4", 7.0))
    assert figure.rows == (("Baseline", "8.00, 20", "–"), ("Week 4", "–", "7.00, 20"))


@pytest.mark.parametrize(
    ("name", "axis"),
    [
        ("treg", "Treg, share of CD4 T cells, %"),
        ("epstein-barr", "Epstein-Barr virus DNA, log10 copies/mL"),
        ("sledai", "SELENA-SLEDAI, points"),
    ],
)
def test_the_axis_names_measure_and_unit(charts, name, axis):
    means(mean("il-2", "week-10", 4.0), words=Words(infection()), name=name)
    title = charts[0]["layer"][0]["encoding"]["y"]["axis"]
    assert title["title"] == axis


def test_lines_of_a_crossover_break_between_periods(charts):
    words = Words(infection("crossover"))
    visits = [f"period-{period}-week-{week}" for period in (1, 2) for week in (0, 10)]
    means(*(mean("il-2", visit, 4.0) for visit in visits), words=words, name="treg")
    periods = [row["period"] for row in charts[0]["data"]["values"]]
    assert periods[0] == periods[1] != periods[2] == periods[3]
    assert charts[0]["layer"][1]["encoding"]["detail"]["field"] == "period"


def test_another_level_is_named(charts):
    study = dose_finding()
    strict = study.multiplicity.model_copy(update={"alpha": 0.01})
    words = Words(study.model_copy(update={"multiplicity": strict}))
    figure = responders_over_time(
        words, analysis("over-time", proportions=(responded("placebo", 1, 4),)), "f"
    )
    assert figure.description.startswith("Share of responders with 99% intervals")
