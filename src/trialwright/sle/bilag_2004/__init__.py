"""BILAG-2004: activity of lupus in nine systems, each graded A to E."""

from typing import Final

from trialwright.sle.bilag_2004.checks import CHECKS
from trialwright.sle.bilag_2004.explain import explain
from trialwright.sle.bilag_2004.items import ITEMS, SYSTEMS
from trialwright.sle.bilag_2004.score import GRADES, OPTIONS, score
from trialwright.sle.instrument import Instrument

__all__ = ["GRADES", "INSTRUMENT", "SYSTEMS", "explain", "score"]

INSTRUMENT: Final = Instrument(
    key="bilag-2004",
    folder="bilag_2004",
    title="BILAG-2004",
    version="revision of 1 September 2009",
    measures="Activity of lupus in nine systems over the last 4 weeks, compared with the 4 weeks "
    "before: 97 items, each system graded A (most active) to E (never affected).",
    items=ITEMS,
    columns={
        **dict.fromkeys(SYSTEMS, "letter, or interval from worst to best such as A..C"),
        **{f"{system}_best": "severity at best, E 0 to A 4" for system in SYSTEMS},
        **{f"{system}_worst": "severity at worst, E 0 to A 4" for system in SYSTEMS},
        "bilag_2004": "points of all systems by the scheme; empty while an open letter matters",
        "bilag_2004_lowest": "points with every system at its best",
        "bilag_2004_highest": "points with every system at its worst",
    },
    rules=(
        "Graded items: 0 not present, 1 improving, 2 same, 3 worse, 4 new.",
        "Six systems share a pattern. A: an item of set a at 2 or more. B: an item of set a at "
        "1, or "
        "of set b at 2 or more. C: an item of set b at 1, or any of set c. D: none of these, and "
        "the "
        "system was affected before. E: never affected.",
        "Constitutional: pyrexia at 2 or more together with two of the three other items at 2 or "
        "more "
        "is A; either alone is B; pyrexia at 1 or any other item is C.",
        "Renal: two of six criteria, one of them severe proteinuria, active sediment or active "
        "nephritis, are A; one criterion, proteinuria of 0.5 g (50 mg/mmol) or more that has not "
        "fallen by "
        "25%, or creatinine above 130 µmol/L at 115% of the previous value or more, is B; "
        "proteinuria "
        "above 0.25 g (25 mg/mmol) or rising blood pressure is C.",
        "The previous visit is the participant's preceding visit at which any renal item was "
        "assessed.",
        "Hematological: counts below their limits, thrombotic thrombocytopenic purpura, hemolysis.",
        "Visits that are numbers or dates are taken in their order; visits named by text in the "
        "order "
        "of the rows.",
    ),
    missing=(
        "A system with unassessed items is graded twice, with all of them absent and with all of "
        "them "
        "present and new; a single letter is given only if both agree, else the interval.",
        "Protein in urine is one question with four ways to measure it, and kidney function one "
        "with "
        "two: a way that was not used leaves nothing open.",
        "`<system>_ever` states whether a system was affected before; empty means not known "
        "(D..E). "
        "Without the column the visits of the table are the whole history.",
    ),
    options=OPTIONS,
    checks=CHECKS,
    score=score,
    explain=explain,
    left_out=("The BILAG-2004 systems tally: its definitions were not read.",),
)
