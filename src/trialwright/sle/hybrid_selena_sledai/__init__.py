"""Hybrid SELENA-SLEDAI: SELENA-SLEDAI with the proteinuria rule of SLEDAI-2K."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sledai.family import instrument
from trialwright.sle.sledai.items import PERSISTENT_PROTEINURIA, SELENA_CHANGES, items_with
from trialwright.sle.sledai.score import Version

VERSION: Final = Version(
    column="hybrid_selena_sledai",
    items=items_with(SELENA_CHANGES, PERSISTENT_PROTEINURIA),
    joints=3,
    proteinuria_rule="2k",
)
INSTRUMENT: Final[Instrument] = instrument(
    VERSION,
    key="hybrid-selena-sledai",
    title="Hybrid SELENA-SLEDAI",
    edition="as used in trials, look-back of 10 days",
    rules=("As SELENA-SLEDAI, but persistent proteinuria of more than 0.5 g counts.",),
)
score = INSTRUMENT.score
