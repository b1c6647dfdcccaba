"""The sections of results on results made by hand: tables, sentences and notes, cell by cell."""

import pytest

from analysis.trials import dose_finding, infection
from report.made import DOSES, analysis, difference, mean, responded
from report.test_people import results
from trialwright.analysis.results import (
    HypothesisTest,
    Improvement,
    ImprovementShare,
    Results,
    TippingPoint,
    Veto,
)
from trialwright.report.outcomes import index_section, other_section, result_block
from trialwright.report.words import Words

WORDS = Words(dose_finding())


@pytest.fixture(autouse=True)
def _fast(charts):
    """Pictures are tested with the figures."""


def table(block, caption):
    (found,) = (each for each in block.tables if each.caption.startswith(caption))
    return found


# Responders and tests


def test_responders_with_their_limits_missing_and_failures():
    found = analysis(
        "literal-or",
        proportions=(
            responded("placebo", 9, 30, missing=2, failures=3, lower=0.1666, upper=0.4788),
            responded(DOSES[2], 0, 0),
        ),
    )
    assert table(result_block(WORDS, found), "Responders at week 12").rows == (
        ("Placebo", "9/30 (30%)", "17% to 48%", "2", "3"),
        ("IL-2 1 MIU", "0/0", "–", "0", "0"),
    )


def test_a_test_without_an_estimate_has_no_columns_for_one():
    test = HypothesisTest(name="trend over dose, week-12", statistic=-0.281, p_value=0.779)
    found = table(result_block(WORDS, analysis("trend", tests=(test,))), "Tests")
    assert found.headers == ("Test", "Statistic", "p")
    assert found.rows == (("Trend over dose, week 12", "−0.28", "0.779"),)


def test_tests_with_estimates_have_unit_and_limits():
    study = infection("crossover")
    tests = (
        HypothesisTest(
            name="period: second minus first",
            estimate=1.25,
            lower=-0.5,
            upper=3.0,
            statistic=1.4,
            p_value=0.17,
        ),
        HypothesisTest(name="carry-over", statistic=None, p_value=None, notes=("too few",)),
    )
    block = result_block(Words(study), analysis("treg", study, tests=tests))
    found = table(block, "Tests")
    assert found.headers == (
        "Test",
        "Estimate, percentage points",
        "95% interval",
        "Statistic",
        "p",
    )
    assert found.rows == (
        ("Period: second minus first", "+1.25", "−0.50 to 3.00", "1.40", "0.170"),
        ("Carry-over", "–", "–", "–", "–"),
    )
    assert block.notes == ("Too few.",)


def test_visits_in_a_note_are_named_by_their_titles():
    found = analysis(
        "sledai-over-time", notes=("not every arm has participants at week-1, week-12",)
    )
    assert result_block(WORDS, found).notes == (
        "Not every arm has participants at week-1, week 12.",
    )


def test_a_title_with_a_backslash_is_a_title():
    study = dose_finding()
    visits = tuple(
        each.model_copy(update={"title": r"EOT \1"}) if each.id == "week-12" else each
        for each in study.visits
    )
    words = Words(study.model_copy(update={"visits": visits}))
    found = analysis("sledai-over-time", notes=("nobody at week-12",))
    assert result_block(words, found).notes == (r"Nobody at EOT \1.",)


# Means


def adjusted(arm, visit, value, **more):
    return mean(arm, visit, value, kind="adjusted change", **more)


def test_adjusted_changes_have_a_row_a_visit_and_a_column_an_arm():
    found = analysis(
        "sledai-over-time",
        means=(
            adjusted("placebo", "week-4", -1.234, lower=-2.0, upper=-0.5),
            adjusted(DOSES[0], "week-4", -2.5, lower=-3.75, upper=-1.25),
            adjusted("placebo", "week-8", 0.0, lower=-12.5, upper=12.5),
            adjusted(DOSES[0], "week-8", None),
        ),
    )
    found = table(result_block(WORDS, found), "Adjusted mean change, points (95% interval)")
    assert found.headers == ("Visit", "Placebo", "IL-2 0.2 MIU")
    assert found.rows == (
        ("Week 4", "−1.23 (−2.00 to −0.50)", "−2.50 (−3.75 to −1.25)"),
        ("Week 8", "0.0 (−12.5 to 12.5)", "–"),
    )


@pytest.mark.parametrize(("count", "drawn"), [(6, True), (7, False)])
def test_more_than_six_comparisons_are_a_table_only(count, drawn):
    comparisons = tuple(
        difference(DOSES[0], 0.1, visit=f"week-{4 * number}") for number in range(1, count + 1)
    )[:6]
    comparisons += (difference(DOSES[1], 0.1, visit="week-4"),) * (count - 6)
    arms = tuple(
        responded(arm, 1, 2, f"week-{4 * number}")
        for number in range(1, 7)
        for arm in ("placebo", *DOSES)
    )
    found = analysis("over-time", proportions=arms, comparisons=comparisons)
    block = result_block(WORDS, found)
    assert ("over-time-forest" in [figure.id for figure in block.figures]) == drawn
    assert (len(block.paragraphs) > 1) == drawn
    assert len(table(block, "Difference in percentage points").rows) == count


