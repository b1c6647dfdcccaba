"""What made a flare at one visit, or kept it open."""

from typing import Any

import polars as pl

from trialwright.sle.bilag_2004.items import GRADE_SCALE, ITEMS, SYSTEMS
from trialwright.sle.bilag_2004.score import score as bilag
from trialwright.sle.bilag_2004_flare.score import score
from trialwright.sle.explanation import history_of, one_visit
from trialwright.sle.visits import read_visits


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The flare, the letters, and each item that is new or worse."""
    history = history_of(frame, participant)
    cells = one_visit(read_visits(history, ITEMS).frame, participant, visit)
    letters = one_visit(bilag(history, **options).lazy(), participant, visit)
    found = one_visit(score(history, **options).lazy(), participant, visit)
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"flare: {found['bilag_2004_flare'] or 'open'}",
        f"against the previous visit: new A {_shown(found['bilag_2004_new_a'])}, "
        f"new B {_shown(found['bilag_2004_new_b'])}",
    ]
    for system in SYSTEMS:
        fresh = [
            f"{item.label}: {GRADE_SCALE[cells[item.key]]}"
            for item in ITEMS
            if item.group == system
            and item.kind == "grade"
            and item.key != "dipstick_protein"
            and (cells[item.key] or 0) >= 3
        ]
        if letters[system] not in ("D", "E"):
            lines.append(
                f"  {system} {letters[system]}; {', '.join(fresh) or 'no item new or worse'}"
            )
    return "\n".join(lines)


def _shown(count: int | None) -> str:
    return "open" if count is None else str(count)
