"""The style sheet and the template: what they name exists, and a phone, paper and weak eyes can
read the page."""

import re
from importlib.resources import files

import pytest

TEMPLATES = files("trialwright.report") / "templates"
STYLE = (TEMPLATES / "style.css").read_text()
TEMPLATE = (TEMPLATES / "report.html.j2").read_text()
CLASSES = {name for found in re.findall(r'class="([^"]+)"', TEMPLATE) for name in found.split()}


def block(head, style=STYLE):
    """The rules within the braces that follow this head."""
    start = style.index(head) + len(head)
    depth, end = 0, start
    while True:
        depth += {"{": 1, "}": -1}.get(style[end], 0)
        if depth == 0 and style[end] == "}":
            return style[start + style[start:].index("{") + 1 : end]
        end += 1


def rules(style):
    """Declarations by selector, one level deep; later ones win."""
    found = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        declared = dict(
            (part.strip() for part in each.split(":", 1)) for each in body.split(";") if ":" in each
        )
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(declared)
    return found


SCREEN = rules(STYLE.split("@media")[0])
PHONE = rules(block("@media (max-width: 30rem)"))
PAPER = rules(block("@media print"))


def test_the_braces_are_balanced():
    assert STYLE.count("{") == STYLE.count("}")


def test_every_class_of_the_style_sheet_is_used():
    styled = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "", STYLE)))
    assert styled <= CLASSES


def test_every_place_of_the_style_sheet_is_an_id_of_a_section():
    named = set(re.findall(r"#([a-z]+)(?=[ .\[:])", re.sub(r"\{[^{}]*\}", "", STYLE)))
    assert named == {"answer", "assumptions", "provenance", "deviations", "consort"}


def test_every_variable_is_defined():
    assert set(re.findall(r"var\((--\w+)\)", STYLE)) == set(re.findall(r"(--\w+):", STYLE))


def test_nothing_is_loaded():
    for word in ("url(", "@import", "@font-face", "http"):
        assert word not in STYLE
    for word in ("<script", "<link", "<iframe", "<img", "src=", "onclick", "@import"):
        assert word not in TEMPLATE


def luminance(color):
    color = color.lstrip("#")
    if len(color) == 3:
        color = "".join(2 * each for each in color)
    parts = [int(color[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def variable(name):
    return re.search(rf"--{name}: (#\w+)", STYLE)[1]


@pytest.mark.parametrize("letters", ["ink", "soft", "accent"])
@pytest.mark.parametrize("paper", ["#ffffff", "wash"])
def test_letters_stand_out(letters, paper):
    """4.5 to 1 by WCAG 2.1, on white and on the tinted boxes."""
    ground = paper if paper.startswith("#") else variable(paper)
    light, dark = luminance(ground), luminance(variable(letters))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_letters_on_the_banner_of_a_rehearsal_stand_out():
    ground = re.search(r"background: (#\w+)", STYLE[STYLE.index(".virtual {") :])[1]
    assert (luminance(ground) + 0.05) / (luminance(variable("ink")) + 0.05) >= 7


def test_tables_and_pictures_scroll_within_their_place():
    assert SCREEN[".scroll"]["overflow-x"] == "auto"
    assert SCREEN[".scroll"]["max-width"] == "100%"
    assert SCREEN["html"]["-webkit-text-size-adjust"] == "100%"
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in TEMPLATE


def test_who_moves_by_keyboard_sees_where_they_are():
    assert "solid" in SCREEN[".scroll:focus-visible"]["outline"]
    assert TEMPLATE.count('class="scroll" tabindex="0" role="region"') == TEMPLATE.count(
        'class="scroll"'
    )


def test_a_phone_gets_smaller_margins_and_headings():
    def first(size):
        return float(re.match(r"[\d.]+", size)[0])

    assert first(PHONE["body"]["padding"]) < first(SCREEN["body"]["padding"])
    assert first(PHONE["h2"]["font-size"]) < first(SCREEN["h2"]["font-size"])
    assert first(PHONE[".headline"]["font-size"]) < first(SCREEN[".headline"]["font-size"])


def test_paper_is_a4_without_contents_and_without_torn_rows():
    assert "size: A4" in block("@page", block("@media print"))
    assert PAPER["nav"]["display"] == "none"
    assert PAPER[".scroll"]["overflow"] == "visible"
    assert PAPER["thead"]["display"] == "table-header-group"
    for kept in ("figure", "tr", ".headline"):
        assert PAPER[kept]["break-inside"] == "avoid"
    for heading in ("h2", "h3", "caption", ".lead"):
        assert PAPER[heading]["break-after"] == "avoid"


def test_pictures_fit_the_paper():
    """A4 is 210 mm wide; its margins here leave 180."""
    margins = re.search(r"margin: \d+mm (\d+)mm", block("@page", block("@media print")))[1]
    inside = 210 - 2 * int(margins)
    for place in (".picture", "#consort .picture"):
        assert int(PAPER[place]["max-width"].split("mm")[0]) <= inside
    assert PAPER[".picture"]["min-width"] == "0 !important"


def test_the_template_escapes_all_but_the_pictures_and_the_style():
    assert re.findall(r"\|\s*safe", TEMPLATE) == []
    assert re.findall(r"raw\(([^)]*)\)", TEMPLATE) == ["it.svg"]
