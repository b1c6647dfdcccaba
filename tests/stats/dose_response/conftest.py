"""What DoseFinding 1.4-1 (R 4.2.2) computed for four doses and eight candidates."""

import json
from pathlib import Path

import polars as pl
import pytest

from trialwright.stats.dose_response import Candidate

ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="session")
def cases():
    return {case["id"]: case for case in json.loads((ORACLES / "mcpmod.json").read_text())["cases"]}


@pytest.fixture(scope="session")
def exact_cases():
    """Sphere-grid and one-factor integrals, deterministic."""
    return {
        case["id"]: case
        for case in json.loads((ORACLES / "mcpmod_exact.json").read_text())["cases"]
    }


@pytest.fixture(scope="session")
def doses():
    return [0, 0.2, 0.5, 1]


@pytest.fixture(scope="session")
def candidates():
    return [
        Candidate("linear", "linear"),
        Candidate("emax1", "emax", (0.15,)),
        Candidate("emax2", "emax", (0.5,)),
        Candidate("sigEmax", "sigEmax", (0.4, 3)),
        Candidate("quadratic", "quadratic", (-0.7,)),
        Candidate("exponential", "exponential", (0.5,)),
        Candidate("betaMod", "betaMod", (1.2, 0.8)),
        Candidate("logistic", "logistic", (0.4, 0.12)),
    ]


@pytest.fixture(scope="session")
def week_12():
    """Minus the week-12 SLEDAI change, observed cases, with arm and baseline."""
    table = pl.read_csv(ORACLES / "data" / "t1_sledai_long.csv", null_values=["NA", ""])
    table = table.filter((pl.col("week") == 12) & pl.col("chg").is_not_null())
    return -table["chg"].to_numpy(), table["arm"].to_numpy(), table["sledai0"].to_numpy()
