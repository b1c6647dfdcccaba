"""Which component of BICLA failed at one visit, and by how much."""

from typing import Any

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.baseline import is_baseline
from trialwright.sle.bicla.items import OPTIONS, items
from trialwright.sle.bicla.score import score
from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.criteria import verdict_word
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import settled
from trialwright.sle.sri.items import REASON
from trialwright.sle.visits import in_visit_order, read_visits


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Baseline, visit and change of each component of one participant."""
    given = settled(OPTIONS, options)
    history = (
        frame.lazy().filter(pl.col("participant").cast(pl.String) == str(participant)).collect()
    )
    visits = read_visits(history, items(given["sledai"], given["pga_scale"]), extra=[REASON])
    now = one_visit(visits.frame, participant, visit)
    marked = in_visit_order(
        visits, lambda rows: rows.with_columns(is_baseline(given["baseline"]).alias("_baseline"))
    )
    base = marked.filter("_baseline").collect().row(0, named=True)
    scored = score(history, **options)
    if scored.filter(pl.col("visit").cast(pl.String) == str(visit)).is_empty():
        raise UnusableInputError(
            f"visit {visit} is not after baseline, visit {base['visit']}",
            remedy="ask for a later visit",
        )
    return "\n".join(_lines(given, base, now, one_visit(scored.lazy(), participant, visit)))


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
