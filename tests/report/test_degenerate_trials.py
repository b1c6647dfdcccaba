"""Trials in which something is missing altogether: the page says so in words, and no value of the
program ever shows."""

import re
from functools import cache

import pytest

from analysis.examples import EVENTS, parallel, people
from analysis.trials import SLEDAI_8, SLEDAI_12, Found, Person, dose_finding, infection, trial
from report.reading import Page
from trialwright.analysis import analyze
from trialwright.report import Provenance, render

ARMS = [arm.id for arm in dose_finding().arms]
AFTER_BASELINE = [f"week-{week}" for week in range(4, 25, 4)]


def everybody(found):
    """The people of the example, each of whose visits after baseline found this."""
    made = people()
    for person in made:
        person.visits = {**person.visits, **dict.fromkeys(AFTER_BASELINE, found)}
        person.treatment_ended = None
    return made


CASES = {
    "nobody stopped or missed a visit": lambda: everybody(Found(sledai=("arthritis",))),
    "nobody responded": lambda: everybody(Found(sledai=SLEDAI_12)),
    "everybody responded": lambda: everybody(Found(sledai=(), pga=0.5)),
    "nobody came after baseline": lambda: everybody(None),
    "visits found nothing": lambda: everybody(Found(sledai=None, bilag=None, pga=None)),
    "two arms are empty": lambda: people(12, arms=ARMS[:2]),
    "the control is empty": lambda: people(12, arms=ARMS[1:3]),
    "one participant per arm": lambda: [Person(f"P{n}", arm) for n, arm in enumerate(ARMS)],
    "one participant in all": lambda: people(1),
    "all stopped on the first day": lambda: [
        Person(f"P{n}", ARMS[n % 4], ended=(1, "withdrawal by participant")) for n in range(8)
    ],
    "nobody took a dose": lambda: [
        Person(f"P{n}", ARMS[n % 4], {"baseline": Found()}, doses=(False,)) for n in range(8)
    ],
    "nobody ended": lambda: [Person(f"P{n}", ARMS[n % 4], ended=None) for n in range(8)],
    "all are of one age and sex": lambda: [
        Person(f"P{n}", ARMS[n % 4], {"baseline": Found(SLEDAI_8)}, age=40.0, sex="male")
        for n in range(8)
    ],
}


LIKE_OTHERS = {"literal-or", "sledai-component", "bilag-component"}


@cache
def read(case):
    whole = dose_finding()
    chosen = tuple(each for each in whole.analyses if each.id not in LIKE_OTHERS)
    study = whole.model_copy(update={"analyses": chosen})
    data = trial(
        study, CASES[case](), adverse_events=EVENTS if case.startswith("nobody st") else ()
    )
    return Page(render(study, analyze(study, data), Provenance(study_sha256="0")))


def shown(page):
    """Every word that a reader sees or hears, names of regions included."""
    spoken = [
        each.attributes["aria-label"] or ""
        for each in page.document.all("div", "nav", "section")
        if "aria-label" in each.attributes
    ]
    return " ".join([page.document.text, *spoken])


def assert_no_value_of_the_program(page):
    text = shown(page)
    for word in ("nan", "NaN", "inf", "Infinity", "undefined", "null", "True", "False", "{", "}"):
        assert not re.search(rf"(?<![\w{{]){re.escape(word)}(?!\w)", text), word
    for found in re.finditer(r"\bNone\b(.{0,12})", text):
        assert found[1].strip().startswith(("responded", "is marked")), found[0]
    numbers = [each.attributes for each in page.document.all("path", "line", "rect", "text")]
    for attributes in numbers:
        assert not any("NaN" in (value or "") for value in attributes.values())


@pytest.fixture(autouse=True)
def _fast(charts):
    """Pictures are tested elsewhere; here it is their words."""


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_whole_and_shows_no_value_of_the_program(case):
    page = read(case)
    assert_no_value_of_the_program(page)
    for table in page.document.all("table"):
        header, *rows = table.cells
        assert rows
        for row in rows:
            assert len(row) in (1, len(header))
            assert all(row)
            assert not any("– to" in cell or "to –" in cell for cell in row)


