"""SLE-DAS: weighted items, a joint count, and logarithms of what was measured.

Each term can only add, so the score has a least and a most while items are unassessed: nothing
from an unassessed item, or as much as it could give within its range.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import decided, verdict_word
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Check, Frame, same_kind, settled
from trialwright.sle.sle_das.items import (
    ARTHRITIS,
    CONSTANT,
    ITEMS,
    LOGARITHMIC,
    PER_SWOLLEN_JOINT,
    WEIGHTS,
)
from trialwright.sle.visits import KEYS, read_visits

_BY_KEY: Final = {item.key: item for item in ITEMS}
_BANDS: Final = ((2.08, "remission"), (7.64, "mild"))
_ABOVE: Final = "moderate or severe"
_STATES: Final = {"sle_das_remission": (2.08, 5.0), "sle_das_low_activity": (2.48, 7.5)}
"""State to the highest score and the highest daily prednisone."""


def score(frame: Frame, **options: Any) -> Frame:
    """The score of each visit, its least and most, its band, and the two states."""
    settled((), options)
    visits = read_visits(frame, ITEMS)
    given = visits.frame.collect_schema().names()
    least, most = (
        pl.sum_horizontal(terms(at_most=at_most).values()).round(3) for at_most in (False, True)
    )
    scored = (
        visits.frame.with_columns(least.alias("_least"), most.alias("_most"))
        .with_columns(_band("_least").alias("_lowest_band"), _band("_most").alias("_highest_band"))
        .select(
            *KEYS,
            _common("_least", "_most").alias("sle_das"),
            pl.col("_least").alias("sle_das_lowest"),
            pl.col("_most").alias("sle_das_highest"),
            _common("_lowest_band", "_highest_band").alias("sle_das_band"),
            *(_state(limit, dose, given).alias(name) for name, (limit, dose) in _STATES.items()),
        )
    )
    return same_kind(frame, scored)


def terms(*, at_most: bool) -> dict[str, pl.Expr]:
    """What each item adds, with unassessed ones at what they add at least or at most."""
    joints = pl.col("sjc28").fill_null(28 if at_most else 0)
    present = {key: pl.col(key).fill_null(at_most) == 1 for key in WEIGHTS}
    present["localised_rash"] &= ~present["generalised_rash"]
    return {
        "constant": pl.lit(CONSTANT),
        "sjc28": joints * PER_SWOLLEN_JOINT + (joints > 0) * ARTHRITIS,
        **{key: present[key] * weight for key, weight in WEIGHTS.items()},
        **{key: _logarithm(key, at_most=at_most) for key in LOGARITHMIC},
    }


def _logarithm(key: str, *, at_most: bool) -> pl.Expr:
    limit, constant, slope = LOGARITHMIC[key]
    item = _BY_KEY[key]
    worst = item.high if slope > 0 else item.low
    value = pl.col(key).fill_null(worst if at_most else item.absent)
    beyond = value > limit if slope > 0 else value < limit
    return pl.when(beyond).then(constant + slope * value.log()).otherwise(0.0)


def _band(column: str) -> pl.Expr:
    named = pl.lit(_ABOVE)
    for highest, name in reversed(_BANDS):
        named = pl.when(pl.col(column) <= highest).then(pl.lit(name)).otherwise(named)
    return named


def _common(one: str, other: str) -> pl.Expr:
    return pl.when(pl.col(one) == pl.col(other)).then(pl.col(one))


def _state(limit: float, dose: float, given: Sequence[str]) -> pl.Expr:
    low_score = decided(pl.col("_most") <= limit, pl.col("_least") <= limit)
    if "prednisone" not in given:
        return low_score & pl.lit(None, dtype=pl.Boolean)
    return low_score & (pl.col("prednisone") <= dose)


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """The score of one visit, term by term."""
    visits = read_visits(frame, ITEMS).frame
    cells = one_visit(visits, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    added = one_visit(
        visits.select(*KEYS, *(one.alias(key) for key, one in terms(at_most=False).items())),
        participant,
        visit,
    )
    low, high = scores["sle_das_lowest"], scores["sle_das_highest"]
    total = f"{low:g}" if low == high else f"open, between {low:g} and {high:g}"
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"sle_das: {total}; {scores['sle_das_band'] or 'band open'}",
        f"  +{CONSTANT:g}  constant",
    ]
    for item in ITEMS:
        if item.key != "prednisone" and cells[item.key] is None:
            lines.append(f"  not assessed: {item.label}")
        elif added.get(item.key):
            number = f" {cells[item.key]:g}" if item.kind != "yes/no" else ""
            lines.append(f"  +{added[item.key]:.3f}  {item.label}{number}")
    lines += [
        f"  {words}: {verdict_word(scores[name])}"
        for name, words in zip(_STATES, ("remission", "low disease activity"), strict=True)
    ]
    return "\n".join(lines)


CHECKS: Final = (
    Check(
        code="SLE-DAS-RASH",
        needs=("localised_rash", "generalised_rash"),
        when=reduce(add, (pl.col(f"{kind}_rash") for kind in ("localised", "generalised"))) == 2,
        finding="rash is both localized and generalized; only the generalized counts",
    ),
)
