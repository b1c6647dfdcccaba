"""SLICC/ACR damage index."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sdi.items import ITEMS
from trialwright.sle.sdi.score import CHECKS, explain, score

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="sdi",
    folder="sdi",
    title="SLICC/ACR damage index",
    version="1996 with later additions (pancreatic insufficiency, ruptured tendon)",
    measures="Irreversible damage since the onset of lupus in 12 domains, whatever its cause; 0 to "
    "47 points.",
    items=ITEMS,
    columns={
        "sdi": "the index, 0 to 47; empty while unassessed items leave it open",
        "sdi_lowest": "the index with everything unassessed absent",
        "sdi_highest": "the index with everything unassessed present",
    },
    rules=(
        "Damage is irreversible, is not active inflammation, and has been present for 6 months "
        "unless the item says otherwise.",
        "The index is the sum of its items. A repeated event, 6 months or more after the first, "
        "counts 2 where the item allows it.",
        "End-stage renal disease gives 3 points in place of the other two renal items.",
        "The index can stay or rise and never falls: the check SDI-FALL reports each item that "
        "does.",
    ),
    missing=("The index is given only where unassessed items cannot change it.",),
    checks=CHECKS,
    score=score,
    explain=explain,
    left_out=("The new damage index that is in development (S66).",),
)
