"""SLEDAI as first published in 1992."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sledai.family import instrument
from trialwright.sle.sledai.items import ITEMS
from trialwright.sle.sledai.score import Version

VERSION: Final = Version(column="sledai_1992", items=ITEMS, joints=3, proteinuria_rule="selena")
INSTRUMENT: Final[Instrument] = instrument(
    VERSION,
    key="sledai-1992",
    title="SLEDAI (1992)",
    edition="1992, look-back of 10 days",
    rules=(
        "The score is the sum of the weights of the items present in the last 10 days.",
        "Arthritis needs more than 2 joints. Rash, alopecia and mucosal ulcers count only when "
        "new or "
        "recurrent.",
        "Proteinuria from raw values: more than 0.5 g, and nothing above 0.5 g before, or a rise "
        "of more "
        "than 0.5 g.",
    ),
)
score = INSTRUMENT.score
