"""SLE-DAS: the systemic lupus erythematosus disease activity score."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sle_das.items import ITEMS
from trialwright.sle.sle_das.score import CHECKS, explain, score

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="sle-das",
    folder="sle_das",
    title="SLE disease activity score (SLE-DAS)",
    version="2019",
    measures="Global disease activity of lupus as a continuous score of 17 items.",
    items=ITEMS,
    columns={
        "sle_das": "the score, to thousandths; empty while unassessed items leave it open",
        "sle_das_lowest": "the score with everything unassessed adding nothing",
        "sle_das_highest": "the score with everything unassessed adding as much as it could",
        "sle_das_band": "remission (to 2.08), mild (to 7.64), moderate or severe",
        "sle_das_remission": "score to 2.08 with prednisone of 5 mg/day or less",
        "sle_das_low_activity": "score to 2.48 with prednisone of 7.5 mg/day or less",
    },
    rules=(
        "0.366, and for each item present: arthritis (one swollen joint or more) 3.132 and 0.454 "
        "for each swollen joint of 28, mucocutaneous vasculitis 4.408, localized rash 3.138, "
        "generalized rash 3.887, alopecia 0.973, mucosal ulcers 2.769, low C3 or C4 0.754, "
        "anti-dsDNA 0.956, neuropsychiatric, systemic vasculitis, cardiac or pulmonary 18 each, "
        "myositis and hemolytic anemia 9 each, serositis 6.",
        "Proteinuria above 500 mg: −17.584 + 3.811 ln(mg). Platelets below 100: 26.105 − 5.577 "
        "ln(platelets). White cells below 3: 6.118 − 5.058 ln(white cells).",
        "Localized rash is above the neck only; with a generalized rash it does not count.",
    ),
    missing=(
        "Score, band and states are given only where unassessed items cannot change them; a "
        "measured item that was not assessed could lie anywhere in its range.",
        "Without the column prednisone the two states are at most ruled out.",
    ),
    checks=CHECKS,
    score=score,
    explain=explain,
)
