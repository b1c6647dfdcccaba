"""What a page says of its levels: alpha and intervals as the study chose them, digits and all."""

from functools import cache

import pytest

from analysis.examples import EVENTS, people
from analysis.trials import dose_finding, trial
from report.made import DOSES, analysis, difference, responded
from report.reading import Page
from trialwright.analysis import analyze
from trialwright.analysis.results import TippingPoint
from trialwright.report import Provenance, findings, render
from trialwright.report.numbers import level
from trialwright.report.outcomes import result_block
from trialwright.report.words import Words


@cache
def study_with(**choice):
    study = dose_finding()
    chosen = study.multiplicity.model_copy(update=choice)
    return study.model_copy(update={"multiplicity": chosen})


@pytest.fixture
def page(charts):
    """The page of the primary analysis, and of others on request."""

    def made(*others, **choice):
        study = study_with(**choice)
        chosen = tuple(each for each in study.analyses if each.id in ("primary", *others))
        study = study.model_copy(update={"analyses": chosen})
        results = analyze(study, trial(study, people(16), adverse_events=EVENTS))
        return Page(render(study, results, Provenance(study_sha256="0")))

    return made


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.05, "5%"),
        (0.025, "2.5%"),
        (0.01, "1%"),
        (0.0125, "1.25%"),
        (0.95, "95%"),
        (1 - 0.05, "95%"),
        (1 - 2 * 0.025, "95%"),
        (0.975, "97.5%"),
        (1 - 0.05 / 3, "98.3333%"),
        (0.999, "99.9%"),
    ],
)
def test_a_level_is_never_rounded_to_another(share, text):
    assert level(share) == text


LEADS = [
    (
        {"alpha": 0.05, "sides": 2, "method": "hochberg"},
        "Tested at 5%, two-sided; the p-values of 3 comparisons are adjusted together by the"
        " procedure of Hochberg.",
    ),
    (
        {"alpha": 0.025, "sides": 1, "method": "holm"},
        "Tested at 2.5%, one-sided, with two-sided p-values; the p-values of 3 comparisons are"
        " adjusted together by the procedure of Holm.",
    ),
    (
        {"alpha": 0.1, "sides": 2, "method": "fixed sequence"},
        "Tested at 10%, two-sided; the p-values of 3 comparisons are adjusted together by a fixed"
        " sequence.",
    ),
    (
        {"alpha": 0.01, "sides": 2, "method": "none"},
        "Tested at 1%, two-sided, without adjustment.",
    ),
    (
        {"alpha": 0.05, "sides": 2, "analyses": ()},
        "Estimates with intervals; no comparison was planned as a test.",
    ),
]


@pytest.mark.parametrize(("choice", "lead"), LEADS)
def test_the_lead_of_the_primary_result(page, choice, lead):
    assert page(**choice).section("primary").all("p")[0].text == lead


@pytest.mark.parametrize(
    ("alpha", "sides", "words"),
    [(0.05, 2, "95%"), (0.025, 1, "95%"), (0.1, 2, "90%"), (0.05, 1, "90%"), (0.025, 2, "97.5%")],
)
def test_intervals_are_called_by_the_level_of_the_tests(alpha, sides, words):
    assert Words(study_with(alpha=alpha, sides=sides)).interval == f"{words} interval"


def test_every_interval_of_the_page_has_the_level_of_the_tests(page):
    found = page("sledai-over-time", "infections", "sledai-component", alpha=0.025)
    headers = [cell for table in found.document.all("table") for cell in table.cells[0]]
    named = [each for each in headers if "interval" in each]
    assert len(named) == 7
    assert all("97.5% interval" in each for each in named)
    captions = [each.text for each in found.document.all("caption") if "interval" in each.text]
    assert captions == ["Adjusted mean change, points (97.5% interval)"]
    sentences = [
        each.text
        for each in found.document.all("li", "desc", "p")
        if " interval" in each.text
        and "true interval" not in each.text
        and "exact intervals" not in each.text
    ]
    assert len(sentences) > 3
    assert [each for each in sentences if "97.5% interval" not in each] == []


def tips(p_values, **choice):
    """The sentence on a grid of one missing in the arm and none in the control."""
    points = tuple(
        TippingPoint(
            arm=DOSES[2],
            arm_responders=number,
            arm_missing=1,
            control_responders=0,
            control_missing=0,
            p_value=p,
        )
        for number, p in enumerate(p_values)
    )
    words = Words(study_with(**choice))
    return result_block(words, analysis("tipping-point", tipping_points=points)).paragraphs[1]


def test_two_sided_p_values_are_held_against_twice_a_one_sided_alpha():
    """One-sided at 2.5% is two-sided at 5%: p = 0.04 stays on the side of p = 0.03."""
    stays = "IL-2 1 MIU: no answer of the missing brings p across 0.05, before adjustment."
    assert tips((0.03, 0.04), alpha=0.025, sides=1) == stays
    assert tips((0.03, 0.04), alpha=0.05, sides=2) == stays
    assert tips((0.03, 0.04), alpha=0.035, sides=2) == (
        "IL-2 1 MIU: the comparison would cross 0.035 if 1 of 1 missing in the arm and 0 of 0 in"
        " the control had responded."
    )


def test_the_sentence_of_a_comparison_names_its_level():
    found = analysis(
        "primary",
        proportions=(responded("placebo", 5, 20), responded(DOSES[0], 10, 20)),
        comparisons=(difference(DOSES[0], 0.25, lower=-0.04, upper=0.5, level=0.975, p_value=0.1),),
    )
    assert "(97.5% interval −4.0 to 50.0; p = 0.100)" in findings(dose_finding(), [found])[1]
