"""Random BILAG-2004 tables with numbers at and around the limits of the rules."""

import polars as pl

from sle.random_visits import random_table
from trialwright.sle.bilag_2004.items import ITEMS

NUMBERS = {
    "sbp": [110, 120, 140, 141, 150, 171],
    "dbp": [70, 75, 85, 90, 91, 100, 115],
    "uacr": [0, 10, 25, 26, 40, 50, 75, 100, 101, 140],
    "upcr": [0, 10, 25, 25.1, 37.5, 49.9, 50, 75, 100, 101, 133.4],
    "protein_24h": [0, 0.1, 0.25, 0.26, 0.375, 0.5, 0.9, 1, 1.2, 1.21, 1.6, 3],
    "creatinine": [70, 100, 115, 120, 130, 131, 138, 149.5, 156, 157, 170, 204],
    "gfr": [33.5, 44, 49.9, 50, 50.1, 53.6, 67, 79.9, 80, 100],
    "haemoglobin": [7.9, 8, 8.9, 9, 10.9, 11, 12, 13],
    "wcc": [0.9, 1, 1.9, 2, 3.9, 4, 6],
    "neutrophils": [0.4, 0.5, 0.9, 1, 1.9, 2, 4],
    "lymphocytes": [0.9, 1, 1.5],
    "platelets": [24, 25, 49, 50, 149, 150, 200],
}


def bilag_table(visits: int, seed: int, *, unassessed: float = 0.03, **more) -> pl.DataFrame:
    """A random table; some visits have none of the renal items."""
    table = random_table(ITEMS, visits, seed=seed, unassessed=unassessed, numbers=NUMBERS, **more)
    if not unassessed:
        return table
    whole = pl.int_range(pl.len()) % 11 == 5
    renal = [item.key for item in ITEMS if item.group == "renal"]
    amounts = ["uacr", "upcr", "protein_24h"]
    dipstick_only = pl.int_range(pl.len()) % 3 == 0
    return table.with_columns(
        pl.when(whole).then(None).otherwise(pl.col(key)).alias(key) for key in renal
    ).with_columns(
        pl.when(dipstick_only).then(None).otherwise(pl.col(key)).alias(key) for key in amounts
    )
