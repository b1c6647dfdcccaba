"""DORIS remission: no clinical activity, PGA below 0.5, low-dose prednisone, allowed treatment."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import names, verdict_word
from trialwright.sle.decimals import millionths
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, Item, Option, same_kind, settled
from trialwright.sle.visits import KEYS, read_visits

OPTIONS: Final = (
    Option(
        name="prednisone",
        default="<=5",
        allowed=("<=5", "<5"),
        meaning="highest daily dose in mg; the paper prints 5 or less, and less than 5 in a table",
    ),
    Option(
        name="sledai",
        default="sledai_2k_without_serology",
        meaning="the column with the SLEDAI total without serology",
    ),
)

PGA: Final = Item(
    key="pga",
    label="Physician's global assessment, 0 to 3",
    kind="number",
    high=3,
    source="S40, S41",
    verified=True,
)
PREDNISONE: Final = Item(
    key="prednisone",
    label="Prednisone or its equivalent per day",
    kind="number",
    unit="mg",
    high=2000,
    source="S40, S41",
    verified=True,
)


def items(sledai: str) -> tuple[Item, ...]:
    """What remission is judged by, with the SLEDAI total in the column `sledai`."""
    return (
        Item(
            key=sledai,
            label="SLEDAI total without serology",
            kind="grade",
            high=101,
            source="S40, S41",
            verified=True,
        ),
        PGA,
        PREDNISONE,
        Item(
            key="treatment_allowed",
            label="Treatment is allowed in remission",
            absent=1,
            help="Antimalarials and stable immunosuppressants or biologics, or none.",
            source="S40, S41",
            verified=True,
        ),
    )


ITEMS: Final = items("sledai_2k_without_serology")


def score(frame: Frame, **options: Any) -> Frame:
    """Remission at each visit, and each of its components."""
    given = settled(OPTIONS, options)
    visits = read_visits(frame, items(given["sledai"]))
    components = _components(given)
    not_met = {name.removeprefix("doris_2021_"): ~met for name, met in components.items()}
    scored = visits.frame.select(
        *KEYS,
        pl.all_horizontal(*components.values()).alias("doris_2021"),
        *(met.alias(name) for name, met in components.items()),
        names(not_met).alias("doris_2021_failed"),
    )
    return same_kind(frame, scored)


def _components(given: Mapping[str, Any]) -> dict[str, pl.Expr]:
    dose, limit = millionths(pl.col("prednisone")), millionths(5)
    return {
        "doris_2021_sledai": pl.col(given["sledai"]) == 0,
        "doris_2021_pga": millionths(pl.col("pga")) < millionths(0.5),
        "doris_2021_prednisone": dose < limit if given["prednisone"] == "<5" else dose <= limit,
        "doris_2021_treatment": pl.col("treatment_allowed") == 1,
    }


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each component with its value and what is needed."""
    given = settled(OPTIONS, options)
    cells = one_visit(read_visits(frame, items(given["sledai"])).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    needed = {
        "sledai": (given["sledai"], "0"),
        "pga": ("pga", "below 0.5"),
        "prednisone": ("prednisone", f"{given['prednisone']} mg/day"),
        "treatment": ("treatment_allowed", "yes"),
    }
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"remission: {verdict_word(scores['doris_2021'])}",
    ]
    for name, (key, need) in needed.items():
        value = "not assessed" if cells[key] is None else f"{cells[key]:g}"
        met = verdict_word(scores[f"doris_2021_{name}"])
        lines.append(f"  {name}: {met}, {key} {value}, needed {need}")
    return "\n".join(lines)
