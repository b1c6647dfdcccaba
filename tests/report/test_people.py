"""The baseline table and the list of deviations, on rows made by hand."""

import pytest

from analysis.trials import dose_finding
from trialwright.analysis.results import (
    BaselineCell,
    BaselineRow,
    Deviation,
    DeviationCount,
    Flow,
    Results,
    Safety,
)
from trialwright.report.people import DEVIATIONS_LISTED, baseline_section, deviations_section
from trialwright.report.words import Words

WORDS = Words(dose_finding())
GROUPS = ("placebo", "all")


def results(baseline=(), deviations=(), counts=()):
    return Results(
        study="il2-sle-dose-finding",
        flow=Flow(screened=0, not_randomized={}, randomized=0, arms=()),
        baseline=tuple(baseline),
        analyses=(),
        vetoes=(),
        improvement=None,
        safety=Safety(treated={}, person_years={}, rows=()),
        deviations=tuple(deviations),
        deviation_counts=tuple(counts),
        reach=(),
    )


def number(label, *quartiles, unit="", group="Laboratory"):
    """A row whose groups all have these three: lower quartile, median, upper quartile."""
    low, middle, high = quartiles or (None, None, None)
    return BaselineRow(
        group=group,
        characteristic=label,
        unit=unit,
        kind="number",
        cells=tuple(
            BaselineCell(
                group=each, participants=8, lower_quartile=low, median=middle, upper_quartile=high
            )
            for each in GROUPS
        ),
    )


def count(label, found, of, group="Participants"):
    return BaselineRow(
        group=group,
        characteristic=label,
        unit="",
        kind="count",
        cells=tuple(BaselineCell(group=each, participants=of, count=found) for each in GROUPS),
    )


def table(*rows):
    first = number("Age", 20.0, 30.0, 40.0, unit="a", group="Participants")
    section = baseline_section(WORDS, results((first, count("Female", 6, 8), *rows)))
    ((found,),) = (block.tables for block in section.blocks)
    return found


def test_the_columns_have_sizes_and_the_rows_their_groups():
    found = table(number("Platelets", 1.0, 2.0, 3.0))
    assert found.headers == ("Characteristic", "Placebo (n=8)", "All (n=8)")
    assert [row[0] for row in found.rows] == [
        "Participants",
        "Age, years",
        "Female",
        "Laboratory",
        "Platelets",
    ]
    assert [len(row) for row in found.rows] == [1, 3, 3, 1, 3]


@pytest.mark.parametrize(
    ("quartiles", "cell"),
    [
        ((150.4, 200.6, 250.2), "201 (150 to 250)"),
        ((99.0, 100.0, 101.0), "100 (99 to 101)"),
        ((10.25, 20.0, 30.46), "20.0 (10.2 to 30.5)"),
        ((1.0, 2.0, 3.0), "2.0 (1.0 to 3.0)"),
        ((0.5, 1.996, 3.0), "2.00 (0.50 to 3.00)"),
        ((0.0, 0.0, 0.0), "0.00 (0.00 to 0.00)"),
        ((-250.0, -200.0, -150.0), "−200 (−250 to −150)"),
        ((-3.04, -2.5, 0.04), "−2.5 (−3.0 to 0.0)"),
        ((), "–"),
    ],
)
def test_decimals_follow_the_size_of_the_median(quartiles, cell):
    assert table(number("Value", *quartiles)).rows[-1] == ("Value", cell, cell)


def test_the_largest_median_of_a_row_decides_for_all_its_cells():
    row = number("Value", 0.5, 1.0, 1.5)
    large = BaselineCell(
        group="all", participants=8, lower_quartile=50.0, median=100.0, upper_quartile=150.0
    )
    row = BaselineRow(
        group=row.group,
        characteristic=row.characteristic,
        unit="",
        kind="number",
        cells=(row.cells[0], large),
    )
    assert table(row).rows[-1][1:] == ("1 (0 to 2)", "100 (50 to 150)")


@pytest.mark.parametrize(
    ("unit", "label"),
    [
        ("10*9/L", "Value, 10⁹/L"),
        ("%", "Value, %"),
        ("1", "Value"),
        ("", "Value"),
        ("mg/d", "Value, mg/day"),
    ],
)
def test_labels_have_units_that_people_read(unit, label):
    assert table(number("Value", 1.0, 2.0, 3.0, unit=unit)).rows[-1][0] == label


def test_a_count_of_nobody_is_no_share():
    assert table(count("Site A", 0, 0, group="Site")).rows[-1] == ("Site A", "0/0", "0/0")


def deviation(participant="P1", kind="visit missed", place="week-12", detail=""):
    return Deviation(participant=participant, arm="placebo", kind=kind, place=place, detail=detail)


COUNT = DeviationCount(kind="visit missed", participants={"placebo": 2}, deviations={"placebo": 3})


def listed(*deviations):
    (block,) = deviations_section(WORDS, results(deviations=deviations, counts=(COUNT,))).blocks
    return block


def test_deviations_are_counted_by_person_and_in_all():
    assert listed().tables[0].rows == (("Visit missed", "2 (3)"),)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("week-12", "Week 12"),
        ("il-2-1-miu", "Interleukin-2"),
        ("treatment-stopped", "Study treatment stopped for good before the visit"),
        ("I2", "I2"),
    ],
)
def test_the_place_of_a_deviation_is_a_title_where_it_has_one(place, shown):
    assert listed(deviation(place=place)).tables[1].rows == (
        ("P1", "Placebo", "Visit missed", shown, "–"),
    )


def test_the_detail_of_a_deviation_stands_as_it_is():
    row = listed(deviation(detail="8 days late")).tables[1].rows[0]
    assert row[-1] == "8 days late"


@pytest.mark.parametrize("more", [0, 1, 12])
def test_a_long_list_is_cut_and_says_by_how_much(more):
    block = listed(*(deviation(f"P{n}") for n in range(DEVIATIONS_LISTED + more)))
    assert len(block.tables[1].rows) == DEVIATIONS_LISTED
    assert block.notes == ((f"{more} more are in results.json.",) if more else ())
