"""SELENA-SLEDAI flare index, classic and modified."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.selena_flare_index.items import ITEMS
from trialwright.sle.selena_flare_index.score import explain, score

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="selena-flare-index",
    folder="selena_flare_index",
    title="SELENA-SLEDAI flare index",
    version="classic, and modified as in the belimumab trials",
    measures="Whether lupus flared since the previous visit, mildly or moderately, or severely.",
    items=ITEMS,
    columns={
        "sfi": "none, mild or moderate, severe; empty while it is open and at the first visit",
        "sfi_modified": "the same without the criterion that SELENA-SLEDAI rises to above 12",
        "sfi_mild_criteria": "criteria of a mild or moderate flare that are met",
        "sfi_severe_criteria": "criteria of a severe flare that are met (classic)",
    },
    rules=(
        "Any severe criterion makes a severe flare, else any mild one a mild or moderate flare.",
        "Mild or moderate: SELENA-SLEDAI rises by 3 or more; a manifestation of the mild list; "
        "prednisone is increased; a nonsteroidal drug or hydroxychloroquine is added; PGA rises by "
        "1.0 or more.",
        "Severe: SELENA-SLEDAI rises to above 12; a manifestation of the severe list that requires "
        "escalation; prednisone is increased to above 0.5 mg/kg/day; an immunosuppressant is "
        "added; hospitalization; PGA rises to above 2.5.",
        "Being above a limit is not enough: the value must have risen.",
        "Each value is compared with the last one assessed at an earlier visit.",
    ),
    missing=(
        "A criterion that was not assessed is open; the flare is given only where open criteria "
        "cannot change it.",
    ),
    score=score,
    explain=explain,
    left_out=("The revised flare index by organ system: its definitions were not read.",),
)
