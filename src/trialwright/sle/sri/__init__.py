"""SLE responder index (SRI-4 to SRI-8)."""

from typing import Final

from trialwright.sle.instrument import Instrument
from trialwright.sle.sri.checks import CHECKS
from trialwright.sle.sri.explain import explain
from trialwright.sle.sri.items import ITEMS, OPTIONS
from trialwright.sle.sri.score import score
from trialwright.sle.sri.single import Assessment, Verdict, verdict

__all__ = ["INSTRUMENT", "Assessment", "Verdict", "explain", "score", "verdict"]

INSTRUMENT: Final = Instrument(
    key="sri",
    folder="sri",
    title="SLE responder index (SRI-4 to SRI-8)",
    version="2009, on BILAG-2004",
    measures="Whether a participant responded: SLEDAI fell by x points or more, no organ system "
    "got "
    "notably worse, the physician's global assessment did not, and treatment did not fail.",
    items=ITEMS,
    columns={
        "sri_4": "response: yes, no, or empty where it is open and the policy leaves it so",
        "sri_4_sledai": "SLEDAI component: the total fell by x or more",
        "sri_4_bilag": "BILAG component: no new A and at most one new B",
        "sri_4_pga": "PGA component: it rose by less than 0.3 of 3",
        "sri_4_treatment": "treatment did not fail",
        "sri_4_sledai_change": "change of the SLEDAI total from baseline",
        "sri_4_new_a": "systems with a new A; empty while intervals leave it open",
        "sri_4_new_b": "systems with a new B; empty while intervals leave it open",
        "sri_4_pga_change": "change of the PGA from baseline, on the scale of 0 to 3",
        "sri_4_attainable": "baseline SLEDAI is x or more, so that a response is possible at all",
        "sri_4_reason": "the components that failed or are open",
    },
    rules=(
        "All four components are needed. With x = 5 the columns are named sri_5, and so on.",
        "New A: A at the visit after any other letter at baseline, B included. New B: B after C, "
        "D or "
        "E. From A to B is an improvement.",
        "The PGA component fails from a rise of 0.3 on the scale of 0 to 3, which is 1 of 10 and "
        "10 of "
        "100 mm.",
        "The published wording joins the BILAG clauses by “or”; taken literally nearly everyone "
        "passes. "
        "The option `clauses` or gives that reading for sensitivity analyses.",
        "Some analyses count only participants whose baseline SLEDAI is x or more: "
        "`sri_4_attainable`.",
        "Baseline is the first visit of each participant, or the visit named by the option "
        "`baseline`; "
        "rows up to baseline have no verdict.",
    ),
    missing=(
        "A component that was not assessed is open. The verdict is no as soon as one component "
        "fails, "
        "and else open; nri makes an open verdict no response, missing leaves it empty.",
        "BILAG intervals: the component is decided only if every completion agrees.",
    ),
    options=OPTIONS,
    checks=CHECKS,
    score=score,
    explain=explain,
    left_out=(
        "The classic BILAG with eight systems, which some trials used.",
        "The medication rules of single trials: treatment failure is an input with its reason.",
    ),
)
