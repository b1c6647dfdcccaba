"""Data of textbooks, written from R's packages, and made data with ties, strata and late entry.

R 4.2.2: gehan and Melanoma of MASS 7.3-58.2 (Gehan 1965, as in Collett; Andersen et al. 1993, here
with cause 1 death from melanoma, 2 other death); aml, ovarian, kidney (`female` is sex - 1),
bladder2 and veteran of survival 3.5-3 (Miller 1997; Edmunson et al. 1979; McGilchrist & Aisbett
1991; Wei, Lin & Weissfeld 1989; Kalbfleisch & Prentice).
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

FOLDER = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def textbook() -> Callable[[str], SimpleNamespace]:
    """The columns of a data set by name."""

    def read(name: str) -> SimpleNamespace:
        table = pl.read_csv(FOLDER / f"{name}.csv")
        return SimpleNamespace(
            **{column.replace(".", "_"): table[column].to_numpy() for column in table.columns}
        )

    return read


@pytest.fixture(scope="session")
def made() -> Callable[..., SimpleNamespace]:
    """Tied days to three kinds of end (0 to 2), covariates, strata, clusters, entry and weights."""

    def make(seed: int, n: int = 30) -> SimpleNamespace:
        rng = np.random.Generator(np.random.Philox(seed))
        arm = np.arange(n) % 2
        z = rng.normal(size=n).round(2)
        time = np.ceil(rng.exponential(8, n) * np.exp(0.4 * arm - 0.3 * z)) + 1
        return SimpleNamespace(
            time=time,
            code=rng.choice([0, 1, 1, 2], n),
            arm=arm,
            x=np.column_stack([arm, z]),
            stratum=rng.integers(0, 3, n),
            cluster=rng.integers(0, n // 2, n),
            start=np.minimum(rng.integers(0, 4, n), time - 1),
            weight=rng.uniform(0.5, 2, n),
        )

    return make
