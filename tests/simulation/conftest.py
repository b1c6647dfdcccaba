import pytest

from simulation.shipped import NAMES, load, trial
from trialwright.protocol import Study
from trialwright.trialdata import TrialData


@pytest.fixture(params=list(NAMES))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def study(name: str) -> Study:
    return load(name)


@pytest.fixture
def data(name: str) -> TrialData:
    return trial(name)
