"""SELENA-SLEDAI: SLEDAI as the SELENA trials worded it."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sledai.family import instrument
from trialwright.sle.sledai.items import SELENA_CHANGES, items_with
from trialwright.sle.sledai.score import Version

VERSION: Final = Version(
    column="selena_sledai", items=items_with(SELENA_CHANGES), joints=3, proteinuria_rule="selena"
)
INSTRUMENT: Final[Instrument] = instrument(
    VERSION,
    key="selena-sledai",
    title="SELENA-SLEDAI",
    edition="1999/2005, look-back of 10 days",
    rules=(
        "The score is the sum of the weights of the items present in the last 10 days.",
        "Arthritis needs more than 2 joints. Ongoing rash, alopecia and mucosal ulcers count.",
        "Proteinuria from raw values: more than 0.5 g, and nothing above 0.5 g before, or a rise "
        "of more "
        "than 0.5 g. Stable proteinuria of 3 g therefore loses its 4 points; `proteinuria_rule` "
        "2k, or "
        "hybrid-selena-sledai, keeps them.",
    ),
)
score = INSTRUMENT.score
