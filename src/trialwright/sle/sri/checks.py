"""What a central reader would ask about the scores that SRI takes together."""

from functools import reduce
from operator import add
from typing import Final

import polars as pl

from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.instrument import Check

_GRADES_A = reduce(
    add, ((pl.col(system).cast(pl.String) == "A").cast(pl.Int8) for system in SYSTEMS)
)


def _e_after_activity(system: str) -> Check:
    letter = pl.col(system).cast(pl.String)
    active = letter.is_in(["A", "B", "C"])
    earlier = active.cast(pl.Int8).cum_max().shift(1).over("participant", order_by="_row")
    return Check(
        code="BILAG-E-AFTER-ACTIVITY",
        needs=(system,),
        when=(letter == "E") & (earlier == 1),
        finding=f"{system} is graded E (never affected) after a visit at A, B or C; D is meant",
    )


CHECKS: Final = (
    *(_e_after_activity(system) for system in SYSTEMS),
    Check(
        code="PGA-LOW-BILAG-HIGH",
        needs=("pga", *SYSTEMS),
        when=(pl.col("pga") < 0.5) & (_GRADES_A >= 2),
        finding="the PGA is below 0.5 and two systems or more are graded A",
    ),
)
