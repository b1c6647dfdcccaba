"""BILAG-2004 flare: severe, moderate or mild, and new grades against the previous visit."""

from typing import Final

from trialwright.sle.bilag_2004.items import ITEMS
from trialwright.sle.bilag_2004_flare.explain import explain
from trialwright.sle.bilag_2004_flare.score import OPTIONS, score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="bilag-2004-flare",
    folder="bilag_2004_flare",
    title="BILAG-2004 flare",
    version="severe, moderate, mild; new grades as in the anifrolumab and classic definitions",
    measures="Whether lupus flared at a visit, from the items of BILAG-2004.",
    items=ITEMS,
    columns={
        "bilag_2004_flare": "none, mild, moderate or severe; empty while it is open",
        "bilag_2004_new_a": "systems at A that were not at the previous visit",
        "bilag_2004_new_b": "systems at B that were at C, D or E at the previous visit",
        "new_a_or_new_b": "a new A or a new B (classic flare)",
        "new_a_or_two_new_b": "a new A or two new B or more (flare of the anifrolumab trials)",
    },
    rules=(
        "Severe: one system or more at A by items new or worse. Moderate: two or more at B. "
        "Mild: one "
        "at B, or three or more at C.",
        "A grade counts if an item of the set that gives this grade is scored 3 (worse) or 4 "
        "(new).",
        "The renal and hematological systems have no such items; they count if their grade rose "
        "since "
        "the previous visit. This is an assumption: no source read says how they count.",
        "New A and new B are counted against the preceding row of the participant; the first has "
        "none.",
    ),
    missing=(
        "Every question is answered at least and at most; where the two differ the cell is empty.",
        "At a first visit the renal and hematological systems leave a flare open if they are "
        "active.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
)
