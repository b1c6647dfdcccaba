"""Renal response at each visit after baseline, by each definition, exact at its limits."""

from functools import reduce
from operator import and_
from typing import Any, Final

import polars as pl

from trialwright.sle.baseline import BASELINE, beside_baseline
from trialwright.sle.criteria import verdict_word
from trialwright.sle.decimals import millionths
from trialwright.sle.explanation import history_of, one_visit
from trialwright.sle.instrument import Frame, Item, Option, same_kind, settled
from trialwright.sle.renal_response.definitions import DEFINITIONS, Definition
from trialwright.sle.visits import KEYS, VisitTable, read_visits

_EGFR: Final = "mL/min/{1.73_m2}"


def items(upcr_mg_per_mmol: float = 100.0) -> tuple[Item, ...]:
    """What the definitions read; 100 mg/mmol stand for 1 g/g in trials, 113.12 by molar mass."""
    return (
        Item(
            key="upcr",
            label="Urine protein to creatinine ratio",
            kind="number",
            unit="g/g",
            units={"mg/g": (1, 1000), "mg/mmol": (1, upcr_mg_per_mmol)},
            unit_needed=True,
            high=60,
            source="S69, S71",
            verified=True,
        ),
        Item(
            key="egfr",
            label="Estimated glomerular filtration rate",
            kind="number",
            unit=_EGFR,
            low=1,
            high=250,
            absent=100,
            source="S69, S71",
            verified=True,
        ),
        Item(
            key="egfr_before_flare",
            label="Estimated glomerular filtration rate before the flare",
            kind="number",
            unit=_EGFR,
            low=1,
            high=250,
            absent=100,
            required=False,
            help="For the responses of BLISS-LN.",
            source="S69",
            verified=True,
        ),
        Item(
            key="prednisone",
            label="Prednisone or its equivalent per day",
            kind="number",
            unit="mg",
            high=2000,
            required=False,
            help="Highest dose in the weeks before the visit; for AURORA.",
            source="memory",
        ),
        Item(
            key="treatment_failure",
            label="Treatment failure or rescue treatment by this visit",
            help="As the protocol says; in BLISS-LN also more than 10 mg/day of prednisone from "
            "week 24 on.",
            source="S69",
            verified=True,
        ),
    )


ITEMS: Final = items()
OPTIONS: Final = (
    BASELINE,
    Option(
        name="upcr_mg_per_mmol",
        default=100.0,
        meaning="mg/mmol that stand for 1 g/g: 100 in trials, 113.12 by molar mass",
    ),
)


def score(frame: Frame, **options: Any) -> Frame:
    """Each response at each visit; empty up to baseline and where it is open."""
    given = settled(OPTIONS, options)
    compared = _compared(frame, given)
    scored = compared.select(
        *KEYS,
        *(
            pl.when("after_baseline").then(_response(definition)).alias(name)
            for name, definition in DEFINITIONS.items()
        ),
    )
    return same_kind(frame, scored)


def _compared(frame: pl.DataFrame | pl.LazyFrame, given: dict[str, Any]) -> pl.LazyFrame:
    """Measured values in millionths, with those of baseline beside them."""
    read = items(given["upcr_mg_per_mmol"])
    visits = read_visits(frame, read)
    columns = visits.frame.collect_schema().names()
    numbers = [item.key for item in read if item.kind == "number"]
    whole = visits.frame.with_columns(
        (millionths(pl.col(key)) if key in columns else pl.lit(None, dtype=pl.Int64)).alias(key)
        for key in numbers
    )
    values = {key: pl.col(key) for key in ("upcr", "egfr")}
    return beside_baseline(VisitTable(whole, visits.in_order), given["baseline"], values)


def _response(definition: Definition) -> pl.Expr:
    return reduce(and_, parts(definition).values())


def parts(definition: Definition) -> dict[str, pl.Expr]:
    """What a definition asks for, each part three-valued."""
    asked: dict[str, pl.Expr] = {}
    upcr, egfr = pl.col("upcr"), pl.col("egfr")
    if definition.upcr is not None:
        limit = millionths(definition.upcr)
        asked["UPCR"] = upcr <= limit if definition.upcr_included else upcr < limit
    if definition.upcr_fall is not None:
        asked["fall of UPCR"] = upcr * 100 <= pl.col("base_upcr") * (100 - definition.upcr_fall)
    if definition.egfr_kept is not None:
        kept = egfr * 100 >= pl.col(definition.earlier) * definition.egfr_kept
        enough = pl.lit(False) if definition.egfr is None else egfr >= millionths(definition.egfr)
        asked["eGFR"] = enough | kept
    if definition.prednisone is not None:
        asked["prednisone"] = pl.col("prednisone") <= millionths(definition.prednisone)
    if definition.no_failure:
        asked["treatment"] = pl.col("treatment_failure") == 0
    return asked


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each response with its parts, and the values at the visit and at baseline."""
    given = settled(OPTIONS, options)
    history = history_of(frame, participant)
    cells = one_visit(_compared(history, given), participant, visit)
    scores = one_visit(score(history, **options).lazy(), participant, visit)
    lines = [f"participant {cells['participant']}, visit {cells['visit']}"]
    if not cells["after_baseline"]:
        return "\n".join([*lines, "no response up to baseline"])
    for name in ("upcr", "egfr"):
        values = [cells[name], cells[f"base_{name}"]]
        now, base = ("not assessed" if v is None else f"{v / 1e6:g}" for v in values)
        lines.append(f"{name}: {now}, baseline {base}")
    judged = {
        name: _compared(history, given).select(
            *KEYS, *(part.alias(what) for what, part in parts(definition).items())
        )
        for name, definition in DEFINITIONS.items()
    }
    for name, table in judged.items():
        found = one_visit(table, participant, visit)
        said = [f"{what} {verdict_word(found[what])}" for what in found if what not in KEYS]
        lines.append(f"  {name}: {verdict_word(scores[name])} ({', '.join(said)})")
    return "\n".join(lines)
