"""Sections and figures on results made by hand: what they show and what they leave out."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from analysis.examples import EVENTS, people
from analysis.trials import dose_finding, trial
from trialwright.analysis import analyze
from trialwright.analysis.results import TippingPoint
from trialwright.report.figures.forest import comparison_rows, forest
from trialwright.report.figures.over_time import means_over_time, responders_over_time
from trialwright.report.figures.shares import adverse_events, responder_curve
from trialwright.report.figures.style import BLUES, CONTROL, colors
from trialwright.report.harms import safety_section
from trialwright.report.outcomes import (
    _tipping_sentence,
    index_section,
    primary_section,
    reach_section,
    sensitivity_section,
)
from trialwright.report.people import baseline_section, deviations_section
from trialwright.report.words import Words


@pytest.fixture(scope="module")
def results():
    study = dose_finding()
    return analyze(study, trial(study, people(), adverse_events=EVENTS))


@pytest.fixture(scope="module")
def words():
    return Words(dose_finding())


def texts(figure):
    root = ET.fromstring(figure.svg)
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_forest_plot_writes_what_the_table_says(words, results):
    primary = results.analysis("primary")
    figure = forest(words, primary, "f")
    headers, rows = comparison_rows(words, primary)
    assert headers == ("Comparison", "Difference", "95% interval", "p", "adjusted p")
    for label, estimate, limits, *_ in rows:
        assert f"{estimate} ({limits})" in texts(figure)
        assert f"{estimate} ({limits})" in figure.description
        assert label.split(" against ")[0] in texts(figure)


def test_a_forest_of_nothing_is_no_figure(words, results):
    study = dose_finding()
    few = analyze(study, trial(study, people(4, arms=["placebo"])))
    assert forest(words, few.analysis("primary"), "f") is None
    assert comparison_rows(words, few.analysis("primary"))[1][0][1:] == ("–", "–", "–")
    assert forest(words, results.analysis("trend"), "f") is None


def test_lines_over_time_have_a_row_per_visit(words, results):
    figure = responders_over_time(words, results.analysis("over-time"), "f")
    assert [row[0] for row in figure.rows] == [f"Week {week}" for week in range(4, 25, 4)]
    assert figure.headers[1:] == ("Placebo", "IL-2 0.2 MIU", "IL-2 0.5 MIU", "IL-2 1 MIU")
    means = means_over_time(words, results.analysis("sledai-over-time"), "g")
    assert [row[0] for row in means.rows] == ["Baseline", *(row[0] for row in figure.rows)]
    assert "SELENA-SLEDAI, points" in texts(means)


def test_the_curve_never_rises(words, results):
    figure = responder_curve(words, results.improvement, "f")
    for column in range(1, len(figure.headers)):
        shares = [int(row[column].rstrip("%")) for row in figure.rows]
        assert shares == sorted(shares, reverse=True)


def test_no_events_no_figure(words):
    study = dose_finding()
    quiet = analyze(study, trial(study, people(8)))
    assert adverse_events(words, quiet.safety, "f") is None
    section = safety_section(words, quiet)
    assert section.blocks[0].figures == ()
    assert section.blocks[0].tables[0].rows[0][1] == "0 (0%), 0"


def test_colors_keep_the_control_apart():
    study = dose_finding()
    arms = [arm.id for arm in study.arms]
    assert colors(study, arms) == [CONTROL, *BLUES[3]]
    assert colors(study, ["placebo", "il-2-1-miu"]) == [CONTROL, *BLUES[1]]


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("count", BLUES)
def test_blues_stay_apart_in_gray_print(count):
    """Luminance as WCAG 2 defines it; each step is at least 1.5 times the contrast before."""
    steps = [luminance(color) + 0.05 for color in BLUES[count]]
    assert all(a / b > 1.5 for a, b in pairwise(steps))


def test_the_primary_section_names_the_procedure(words, results):
    section = primary_section(words, results)
    assert section.lead == (
        "Tested at 5%, two-sided; the p-values of 3 comparisons are adjusted together by the"
        " procedure of Hochberg."
    )
    (block,) = section.blocks
    assert [table.caption for table in block.tables] == [
        "Responders at week 12",
        "Difference in percentage points",
    ]


def test_the_parts_of_the_index_share_one_table(words, results):
    section = index_section(words, results)
    headings = [row[0] for row in section.blocks[-1].tables[0].rows if len(row) == 1]
    assert headings == ["SELENA-SLEDAI component", "BILAG component", "Global assessment component"]


def test_sections_without_content_are_left_out(words, results):
    assert reach_section(words, results) is None or results.reach
    study = dose_finding()
    bare = study.model_copy(update={"analyses": study.analyses[:1]})
    found = analyze(bare, trial(bare, people(8)))
    assert sensitivity_section(Words(bare), found) is None


def point(a, b, p):
    return TippingPoint(
        arm="il-2-1-miu",
        arm_responders=a,
        arm_missing=1,
        control_responders=b,
        control_missing=2,
        p_value=p,
    )


def test_the_least_change_that_tips_the_verdict_is_named(words):
    grid = [point(0, 0, 0.03), point(0, 1, 0.06), point(0, 2, 0.2), point(1, 0, 0.01)]
    assert _tipping_sentence(words, grid) == (
        "IL-2 1 MIU: the comparison would cross 0.05 if 0 of 1 missing in the arm and 1 of 2 in the"
        " control had responded."
    )
    assert _tipping_sentence(words, [point(0, 0, 0.5), point(1, 0, None)]) == (
        "IL-2 1 MIU: no answer of the missing brings p across 0.05, before adjustment."
    )


def test_baseline_has_the_same_decimals_along_a_row(words, results):
    (block,) = baseline_section(words, results).blocks
    rows = {row[0]: row[1:] for row in block.tables[0].rows}
    assert "Age, years" in rows
    for cells in rows.values():
        numbers = [re.findall(r"\d+\.?(\d*)", cell) for cell in cells if " to " in cell]
        assert len({len(decimals) for row in numbers for decimals in row}) <= 1


def test_deviations_are_counted_and_listed(words, results):
    (block,) = deviations_section(words, results).blocks
    counts, listed = block.tables
    assert [row[0] for row in counts.rows][2:4] == ["Visit outside its window", "Visit missed"]
    assert len(listed.rows) == len(results.deviations)
    assert ("P00", "Placebo", "Visit missed", "Week 12", "–") in listed.rows
