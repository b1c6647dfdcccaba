"""What rpact 3.3.4, gsDesign 3.10.1 and exact2x2 1.7.0 (R 4.2.2) computed."""

import json
from pathlib import Path

import pytest

from trialwright.stats.planning import efficacy_bounds

ORACLE = Path(__file__).parents[1] / "oracles" / "design.json"


@pytest.fixture(scope="session")
def cases():
    return {case["id"]: case for case in json.loads(ORACLE.read_text())["cases"]}


@pytest.fixture(scope="session")
def two_looks():
    """Two looks that spend alpha as Lan and DeMets' O'Brien–Fleming function does."""
    return efficacy_bounds("obrien-fleming-spending", 2, 0.025)
