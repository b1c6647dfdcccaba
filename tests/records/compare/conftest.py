"""The study that agrees with its record."""

import pytest

from records.compare.changes import SAMPLES
from trialwright.protocol import Study, load_study


@pytest.fixture(scope="session")
def study() -> Study:
    return load_study(SAMPLES / "study.yaml", gaps_allowed=True).study
