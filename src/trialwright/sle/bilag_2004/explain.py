"""Which items gave each letter of one visit, and which letters are one item away from another."""

from typing import Any

import polars as pl

from trialwright.sle.bilag_2004.items import GRADE_SCALE, ITEMS, SYSTEMS
from trialwright.sle.bilag_2004.score import score
from trialwright.sle.explanation import is_visit, one_visit
from trialwright.sle.instrument import Item
from trialwright.sle.visits import read_visits

_YES_NO = {0: "no", 1: "yes"}


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each system's letter with the items present, the items not assessed, and near letters."""
    history = (
        frame.lazy().filter(pl.col("participant").cast(pl.String) == str(participant)).collect()
    )
    cells = one_visit(read_visits(history, ITEMS).frame, participant, visit)
    scores = one_visit(score(history, **options).lazy(), participant, visit)
    near = _near(history, cells, scores, participant, visit, options)
    lines = [f"participant {cells['participant']}, visit {cells['visit']}"]
    for system in SYSTEMS:
        lines.append(f"{system}: {scores[system]}")
        lines += [
            f"  {line}" for item in ITEMS if item.group == system for line in _cell(item, cells)
        ]
        lines += [f"  {line}" for line in near[system]]
    total = scores["bilag_2004"]
    points = f"{scores['bilag_2004_lowest']} to {scores['bilag_2004_highest']}"
    lines.append(f"points: {points if total is None else total}")
    return "\n".join(lines)


def _cell(item: Item, cells: dict[str, Any]) -> list[str]:
    value = cells[item.key]
    if value is None:
        return [f"{item.label}: not assessed"]
    if item.kind == "number":
        return [f"{item.label}: {value:g} {item.unit}"]
    if value == 0:
        return []
    if item.key == "dipstick_protein":
        return [f"{item.label}: {value}"]
    scale = GRADE_SCALE if item.kind == "grade" else _YES_NO
    return [
        f"{item.label}: {value} ({scale[value]})" if item.kind == "grade" else f"{item.label}: yes"
    ]


def _near(
    history: pl.DataFrame,
    cells: dict[str, Any],
    scores: dict[str, Any],
    participant: object,
    visit: object,
    options: dict[str, Any],
) -> dict[str, list[str]]:
    """For each system, what one item that is present, a step higher or lower, would make of it."""
    near: dict[str, list[str]] = {system: [] for system in SYSTEMS}
    steps = [
        (item, cells[item.key] + step)
        for item in ITEMS
        for step in (-1, 1)
        if item.kind != "number" and cells[item.key] and cells[item.key] + step <= item.high
    ]
    if not steps:
        return near
    here = is_visit(participant, visit)
    variants = [
        history.with_columns(
            pl.lit(str(index)).alias("participant"),
            pl.when(here).then(value).otherwise(pl.col(item.key)).alias(item.key),
        )
        for index, (item, value) in enumerate(steps)
    ]
    rescored = score(pl.concat(variants, how="vertical_relaxed"), **options)
    at_visit = rescored.filter(pl.col("visit").cast(pl.String) == str(visit))
    by_variant = {row["participant"]: row for row in at_visit.to_dicts()}
    for index, (item, value) in enumerate(steps):
        letter = by_variant[str(index)][item.group]
        if letter != scores[item.group]:
            near[item.group].append(f"one item from {letter}: {item.label} at {value}")
    return near
