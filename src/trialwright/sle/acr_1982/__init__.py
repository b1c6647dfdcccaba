"""ACR classification criteria of 1982."""

from typing import Final

from trialwright.sle.acr.family import instrument
from trialwright.sle.acr_1982.items import ITEMS
from trialwright.sle.instrument import Instrument

INSTRUMENT: Final[Instrument] = instrument(
    ITEMS, key="acr-1982", title="ACR 1982 classification criteria", edition="1982"
)
score = INSTRUMENT.score
