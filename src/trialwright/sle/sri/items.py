"""What SRI takes from each visit, and its options."""

from typing import Final

from trialwright.sle.baseline import BASELINE
from trialwright.sle.bilag_2004.items import SYSTEMS
from trialwright.sle.bilag_2004.score import GRADES
from trialwright.sle.instrument import Item, Option
from trialwright.sle.pga.scale import SCALES

OPTIONS: Final = (
    Option(
        name="x",
        default=4,
        allowed=(4, 5, 6, 7, 8),
        meaning="the fall of the SLEDAI total that is asked for",
    ),
    Option(
        name="missing",
        default="nri",
        allowed=("nri", "missing"),
        meaning="nri: an open verdict is no response; missing: it stays empty",
    ),
    Option(
        name="clauses",
        default="and",
        allowed=("and", "or"),
        meaning="no new A and at most one new B; or: the printed wording taken literally, for "
        "sensitivity",
    ),
    BASELINE,
    Option(
        name="sledai",
        default="selena_sledai",
        meaning="the column with the SLEDAI total, of one version at all visits",
    ),
    Option(
        name="pga_scale",
        default="0-3",
        allowed=tuple(SCALES),
        meaning="the scale on which the column pga was recorded",
    ),
)


def items(sledai: str = "selena_sledai", pga_scale: str = "0-3") -> tuple[Item, ...]:
    """SLEDAI total, PGA, the nine BILAG-2004 letters, and treatment failure."""
    return (
        Item(
            key=sledai,
            label="SLEDAI total",
            kind="grade",
            high=105,
            source="S33",
            verified=True,
        ),
        Item(
            key="pga",
            label="Physician's global assessment",
            kind="number",
            high=SCALES[pga_scale],
            source="S33",
            verified=True,
        ),
        *(
            Item(
                key=system,
                label=f"BILAG-2004 {system}",
                kind="code",
                codes=GRADES,
                absent="E",
                help="Letter, or interval such as A..C while items are unassessed.",
                source="S33",
                verified=True,
            )
            for system in SYSTEMS
        ),
        Item(
            key="treatment_failure",
            label="Treatment failure by this visit",
            help="Discontinuation, death, prohibited or rescue medication, as the protocol says.",
            source="S37, S39, S43",
            verified=True,
        ),
    )


ITEMS: Final = items()
REASON: Final = "treatment_failure_reason"
"""Optional column with the reason in words; it is passed on to the result."""
