"""SRI of one participant, without a table: the table version on two rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from trialwright.sle.sri.score import score


@dataclass(frozen=True, slots=True)
class Assessment:
    """One visit: SLEDAI total, PGA, letter by system; None is not assessed."""

    sledai: int | None
    pga: float | None
    letters: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Response (None: open), the components by name, and the reason in words."""

    response: bool | None
    components: Mapping[str, bool | None]
    reason: str


def verdict(
    baseline: Assessment,
    visit: Assessment,
    *,
    treatment_failure: bool | None = False,
    **options: Any,
) -> Verdict:
    """SRI of one visit against baseline; options as for the table version."""
    name = f"sri_{options.get('x', 4)}"
    sledai = options.get("sledai", "selena_sledai")
    rows = [
        {
            "participant": "P1",
            "visit": number,
            sledai: assessment.sledai,
            "pga": assessment.pga,
            **assessment.letters,
            "treatment_failure": failure,
        }
        for number, (assessment, failure) in enumerate(
            ((baseline, False), (visit, treatment_failure))
        )
    ]
    row = score(pl.DataFrame(rows, infer_schema_length=None), **options).row(0, named=True)
    components = {part: row[f"{name}_{part}"] for part in ("sledai", "bilag", "pga", "treatment")}
    return Verdict(row[name], components, row[f"{name}_reason"])
