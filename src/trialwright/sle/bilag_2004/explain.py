"""Which items gave each letter of one visit, and which letters are one item away from another."""

from functools import partial
from typing import Any

import polars as pl

from trialwright.sle.bilag_2004.items import GRADE_SCALE, ITEMS, SYSTEMS
from trialwright.sle.bilag_2004.renal import CRITERIA
from trialwright.sle.bilag_2004.score import OPTIONS, by_items, score
from trialwright.sle.explanation import history_of, is_visit, one_visit
from trialwright.sle.instrument import Item, settled
from trialwright.sle.visits import in_visit_order, read_visits


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each system's letter with the items present, the items not assessed, and near letters."""
    history = history_of(frame, participant)
    policy = settled(OPTIONS, options)["previous_missing"]
    graded = in_visit_order(read_visits(history, ITEMS), partial(by_items, previous_missing=policy))
    cells = one_visit(graded, participant, visit)
    scores = one_visit(score(history, **options).lazy(), participant, visit)
    near = _near(history, cells, scores, participant, visit, options)
    lines = [f"participant {cells['participant']}, visit {cells['visit']}"]
    for system in SYSTEMS:
        lines.append(f"{system}: {scores[system]}")
        lines += [
            f"  {line}" for item in ITEMS if item.group == system for line in _cell(item, cells)
        ]
        if system == "renal":
            lines += [f"  {line}" for line in _criteria(cells)]
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
    if item.kind == "yes/no":
        return [f"{item.label}: yes"]
    meaning = "" if item.key == "dipstick_protein" else f" ({GRADE_SCALE[value]})"
    return [f"{item.label}: {value}{meaning}"]


def _criteria(cells: dict[str, Any]) -> list[str]:
    """The renal criteria that are met, and those that what was not assessed leaves open."""
    answers = {name: cells[column] for name, column in CRITERIA.items()}
    met = [name for name, answer in answers.items() if answer]
    unknown = [name for name, answer in answers.items() if answer is None]
    return [
        f"criteria {word}: {', '.join(names)}"
        for word, names in (("met", met), ("open", unknown))
        if names
    ]


def _near(
    history: pl.DataFrame,
    cells: dict[str, Any],
    scores: dict[str, Any],
    participant: object,
    visit: object,
    options: dict[str, Any],
) -> dict[str, list[str]]:
    """For each system, the letters that a change of one item would give it."""
    near: dict[str, list[str]] = {system: [] for system in SYSTEMS}
    steps = [(item, value) for item in ITEMS for value in _steps(item, cells[item.key])]
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
            near[item.group].append(f"one item from {letter}: {item.label} at {value:g}")
    return near


def _steps(item: Item, value: Any) -> list[float]:
    """An item that is present, a step higher or lower; a number, at a value that counts nothing."""
    if value is None:
        return []
    if item.kind == "number":
        return [float(item.absent)] if value != item.absent else []
    return [value + step for step in (-1, 1) if value and value + step <= item.high]
