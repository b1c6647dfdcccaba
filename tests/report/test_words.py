"""The study's own words: titles, units and weeks by id."""

import pytest

from analysis.trials import dose_finding, infection
from report.made import analysis
from trialwright.report.words import Words, raised, readable_unit, within

DOSE_FINDING, INFECTION = Words(dose_finding()), Words(infection())


@pytest.mark.parametrize(
    ("words", "name", "title"),
    [
        (DOSE_FINDING, "placebo", "Placebo"),
        (DOSE_FINDING, "all", "All"),
        (DOSE_FINDING, "no such arm", "no such arm"),
        (INFECTION, "standard-therapy", "Traditional therapy"),
    ],
)
def test_groups(words, name, title):
    assert words.group(name) == title


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("I6", "I6 Written informed consent."),
        ("other reason", "Other reason"),
    ],
)
def test_criteria_with_their_text(name, text):
    assert DOSE_FINDING.criterion(name) == text


@pytest.mark.parametrize(
    ("visit", "week"), [("screening", -2), ("baseline", 0), ("week-4", 4), ("week-24", 24)]
)
def test_weeks_from_the_first_dose(visit, week):
    """Day 1 is the first dose and there is no day 0, so day 29 is week 4 and day -14 week -2."""
    assert DOSE_FINDING.week(visit) == week


def test_a_population_stands_within_a_sentence():
    assert DOSE_FINDING.population("per-protocol") == "per-protocol set"


@pytest.mark.parametrize(
    ("words", "name", "title"),
    [
        (DOSE_FINDING, "selena_sledai", "SELENA-SLEDAI"),
        (DOSE_FINDING, "pga", "Physician's global assessment, 0 none to 3 severe"),
        (INFECTION, "epstein_barr_dna", "Epstein-Barr virus DNA"),
        (INFECTION, "no_such_item", "no_such_item"),
    ],
)
def test_items_and_scores(words, name, title):
    assert words.item(name) == title


@pytest.mark.parametrize(
    ("words", "name", "measure", "unit"),
    [
        (DOSE_FINDING, "sledai-over-time", "SELENA-SLEDAI", "points"),
        (DOSE_FINDING, "primary", "", ""),
        (DOSE_FINDING, "infections", "", ""),
        (INFECTION, "treg", "Treg, share of CD4 T cells", "percentage points"),
        (INFECTION, "epstein-barr", "Epstein-Barr virus DNA", "log10 copies/mL"),
    ],
)
def test_measure_and_unit_of_an_analysis(words, name, measure, unit):
    found = analysis(name, words.study)
    assert (words.measure(found), words.unit(found)) == (measure, unit)


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("1", ""),
        ("a", "years"),
        ("mm[Hg]", "mmHg"),
        ("Cel", "°C"),
        ("umol/L", "µmol/L"),
        ("g/(24.h)", "g/24 h"),
        ("10*6/L", "10⁶/L"),
        ("10*6.[iU]", "MIU"),
        ("kg", "kg"),
    ],
)
def test_units_of_ucum(unit, words):
    assert readable_unit(unit) == words


@pytest.mark.parametrize("study", [dose_finding(), infection(), infection("crossover")])
def test_no_unit_of_a_shipped_study_shows_the_signs_of_ucum(study):
    """Brackets and braces are for programs: `[iU]`, `{copies}`, `10*9`."""
    units = {item.unit for form in study.forms for item in form.items if item.unit}
    units |= {dose.unit for each in study.interventions for dose in each.schedules}
    for unit in units:
        assert not set(readable_unit(unit)) & set("[]{}*."), unit


@pytest.mark.parametrize(
    ("text", "words"),
    [("infection", "Infection"), ("SLE flare", "SLE flare"), ("IgA high", "IgA high"), ("x", "X")],
)
def test_only_the_first_letter_is_raised(text, words):
    assert raised(text) == words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Week 12", "week 12"),
        ("ITT set", "ITT set"),
        ("Full set of SLE", "full set of SLE"),
        ("V1", "V1"),
    ],
)
def test_a_title_within_a_sentence_keeps_its_abbreviations(title, words):
    assert within(title) == words


def test_titles_of_a_study_within_its_sentences():
    study = dose_finding()
    sets = tuple(each.model_copy(update={"title": "ITT set"}) for each in study.analysis_sets)
    assert Words(study.model_copy(update={"analysis_sets": sets})).population("full") == "ITT set"
