"""The shipped studies, larger ones like them, and trials simulated once for all tests."""

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from trialwright.protocol import Study, load_study
from trialwright.simulation import simulate
from trialwright.trialdata import TrialData

STUDIES: Final = Path(__file__).parents[2] / "studies"
NAMES: Final = {
    "dose-finding": ("il2-sle-dose-finding", None),
    "infection": ("il2-sle-infection", "parallel"),
    "crossover": ("il2-sle-infection", "crossover"),
}


@cache
def load(name: str) -> Study:
    folder, reading = NAMES[name]
    return load_study(STUDIES / folder / "study.yaml", reading).study


def enlarged(study: Study, participants: int, sites: int | None = None) -> Study:
    """The same study with another enrollment, and as many sites like its first as wanted."""
    enrollment = study.design.enrollment.model_copy(update={"count": participants})
    design = study.design.model_copy(update={"enrollment": enrollment})
    copies = study.sites
    if sites:
        copies = tuple(
            study.sites[0].model_copy(update={"id": f"site-{number}"}) for number in range(sites)
        )
    return study.model_copy(update={"design": design, "sites": copies})


@cache
def trial(name: str, scenario: str = "emax", seed: int = 1) -> TrialData:
    return simulate(load(name), scenario, seed, reasons=False)


def fingerprint(data: TrialData) -> tuple[int, ...]:
    """A number for each table that depends on all of its cells."""
    return tuple(
        int(table.hash_rows(seed=1).cast(pl.UInt64).sum() % 2**63)
        for table in data.tables().values()
        if table.height
    )
