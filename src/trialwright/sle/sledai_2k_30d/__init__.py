"""SLEDAI-2K with a look-back of 30 days."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sledai.family import instrument
from trialwright.sle.sledai.items import TWO_K_CHANGES, items_with
from trialwright.sle.sledai.score import Version

VERSION: Final = Version(
    column="sledai_2k_30d", items=items_with(TWO_K_CHANGES), joints=2, proteinuria_rule="2k"
)
INSTRUMENT: Final[Instrument] = instrument(
    VERSION,
    key="sledai-2k-30d",
    title="SLEDAI-2K, 30 days",
    edition="2010, look-back of 30 days",
    rules=(
        "The score is the sum of the weights of the items present in the last 30 days.",
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
