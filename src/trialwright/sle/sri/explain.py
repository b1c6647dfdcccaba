"""Which component of SRI failed at one visit, and by how much."""

from typing import Any

import polars as pl

from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.explanation import against_baseline
from trialwright.sle.instrument import settled
from trialwright.sle.sri.items import OPTIONS, REASON, items
from trialwright.sle.sri.score import score

_SAYS = {True: "met", False: "failed", None: "open"}


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Baseline, visit and change of each component of one participant."""
    given = settled(OPTIONS, options)
    base, now, found = against_baseline(
        frame,
        participant,
        visit,
        items=items(given["sledai"], given["pga_scale"]),
        reason=REASON,
        score=score,
        options=options,
    )
    return "\n".join(_lines(given, base, now, found))


def _lines(
    given: dict[str, Any], base: dict[str, Any], now: dict[str, Any], result: dict[str, Any]
) -> list[str]:
    name, sledai = f"sri_{given['x']}", given["sledai"]
    verdict = {True: "response", False: "no response", None: "open"}[result[name]]
    letters = [
        f"{system} {base[system] or 'not graded'} to {now[system] or 'not graded'}"
        for system in SYSTEMS
        if base[system] != now[system]
    ]
    a, b = (result[f"{name}_new_{letter}"] for letter in "ab")
    events = f"{_or_open(a)} new A, {_or_open(b)} new B"
    join = "and" if given["clauses"] == "and" else "or (taken literally)"
    failure = f" ({now[REASON]})" if now.get(REASON) else ""
    return [
        f"participant {now['participant']}, visit {now['visit']} against baseline {base['visit']}",
        f"SRI-{given['x']}: {verdict}; {result[f'{name}_reason']}",
        f"  SLEDAI {_SAYS[result[f'{name}_sledai']]}: {_or_open(base[sledai])} to "
        f"{_or_open(now[sledai])}, a change of {_or_open(result[f'{name}_sledai_change'])}; "
        f"−{given['x']} or less is needed",
        f"  BILAG {_SAYS[result[f'{name}_bilag']]}: {events}; 0 new A {join} at most 1 new B are "
        f"needed",
        *(f"    {letter}" for letter in letters),
        f"  PGA {_SAYS[result[f'{name}_pga']]}: {_or_open(base['pga'])} to "
        f"{_or_open(now['pga'])} on "
        f"{given['pga_scale']}, a change of {_or_open(result[f'{name}_pga_change'])} of 3; less "
        f"than "
        "0.3 is needed",
        f"  treatment {_SAYS[result[f'{name}_treatment']]}{failure}",
    ]


def _or_open(value: float | None) -> str:
    return "open" if value is None else f"{value:g}"
