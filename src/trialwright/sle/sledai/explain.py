"""Which items gave the points of one visit."""

from typing import Any

import polars as pl

from trialwright.sle.explanation import one_visit
from trialwright.sle.sledai.score import Settings, Version, assessed_items, score


def explain(
    version: Version,
    frame: pl.DataFrame | pl.LazyFrame,
    participant: object,
    visit: object,
    settings: Settings,
) -> str:
    """The total of one visit, item by item."""
    cells = one_visit(assessed_items(version, frame, settings).frame, participant, visit)
    scores = one_visit(score(version, frame.lazy(), settings), participant, visit)
    return "\n".join(_lines(version, cells, scores, settings))


def _lines(
    version: Version, cells: dict[str, Any], scores: dict[str, Any], settings: Settings
) -> list[str]:
    total = scores[version.column]
    unassessed = [item.label for item in version.items if cells[item.key] is None]
    given = sum(item.weight for item in version.items if cells[item.key])
    lines = [f"participant {cells['participant']}, visit {cells['visit']}"]
    if total is None:
        most = given + sum(item.weight for item in version.items if cells[item.key] is None)
        lines.append(
            f"{version.column}: no score, {len(unassessed)} not assessed (between {given} and "
            f"{most})"
        )
    else:
        lines.append(f"{version.column}: {total}")
    lines += [f"  +{item.weight}  {item.label}" for item in version.items if cells[item.key]]
    if unassessed:
        counted = " (counted as absent)" if settings.missing == "zero" else ""
        lines.append(f"  not assessed{counted}: {', '.join(unassessed)}")
    for kind, words in (
        ("without_serology", "without serology"),
        ("without_labs", "without laboratory items"),
    ):
        points = scores[f"{version.column}_{kind}"]
        lines.append(f"  {words}: {'no score' if points is None else points}")
    return lines
