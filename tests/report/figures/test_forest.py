"""The forest plot draws exactly the estimates and limits of the results, and says them in words."""

import pytest

from analysis.trials import dose_finding, infection
from report.made import DOSES, analysis, difference
from trialwright.report.figures.forest import comparison_rows, forest
from trialwright.report.words import Words

WORDS = Words(dose_finding())


def drawn_rows(chart):
    return [
        (row["label"], row["estimate"], row["lower"], row["upper"])
        for row in chart["data"]["values"]
    ]


def layers(chart):
    plot, _ = chart["hconcat"]
    return plot["layer"]


def ratio(arm, estimate, lower, upper, **more):
    return difference(
        arm, estimate, lower=lower, upper=upper, quantity="rate ratio", visit=None, **more
    )


def test_a_difference_is_drawn_in_percentage_points(charts):
    found = analysis(
        "primary",
        comparisons=(
            difference(DOSES[0], -0.05, lower=-0.25, upper=0.125, p_value=0.5),
            difference(DOSES[1], 0.5, lower=0.25, upper=0.75, p_value=0.0004),
        ),
    )
    figure = forest(WORDS, found, "f")
    assert drawn_rows(charts[0]) == [
        ("IL-2 0.2 MIU", -5, -25, 12.5),
        ("IL-2 0.5 MIU", 50, 25, 75),
    ]
    assert figure.title == "Difference from Placebo"
    assert figure.description == (
        f"{found.title}. IL-2 0.2 MIU: −5.0 (−25.0 to 12.5). IL-2 0.5 MIU: +50.0 (25.0 to 75.0)."
    )


def test_the_line_of_no_difference_stands_at_0_and_of_no_ratio_at_1(charts):
    forest(WORDS, analysis("primary", comparisons=(difference(DOSES[0], 0.1),)), "f")
    forest(WORDS, analysis("infections", comparisons=(ratio(DOSES[0], 2.0, 1.0, 4.0),)), "f")
    lines = [layers(chart)[0] for chart in charts]
    assert [line["data"]["values"] for line in lines] == [[{"null": 0.0}], [{"null": 1.0}]]


def test_ratios_are_drawn_on_a_logarithmic_axis(charts):
    forest(WORDS, analysis("infections", comparisons=(ratio(DOSES[0], 2.0, 1.0, 4.0),)), "f")
    assert drawn_rows(charts[0]) == [("IL-2 0.2 MIU", 2.0, 1.0, 4.0)]
    scales = [each["encoding"]["x"]["scale"] for each in layers(charts[0])]
    assert {scale["type"] for scale in scales} == {"log"}
    assert layers(charts[0])[1]["encoding"]["x"]["title"] == "Rate ratio to Placebo"


@pytest.mark.parametrize(
    ("kind", "comparison"),
    [("primary", difference(DOSES[0], 0.1)), ("infections", ratio(DOSES[0], 2.0, 1.0, 4.0))],
)
def test_no_line_runs_into_a_label(charts, kind, comparison):
    forest(WORDS, analysis(kind, comparisons=(comparison,)), "f")
    assert all(each["encoding"]["x"]["scale"]["padding"] > 0 for each in layers(charts[0]))


@pytest.mark.parametrize(
    ("lower", "upper"), [(0.0, 3.0), (0.2, float("inf")), (None, 3.0), (0.2, None)]
)
def test_a_ratio_without_a_finite_interval_is_left_to_the_table(charts, lower, upper):
    kept = ratio(DOSES[1], 1.5, 0.5, 4.5)
    found = analysis("infections", comparisons=(ratio(DOSES[0], 0.5, lower, upper), kept))
    forest(WORDS, found, "f")
    assert drawn_rows(charts[0]) == [("IL-2 0.5 MIU", 1.5, 0.5, 4.5)]
    _, rows = comparison_rows(WORDS, found)
    assert [row[0] for row in rows] == [
        "IL-2 0.2 MIU against Placebo",
        "IL-2 0.5 MIU against Placebo",
    ]


