"""SLEDAI-2K: persistent activity counts as active."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sledai.family import instrument
from trialwright.sle.sledai.items import TWO_K_CHANGES, items_with
from trialwright.sle.sledai.score import Version

VERSION: Final = Version(
    column="sledai_2k", items=items_with(TWO_K_CHANGES), joints=2, proteinuria_rule="2k"
)
INSTRUMENT: Final[Instrument] = instrument(
    VERSION,
    key="sledai-2k",
    title="SLEDAI-2K",
    edition="2002, look-back of 10 days",
    rules=(
        "The score is the sum of the weights of the items present in the last 10 days.",
        "Arthritis needs 2 joints or more. Persistent rash, alopecia, mucosal ulcers and "
        "proteinuria count.",
        "Proteinuria from raw values: more than 0.5 g.",
    ),
    left_out=(
        "The SLEDAI-2K responder index 50 (S2K RI-50): the definitions of an improvement by half, "
        "item by item, were not read.",
    ),
)
score = INSTRUMENT.score
