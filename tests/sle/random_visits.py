"""Random visit tables: cells near the limits of the rules, with a share of them not assessed."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from trialwright.sle.instrument import Item


def random_table(
    items: Sequence[Item],
    visits: int,
    *,
    seed: int,
    per_participant: int = 4,
    unassessed: float = 0.03,
    present: float = 0.1,
    numbers: Mapping[str, Sequence[float]] | None = None,
) -> pl.DataFrame:
    """Participants with `per_participant` visits each; numbers are drawn from the values given."""
    rng = np.random.default_rng(seed)
    row = np.arange(visits)
    columns: dict[str, object] = {
        "participant": row // per_participant,
        "visit": row % per_participant,
    }
    for item in items:
        if item.kind == "number":
            cells = rng.choice(np.asarray((numbers or {})[item.key], dtype=float), visits)
        elif item.kind == "code":
            cells = rng.choice(np.asarray((numbers or {}).get(item.key, item.codes)), visits)
        else:
            level = rng.integers(1, int(item.high) + 1, visits)
            cells = np.where(rng.random(visits) < present, level, 0).astype(np.int8)
        columns[item.key] = pl.Series(cells).set(pl.Series(rng.random(visits) < unassessed), None)
    return pl.DataFrame(columns)


def shuffled(table: pl.DataFrame, seed: int = 1) -> pl.DataFrame:
    """The same rows in another order."""
    return table.sample(fraction=1, shuffle=True, seed=seed)