def test_an_estimate_without_limits_is_a_point_without_a_line(charts):
    """A limit that is not known is not a limit of 0."""
    figure = forest(WORDS, analysis("primary", comparisons=(difference(DOSES[0], 0.4),)), "f")
    assert drawn_rows(charts[0]) == [("IL-2 0.2 MIU", 40, 40, 40)]
    assert "+40.0 (–)" in figure.description


def test_a_comparison_without_an_estimate_is_left_out_of_the_picture(charts):
    found = analysis("primary", comparisons=(difference(DOSES[0], None), difference(DOSES[1], 0.0)))
    forest(WORDS, found, "f")
    assert [row[0] for row in drawn_rows(charts[0])] == ["IL-2 0.5 MIU"]


def test_comparisons_at_several_visits_are_told_apart(charts):
    found = analysis(
        "over-time",
        comparisons=(
            difference(DOSES[0], 0.1, visit="week-4"),
            difference(DOSES[0], 0.2, visit="week-8"),
        ),
    )
    forest(WORDS, found, "f")
    assert [row[0] for row in drawn_rows(charts[0])] == [
        "Week 4, IL-2 0.2 MIU",
        "Week 8, IL-2 0.2 MIU",
    ]


def test_a_difference_in_means_has_the_unit_of_its_measure(charts):
    study = infection()
    found = analysis(
        "epstein-barr",
        study,
        comparisons=(
            difference(
                "il-2",
                -0.282,
                control="standard-therapy",
                quantity="difference in means",
                visit="week-10",
                lower=-0.53,
                upper=-0.03,
            ),
        ),
    )
    forest(Words(study), found, "f")
    assert drawn_rows(charts[0]) == [("Interleukin-2", -0.282, -0.53, -0.03)]
    title = layers(charts[0])[1]["encoding"]["x"]["title"]
    assert title == "Difference from Traditional therapy, log10 copies/mL"


def test_line_point_and_text_read_their_own_columns(charts):
    forest(WORDS, analysis("primary", comparisons=(difference(DOSES[0], 0.1),)), "f")
    _, line, point = (each["encoding"] for each in layers(charts[0]))
    assert (line["x"]["field"], line["x2"]["field"]) == ("lower", "upper")
    assert point["x"]["field"] == "estimate"
    assert charts[0]["hconcat"][1]["encoding"]["text"]["field"] == "text"


@pytest.mark.parametrize(
    ("level", "header"), [(0.95, "95% interval"), (0.9, "90% interval"), (0.975, "97.5% interval")]
)
def test_the_table_names_the_level_with_all_its_digits(level, header):
    found = analysis("primary", comparisons=(difference(DOSES[0], 0.1, level=level),))
    assert comparison_rows(WORDS, found)[0] == ("Comparison", "Difference", header, "p")


@pytest.mark.parametrize(
    ("comparison", "cells"),
    [
        (
            difference(DOSES[0], 0.1234, lower=-0.05, upper=0.3, p_value=0.0004),
            ("+12.3", "−5.0 to 30.0", "< 0.001"),
        ),
        (
            difference(DOSES[0], 0.0, lower=-0.1, upper=0.1, p_value=1.0),
            ("0.0", "−10.0 to 10.0", "> 0.999"),
        ),
        (difference(DOSES[0], None), ("–", "–", "–")),
        (ratio(DOSES[0], 0.0, 0.0, 1.234, p_value=0.05), ("0.00", "0.00 to 1.23", "0.050")),
        (
            ratio(DOSES[0], float("inf"), 0.5, float("inf"), p_value=0.05),
            ("∞", "0.50 to ∞", "0.050"),
        ),
    ],
)
def test_a_row_of_the_table(comparison, cells):
    name = "infections" if comparison.quantity == "rate ratio" else "primary"
    assert comparison_rows(WORDS, analysis(name, comparisons=(comparison,)))[1][0][1:] == cells


def test_adjusted_p_values_have_a_column_as_soon_as_one_is_known():
    one = difference(DOSES[0], 0.1, p_value=0.01, adjusted_p_value=0.03)
    other = difference(DOSES[1], 0.1, p_value=0.2)
    headers, rows = comparison_rows(WORDS, analysis("primary", comparisons=(one, other)))
    assert headers[-1] == "adjusted p"
    assert [row[-2:] for row in rows] == [("0.010", "0.030"), ("0.200", "–")]
