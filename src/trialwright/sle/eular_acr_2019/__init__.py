"""EULAR/ACR classification criteria of 2019."""

from typing import Final

from trialwright.sle.eular_acr_2019.items import ITEMS
from trialwright.sle.eular_acr_2019.score import explain, score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="eular-acr-2019",
    folder="eular_acr_2019",
    title="EULAR/ACR 2019 classification criteria",
    version="2019",
    measures="Whether a person is classified as having lupus: antinuclear antibodies, and 10 "
    "points or more of 51 in ten domains.",
    items=ITEMS,
    columns={
        "eular_acr_2019": "classified: yes, no, or empty while unassessed items leave it open",
        "eular_acr_2019_points": "points for certain, 0 to 51",
        "eular_acr_2019_points_highest": "points if everything unassessed were present",
        "eular_acr_2019_criteria": "what counts in each domain, with its points",
    },
    rules=(
        "Antinuclear antibodies, ever, are the entry criterion; without them nobody is classified.",
        "Each item is whether it was ever present by the date of the row, with lupus as its most "
        "likely explanation; items need not be present at the same time.",
        "In each domain only the item with most points counts. C3 or C4 low gives 3 points, both "
        "give 4.",
        "Classified with 10 points or more and at least one clinical item; the first seven domains "
        "are clinical.",
    ),
    missing=("The verdict is given only where every way to complete the items agrees.",),
    score=score,
    explain=explain,
)
