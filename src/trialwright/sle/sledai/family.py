"""The instrument of a SLEDAI version, from what sets the version apart."""

from typing import Any, Final

import polars as pl

from trialwright.sle.instrument import Check, Frame, Instrument, Item, Option, settled
from trialwright.sle.sledai import explain as explanation
from trialwright.sle.sledai import score as scoring
from trialwright.sle.sledai.bands import BANDS
from trialwright.sle.sledai.derive import raw_items
from trialwright.sle.sledai.score import Settings, Version

_RAW: Final = {item.key: item for item in raw_items()}
_BILAG_SKIN: Final = tuple(
    Item(key=key, label=key, kind="grade", high=4)
    for key in ("skin_eruption_severe", "skin_eruption_mild")
)

OPTIONS: Final = (
    Option(
        name="missing",
        default="strict",
        allowed=("strict", "zero", "carry"),
        meaning="strict: no score while an item is unassessed; zero: unassessed counts as absent "
        "and is "
        "counted; carry: the last value within `window` is carried forward, then as strict",
    ),
    Option(
        name="window",
        default=None,
        meaning="longest time for carry, in the unit of the visits (days where they are dates)",
    ),
    Option(
        name="proteinuria_rule",
        default=None,
        allowed=(None, "selena", "2k"),
        meaning="how proteinuria follows from raw values; nothing: the rule of the version",
    ),
    Option(
        name="proteinuria_compared_with",
        default="last",
        allowed=("last", "first"),
        meaning="the earlier value for the selena rule: the last one measured, or the first",
    ),
    Option(
        name="no_earlier_proteinuria",
        default="new",
        allowed=("new", "not new", "unknown"),
        meaning="how the selena rule takes a value above 0.5 g that is the first on record",
    ),
    Option(
        name="upcr_mg_per_mmol",
        default=100.0,
        meaning="mg/mmol that stand for 1 g/g of protein to creatinine: 100 in trials, 113.12 by "
        "molar mass",
    ),
    Option(
        name="bands",
        default=None,
        allowed=(None, *BANDS),
        meaning="adds a column with the name of the band of the total",
    ),
    Option(
        name="change",
        default=None,
        allowed=(None, "previous", "first"),
        meaning="adds a column: flare if the total rose by more than 3 since the participant's "
        "previous or first visit, improved if it fell by more than 3, else stable",
    ),
)

CHECKS: Final = (
    Check(
        code="SLEDAI-PROTEIN",
        needs=("proteinuria", "protein_24h"),
        when=(pl.col("proteinuria") == 1) & (pl.col("protein_24h") <= 0.5),
        finding="proteinuria is present and 24 h urine protein is 0.5 g or less",
        reads=(_RAW["protein_24h"],),
    ),
    Check(
        code="SLEDAI-UPCR",
        needs=("proteinuria", "upcr"),
        when=(pl.col("proteinuria") == 1) & (pl.col("upcr") <= 0.5),
        finding="proteinuria is present and the protein to creatinine ratio is 0.5 g/g or less",
        reads=(_RAW["upcr"],),
    ),
    Check(
        code="SLEDAI-JOINTS",
        needs=("arthritis", "joint_count"),
        when=(pl.col("arthritis") == 1) & (pl.col("joint_count") == 0),
        finding="arthritis is present and no joint was counted",
        reads=(_RAW["joint_count"],),
    ),
    Check(
        code="SLEDAI-RASH",
        needs=("rash", "skin_eruption_severe", "skin_eruption_mild"),
        when=(pl.col("rash") == 1)
        & (pl.col("skin_eruption_severe") == 0)
        & (pl.col("skin_eruption_mild") == 0),
        finding="rash is present in SLEDAI and both skin eruption items of BILAG-2004 are zero",
        reads=_BILAG_SKIN,
    ),
)


def instrument(
    version: Version,
    *,
    key: str,
    title: str,
    edition: str,
    rules: tuple[str, ...],
    left_out: tuple[str, ...] = (),
) -> Instrument:
    """The instrument of `version`."""
    name = version.column

    def score(frame: Frame, **options: Any) -> Frame:
        """Score each visit; the options are those of the instrument."""
        return scoring.score(version, frame, Settings(**settled(OPTIONS, options)))

    def explain(
        frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
    ) -> str:
        """Which items gave the points of one visit."""
        settings = Settings(**settled(OPTIONS, options))
        return explanation.explain(version, frame, participant, visit, settings)

    return Instrument(
        key=key,
        folder=key.replace("-", "_"),
        title=title,
        version=edition,
        measures="Global disease activity of lupus: 24 items, each present or absent and each "
        "with a "
        "fixed weight; 0 to 105 points.",
        items=version.items,
        columns={
            name: "total, 0 to 105",
            f"{name}_unassessed": "how many of the 24 items were not assessed",
            f"{name}_without_serology": "total without low complement and DNA binding, 0 to 101",
            f"{name}_without_labs": "total without the 8 laboratory and serology items, 0 to 83",
        },
        rules=rules,
        missing=(
            "No published rule was read, so the policy is an argument: `missing`.",
            "strict, the default, gives no score; both clinical totals exist where their own "
            "items do.",
        ),
        options=OPTIONS,
        raw=tuple(_RAW.values()),
        checks=CHECKS,
        score=score,
        explain=explain,
        left_out=left_out,
    )
