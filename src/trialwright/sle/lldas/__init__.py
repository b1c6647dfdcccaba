"""LLDAS: the lupus low disease activity state."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.lldas.items import ITEMS, OPTIONS
from trialwright.sle.lldas.score import explain, score

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="lldas",
    folder="lldas",
    title="Lupus low disease activity state (LLDAS)",
    version="on SLEDAI-2K",
    measures="Whether disease activity is low at a visit, on treatment that can be kept up.",
    items=ITEMS,
    columns={
        "lldas": "low activity: yes, no, or empty while it is open",
        "lldas_activity": "SLEDAI-2K of 4 or less without activity of a major organ, hemolytic "
        "anemia or gastrointestinal activity",
        "lldas_new_feature": "no new feature of activity since the previous visit",
        "lldas_pga": "PGA of 1 or less, of 3",
        "lldas_prednisone": "prednisone of 7.5 mg/day or less",
        "lldas_treatment": "standard, well-tolerated maintenance treatment",
        "lldas_failed": "the components that failed for certain",
    },
    rules=(
        "All five components are needed.",
        "Major organs are the SLEDAI-2K items of the nervous system, kidney, heart and lung, "
        "vasculitis and fever; arthritis or myositis alone, with 4 points, can pass.",
        "What a new feature is differs between authors; the option new_feature names the preset. "
        "The previous visit is the participant's preceding row.",
    ),
    missing=(
        "A verdict is given only where every way to complete the items agrees.",
        "A first visit has no previous one; by default its new feature is unknown.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
)
