"""DORIS 2021 definition of remission."""

from typing import Final

from trialwright.sle.doris_2021.score import ITEMS, OPTIONS, explain, score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="doris-2021",
    folder="doris_2021",
    title="DORIS remission",
    version="2021",
    measures="Whether lupus is in remission at a visit, on or off treatment.",
    items=ITEMS,
    columns={
        "doris_2021": "remission: yes, no, or empty while it is open",
        "doris_2021_sledai": "SLEDAI without serology is 0",
        "doris_2021_pga": "PGA is below 0.5 of 3",
        "doris_2021_prednisone": "prednisone is low",
        "doris_2021_treatment": "treatment is allowed",
        "doris_2021_failed": "the components that failed for certain",
    },
    rules=(
        "All four components are needed; serology does not count, and no duration is asked for.",
        "The PGA is compared as a decimal: 0.5 is not below 0.5.",
    ),
    missing=(
        "A component that was not assessed is open; remission is no as soon as one component "
        "fails.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
    left_out=(
        "Complete remission and remission off treatment belong to the framework of 2017, not to "
        "this definition.",
    ),
)
