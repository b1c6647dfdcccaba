"""ACR classification criteria of 1982 as updated in 1997."""

from typing import Final

from trialwright.sle.acr.family import instrument
from trialwright.sle.acr_1997.items import ITEMS
from trialwright.sle.instrument import Instrument

INSTRUMENT: Final[Instrument] = instrument(
    ITEMS,
    key="acr-1997",
    title="ACR 1997 classification criteria",
    edition="1982 criteria, update of 1997",
)
score = INSTRUMENT.score
