"""Renal responses as the trials and the guideline define them, each as data."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One response; what is None is not asked for.

    Attributes:
        meaning: in a sentence, with its source.
        upcr: highest urine protein to creatinine ratio in g/g, and whether it counts itself.
        upcr_fall: percent by which the ratio fell from baseline, or more.
        egfr: eGFR that is enough by itself.
        egfr_kept: percent of the earlier eGFR that is enough too.
        earlier: what the eGFR is compared with, an item or the baseline.
        prednisone: highest daily dose in mg.
        no_failure: treatment must not have failed.
    """

    meaning: str
    upcr: float | None = None
    upcr_included: bool = True
    upcr_fall: int | None = None
    egfr: float | None = None
    egfr_kept: int | None = None
    earlier: str = "base_egfr"
    prednisone: float | None = None
    no_failure: bool = False


DEFINITIONS: Final = {
    "bliss_ln_perr": Definition(
        meaning="BLISS-LN primary efficacy renal response: UPCR of 0.7 or less, eGFR of 60 or more "
        "or at most 20% below its value before the flare, no treatment failure",
        upcr=0.7,
        egfr=60,
        egfr_kept=80,
        earlier="egfr_before_flare",
        no_failure=True,
    ),
    "bliss_ln_crr": Definition(
        meaning="BLISS-LN complete renal response: UPCR below 0.5, eGFR of 90 or more or at most "
        "10% below its value before the flare, no treatment failure",
        upcr=0.5,
        upcr_included=False,
        egfr=90,
        egfr_kept=90,
        earlier="egfr_before_flare",
        no_failure=True,
    ),
    "aurora_crr": Definition(
        meaning="AURORA complete renal response: UPCR of 0.5 or less, eGFR of 60 or more or at "
        "most 20% below baseline, prednisone of 10 mg/day or less, no rescue treatment",
        upcr=0.5,
        egfr=60,
        egfr_kept=80,
        prednisone=10,
        no_failure=True,
    ),
    "aurora_prr": Definition(
        meaning="AURORA partial renal response: UPCR fell by half or more from baseline",
        upcr_fall=50,
    ),
    "kdigo_2024_complete": Definition(
        meaning="KDIGO 2024 complete response: UPCR below 0.5 and kidney function at most 15% "
        "below baseline",
        upcr=0.5,
        upcr_included=False,
        egfr_kept=85,
    ),
    "kdigo_2024_partial": Definition(
        meaning="KDIGO 2024 partial response: UPCR fell by half or more to below 3, and kidney "
        "function at most 15% below baseline",
        upcr=3,
        upcr_included=False,
        upcr_fall=50,
        egfr_kept=85,
    ),
}
"""Score column to its definition."""
