"""PGA: one assessment, brought to the scale of 0 to 3 and named."""

from typing import Any, Final

import polars as pl

from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, Item, Option, same_kind, settled
from trialwright.sle.pga.scale import SCALES, in_steps, on_0_3
from trialwright.sle.visits import KEYS, read_visits

OPTIONS: Final = (
    Option(
        name="scale",
        default="0-3",
        allowed=tuple(SCALES),
        meaning="the scale on which the column pga was recorded",
    ),
)


def item(scale: str) -> Item:
    """The assessment as an item on `scale`."""
    return Item(
        key="pga",
        label="Physician's global assessment",
        kind="number",
        high=SCALES[scale],
        help="Rate before the laboratory results and the index are known; the same experienced "
        "rater at each visit.",
        source="S82, S2",
        verified=True,
    )


ITEMS: Final = (item("0-3"),)


def score(frame: Frame, **options: Any) -> Frame:
    """The assessment of each visit on the scale of 0 to 3, and its band."""
    scale = settled(OPTIONS, options)["scale"]
    visits = read_visits(frame, (item(scale),))
    steps = in_steps(pl.col("pga"))
    full = SCALES[scale] * 10_000
    band = (
        pl.when(steps * 6 < full)
        .then(pl.lit("below mild"))
        .when(steps * 3 <= full)
        .then(pl.lit("mild"))
        .when(steps * 3 <= 2 * full)
        .then(pl.lit("moderate"))
        .when(steps.is_not_null())
        .then(pl.lit("severe"))
    )
    scored = visits.frame.select(
        *KEYS, on_0_3(steps, scale).alias("pga_0_3"), band.alias("pga_band")
    )
    return same_kind(frame, scored)


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The assessment as recorded and on the scale of 0 to 3."""
    scale = settled(OPTIONS, options)["scale"]
    cells = one_visit(read_visits(frame, (item(scale),)).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    head = f"participant {cells['participant']}, visit {cells['visit']}\n"
    if cells["pga"] is None:
        return f"{head}pga: not assessed"
    recorded, converted = f"{cells['pga']:g} of {SCALES[scale]}", f"{scores['pga_0_3']:g} of 3"
    return f"{head}pga: {recorded} is {converted}, {scores['pga_band']}"
