"""Colors, shapes and letters that all figures share, and the renderer itself."""

import xml.etree.ElementTree as ET

import pytest

from analysis.trials import dose_finding, infection
from report.reading import drawn
from trialwright.report.figures.style import (
    BLUES,
    CONFIG,
    CONTROL,
    INK,
    SHAPES,
    color,
    colors,
    data,
    figure,
    layer,
    nominal,
    quantitative,
    shape,
    svg,
    titled_above,
    warm_up,
)
from trialwright.report.svg import FONT

POINTS = {"data": data([{"x": 1, "name": "A < B & “C”"}, {"x": 2, "name": "D"}])} | layer(
    {"type": "point"}, x=quantitative("x"), y=nominal("name")
)


def many_arms(count):
    study = dose_finding()
    dose = study.arms[1]
    more = [dose.model_copy(update={"id": f"dose-{n}", "title": f"Dose {n}"}) for n in range(count)]
    return study.model_copy(update={"arms": (study.arms[0], *more)})


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8])
def test_every_number_of_arms_has_its_colors(count):
    """Up to three doses differ in shade; beyond, shapes tell them apart."""
    study = many_arms(count)
    control, *doses = colors(study, [arm.id for arm in study.arms])
    assert control == CONTROL
    assert len(doses) == count
    assert CONTROL not in doses
    assert len(set(doses)) == min(count, 3)
    assert doses[-1] == (BLUES.get(count) or BLUES[3])[-1]


def test_active_comparators_are_controls():
    study = infection()
    assert colors(study, [arm.id for arm in study.arms]) == [CONTROL, *BLUES[1]]


@pytest.mark.parametrize("count", range(1, len(SHAPES) + 1))
def test_shapes_tell_arms_apart(count):
    titles = [f"Arm {n}" for n in range(count)]
    scale = shape(titles)["scale"]
    assert scale["domain"] == titles
    assert len(set(scale["range"])) == count


def test_a_seventh_arm_begins_the_shapes_again():
    assert shape([str(n) for n in range(7)])["scale"]["range"][6] == SHAPES[0]


def test_color_and_legend_keep_the_order_of_the_arms():
    study = dose_finding()
    titles = ["Placebo", "IL-2 1 MIU"]
    channel = color(study, ["placebo", "il-2-1-miu"], titles)
    assert channel["scale"] == {"domain": titles, "range": [CONTROL, *BLUES[1]]}
    assert channel["sort"] is None


def contrast(first, second):
    """WCAG 2.1: from 1 to 21."""

    def luminance(hexadecimal):
        parts = [int(hexadecimal[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_letters_have_the_contrast_of_text():
    assert contrast(INK, "#ffffff") > 7
    for part in ("axis", "legend", "header"):
        assert CONFIG[part]["labelColor"] == INK
        assert CONFIG[part]["labelFontSize"] >= 12


@pytest.mark.parametrize("shade", [CONTROL, BLUES[1][0], BLUES[2][1], BLUES[3][1], BLUES[3][2]])
def test_marks_have_the_contrast_of_graphics(shade):
    """3 to 1 against white, as WCAG 2.1 asks of graphical objects."""
    assert contrast(shade, "#ffffff") > 3


@pytest.mark.parametrize("shade", [BLUES[2][0], BLUES[3][0]])
def test_the_lightest_dose_is_light_and_has_a_shape_of_its_own(shade):
    assert 2 < contrast(shade, "#ffffff") < 3
    assert SHAPES[1] != SHAPES[0]


def test_the_renderer_writes_the_letters_of_the_data():
    words = drawn(svg(POINTS))
    assert "A < B & “C”" in words
    assert "D" in words


def test_a_chart_may_override_the_common_style():
    plain = svg(POINTS)
    assert f'font-family="{FONT}"'.split(",")[0] in plain.replace("&apos;", "'")
    other = svg(POINTS | {"config": {"font": "Courier"}})
    assert 'font-family="Courier"' in other


def test_the_same_chart_gives_the_same_picture():
    first, second = (figure("f", "Title", "Description", POINTS).svg for _ in range(2))
    assert first == second


def test_a_figure_carries_title_description_and_numbers():
    found = figure("f", "A < B", "Says & means", POINTS, ("Name", "x"), (("A", "1"), ("D", "2")))
    root = ET.fromstring(found.svg)
    assert (root[0].text, root[1].text) == ("A < B", "Says & means")
    assert (found.headers, found.rows) == (("Name", "x"), (("A", "1"), ("D", "2")))
    assert found.width == 480


def test_a_title_above_the_axis_lies_level():
    axis = titled_above("Responders, %")
    assert (axis["title"], axis["titleAngle"], axis["titleAlign"]) == ("Responders, %", 0, "left")


def test_warming_up_draws_one_point(charts):
    warm_up()
    assert [chart["data"]["values"] for chart in charts] == [[{"x": 0}]]
