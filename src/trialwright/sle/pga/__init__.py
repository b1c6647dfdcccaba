"""Physician's global assessment (PGA) on its three scales."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.pga.scale import SCALES, change_in_steps, worsening_steps
from trialwright.sle.pga.score import ITEMS, OPTIONS, explain, score

__all__ = ["INSTRUMENT", "SCALES", "change_in_steps", "explain", "score", "worsening_steps"]

INSTRUMENT: Final = Instrument(
    key="pga",
    folder="pga",
    title="Physician's global assessment",
    version="visual analog scale of 0 to 3, 0 to 10 or 0 to 100 mm",
    measures="Overall activity of lupus in the preceding month as one physician judges it, damage "
    "and serology left aside.",
    items=ITEMS,
    columns={
        "pga_0_3": "the assessment on the scale of 0 to 3",
        "pga_band": "below mild (< 0.5), mild (0.5 to 1), moderate (to 2), severe (to 3)",
    },
    rules=(
        "0 none, 1 mild, 2 moderate, 3 severe, with marks at 1 and 2.",
        "10 on a line of 100 mm, and 1 on a scale of 0 to 10, are 0.3 on the scale of 0 to 3.",
        "Differences are taken in whole ten-thousandths, so that 2.3 − 2.0 is 0.3.",
    ),
    missing=("Without an assessment there is no score; nothing is carried forward.",),
    options=OPTIONS,
    score=score,
    explain=explain,
)
