"""What stands above and below the results: facts, assumptions, provenance; every word escaped."""

import pytest

from analysis.examples import EVENTS, people
from analysis.trials import dose_finding, trial
from report.reading import Page
from trialwright.analysis import analyze
from trialwright.protocol.study import Study
from trialwright.report import Provenance, render


@pytest.fixture(scope="module")
def study() -> Study:
    """The dose-finding trial with its primary analysis only."""
    whole = dose_finding()
    return whole.model_copy(update={"analyses": whole.analyses[:1]})


@pytest.fixture(scope="module")
def results(study):
    return analyze(study, trial(study, people(12), adverse_events=EVENTS[:4]))


@pytest.fixture
def page(charts, study, results):
    def made(provenance=None, **changed):
        own = study.model_copy(update=changed)
        return Page(render(own, results, provenance or Provenance(study_sha256="0" * 64)))

    return made


def facts(page):
    (listed,) = page.document.all("dl")
    names = [each.text for each in listed.all("dt")]
    return dict(zip(names, [each.text for each in listed.all("dd")], strict=True))


def test_the_facts_below_the_title(page):
    assert facts(page()) == {
        "Registration": "NCT04077684",
        "Design": "randomized, parallel, blinded",
        "Arms": "Placebo, IL-2 0.2 MIU, IL-2 0.5 MIU, IL-2 1 MIU",
        "Randomized": "12 of 12 screened",
    }


@pytest.mark.parametrize(
    ("roles", "word"),
    [
        ((), "open label"),
        (("participant",), "single-blind"),
        (("participant", "investigator"), "double-blind"),
        (("participant", "investigator", "outcomes assessor"), "blinded"),
    ],
)
def test_masking_in_a_word(page, study, roles, word):
    masking = study.design.masking.model_copy(update={"roles": roles})
    design = study.design.model_copy(update={"masking": masking})
    assert facts(page(design=design))["Design"] == f"randomized, parallel, {word}"


def test_a_trial_without_a_registration_says_so(page, study):
    identity = study.identity.model_copy(update={"registrations": ()})
    assert facts(page(identity=identity))["Registration"] == "none"


def test_every_assumption_with_its_reason(page, study):
    rows = page().rows("assumptions", "Choices of this study file")
    expected = {
        place: " ".join(reason.split())
        for place, reason in study.assumptions()
        if not place.startswith("readings.")
    }
    assert {place: cells[0] for place, cells in rows.items()} == expected


def test_a_study_file_that_assumes_nothing(page, monkeypatch):
    monkeypatch.setattr(Study, "assumptions", lambda _: [])
    section = page().section("assumptions")
    assert section.all("table") == []
    assert section.all("p")[-1].text == "None is marked."


@pytest.mark.parametrize(
    ("known", "rows"),
    [
        ({}, {}),
        ({"record_sha256": "ab12"}, {"Registry record, SHA-256": "ab12"}),
        ({"reading": "parallel"}, {"Reading": "parallel"}),
        ({"seed": 0}, {"Seed": "0"}),
        ({"scenario": "emax"}, {"Scenario": "emax"}),
        ({"scenario": "emax", "scenario_title": "Levels off"}, {"Scenario": "emax: Levels off"}),
        ({"command": "trialwright analyze a b"}, {"Command": "trialwright analyze a b"}),
        ({"versions": {"a": "1", "b": "2.0"}}, {"Versions": "a 1, b 2.0"}),
    ],
)
def test_provenance_says_what_is_known_and_no_more(page, known, rows):
    found = page(Provenance(study_sha256="0" * 64, **known)).rows("provenance", "Provenance")
    expected = {"Study file, SHA-256": "0" * 64, **rows}
    assert {name: cells[0] for name, cells in found.items()} == expected


@pytest.mark.parametrize(("scenario", "virtual"), [(None, False), ("emax", True)])
def test_the_banner_of_a_rehearsal(page, scenario, virtual):
    known = Provenance(study_sha256="0", scenario=scenario)
    assert known.virtual is virtual
    banners = [
        each.text for each in page(known).document.all("p") if each.text.startswith("Rehearsal.")
    ]
    assert len(banners) == virtual


NASTY = "</title><script>alert('1')</script> \"A\" & B < C"


def renamed(study):
    """The study with signs of markup in every title that a page shows."""

    def each(parts, *names):
        return tuple(part.model_copy(update=dict.fromkeys(names, NASTY)) for part in parts)

    return {
        "identity": study.identity.model_copy(
            update={"title": NASTY, "official_title": NASTY, "summary": NASTY}
        ),
        "arms": each(study.arms, "title"),
        "visits": each(study.visits, "title"),
        "forms": each(study.forms, "title"),
        "criteria": each(study.criteria, "text"),
        "estimands": each(study.estimands, "title"),
        "analysis_sets": each(study.analysis_sets, "title"),
        "interventions": each(study.interventions, "name"),
    }


def test_signs_of_markup_in_any_title_are_words(page, study):
    found = page(
        Provenance(
            study_sha256=NASTY,
            scenario=NASTY,
            scenario_title=NASTY,
            command=NASTY,
            reading=NASTY,
            versions={NASTY: NASTY},
        ),
        **renamed(study),
    )
    assert found.document.all("script") == []
    assert "<script" not in found.html
    words = " ".join(NASTY.split())
    assert found.document.all("h1")[0].text == words
    assert found.document.all("title")[0].text == f"{words}: report"
    assert found.section("answer").all("p")[0].text == words
    assert found.table("primary", "Responders at")[1][0] == words
    assert found.rows("provenance", "Provenance")["Command"] == [words]


def test_the_contents_list_every_section_once_in_order(page):
    found = page()
    links = [each.attributes["href"] for each in found.document.all("nav")[0].all("a")]
    sections = [each.attributes["id"] for each in found.document.all("section")]
    assert sections[0] == "answer"
    assert links == [f"#{each}" for each in sections[1:]]
    titles = [each.text for each in found.document.all("nav")[0].all("a")]
    assert titles == [found.section(each).all("h2")[0].text for each in sections[1:]]
