"""The renal system: six criteria for A, compared with the participant's preceding assessed visit.

Amounts are compared as whole millionths, so that a fall of exactly 25% is one (1.2 to 0.9 g) and a
rise to exactly 130% is not more than 130%. Protein in urine is one question with four ways to
measure
it: one measure answers it, and the dipstick only where nothing quantitative was measured. Kidney
function likewise is answered by creatinine or GFR.
"""

from typing import Final, Literal

import polars as pl

from trialwright.sle.bilag_2004.items import ITEMS
from trialwright.sle.bilag_2004.severity import Bounds, any_of, severity
from trialwright.sle.history import first_row

PreviousMissing = Literal["as written", "met", "not met", "unknown"]
QUANTITATIVE: Final = ("protein_24h", "upcr", "uacr")
COMPARED: Final = (*QUANTITATIVE, "dipstick_protein", "creatinine", "gfr", "sbp", "dbp")
RENAL: Final = tuple(item.key for item in ITEMS if item.group == "renal")
_NUMBERS: Final = ("protein_24h", "upcr", "uacr", "creatinine", "gfr", "sbp", "dbp")
_MILLION: Final = 1_000_000
_NONE: Final = -1
# Above the first protein is severe, from the second on it counts for B, above the third for C.
_LIMITS: Final = {
    "protein_24h": (_MILLION, _MILLION // 2, _MILLION // 4),
    "upcr": (100 * _MILLION, 50 * _MILLION, 25 * _MILLION),
    "uacr": (100 * _MILLION, 50 * _MILLION, 25 * _MILLION),
}


def with_previous(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Add to rows in visit order each compared value in millionths, and its previous value."""
    whole = frame.with_columns(
        *((pl.col(key) * _MILLION).round().cast(pl.Int64).alias(_now(key)) for key in _NUMBERS),
        pl.col("dipstick_protein").cast(pl.Int64).alias(_now("dipstick_protein")),
        pl.any_horizontal(pl.col(key).is_not_null() for key in RENAL).alias("_renal_assessed"),
        first_row().alias("_first_row"),
    )
    assessed, first = pl.col("_renal_assessed"), pl.col("_first_row")

    def previous(key: str) -> pl.Expr:
        given = pl.when(assessed).then(pl.col(_now(key)).fill_null(_NONE)).when(first).then(_NONE)
        before = given.forward_fill().shift(1)
        return pl.when(~first & (before != _NONE)).then(before).alias(_before(key))

    return whole.with_columns(previous(key) for key in COMPARED)


def _now(key: str) -> str:
    return f"_{key}"


def _before(key: str) -> str:
    return f"_{key}_before"


def criteria(previous_missing: PreviousMissing) -> dict[str, pl.Expr]:
    """Each criterion by name, unknown where it rests on what was not assessed.

    As written, a criterion that asks that a value has not fallen is met without a previous value,
    one that asks for a rise or fall is not, and GFR below 50 is met.
    """

    def compared(key: str, condition: pl.Expr, *, as_written: bool) -> pl.Expr:
        without = {
            "as written": pl.lit(as_written),
            "met": pl.lit(True),
            "not met": pl.lit(False),
            "unknown": pl.lit(None, dtype=pl.Boolean),
        }[previous_missing]
        return pl.when(pl.col(_before(key)).is_null()).then(without).otherwise(condition)

    now = {key: pl.col(_now(key)) for key in COMPARED}
    before = {key: pl.col(_before(key)) for key in COMPARED}
    quantified = any_of([now[key].is_not_null() for key in QUANTITATIVE])

    def protein(level: int, dipstick: pl.Expr) -> pl.Expr:
        measured = []
        for key in QUANTITATIVE:
            limit = _LIMITS[key][level]
            high = now[key] >= limit if level == 1 else now[key] > limit
            if level < 2:
                not_fallen = 4 * now[key] > 3 * before[key]
                high &= compared(key, not_fallen, as_written=True)
            measured.append(pl.when(now[key].is_not_null()).then(high).otherwise(False))
        return pl.when(quantified).then(any_of(measured)).otherwise(dipstick)

    dipstick = now["dipstick_protein"]
    rise = dipstick - before["dipstick_protein"]

    def risen(levels: int) -> pl.Expr:
        return (
            compared("dipstick_protein", rise >= levels, as_written=False) & dipstick.is_not_null()
        )

    creatinine, gfr = now["creatinine"], now["gfr"]
    high_creatinine = creatinine > 130 * _MILLION
    percent = 100 * creatinine
    much_higher = compared("creatinine", percent > 130 * before["creatinine"], as_written=False)
    higher = compared("creatinine", percent >= 115 * before["creatinine"], as_written=False)
    fallen_gfr = (gfr < 80 * _MILLION) & compared(
        "gfr", 100 * gfr < 67 * before["gfr"], as_written=False
    )
    low_gfr = (gfr < 50 * _MILLION) & compared(
        "gfr", before["gfr"] > 50 * _MILLION, as_written=True
    )
    function_known = creatinine.is_not_null() | gfr.is_not_null()

    def of_function(by_creatinine: pl.Expr, by_gfr: pl.Expr) -> pl.Expr:
        answered = any_of(
            [
                pl.when(creatinine.is_not_null()).then(by_creatinine).otherwise(False),
                pl.when(gfr.is_not_null()).then(by_gfr).otherwise(False),
            ]
        )
        return pl.when(function_known).then(answered)

    rising_pressure = (
        (now["sbp"] > 140 * _MILLION)
        & (now["dbp"] > 90 * _MILLION)
        & compared("sbp", now["sbp"] - before["sbp"] >= 30 * _MILLION, as_written=False)
        & compared("dbp", now["dbp"] - before["dbp"] >= 15 * _MILLION, as_written=False)
    )
    unknown_dipstick = pl.when(dipstick.is_not_null())
    return {
        "severe proteinuria": protein(0, unknown_dipstick.then(risen(2))),
        "accelerated hypertension": pl.col("accelerated_hypertension") == 1,
        "severe loss of function": of_function(high_creatinine & much_higher, fallen_gfr | low_gfr),
        "active sediment": pl.col("active_urinary_sediment") == 1,
        "active nephritis": pl.col("active_nephritis") == 1,
        "nephrotic syndrome": pl.col("nephrotic_syndrome") == 1,
        "proteinuria": protein(1, unknown_dipstick.then(risen(1) & (dipstick >= 2))),
        "loss of function": of_function(high_creatinine & higher, pl.lit(False)),
        "mild proteinuria": protein(2, dipstick >= 1),
        "rising blood pressure": rising_pressure,
    }


SEVERE: Final = (
    "severe proteinuria",
    "accelerated hypertension",
    "severe loss of function",
    "active sediment",
    "active nephritis",
    "nephrotic syndrome",
)
"""The six criteria of which A takes two."""

CRITERIA: Final = {
    name: f"_{name}"
    for name in (
        *SEVERE,
        "proteinuria",
        "loss of function",
        "mild proteinuria",
        "rising blood pressure",
    )
}
"""Each criterion and the column that holds whether it is met."""

DECISIVE: Final = ("severe proteinuria", "active sediment", "active nephritis")
"""The criteria of which A takes at least one."""


def renal() -> Bounds:
    """Severity from the columns of `CRITERIA`: two of six, one of them decisive, is A; one is B."""

    def graded(unknown: bool) -> pl.Expr:
        met = {name: pl.col(column).fill_null(unknown) for name, column in CRITERIA.items()}
        count = sum(met[name].cast(pl.Int8) for name in SEVERE)
        a = (count >= 2) & any_of([met[name] for name in DECISIVE])
        b = (count >= 1) | met["proteinuria"] | met["loss of function"]
        return severity(a, b, met["mild proteinuria"] | met["rising blood pressure"])

    return graded(False), graded(True)