# What if the missing had responded


def point(arm, mine, theirs, p, missing=(1, 2)):
    return TippingPoint(
        arm=arm,
        arm_responders=mine,
        arm_missing=missing[0],
        control_responders=theirs,
        control_missing=missing[1],
        p_value=p,
    )


def grid(arm, p_values):
    """P-values by responders among one missing in the arm and two in the control."""
    places = [(mine, theirs) for mine in (0, 1) for theirs in (0, 1, 2)]
    return [point(arm, *place, p) for place, p in zip(places, p_values, strict=True)]


def test_the_corners_of_the_grid_and_the_least_change():
    points = (
        *grid(DOSES[0], [0.01, 0.02, 0.06, 0.005, 0.01, 0.03]),
        *grid(DOSES[2], [0.2, 0.4, 0.6, 0.04, 0.08, 0.3]),
    )
    block = result_block(WORDS, analysis("tipping-point", tipping_points=points))
    assert table(block, "p of the comparison").rows == (
        ("IL-2 0.2 MIU", "1 and 2", "0.010", "0.060", "0.005"),
        ("IL-2 1 MIU", "1 and 2", "0.200", "0.600", "0.040"),
    )
    assert block.paragraphs[1] == (
        "IL-2 0.2 MIU: the comparison would cross 0.05 if 0 of 1 missing in the arm and 2 of 2 in"
        " the control had responded. IL-2 1 MIU: the comparison would cross 0.05 if 1 of 1 missing"
        " in the arm and 0 of 2 in the control had responded."
    )


def test_nobody_missing_leaves_one_corner():
    points = (point(DOSES[0], 0, 0, 0.5, missing=(0, 0)),)
    block = result_block(WORDS, analysis("tipping-point", tipping_points=points))
    assert table(block, "p of").rows == (("IL-2 0.2 MIU", "0 and 0", "0.500", "0.500", "0.500"),)
    assert "no answer of the missing" in block.paragraphs[1]


# Parts of the index


def veto(arm, visit="week-12", fell=8, bilag=1, pga=2, both=3, failed=4):
    return Veto(
        visit=visit,
        arm=arm,
        sledai_responders=fell,
        vetoed_by_bilag=bilag,
        vetoed_by_pga=pga,
        vetoed=both,
        failed_by_event=failed,
    )


def with_index(*vetoes, analyses):
    made = results()
    fields = {name: getattr(made, name) for name in made.__slots__}
    share = ImprovementShare(arm="placebo", points=1, share=0.5)
    curve = Improvement(visit="week-12", item="selena_sledai", shares=(share,))
    return Results(**fields | {"vetoes": vetoes, "improvement": curve, "analyses": tuple(analyses)})


def shares(name, visit="week-12"):
    proportions = (responded("placebo", 5, 20, visit), responded(DOSES[0], 10, 20, visit))
    return analysis(
        name, proportions=proportions, comparisons=(difference(DOSES[0], 0.25, visit=visit),)
    )


def test_who_was_turned_down():
    section = index_section(WORDS, with_index(veto("placebo"), analyses=[shares("primary")]))
    (block,) = section.blocks
    assert block.tables[0].rows == (("Placebo", "8", "1", "2", "3/8 (38%)", "4"),)
    assert [figure.id for figure in block.figures] == ["responder-curve"]


def test_vetoes_at_several_visits_name_them():
    vetoes = [veto("placebo", visit) for visit in ("week-4", "week-8")]
    section = index_section(WORDS, with_index(*vetoes, analyses=[shares("primary")]))
    assert [row[0] for row in section.blocks[0].tables[0].rows] == [
        "Week 4, Placebo",
        "Week 8, Placebo",
    ]


def test_parts_stand_beside_the_whole_be_it_primary_or_not():
    """Without a primary analysis of the index, its first analysis is the whole."""
    for whole, visit in (("primary", "week-12"), ("over-time", "week-24")):
        parts = [shares("pga-component"), shares(whole, visit)]
        section = index_section(WORDS, with_index(veto("placebo"), analyses=parts))
        figure = section.blocks[0].figures[0]
        assert [row[0] for row in figure.rows] == ["Whole index", "PGA not worse"]
        together = section.blocks[1].tables[0]
        assert together.rows[0] == ("Global assessment component",)
        assert together.rows[1][:2] == ("IL-2 0.2 MIU against Placebo", "+25.0")


def test_a_trial_without_the_index_has_no_such_section():
    assert index_section(WORDS, results()) is None


def test_parts_and_rates_are_not_told_again_among_further_results():
    found = [shares("over-time"), shares("pga-component"), shares("primary")]
    section = other_section(WORDS, with_index(analyses=found))
    assert [block.title for block in section.blocks] == [found[0].title]
    assert other_section(WORDS, with_index(analyses=found[1:])) is None
