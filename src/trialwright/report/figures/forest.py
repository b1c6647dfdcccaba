"""Forest plot: each comparison with its interval, around the line of no difference."""

from trialwright.analysis.results import AnalysisResult, Comparison
from trialwright.report.figures.style import (
    INK,
    Rows,
    Specification,
    data,
    figure,
    layer,
    nominal,
    quantitative,
)
from trialwright.report.numbers import decimal, interval, level, p_value, places_for, signed
from trialwright.report.svg import Figure
from trialwright.report.words import Words


def forest(words: Words, result: AnalysisResult, figure_id: str) -> Figure | None:
    """The comparisons of a result; None if none has an estimate."""
    ratio = result.comparisons[0].quantity == "rate ratio" if result.comparisons else False
    scale = 100.0 if result.comparisons and "proportion" in result.comparisons[0].quantity else 1.0
    rows = [
        {
            "label": _label(words, result, each),
            "estimate": each.estimate * scale,
            "lower": (each.estimate if each.lower is None else each.lower) * scale,
            "upper": (each.estimate if each.upper is None else each.upper) * scale,
            "text": _text(each, scale),
        }
        for each in result.comparisons
        if each.estimate is not None and (not ratio or _drawable(each))
    ]
    if not rows:
        return None
    control = words.group(result.comparisons[0].control)
    title = f"Difference from {control}" if not ratio else f"Rate ratio to {control}"
    unit = "percentage points" if scale == 100.0 else words.unit(result)
    axis = title if ratio else f"{title}, {unit}" if unit else title
    chart = _chart(rows, axis, 1.0 if ratio else 0.0, ratio)
    description = f"{result.title}. " + " ".join(f"{r['label']}: {r['text']}." for r in rows)
    return figure(figure_id, title, description, chart)


def comparison_rows(
    words: Words, result: AnalysisResult
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The same numbers as a table."""
    adjusted = any(each.adjusted_p_value is not None for each in result.comparisons)
    ratio = any(each.quantity == "rate ratio" for each in result.comparisons)
    scale = 100.0 if any("proportion" in each.quantity for each in result.comparisons) else 1.0
    limits = f"{level(result.comparisons[0].level)} interval"
    quantity = "Rate ratio" if ratio else "Difference"
    headers = ("Comparison", quantity, limits, "p", *(("adjusted p",) if adjusted else ()))
    rows = tuple(
        (
            _label(words, result, each, long=True),
            _estimate(each, scale),
            _interval(each, scale),
            p_value(each.p_value),
            *((p_value(each.adjusted_p_value),) if adjusted else ()),
        )
        for each in result.comparisons
    )
    return headers, rows


def _drawable(each: Comparison) -> bool:
    return bool(each.lower) and each.upper is not None and each.upper < 1e6


def _label(words: Words, result: AnalysisResult, each: Comparison, long: bool = False) -> str:
    several = len({other.visit for other in result.comparisons}) > 1
    visit = f"{words.visit(each.visit)}, " if each.visit and several else ""
    control = f" against {words.group(each.control)}" if long else ""
    return f"{visit}{words.group(each.arm)}{control}"


def _places(each: Comparison, scale: float) -> int:
    if each.quantity == "rate ratio":
        return 2
    return 1 if scale == 100.0 else places_for(each.estimate, each.lower, each.upper)


def _estimate(each: Comparison, scale: float) -> str:
    if each.estimate is None:
        return "–"
    places = _places(each, scale)
    if each.quantity == "rate ratio":
        return decimal(each.estimate, places)
    return signed(each.estimate * scale, places)


def _interval(each: Comparison, scale: float) -> str:
    if each.lower is None or each.upper is None:
        return "–"
    return interval(each.lower * scale, each.upper * scale, _places(each, scale))


def _text(each: Comparison, scale: float) -> str:
    return f"{_estimate(each, scale)} ({_interval(each, scale)})"


def _chart(rows: Rows, axis: str, null: float, ratio: bool) -> Specification:
    height = 34 * len(rows) + 6
    # Room at both ends, so that no line runs into a label.
    scale = {"padding": 10} | ({"type": "log"} if ratio else {"zero": True, "nice": True})
    bare = {"domain": False, "ticks": False, "grid": False, "minExtent": 90}
    y = nominal("label", sort=None, title=None, axis=bare)
    zero = layer(
        {"type": "rule", "color": "#888", "strokeDash": [4, 3]}, x=quantitative("null", scale=scale)
    )
    line = layer(
        {"type": "rule", "color": INK, "strokeWidth": 1.6},
        x=quantitative("lower", title=axis, scale=scale),
        x2={"field": "upper"},
        y=y,
    )
    point = layer(
        {
            "type": "point",
            "shape": "square",
            "filled": True,
            "size": 80,
            "color": INK,
            "opacity": 1,
        },
        x=quantitative("estimate", scale=scale),
        y=y,
    )
    plot = {
        "layer": [{"data": data([{"null": null}])} | zero, line, point],
        "width": 220,
        "height": height,
    }
    text = layer(
        {"type": "text", "align": "left", "fontSize": 12},
        x={"value": 0},
        y=nominal("label", sort=None, axis=None),
        text=nominal("text"),
    )
    return {
        "data": data(rows),
        "hconcat": [plot, text | {"width": 175, "height": height}],
        "spacing": 6,
    }
