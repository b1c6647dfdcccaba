import re
import xml.etree.ElementTree as ET

import pytest

from analysis.trials import Person, dose_finding, infection, trial
from trialwright.analysis.dataset import prepare
from trialwright.analysis.flow import flow
from trialwright.analysis.results import ArmFlow, Flow
from trialwright.report.consort import consort
from trialwright.report.svg import embedded
from trialwright.report.words import Words

PICTURE = """<?xml version="1.0"?><svg width="10" height="9" viewBox="0 0 10 9" role="x">
<clipPath id="clip7"><rect/></clipPath><clipPath id="clip70"/>
<g clip-path="url(#clip7)" aria-label="axis"><use href="#clip70"/></g></svg>"""


def test_ids_become_the_figures_own():
    svg = embedded(PICTURE, "forest", "A < B", "More & more")
    assert 'id="forest-part-0"' in svg
    assert "url(#forest-part-0)" in svg
    assert 'href="#forest-part-1"' in svg
    assert "clip7" not in svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))


def test_a_figure_is_one_image_with_a_name_and_a_description():
    root = ET.fromstring(embedded(PICTURE, "forest", "A < B", "More & more"))
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert (title.text, description.text) == ("A < B", "More & more")
    assert not [each for each in root.iter() if each.get("aria-label")]


def test_a_figure_takes_the_size_of_its_place():
    root = ET.fromstring(embedded(PICTURE, "f", "t", "d"))
    assert root.get("viewBox") == "0 0 10 9"
    assert root.get("width") is None
    assert root.get("height") is None


@pytest.mark.parametrize("text", ["", "<p/>", "<svg></svg>"])
def test_what_is_no_picture_is_refused(text):
    with pytest.raises(ValueError, match="SVG"):
        embedded(text, "f", "t", "d")


def diagram(study, people):
    return consort(Words(study), flow(prepare(study, trial(study, people))))


def boxes(figure):
    root = ET.fromstring(figure.svg)
    ns = "{http://www.w3.org/2000/svg}"
    return [
        tuple(float(rect.get(name)) for name in ("x", "y", "width", "height"))
        for rect in root.iter(f"{ns}rect")
    ], ["".join(text.itertext()) for text in root.iter(f"{ns}text")]


def test_the_diagram_says_every_number():
    people = [
        Person("S1", None, failed_criteria={"I2": "not met"}),
        Person("P1", "placebo", ended=(40, "lost to follow-up")),
        Person("D1", "il-2-1-miu"),
        Person("D2", "il-2-1-miu", ended=None),
    ]
    figure = diagram(dose_finding(), people)
    _, texts = boxes(figure)
    for text in ("Screened: 4", "Not randomized: 1", "Randomized: 3", "1 · lost to follow-up"):
        assert text in texts
    assert "Still in the study: 1" in texts
    assert "Placebo: 1 allocated, 1 treated, 1 ended early" in figure.description
    assert figure.rows == (("I2 SELENA-SLEDAI of at least 8.", "1"),)


@pytest.mark.parametrize("reading", ["parallel", "crossover"])
def test_a_diagram_per_reading(reading):
    study = infection(reading)
    first = "il-2" if reading == "parallel" else "il-2-first"
    _, texts = boxes(diagram(study, [Person("A", first)]))
    assert ("IL-2 first" in texts) == (reading == "crossover")


def test_boxes_do_not_overlap_and_hold_their_text():
    """Many reasons with long names, and an arm that lost participants for every reason."""
    study = dose_finding()
    ended = dict.fromkeys(["adverse event", "death", "lost to follow-up", "withdrawal"], 12)
    arms = tuple(
        ArmFlow(
            allocated_to=arm.id,
            allocated=50,
            treated=50,
            ended_early=ended if number == 2 else {},
            completed=2,
            ongoing=number,
            analyzed=50,
        )
        for number, arm in enumerate(study.arms)
    )
    reasons = {criterion.id: 3 for criterion in study.criteria}
    found = Flow(screened=260, not_randomized=reasons, randomized=200, arms=arms)
    rects, texts = boxes(consort(Words(study), found))
    for number, (x, y, width, height) in enumerate(rects):
        for ox, oy, owidth, oheight in rects[number + 1 :]:
            apart = x + width <= ox or ox + owidth <= x or y + height <= oy or oy + oheight <= y
            assert apart
    assert f"{3 * (len(reasons) - 6)} · {len(reasons) - 6} other reasons, listed below" in texts
