"""Dots side by side and the responder curve: the shares of the results, in picture and words."""

import pytest

from analysis.trials import dose_finding
from report.made import DOSES, analysis, responded
from trialwright.analysis.results import Improvement, ImprovementShare, Safety, SafetyRow
from trialwright.report.figures.shares import adverse_events, index_parts, responder_curve
from trialwright.report.words import Words

WORDS = Words(dose_finding())


def values(chart, name="label"):
    return [(row[name], row["arm"], row["value"]) for row in chart["data"]["values"]]


def part(name, *proportions):
    return analysis(name, proportions=proportions)


def test_each_part_of_the_index_by_arm(charts):
    figure = index_parts(
        WORDS,
        [
            part("primary", responded("placebo", 5, 20), responded(DOSES[2], 10, 20)),
            part("sledai-component", responded("placebo", 8, 20), responded(DOSES[2], 12, 20)),
            part("bilag-component", responded("placebo", 18, 20), responded(DOSES[2], 19, 20)),
            part("pga-component", responded("placebo", 20, 20), responded(DOSES[2], 0, 0)),
        ],
        "f",
    )
    assert values(charts[0]) == [
        ("Whole index", "Placebo", 25),
        ("Whole index", "IL-2 1 MIU", 50),
        ("SLEDAI fell", "Placebo", 40),
        ("SLEDAI fell", "IL-2 1 MIU", 60),
        ("BILAG not worse", "Placebo", 90),
        ("BILAG not worse", "IL-2 1 MIU", 95),
        ("PGA not worse", "Placebo", 100),
    ]
    assert figure.headers == ("Part", "Placebo", "IL-2 1 MIU")
    assert figure.rows[3] == ("PGA not worse", "20/20 (100%)", "0/0")
    assert figure.description.endswith("; PGA not worse: 20/20 (100%), 0/0.")


def test_an_index_judged_at_several_visits_shows_the_last(charts):
    whole = part(
        "over-time",
        responded("placebo", 1, 20, "week-4"),
        responded(DOSES[0], 2, 20, "week-4"),
        responded("placebo", 5, 20, "week-24"),
        responded(DOSES[0], 10, 20, "week-24"),
    )
    figure = index_parts(WORDS, [whole], "f")
    assert figure.headers == ("Part", "Placebo", "IL-2 0.2 MIU")
    assert figure.rows == (("Whole index", "5/20 (25%)", "10/20 (50%)"),)
    assert [row[2] for row in values(charts[0])] == [25, 50]


def events(label, people, group="category"):
    arms = ("placebo", *DOSES)
    counts = dict(zip(arms, people, strict=True))
    return SafetyRow(label=label, group=group, participants=counts, events=counts)


def safety(*rows, treated=(10, 20, 20, 40)):
    arms = ("placebo", *DOSES)
    return Safety(
        treated=dict(zip(arms, treated, strict=True)),
        person_years=dict.fromkeys(arms, 1.0),
        rows=rows,
    )


def test_adverse_events_are_shares_of_the_treated(charts):
    figure = adverse_events(
        WORDS,
        safety(
            events("Any", (9, 9, 9, 9), "summary"),
            events("infection", (1, 5, 10, 40)),
            events("fever", (0, 0, 0, 1), "term"),
        ),
        "f",
    )
    assert values(charts[0]) == [
        ("Infection", "Placebo", 10),
        ("Infection", "IL-2 0.2 MIU", 25),
        ("Infection", "IL-2 0.5 MIU", 50),
        ("Infection", "IL-2 1 MIU", 100),
    ]
    assert figure.description == (
        "Share of the treated with at least one event: infection: Placebo 1/10 (10%), IL-2 0.2 MIU"
        " 5/20 (25%), IL-2 0.5 MIU 10/20 (50%), IL-2 1 MIU 40/40 (100%)."
    )


def test_an_arm_that_was_never_treated_has_no_dot(charts):
    figure = adverse_events(
        WORDS, safety(events("infection", (0, 5, 5, 4)), treated=(0, 20, 20, 40)), "f"
    )
    assert [row[1] for row in values(charts[0])] == ["IL-2 0.2 MIU", "IL-2 0.5 MIU", "IL-2 1 MIU"]
    assert "Placebo 0/0" in figure.description


def test_categories_keep_the_order_of_the_results(charts):
    adverse_events(
        WORDS, safety(events("infection", (1, 1, 1, 1)), events("allergy", (0, 0, 0, 1))), "f"
    )
    assert charts[0]["encoding"]["y"]["sort"] == ["Infection", "Allergy"]


def curve(**shares):
    return Improvement(
        visit="week-12",
        item="selena_sledai",
        shares=tuple(
            ImprovementShare(arm=arm.replace("_", "-"), points=points, share=share)
            for arm, found in shares.items()
            for points, share in enumerate(found, 1)
        ),
    )


def test_the_curve_holds_every_share(charts):
    figure = responder_curve(WORDS, curve(placebo=(1.0, 0.5, 0.5, 0.25, 0.0)), "f")
    assert values(charts[0], "points") == [
        (1, "Placebo", 100),
        (2, "Placebo", 50),
        (3, "Placebo", 50),
        (4, "Placebo", 25),
        (5, "Placebo", 0),
    ]
    assert figure.rows == (("1", "100%"), ("2", "50%"), ("3", "50%"), ("4", "25%"), ("5", "0%"))
    assert charts[0]["encoding"]["x"]["axis"]["values"] == [1, 2, 3, 4, 5]


def test_the_curve_names_the_index_that_fell(charts):
    figure = responder_curve(WORDS, curve(placebo=(0.5,)), "f")
    assert charts[0]["encoding"]["x"]["title"] == "Points less in SELENA-SLEDAI, at least"
    assert figure.headers[0] == "Points less in SELENA-SLEDAI, at least"
    assert figure.title == "Responder curve at week 12"


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((1.0, 0.5, 0.5, 0.25), "At least 4 points: Placebo 25%."),
        ((0.75, 0.5), "At least 1 points: Placebo 75%."),
    ],
)
def test_the_curve_is_described_at_4_points_where_it_reaches_them(charts, shares, words):
    text = responder_curve(WORDS, curve(placebo=shares), "f").description
    assert text == f"Share of each arm whose SELENA-SLEDAI fell by at least so many points. {words}"


def test_the_curve_steps_down_before_each_point(charts):
    """Who fell by exactly 4 points fell by at least 4: the step stands at 4, not after it."""
    responder_curve(WORDS, curve(placebo=(1.0, 0.5)), "f")
    line, dots = charts[0]["layer"]
    assert line["mark"]["interpolate"] == "step-before"
    assert charts[0]["encoding"]["y"]["scale"] == {"domain": [0, 100]}
    assert dots["mark"]["type"] == "point"


def test_a_category_keeps_its_abbreviations(charts):
    adverse_events(WORDS, safety(events("SLE flare", (1, 1, 1, 1))), "f")
    assert {row[0] for row in values(charts[0])} == {"SLE flare"}
