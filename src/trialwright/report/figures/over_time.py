"""What is seen at each visit, arm by arm: shares of responders, and means of a measure."""

from collections.abc import Sequence

from trialwright.analysis.results import AnalysisResult, ArmMean
from trialwright.protocol import Study
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
from trialwright.report.numbers import decimal, interval, percent, places_for, share
from trialwright.report.svg import Figure
from trialwright.report.words import Words

DODGE = 0.25  # weeks between the arms, so that their intervals do not cover each other


def responders_over_time(words: Words, result: AnalysisResult, figure_id: str) -> Figure:
    """The share of responders of each arm at each visit with its interval."""
    arms = list(dict.fromkeys(each.arm for each in result.proportions))
    rows = [
        {
            "arm": words.group(each.arm),
            "week": words.week(each.visit),
            "period": words.study.visit(each.visit).period,
            "value": each.proportion * 100,
            "lower": (each.proportion if each.lower is None else each.lower) * 100,
            "upper": (each.proportion if each.upper is None else each.upper) * 100,
        }
        for each in result.proportions
        if each.proportion is not None
    ]
    title = "Responders at each visit"
    last = result.proportions[-1].visit
    at_last = ", ".join(
        f"{words.group(each.arm)} {percent(each.proportion)}"
        for each in result.proportions
        if each.visit == last
    )
    description = (
        f"Share of responders with {words.interval}s by week. At {words.visit(last)}: {at_last}."
    )
    visits = list(dict.fromkeys(each.visit for each in result.proportions))
    cells = {(each.visit, each.arm): each for each in result.proportions}
    table = tuple(
        (
            words.visit(visit),
            *(
                share(cells[(visit, arm)].responders, cells[(visit, arm)].participants)
                for arm in arms
            ),
        )
        for visit in visits
    )
    chart = _lines(words.study, arms, rows, words, "Responders, %", percent_axis=True)
    return figure(
        figure_id,
        title,
        description,
        chart,
        ("Visit", *(words.group(arm) for arm in arms)),
        table,
    )


def means_over_time(words: Words, result: AnalysisResult, figure_id: str) -> Figure:
    """The observed mean of each arm at each visit with its interval."""
    means = [each for each in result.means if each.kind == "observed"]
    arms = list(dict.fromkeys(each.arm for each in means))
    rows = [
        {
            "arm": words.group(each.arm),
            "week": words.week(each.visit),
            "period": words.study.visit(each.visit).period,
            "value": each.mean,
            "lower": each.lower if each.lower is not None else each.mean,
            "upper": each.upper if each.upper is not None else each.mean,
        }
        for each in means
        if each.mean is not None
    ]
    measure, unit = words.measure(result), words.unit(result)
    if unit == "percentage points":
        unit = "%"
    title = f"{measure}: observed means"
    description = f"Mean of {measure} with {words.interval}s by week. " + _ends(words, means)
    visits = list(dict.fromkeys(each.visit for each in means))
    cells = {(each.visit, each.arm): each for each in means}
    table = tuple(
        (words.visit(visit), *(_cell(cells.get((visit, arm))) for arm in arms)) for visit in visits
    )
    axis = f"{measure}, {unit}" if unit else measure
    chart = _lines(words.study, arms, rows, words, axis, percent_axis=False)
    return figure(
        figure_id,
        title,
        description,
        chart,
        (f"Visit: mean ({words.interval}), n", *(words.group(arm) for arm in arms)),
        table,
    )


def _cell(mean: ArmMean | None) -> str:
    if mean is None or mean.mean is None:
        return "–"
    places = places_for(mean.mean)
    text = decimal(mean.mean, places)
    if mean.lower is not None:
        text += f" ({interval(mean.lower, mean.upper, places)})"
    return f"{text}, {mean.participants}"


def _ends(words: Words, means: Sequence[ArmMean]) -> str:
    if not means:
        return "Nobody was observed."

    def at(visit: str) -> str:
        found = ", ".join(
            f"{words.group(each.arm)} {decimal(each.mean, places_for(each.mean))}"
            for each in means
            if each.visit == visit
        )
        return f"{words.visit(visit)}: {found}."

    return " ".join(at(visit) for visit in dict.fromkeys((means[0].visit, means[-1].visit)))


def _lines(
    study: Study, arms: list[str], rows: Rows, words: Words, axis: str, percent_axis: bool
) -> Specification:
    titles = [words.group(arm) for arm in arms]
    middle = (len(arms) - 1) / 2
    place = {title: n for n, title in enumerate(titles)}
    weeks = sorted({row["week"] for row in rows})
    for row in rows:
        row["x"] = row["week"] + DODGE * (place[row["arm"]] - middle)
    scale = {"domain": [0, 100]} if percent_axis else {"zero": True, "nice": True}
    x = quantitative(
        "x",
        title="Week",
        axis={"values": weeks, "format": ".2~f", "grid": False},
        scale={"domain": [weeks[0] - 1, weeks[-1] + 1], "nice": False} if weeks else {},
    )
    bars = layer(
        {"type": "rule", "strokeWidth": 1.2, "opacity": 0.75},
        y=quantitative("lower", axis=titled_above(axis), scale=scale),
        y2={"field": "upper"},
    )
    lines = layer(
        {"type": "line", "strokeWidth": 1.8},
        y=quantitative("value", scale=scale),
        detail=nominal("period"),
    )
    points = layer(
        {"type": "point", "filled": True, "size": 60, "opacity": 1},
        y=quantitative("value", scale=scale),
        shape=shape(titles),
    )
    return {
        "data": data(rows),
        "encoding": {"x": x, "color": color(study, arms, titles)},
        "layer": [bars, lines, points],
        "width": 420,
        "height": 230,
    }
