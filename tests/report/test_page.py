"""Whole pages of both trials and readings: complete, self-contained, and well formed."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser

import pytest

from analysis.examples import EVENTS, parallel, people
from analysis.rehearsals import TRIALS, rehearsal
from analysis.trials import dose_finding, infection, trial
from trialwright.analysis import Results, analyze
from trialwright.analysis.canonical import canonical_json
from trialwright.protocol import Study
from trialwright.report import Provenance, findings, render

VOID = {"meta", "link", "br", "img", "hr", "input"}


def found(name: str) -> tuple[Study, Results]:
    study, _, results = rehearsal(name)
    return study, results


def provenance(**more):
    known = {
        "study_sha256": "0123abcd",
        "record_sha256": "4567cdef",
        "seed": 3,
        "scenario": "emax",
        "scenario_title": "The effect rises with dose and levels off",
        "versions": {"trialwright": "0.1.0"},
        "command": "trialwright rehearse study.yaml --seed 3",
    }
    return Provenance(**(known | more))


@cache
def page(name: str) -> str:
    return render(*found(name), provenance())


class Reader(HTMLParser):
    """Checks that elements close in order, and collects ids, links, headings and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for key, value in attrs:
            self.attributes.append((tag, key, value or ""))
            if key == "id":
                self.ids[value] += 1

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("name", TRIALS)
def test_the_page_is_well_formed(name):
    reader = read(page(name))
    assert [key for key, count in reader.ids.items() if count > 1] == []
    assert reader.headings[0] == 1
    assert reader.headings.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(reader.headings, reader.headings[1:], strict=False))


@pytest.mark.parametrize("name", TRIALS)
def test_every_reference_within_the_page_is_met(name):
    reader = read(page(name))
    for _, key, value in reader.attributes:
        if key == "href":
            assert value.startswith("#")
            assert value[1:] in reader.ids
        if key in ("aria-labelledby", "aria-describedby"):
            assert set(value.split()) <= set(reader.ids)
    for part in re.findall(r"url\(#([^)]+)\)", page(name)):
        assert part in reader.ids


@pytest.mark.parametrize("name", TRIALS)
def test_the_page_asks_nothing_of_the_network(name):
    text = page(name)
    assert "<script" not in text
    assert "@import" not in text
    assert not re.findall(r'\b(?:src|srcset|data|action)="', text)
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize("name", TRIALS)
def test_every_figure_has_a_text_alternative_and_a_table_near(name):
    text = page(name)
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == text.count("<svg") > 2
    for figure in figures:
        assert 'role="img"' in figure
        assert re.search(r"<title id=[^>]+>[^<]{5,}</title>", figure)
        assert re.search(r"<desc id=[^>]+>[^<]{20,}</desc>", figure)
    for block in re.findall(r'<div class="block">.*?\n</div>\n', text, re.DOTALL):
        assert ("<svg" not in block) or ("<table" in block)


@pytest.mark.parametrize("name", TRIALS)
def test_the_page_says_what_was_asked_and_found_first(name):
    study, results = found(name)
    text = page(name)
    head, *sentences = findings(study, results.primary())
    places = [text.index(part.replace("<", "&lt;")) for part in (head, *sentences)]
    assert places == sorted(places)
    assert max(places) < text.index('id="flow"')
    assert study.identity.title in text


@pytest.mark.parametrize("name", TRIALS)
def test_the_assumptions_are_all_there(name):
    study, _ = found(name)
    body = page(name).split('id="assumptions"')[1]
    own = [place for place, _ in study.assumptions() if not place.startswith("readings.")]
    assert len(own) > 20
    for place in own:
        assert place in body
    assert "readings." not in body


def test_the_reading_gives_its_reason():
    text = render(*found("crossover"), provenance(reading="crossover"))
    assert "reading crossover" in text
    assert "Two periods in either order, as the record registers it." in text


def test_the_sections_of_the_dose_finding_trial():
    ids = read(page("dose finding")).ids
    for section in (
        "answer",
        "flow",
        "baseline",
        "primary",
        "index",
        "secondary",
        "sensitivity",
        "safety",
        "deviations",
        "assumptions",
        "provenance",
    ):
        assert section in ids
    for figure in (
        "consort",
        "primary-forest",
        "index-parts",
        "responder-curve",
        "over-time-over-time",
        "sledai-over-time-means",
        "adverse-events",
    ):
        assert figure in ids


def test_the_small_trial_says_what_it_cannot_show():
    text = page("parallel")
    assert "What 30 participants can and cannot show" in text
    assert re.search(r"Infection: (?:with )?30 participants", text)


def test_the_crossover_shows_period_and_carry_over():
    assert "Carry-over: of the active arm minus of the control" in page("crossover")
    assert "Period: second minus first" in page("crossover")


def test_virtual_participants_are_called_so():
    assert "All participants on this page are virtual." in page("parallel")
    real = render(*found("parallel"), provenance(scenario=None, scenario_title=None, seed=None))
    assert "virtual" not in re.sub(r"<style>.*?</style>", "", real, flags=re.DOTALL)


def test_provenance_is_there():
    text = page("dose finding")
    for part in ("0123abcd", "4567cdef", "trialwright rehearse study.yaml --seed 3", "0.1.0"):
        assert part in text


def test_the_same_results_give_the_same_page():
    assert render(*found("crossover"), provenance()) == page("crossover")


def test_text_of_the_study_is_escaped():
    study, results = found("parallel")
    nasty = study.model_copy(
        update={"identity": study.identity.model_copy(update={"title": "<b>&amp; it</b>"})}
    )
    assert "<b>&amp;" not in render(nasty, results, provenance())


def test_a_trial_with_empty_corners_has_a_page():
    """An arm without anybody, a visit that nobody came to, no events: nothing breaks."""
    study = dose_finding()
    few = people(8, arms=["placebo", "il-2-0.2-miu"])
    for person in few:
        person.visits["week-8"] = None
    results = analyze(study, trial(study, few))
    read(render(study, results, provenance(scenario=None)))
    small = infection()
    read(render(small, analyze(small, trial(small, parallel())), provenance()))


def test_the_page_leaves_the_results_alone():
    study = dose_finding()
    results = analyze(study, trial(study, people(), adverse_events=EVENTS))
    before = canonical_json(results)
    render(study, results, provenance())
    assert canonical_json(results) == before
