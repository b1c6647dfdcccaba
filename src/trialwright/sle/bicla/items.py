"""What BICLA takes from each visit, and its options."""

from dataclasses import replace
from typing import Final

from trialwright.sle.baseline import BASELINE
from trialwright.sle.instrument import Item, Option
from trialwright.sle.pga.scale import SCALES
from trialwright.sle.sri.items import items as sri_items

OPTIONS: Final = (
    Option(
        name="missing",
        default="nri",
        allowed=("nri", "missing"),
        meaning="nri: an open verdict is no response; missing: it stays empty",
    ),
    Option(
        name="pga_rule",
        default="original",
        allowed=("original", "tulip"),
        meaning="original: a rise of up to 10% of the scale is allowed; tulip: it fails from 0.3 "
        "of 3, which is 10%, on",
    ),
    Option(
        name="inactive_baseline",
        default="not evaluable",
        allowed=("not evaluable", "no response"),
        meaning="a participant without A or B at baseline, who has nothing to improve",
    ),
    BASELINE,
    Option(
        name="sledai",
        default="sledai_2k",
        meaning="the column with the SLEDAI total, of one version at all visits",
    ),
    Option(
        name="pga_scale",
        default="0-3",
        allowed=tuple(SCALES),
        meaning="the scale on which the column pga was recorded",
    ),
)


def items(sledai: str = "sledai_2k", pga_scale: str = "0-3") -> tuple[Item, ...]:
    """SLEDAI total, PGA, the nine BILAG-2004 letters, and treatment failure, as for SRI."""
    return tuple(
        replace(item, source="S47", absent="D" if item.kind == "code" else item.absent)
        for item in sri_items(sledai, pga_scale)
    )


ITEMS: Final = items()
