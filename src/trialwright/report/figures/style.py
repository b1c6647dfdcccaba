"""What all figures share: letters, lines, and one color and shape per arm.

A figure is a Vega-Lite 6 specification (vega.github.io/vega-lite/docs), written as it stands there.

The control is gray and the other arms go from light to dark blue with their place in the study, so
that they stay apart in gray print and for every kind of color vision; shapes say the same again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import vl_convert as vlc

from trialwright.protocol import Study
from trialwright.report.svg import FONT, Figure, embedded

Rows = list[dict[str, Any]]
Specification = dict[str, Any]

INK: Final = "#1a1a1a"
CONTROL: Final = "#777777"
BLUES: Final = {
    1: ("#1f5fa8",),
    2: ("#6baed6", "#08417f"),
    3: ("#7fb8dc", "#2f7abf", "#08306b"),
}
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")

CONFIG: Final[Mapping[str, Any]] = {
    "font": FONT,
    "background": "white",
    # Browsers may draw letters wider than the renderer measures them.
    "padding": {"left": 16, "right": 12, "top": 4, "bottom": 4},
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "#e6e6e6",
        "domainColor": "#888",
        "tickColor": "#888",
        "labelLimit": 260,
    },
    "legend": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelColor": INK,
        "symbolSize": 70,
        "orient": "top",
        "title": None,
        "labelLimit": 300,
        "columns": 2,
        "columnPadding": 28,
        "offset": 34,
    },
    "header": {"labelFontSize": 12, "labelColor": INK, "labelFontWeight": "bold"},
    "text": {"color": INK, "fontSize": 12},
}


def data(rows: Rows) -> Specification:
    """Rows as the data of a chart."""
    return {"values": rows}


def nominal(field: str, **more: Any) -> Specification:
    """A channel that tells names apart."""
    return {"field": field, "type": "nominal"} | more


def quantitative(field: str, **more: Any) -> Specification:
    """A channel that shows numbers."""
    return {"field": field, "type": "quantitative"} | more


def layer(mark: Specification, **channels: Specification) -> Specification:
    """A mark with its channels."""
    return {"mark": mark, "encoding": channels}


def color(study: Study, arms: Sequence[str], titles: Sequence[str]) -> Specification:
    """The channel of the arm as color."""
    scale = {"domain": list(titles), "range": colors(study, arms)}
    return nominal("arm", scale=scale, legend={}, sort=None)


def shape(titles: Sequence[str]) -> Specification:
    """The channel of the arm as shape."""
    shapes = [SHAPES[n % len(SHAPES)] for n in range(len(titles))]
    scale = {"domain": list(titles), "range": shapes}
    return nominal("arm", scale=scale, legend={}, sort=None)


def colors(study: Study, arms: Sequence[str]) -> list[str]:
    """Gray for arms without a dose of their own, blues for the others."""
    others = [arm for arm in arms if not _is_control(study, arm)]
    blues = BLUES.get(len(others)) or tuple(
        BLUES[3][min(2, 3 * n // max(len(others), 1))] for n in range(len(others))
    )
    by_arm = dict(zip(others, blues, strict=True))
    return [by_arm.get(arm, CONTROL) for arm in arms]


def _is_control(study: Study, arm: str) -> bool:
    return study.arm(arm).type in ("placebo comparator", "no intervention", "active comparator")


def titled_above(title: str) -> Specification:
    """A y axis whose title lies level above it, where a long one can be read."""
    return {
        "title": title,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleX": -34,
        "titleY": -14,
        "titleBaseline": "bottom",
    }


def svg(chart: Specification) -> str:
    """The chart as SVG."""
    return str(vlc.vegalite_to_svg({"config": dict(CONFIG)} | chart))


def figure(
    figure_id: str,
    title: str,
    description: str,
    chart: Specification,
    headers: tuple[str, ...] = (),
    rows: tuple[tuple[str, ...], ...] = (),
) -> Figure:
    """The chart with its text alternative and the numbers behind it."""
    picture = embedded(svg(chart), figure_id, title, description)
    return Figure(figure_id, title, description, picture, headers, rows)


def warm_up() -> None:
    """Start the renderer, which takes longer than any one chart and leaves Python to others."""
    svg({"data": data([{"x": 0}])} | layer({"type": "point"}, x=quantitative("x")))
