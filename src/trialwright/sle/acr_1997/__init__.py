"""ACR classification criteria of 1982 as updated in 1997."""

from typing import Final

from trialwright.sle.acr_1997.items import ITEMS
from trialwright.sle.acr_1997.score import explain, score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="acr-1997",
    folder="acr_1997",
    title="ACR 1997 classification criteria",
    version="1982 criteria, update of 1997",
    measures="Whether a person is classified as having lupus: 4 of 11 criteria or more, ever, at "
    "the "
    "same time or one after another.",
    items=ITEMS,
    columns={
        "acr_1997": "classified: yes, no, or empty while unassessed items leave it open",
        "acr_1997_count": "criteria met for certain",
        "acr_1997_count_highest": "criteria met if everything unassessed were present",
        "acr_1997_criteria": "the criteria met, by name",
    },
    rules=(
        "Each item is whether it was ever present by the date of the row.",
        "Serositis, renal, neurological, hematological and immunological criteria are met by any "
        "one of "
        "their items.",
        "Classified with 4 of the 11 criteria or more.",
    ),
    missing=(
        "A criterion with unassessed items and none present is unknown; the verdict is given only "
        "where unknown criteria cannot change it.",
    ),
    score=score,
    explain=explain,
)
