"""Renal response, complete and partial, as trials and the guideline define it."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.renal_response.definitions import DEFINITIONS
from trialwright.sle.renal_response.score import ITEMS, OPTIONS, explain, score

__all__ = ["DEFINITIONS", "INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="renal-response",
    folder="renal_response",
    title="Renal response",
    version="BLISS-LN, AURORA, KDIGO 2024",
    measures="Whether lupus nephritis responded at a visit, completely or in part, by each of six "
    "definitions.",
    items=ITEMS,
    columns={name: definition.meaning for name, definition in DEFINITIONS.items()},
    rules=(
        "Baseline is the first visit of each participant, or the visit named by the option "
        "`baseline`; rows up to baseline have no response.",
        "Ratios and rates are compared as decimals: 0.7 is 0.7, and a fall to exactly half is a "
        "fall by half.",
        "A participant with a complete response may meet a partial one too.",
    ),
    missing=(
        "A part that was not assessed is open; the response is no as soon as one part fails.",
        "Without the columns egfr_before_flare or prednisone their parts are open.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
    left_out=(
        "Confirmation by a second sample, which differs between trials: score both visits and "
        "join the answers.",
        "The time by which KDIGO expects a response, 6 to 12 months: choose the visit.",
    ),
)
