"""Random visits for any instrument, drawn from what its items say they may hold."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl

from sle.random_visits import random_table
from trialwright import sle
from trialwright.sle.instrument import Instrument, Item

MODERATE = {
    # Where the rules of an instrument divide values, so that each side is drawn.
    "pga": (0.0, 0.4, 0.5, 1.0, 2.0, 2.3, 2.6),
    "prednisone": (0.0, 5.0, 5.5, 7.5, 10.0, 40.0),
    "upcr": (0.2, 0.5, 0.6, 0.7, 2.0, 5.0, 60.0, 150.0),
    "egfr": (40.0, 55.0, 60.0, 85.0, 95.0),
    "egfr_before_flare": (60.0, 90.0),
    "weight": (55.0, 75.0),
}

SLEDAI_TOTALS = (0, 2, 4, 4, 6, 8, 10, 13, 20)


def values(item: Item) -> tuple[float, ...]:
    """Numbers that a table may hold for the item: those above, else from low to high."""
    if item.key in MODERATE:
        return tuple(v for v in MODERATE[item.key] if item.low <= v <= item.high)
    near = [float(item.absent) * share for share in (0.4, 0.7, 1.0, 1.3)]
    far = np.linspace(item.low, item.high, 6).round(2).tolist()
    return tuple(v for v in (*near, *far) if item.low <= v <= item.high)


def options(instrument: Instrument) -> dict[str, object]:
    """Raw verdicts instead of imputed ones, so that every part can be seen."""
    raw = {option.name: option.allowed for option in instrument.options}
    return {"missing": "missing"} if "missing" in raw.get("missing", ()) else {}


def absent(items: Sequence[Item], key: str) -> float:
    """The value of a number that counts for nothing."""
    return next(float(item.absent) for item in items if item.key == key)


@cache
def visits(key: str, count: int, *, unassessed: float = 0.05, quiet: bool = False) -> pl.DataFrame:
    """`count` visits of participants with 4 visits each; quiet ones have few items present."""
    items = sle.INSTRUMENTS[key].items
    drawn = {item.key: values(item) for item in items if item.kind == "number"}
    if quiet:
        drawn = {
            name: (drawn[name][0], drawn[name][-1], *[absent(items, name)] * 9) for name in drawn
        }
    # Letters without E: never affected after activity is a contradiction.
    drawn |= {
        item.key: [code for code in item.codes if "E" not in code]
        for item in items
        if item.kind == "code"
    }
    table = random_table(
        items,
        count,
        seed=7,
        unassessed=unassessed,
        present=0.02 if quiet else 0.15,
        numbers=drawn,
    )
    rng = np.random.default_rng(8)
    totals = [item.key for item in items if item.kind == "grade" and item.high > 10]
    table = table.with_columns(
        pl.Series(name, rng.choice(SLEDAI_TOTALS, count), dtype=pl.Int8) for name in totals
    )
    units = {item.key: item.unit for item in items if item.unit_needed}
    return table.with_columns(pl.lit(unit).alias(f"{name}_unit") for name, unit in units.items())
