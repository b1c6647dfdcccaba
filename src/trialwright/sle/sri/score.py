"""SRI-4 to SRI-8: each visit after baseline against the participant's baseline."""

from collections.abc import Mapping
from itertools import product
from typing import Any, Final

import polars as pl

from trialwright.sle.baseline import beside_baseline
from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.bilag_2004.score import GRADES
from trialwright.sle.bilag_2004.severity import LETTERS
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.pga.scale import in_steps, on_0_3, worsening_steps
from trialwright.sle.sri.bilag import Change, clause, counts
from trialwright.sle.sri.items import OPTIONS, REASON, items
from trialwright.sle.visits import KEYS, VisitTable, read_visits

_MET, _FAILED, _OPEN = 0, 1, 2
_WORDS: Final = (
    ("", "SLEDAI fell too little", "SLEDAI not assessed"),
    ("", "new BILAG activity", "BILAG open"),
    ("", "PGA worse", "PGA not assessed"),
    ("", "treatment failure", "treatment failure not stated"),
)
REASONS: Final = tuple(
    "; ".join(filter(None, reversed(words))) or "response" for words in product(*reversed(_WORDS))
)
"""Why a verdict is what it is: one text for each combination of the four components."""

_BEST: Final = [LETTERS.index(grade[-1]) for grade in GRADES]
_WORST: Final = [LETTERS.index(grade[0]) for grade in GRADES]


def score(frame: Frame, **options: Any) -> Frame:
    """The verdict at each visit after baseline, each component, and the reason.

    `frame` has, for each participant and visit, the SLEDAI total, `pga`, the nine BILAG-2004
    letters
    by system, and `treatment_failure`; `treatment_failure_reason` is passed on. The options are
    those of the instrument. Raises UnusableInputError also for a participant without baseline.
    """
    given = settled(OPTIONS, options)
    return same_kind(frame, _verdicts(frame, given))


def _verdicts(frame: pl.DataFrame | pl.LazyFrame, given: Mapping[str, Any]) -> pl.LazyFrame:
    visits = read_visits(frame, items(given["sledai"], given["pga_scale"]), extra=[REASON])
    return _judge(after_baseline(visits, given), given)


def after_baseline(visits: VisitTable, given: Mapping[str, Any]) -> pl.LazyFrame:
    """Visits after baseline as numbers: `<name>` and, at baseline, `base_<name>`.

    The names are `sledai_total`, `pga_steps`, and `<system>_best` and `<system>_worst`.
    """
    ends = {
        f"{system}_{end}": _end(system, table)
        for system in SYSTEMS
        for end, table in (("best", _BEST), ("worst", _WORST))
    }
    numbers = {
        "sledai_total": pl.col(given["sledai"]).cast(pl.Int16),
        "pga_steps": in_steps(pl.col("pga")),
        **ends,
    }
    return beside_baseline(visits, given["baseline"], numbers).filter("after_baseline")


def _end(system: str, table: list[int]) -> pl.Expr:
    """One end of a system's grade; a system without letter is open from E to A."""
    nothing = table[GRADES.index("A..E")]
    severities = pl.lit(pl.Series(table, dtype=pl.Int8))
    return severities.gather(pl.col(system).to_physical()).fill_null(nothing)


def _judge(frame: pl.LazyFrame, given: Mapping[str, Any]) -> pl.LazyFrame:
    name = f"sri_{given['x']}"
    changes = [
        Change(
            *(
                pl.col(f"{base}{system}_{end}")
                for base in ("base_", "")
                for end in ("best", "worst")
            )
        )
        for system in SYSTEMS
    ]
    flags = {
        **{f"_possible_a_{i}": change.new_a_possible() for i, change in enumerate(changes)},
        **{f"_possible_b_{i}": change.new_b_possible() for i, change in enumerate(changes)},
        **{f"_certain_{i}": change.event_certain() for i, change in enumerate(changes)},
    }
    tallies = counts(
        *(
            [pl.col(f"_{kind}_{i}") for i in range(len(SYSTEMS))]
            for kind in ("possible_a", "possible_b", "certain")
        )
    )
    pga_rise = pl.col("pga_steps") - pl.col("base_pga_steps")
    components = {
        f"{name}_sledai": pl.col("base_sledai_total") - pl.col("sledai_total") >= given["x"],
        f"{name}_bilag": clause(given["clauses"]),
        f"{name}_pga": pga_rise < worsening_steps(given["pga_scale"]),
        f"{name}_treatment": pl.col("treatment_failure") == 0,
    }
    verdict = pl.all_horizontal(*components)
    if given["missing"] == "nri":
        verdict = verdict.fill_null(False)
    reason = [REASON] if REASON in frame.collect_schema() else []
    return (
        frame.with_columns(flag.alias(key) for key, flag in flags.items())
        .with_columns(tally.alias(f"_{key}") for key, tally in tallies.items())
        .with_columns(component.alias(key) for key, component in components.items())
        .select(
            *KEYS,
            verdict.alias(name),
            *components,
            (pl.col("sledai_total") - pl.col("base_sledai_total")).alias(f"{name}_sledai_change"),
            pl.when(pl.col("_a_least") == pl.col("_a_most"))
            .then(pl.col("_a_most"))
            .alias(f"{name}_new_a"),
            pl.when(pl.col("_b_least") == pl.col("_b_most"))
            .then(pl.col("_b_most"))
            .alias(f"{name}_new_b"),
            on_0_3(pga_rise, given["pga_scale"]).alias(f"{name}_pga_change"),
            (pl.col("base_sledai_total") >= given["x"]).alias(f"{name}_attainable"),
            _reason(list(components)).alias(f"{name}_reason"),
            *reason,
        )
    )


def _reason(components: list[str]) -> pl.Expr:
    code = pl.lit(0, dtype=pl.UInt8)
    for place, component in enumerate(components):
        state = (
            pl.when(pl.col(component))
            .then(_MET)
            .when(pl.col(component).is_null())
            .then(_OPEN)
            .otherwise(_FAILED)
        )
        code = code + state.cast(pl.UInt8) * pl.lit(3**place, dtype=pl.UInt8)
    return code.cat.to(pl.Enum(REASONS))
