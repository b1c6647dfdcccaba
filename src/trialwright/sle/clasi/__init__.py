"""CLASI: activity and damage of cutaneous lupus."""

from typing import Final

from trialwright.sle.clasi.items import ITEMS
from trialwright.sle.clasi.score import OPTIONS, explain, score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="clasi",
    folder="clasi",
    title="Cutaneous lupus erythematosus disease area and severity index (CLASI)",
    version="activity 0 to 70, damage 0 to 56",
    measures="Activity and damage of lupus of the skin in 13 areas, mucous membranes and hair.",
    items=ITEMS,
    columns={
        "clasi_activity": "activity, 0 to 70; empty while unassessed items leave it open",
        "clasi_activity_lowest": "activity with everything unassessed at 0",
        "clasi_activity_highest": "activity with everything unassessed at its highest",
        "clasi_severity": "mild (to 9), moderate (to 20), severe",
        "clasi_damage": "damage, 0 to 56; its arithmetic is partly from memory",
        "clasi_activity_change": "change of activity since baseline",
        "clasi_response": "activity fell by 4 points or by 20%, or more",
        "clasi_50": "activity fell by half or more; empty with too little activity at baseline",
    },
    rules=(
        "The worst lesion of each area is scored.",
        "Activity is the sum of erythema (0 to 3) and scale or hypertrophy (0 to 2) of 13 areas, "
        "mucous membrane lesion (0 to 1), recent hair loss (0 to 1) and alopecia (0 to 3).",
        "Damage is the number of areas with dyspigmentation, doubled if it usually lasts 12 months "
        "or longer, scarring (0 to 2) of 12 areas, and the scalp: 1 to 4 quadrants with scarring "
        "give 3 to 6.",
        "Baseline is the first visit of each participant, or the visit named by the option "
        "`baseline`. From an activity of 0 there is no response.",
    ),
    missing=(
        "Activity and severity are given only where unassessed items cannot change them; damage "
        "only if its items are assessed. The items of damage may be left out of the table.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
)