@pytest.mark.parametrize("reading", ["parallel", "crossover"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_small_trial_with_next_to_nobody(reading, count):
    study = infection(reading)
    groups = study.sequences if study.is_crossover else study.arms
    made = [Person(f"P{n}", groups[n % 2].id, stratum="all participants") for n in range(count)]
    page = Page(render(study, analyze(study, trial(study, made)), Provenance(study_sha256="0")))
    assert_no_value_of_the_program(page)
    assert f"Randomized: {count} " in page.ids["consort"].text
    answers = [each.text for each in page.section("answer").all("li")]
    assert len(answers) == 4
    assert all(each.endswith(".") for each in answers)


STATED = [
    ("nobody responded", "answer", "0/6 (0%) on IL-2 1 MIU and 0/6 (0%) on Placebo responded"),
    ("nobody responded", "answer", "No difference was shown in 3 comparisons."),
    ("everybody responded", "answer", "6/6 (100%) on IL-2 1 MIU and 6/6 (100%) on Placebo"),
    ("nobody came after baseline", "answer", "0/6 (0%) on IL-2 0.2 MIU and 0/6 (0%) on Placebo"),
    (
        "two arms are empty",
        "answer",
        "0/0 on IL-2 1 MIU and 3/6 (50%) on Placebo responded by SRI-4; no stratum has participants"
        " in both arms: nothing can be compared.",
    ),
    ("the control is empty", "answer", "0/0 on Placebo responded by SRI-4; no stratum has"),
    ("one participant in all", "flow", "IL-2 1 MIU: 0 allocated, 0 treated"),
    ("all stopped on the first day", "flow", "2 · withdrawal by"),
    ("nobody took a dose", "flow", "Placebo: 2 allocated, 0 treated"),
    ("nobody ended", "flow", "Still in the study: 2"),
    ("all are of one age and sex", "baseline", "0/8 (0%)"),
    ("all are of one age and sex", "baseline", "40.0 (40.0 to 40.0)"),
]


@pytest.mark.parametrize(("case", "section", "words"), STATED)
def test_what_is_missing_is_said(case, section, words):
    assert words in read(case).section(section).text


def test_an_empty_arm_has_a_dash_for_its_interval():
    rows = read("two arms are empty").rows("primary", "Responders at week 12")
    assert rows["IL-2 1 MIU"] == ["0/0", "–", "0", "0"]


def test_the_untreated_have_dashes_for_their_events():
    rows = read("nobody took a dose").rows("safety", "Participants with at least one event")
    assert rows["Any adverse event"] == ["–"] * 4


def test_without_deviations_only_their_counts_are_shown():
    page = read("nobody stopped or missed a visit")
    captions = [each.text for each in page.section("deviations").all("caption")]
    assert captions == ["Participants with at least one deviation (deviations)"]
    rows = page.rows("deviations", "Participants")
    assert {cell for cells in rows.values() for cell in cells} == {"0 (0)"}


def test_a_model_that_cannot_be_fitted_says_why_and_a_note_of_all_stands_once():
    notes = [each.text for each in read("one participant per arm").section("secondary").all("li")]
    assert notes == [
        "No trend can be seen: no events, no non-events, or one score only.",
        "Every comparison: no stratum has both events and non-events: there is nothing to test.",
        "The mixed model for repeated measures cannot be fitted: there is nobody to compare; so each"
        " visit is analyzed alone, by analysis of covariance.",
        "Every comparison: nobody to compare at this visit.",
    ]


def test_a_note_of_some_comparisons_names_them():
    notes = [each.text for each in read("two arms are empty").section("primary").all("li")]
    assert notes == [
        "IL-2 0.5 MIU; IL-2 1 MIU: no stratum has participants in both arms: nothing can be"
        " compared.",
        "IL-2 0.5 MIU; IL-2 1 MIU: the p-value is not determined: it counts as 1 in the family.",
    ]


def test_a_mixed_trial_of_few_still_has_all_its_sections(charts):
    study = infection()
    results = analyze(study, trial(study, parallel()))
    page = Page(render(study, results, Provenance(study_sha256="0")))
    linked = [each.attributes["href"] for each in page.document.all("nav")[0].all("a")]
    assert linked == [f"#{each.attributes['id']}" for each in page.document.all("section")[1:]]
