"""Shares of the arms side by side: parts of the index, adverse events, the responder curve."""

from collections.abc import Sequence
from typing import Final

from trialwright.analysis.results import AnalysisResult, Improvement, Safety
from trialwright.protocol.outcomes import SriResponse
from trialwright.report.figures.style import (
    Rows,
    Specification,
    color,
    data,
    figure,
    layer,
    nominal,
    quantitative,
    shape,
    titled_above,
)
from trialwright.report.numbers import percent, share
from trialwright.report.svg import Figure
from trialwright.report.words import Words, raised, within

PARTS: Final = {
    None: "Whole index",
    "sledai": "SLEDAI fell",
    "bilag": "BILAG not worse",
    "pga": "PGA not worse",
}


def index_parts(words: Words, results: Sequence[AnalysisResult], figure_id: str) -> Figure:
    """The whole index and each of its parts: who met it at the last visit, arm by arm."""
    arms = list(dict.fromkeys(each.arm for each in results[0].proportions))
    rows: Rows = []
    table = []
    for result in results:
        variable = words.estimand(result).variable
        assert isinstance(variable, SriResponse)
        label = PARTS[variable.component]
        last = [each for each in result.proportions if each.visit == variable.visits[-1]]
        rows += [
            {"label": label, "arm": words.group(each.arm), "value": each.proportion * 100}
            for each in last
            if each.proportion is not None
        ]
        cells = [share(each.responders, each.participants) for each in last]
        table.append((label, *cells))
    title = "The index and its parts"
    description = "Share of each arm that met the index and each part: " + "; ".join(
        f"{row[0]}: {', '.join(row[1:])}" for row in table
    )
    return figure(
        figure_id,
        title,
        f"{description}.",
        _dots(words, arms, rows, "Participants, %"),
        ("Part", *(words.group(arm) for arm in arms)),
        tuple(table),
    )


def adverse_events(words: Words, safety: Safety, figure_id: str) -> Figure | None:
    """Each category of adverse events, the share of each arm with at least one."""
    categories = [row for row in safety.rows if row.group == "category"]
    if not categories:
        return None
    arms = list(safety.treated)
    rows = [
        {
            "label": raised(row.label),
            "arm": words.group(arm),
            "value": 100 * row.participants[arm] / safety.treated[arm],
        }
        for row in categories
        for arm in arms
        if safety.treated[arm]
    ]
    title = "Adverse events by category"
    description = "Share of the treated with at least one event: " + "; ".join(
        f"{row.label}: "
        + ", ".join(
            f"{words.group(arm)} {share(row.participants[arm], safety.treated[arm])}"
            for arm in arms
        )
        for row in categories
    )
    chart = _dots(words, arms, rows, "Participants with an event, %")
    return figure(figure_id, title, f"{description}.", chart)


def responder_curve(words: Words, curve: Improvement, figure_id: str) -> Figure:
    """The share of each arm whose index fell by at least so many points."""
    arms = list(dict.fromkeys(each.arm for each in curve.shares))
    titles = [words.group(arm) for arm in arms]
    rows = [
        {"arm": words.group(each.arm), "points": each.points, "value": each.share * 100}
        for each in curve.shares
    ]
    shares = {(each.arm, each.points): each.share for each in curve.shares}
    points = sorted({each.points for each in curve.shares})
    index = words.item(curve.item)
    fell = f"Points less in {index}, at least"
    title = f"Responder curve at {within(words.visit(curve.visit))}"
    four = 4 if 4 in points else points[0]
    description = (
        f"Share of each arm whose {index} fell by at least so many points. At least {four} points: "
        + ", ".join(f"{words.group(arm)} {percent(shares[(arm, four)])}" for arm in arms)
        + "."
    )
    line = layer({"type": "line", "strokeWidth": 1.8, "interpolate": "step-before"})
    dots = layer({"type": "point", "filled": True, "size": 45, "opacity": 1}, shape=shape(titles))
    chart = {
        "data": data(rows),
        "encoding": {
            "x": quantitative("points", title=fell, axis={"values": points, "format": "d"}),
            "y": quantitative(
                "value", axis=titled_above("Participants, %"), scale={"domain": [0, 100]}
            ),
            "color": color(words.study, arms, titles),
        },
        "layer": [line, dots],
        "width": 420,
        "height": 230,
    }
    return figure(
        figure_id,
        title,
        description,
        chart,
        (fell, *titles),
        tuple((str(p), *(percent(shares[(arm, p)]) for arm in arms)) for p in points),
    )


def _dots(words: Words, arms: Sequence[str], rows: Rows, axis: str) -> Specification:
    titles = [words.group(arm) for arm in arms]
    labels = list(dict.fromkeys(row["label"] for row in rows))
    dots = layer(
        {"type": "point", "filled": True, "size": 85, "opacity": 0.9},
        x=quantitative(
            "value",
            title=axis,
            scale={"domain": [0, 100]},
            axis={"values": [0, 20, 40, 60, 80, 100]},
        ),
        y=nominal("label", sort=labels, title=None, axis={"grid": True, "ticks": False}),
        yOffset=nominal("arm", sort=titles, scale={"paddingOuter": 0.6}),
        color=color(words.study, arms, titles),
        shape=shape(titles),
    )
    return {"data": data(rows)} | dots | {"width": 320, "height": {"step": 11}}
