"""SLICC classification criteria of 2012."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.slicc_2012.items import ITEMS
from trialwright.sle.slicc_2012.score import explain, score

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="slicc-2012",
    folder="slicc_2012",
    title="SLICC 2012 classification criteria",
    version="2012",
    measures="Whether a person is classified as having lupus, by 11 clinical and 6 immunological "
    "criteria, or by nephritis on biopsy.",
    items=ITEMS,
    columns={
        "slicc_2012": "classified: yes, no, or empty while unassessed items leave it open",
        "slicc_2012_count": "of the 17 criteria, those met for certain",
        "slicc_2012_count_highest": "of the 17 criteria, those met if what is unassessed were so",
        "slicc_2012_criteria": "the criteria met, by name; nephritis on biopsy among them",
    },
    rules=(
        "Each item is whether it was ever present by the date of the row.",
        "Classified with 4 criteria or more, one clinical and one immunological among them; or "
        "with nephritis on biopsy together with antinuclear or anti-dsDNA antibodies.",
        "Acute and subacute cutaneous lupus are one criterion, as are the items of any other.",
        "The direct Coombs test counts only without hemolytic anemia.",
    ),
    missing=(
        "The verdict is given only where every way to complete what was not assessed agrees.",
        "Where hemolytic anemia was not assessed and the Coombs test is positive, one of the two "
        "counts for certain.",
    ),
    score=score,
    explain=explain,
)
