"""BICLA: each visit after baseline against the participant's baseline."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.bicla.bilag import Course, any_of, both_clauses, evaluable, improved
from trialwright.sle.bicla.items import OPTIONS, items
from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.bilag_2004.severity import C, E
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.pga.scale import on_0_3, worsening_steps
from trialwright.sle.sri.bilag import Change, clause, counts
from trialwright.sle.sri.items import REASON
from trialwright.sle.sri.score import after_baseline
from trialwright.sle.visits import KEYS, read_visits

FAILED: Final = {
    "bicla_improved": "BILAG did not improve",
    "bicla_bilag": "new BILAG activity",
    "bicla_sledai": "SLEDAI worse",
    "bicla_pga": "PGA worse",
    "bicla_treatment": "treatment failure",
}
"""Component to what is said where it failed."""

_OPEN: Final = {
    "bicla_improved": "improvement of BILAG open",
    "bicla_bilag": "new BILAG activity open",
    "bicla_sledai": "SLEDAI not assessed",
    "bicla_pga": "PGA not assessed",
    "bicla_treatment": "treatment failure not stated",
}


def score(frame: Frame, **options: Any) -> Frame:
    """The verdict at each visit after baseline, each component, and the reason.

    `frame` has, for each participant and visit, the SLEDAI total, `pga`, the nine BILAG-2004
    letters and `treatment_failure`; `treatment_failure_reason` is passed on. Raises
    UnusableInputError also for a participant without baseline, and for a system graded E (never
    affected) that was affected at baseline.
    """
    given = settled(OPTIONS, options)
    visits = read_visits(frame, items(given["sledai"], given["pga_scale"]), extra=[REASON])
    compared = after_baseline(visits, given)
    if isinstance(frame, pl.DataFrame):
        compared = compared.collect().lazy()  # read twice, so computed once
    _check_letters(compared)
    return same_kind(frame, _judge(compared, given))


def _check_letters(compared: pl.LazyFrame) -> None:
    wrong = {
        system: (pl.col(f"base_{system}_best") >= C) & (pl.col(f"{system}_worst") == E)
        for system in SYSTEMS
    }
    row = (
        compared.filter(any_of(wrong.values()))
        .head(1)
        .select(*KEYS, *(one.alias(system) for system, one in wrong.items()))
        .collect()
    )
    if len(row):
        system = next(system for system in SYSTEMS if row[system][0])
        raise UnusableInputError(
            f"{system} is graded E, never affected, and was active at baseline",
            where=f"column {system} (participant {row['participant'][0]}, visit {row['visit'][0]})",
            remedy="write D where a system was affected before",
        )


def _judge(frame: pl.LazyFrame, given: Mapping[str, Any]) -> pl.LazyFrame:
    letters = [
        [pl.col(f"{base}{system}_{end}") for base in ("base_", "") for end in ("best", "worst")]
        for system in SYSTEMS
    ]
    courses = [Course(*four) for four in letters]
    changes = [Change(*four) for four in letters]
    tallies = counts(
        [change.new_a_possible() for change in changes],
        [change.new_b_possible() for change in changes],
        [change.event_certain() for change in changes],
    )
    rise = pl.col("pga_steps") - pl.col("base_pga_steps")
    limit = worsening_steps(given["pga_scale"])
    components = {
        "bicla_improved": improved(courses),
        "bicla_bilag": clause("and"),
        "bicla_sledai": pl.col("sledai_total") <= pl.col("base_sledai_total"),
        "bicla_pga": rise <= limit if given["pga_rule"] == "original" else rise < limit,
        "bicla_treatment": pl.col("treatment_failure") == 0,
    }
    needed = given["inactive_baseline"] == "no response"
    reason = [REASON] if REASON in frame.collect_schema() else []
    return (
        frame.with_columns(tally.alias(f"_{name}") for name, tally in tallies.items())
        .with_columns(
            evaluable(courses).alias("bicla_evaluable"),
            both_clauses(courses, activity_needed=needed).alias("_both"),
            on_0_3(rise, given["pga_scale"]).alias("bicla_pga_change"),
            *(component.alias(name) for name, component in components.items()),
        )
        .select(
            *KEYS,
            _verdict(given).alias("bicla"),
            "bicla_evaluable",
            *components,
            (pl.col("sledai_total") - pl.col("base_sledai_total")).alias("bicla_sledai_change"),
            "bicla_pga_change",
            _reason().alias("bicla_reason"),
            *reason,
        )
    )


def _verdict(given: Mapping[str, Any]) -> pl.Expr:
    verdict = pl.all_horizontal("_both", "bicla_sledai", "bicla_pga", "bicla_treatment")
    if given["inactive_baseline"] == "no response":
        return verdict.fill_null(False) if given["missing"] == "nri" else verdict
    if given["missing"] == "nri":
        evaluated = pl.col("bicla_evaluable").fill_null(True)
        certain = verdict & pl.col("bicla_evaluable")
        return pl.when(evaluated).then(certain.fill_null(False))
    return pl.when(pl.col("bicla_evaluable")).then(verdict)


def _reason() -> pl.Expr:
    said = [
        pl.when(~pl.col(name))
        .then(pl.lit(FAILED[name]))
        .when(pl.col(name).is_null())
        .then(pl.lit(_OPEN[name]))
        for name in FAILED
    ]
    inactive = (
        pl.when(~pl.col("bicla_evaluable"))
        .then(pl.lit("no A or B at baseline"))
        .when(pl.col("bicla_evaluable").is_null())
        .then(pl.lit("A or B at baseline open"))
    )
    text = pl.concat_str([inactive, *said], separator="; ", ignore_nulls=True)
    return pl.when(text == "").then(pl.lit("response")).otherwise(text)
