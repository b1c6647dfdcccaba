"""The report in a browser: on a desk, on a phone and in print."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.rehearsals import rehearsal
from trialwright.report import Provenance, render

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module", params=["dose finding", "crossover"])
def report(request, tmp_path_factory) -> Path:
    study, _, results = rehearsal(request.param)
    path = tmp_path_factory.mktemp("report") / "report.html"
    known = Provenance(study_sha256="0" * 64, seed=3, scenario="emax", scenario_title="Emax")
    path.write_text(render(study, results, known), "utf-8")
    return path


def opened(browser: "Browser", report: Path, width: int) -> "Page":
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(report.as_uri())
    return page


@pytest.mark.parametrize("width", [1200, 768, 360])
def test_the_page_never_scrolls_sideways(browser, report, width):
    page = opened(browser, report, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(each =>
            !each.closest('.scroll') && each.getBoundingClientRect().right > innerWidth + 1
        ).map(each => each.tagName + ' ' + each.className)"""
    )
    assert outside == []
    page.close()


def test_wide_tables_scroll_inside_on_a_phone_and_by_keyboard(browser, report):
    page = opened(browser, report, 360)
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.scroll')]
            .filter(each => each.scrollWidth > each.clientWidth)
            .map(each => [getComputedStyle(each).overflowX, each.tabIndex])"""
    )
    assert wide
    assert {tuple(each) for each in wide} == {("auto", 0)}
    page.close()


def test_nothing_is_fetched_and_nothing_goes_wrong(browser, report):
    page = browser.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert wrong == []
    page.close()


def test_letters_of_figures_stay_readable_on_a_phone(browser, report):
    page = opened(browser, report, 360)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('svg')].map(svg => {
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const sizes = [...svg.querySelectorAll('text')]
                .filter(text => text.textContent.trim())
                .map(text => parseFloat(getComputedStyle(text).fontSize));
            return Math.min(...sizes) * scale;
        })"""
    )
    assert min(sizes) >= 8.5
    page.close()


def test_letters_of_figures_are_not_cut_off(browser, report):
    page = opened(browser, report, 1200)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll('text')].filter(text => {
                const own = text.getBoundingClientRect();
                return own.width && (own.left < box.left - 1 || own.right > box.right + 1);
            }).map(text => text.textContent);
        })"""
    )
    assert cut == []
    page.close()


def test_screen_readers_get_one_name_and_one_description_per_figure(browser, report):
    page = opened(browser, report, 1200)
    names = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].map(svg =>
            svg.getAttribute('aria-labelledby').split(' ')
                .map(id => document.getElementById(id).textContent))"""
    )
    assert len(names) == page.locator("figure").count()
    assert all(title and len(description) > 20 for title, description in names)
    page.close()


def test_dark_letters_on_white(browser, report):
    page = opened(browser, report, 1200)
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert ink == "rgb(26, 26, 26)"
    assert paper == "rgb(255, 255, 255)"
    page.close()


def test_print_leaves_out_the_contents_and_fits_the_paper(browser, report):
    page = opened(browser, report, 680)  # A4 within its margins
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("table").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
