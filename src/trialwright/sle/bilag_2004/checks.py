"""What a central reader would ask about the items of BILAG-2004."""

from functools import reduce
from operator import add
from typing import Final

import polars as pl

from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.instrument import Check, Item

_PGA: Final = Item(key="pga", label="Physician's global assessment", kind="number", high=3)
_RASH: Final = Item(key="rash", label="SLEDAI rash")
_ARTHRITIS: Final = Item(key="arthritis", label="SLEDAI arthritis")
_SKIN: Final = ("skin_eruption_severe", "skin_eruption_mild")
_JOINTS: Final = (
    "arthritis_severe",
    "arthritis_moderate_tendonitis_tenosynovitis",
    "arthritis_mild_arthralgia_myalgia",
)


def _all_zero(keys: tuple[str, ...]) -> pl.Expr:
    return pl.all_horizontal(pl.col(key) == 0 for key in keys)


_PROTEIN: Final = pl.coalesce("upcr", "uacr")
_SYSTEMS_A: Final = reduce(add, ((pl.col(f"{name}_best") == 4).cast(pl.Int8) for name in SYSTEMS))

CHECKS: Final = (
    Check(
        code="BILAG-NEPHROTIC",
        needs=("nephrotic_syndrome", "protein_24h", "upcr", "uacr"),
        when=(pl.col("nephrotic_syndrome") == 1)
        & (pl.coalesce(pl.col("protein_24h") < 3.5, _PROTEIN < 350))
        & ~(_PROTEIN >= 350).fill_null(False),
        finding="nephrotic syndrome is present and urine protein is below 3.5 g (350 mg/mmol)",
    ),
    Check(
        code="BILAG-COOMBS",
        needs=("coombs_isolated", "active_haemolysis"),
        when=(pl.col("coombs_isolated") == 1) & (pl.col("active_haemolysis") == 1),
        finding="the Coombs test is called isolated and hemolysis is active",
    ),
    Check(
        code="BILAG-WHITE-CELLS",
        needs=("wcc", "neutrophils", "lymphocytes"),
        when=pl.col("neutrophils") + pl.col("lymphocytes") > pl.col("wcc") + 0.2,
        finding="neutrophils and lymphocytes together exceed the white cell count",
    ),
    Check(
        code="PGA-LOW-BILAG-HIGH",
        needs=("pga", *(f"{system}_best" for system in SYSTEMS)),
        when=(pl.col("pga") < 0.5) & (_SYSTEMS_A >= 2),
        finding="the PGA is below 0.5 and two systems or more are graded A",
        reads=(_PGA,),
    ),
    Check(
        code="SLEDAI-RASH",
        needs=("rash", *_SKIN),
        when=(pl.col("rash") == 1) & _all_zero(_SKIN),
        finding="rash is present in SLEDAI and both skin eruption items of BILAG-2004 are zero",
        reads=(_RASH,),
    ),
    Check(
        code="SLEDAI-ARTHRITIS",
        needs=("arthritis", *_JOINTS),
        when=(pl.col("arthritis") == 1) & _all_zero(_JOINTS),
        finding="arthritis is present in SLEDAI and the arthritis items of BILAG-2004 are zero",
        reads=(_ARTHRITIS,),
    ),
)
