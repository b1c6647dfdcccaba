"""BICLA: the BILAG-based composite lupus assessment."""

from typing import Final

from trialwright.sle.bicla.explain import explain
from trialwright.sle.bicla.items import ITEMS, OPTIONS
from trialwright.sle.bicla.score import score
from trialwright.sle.instrument import Instrument

__all__ = ["INSTRUMENT", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="bicla",
    folder="bicla",
    title="BILAG-based composite lupus assessment (BICLA)",
    version="on BILAG-2004",
    measures="Whether a participant responded: every system that was active at baseline improved, "
    "none got notably worse, and neither did SLEDAI nor the physician's global assessment.",
    items=ITEMS,
    columns={
        "bicla": "response: yes, no, or empty where it is open or not evaluable",
        "bicla_evaluable": "a system was at A or B at baseline",
        "bicla_improved": "every A became B or lower, every B became C or lower",
        "bicla_bilag": "no new A and at most one new B",
        "bicla_sledai": "the SLEDAI total did not rise",
        "bicla_pga": "the PGA did not rise notably",
        "bicla_treatment": "treatment did not fail",
        "bicla_sledai_change": "change of the SLEDAI total from baseline",
        "bicla_pga_change": "change of the PGA from baseline, on the scale of 0 to 3",
        "bicla_reason": "the components that failed or are open",
    },
    rules=(
        "All five components are needed.",
        "The PGA may rise by up to 10% of its scale (original), or by less than 0.3 of 3 (tulip); "
        "the two differ at exactly 0.3.",
        "Without A or B at baseline there is nothing to improve: not evaluable, or no response by "
        "option.",
        "A system graded E (never affected) after activity at baseline is refused; D is meant.",
        "Baseline is the first visit of each participant, or the visit named by the option "
        "`baseline`; rows up to baseline have no verdict.",
    ),
    missing=(
        "A component that was not assessed is open. The verdict is no as soon as one component "
        "fails, and else open; nri makes an open verdict no response, missing leaves it empty.",
        "BILAG intervals: both BILAG clauses are decided together, and only if every completion "
        "agrees.",
    ),
    options=OPTIONS,
    score=score,
    explain=explain,
    left_out=("The medication rules of single trials: treatment failure is an input.",),
)
