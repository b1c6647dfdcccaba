"""Which component of BICLA failed at one visit, and by how much."""

from typing import Any

import polars as pl

from trialwright.sle.bicla.items import OPTIONS, items
from trialwright.sle.bicla.score import score
from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.criteria import verdict_word
from trialwright.sle.explanation import against_baseline
from trialwright.sle.instrument import settled
from trialwright.sle.sri.items import REASON


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
    given: dict[str, Any], base: dict[str, Any], now: dict[str, Any], found: dict[str, Any]
) -> list[str]:
    sledai, failure = given["sledai"], f" ({now[REASON]})" if now.get(REASON) else ""
    allowed = "up to" if given["pga_rule"] == "original" else "less than"

    def says(component: str) -> str:
        return verdict_word(found[f"bicla_{component}"])

    return [
        f"participant {now['participant']}, visit {now['visit']} against baseline {base['visit']}",
        f"BICLA response: {verdict_word(found['bicla'])}; {found['bicla_reason']}",
        f"  every A and B improved: {says('improved')}",
        f"  no new A and at most 1 new B: {says('bilag')}",
        *(
            f"    {system} {base[system] or 'not graded'} to {now[system] or 'not graded'}"
            for system in SYSTEMS
            if base[system] != now[system] or base[system] in ("A", "B")
        ),
        f"  SLEDAI not worse: {says('sledai')}, {_shown(base[sledai])} to {_shown(now[sledai])}",
        f"  PGA not worse: {says('pga')}, {_shown(base['pga'])} to {_shown(now['pga'])} on "
        f"{given['pga_scale']}, a change of {_shown(found['bicla_pga_change'])} of 3; {allowed} "
        "0.3 is allowed",
        f"  no treatment failure: {says('treatment')}{failure}",
    ]


def _shown(value: float | None) -> str:
    return "not assessed" if value is None else f"{value:g}"
