"""Samples of each format, and the real records where they lie beside the repository."""

from pathlib import Path

import pytest

from trialwright.records.read import read_content
from trialwright.records.record import Record

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def study_json() -> Record:
    return read_content((SAMPLES / "study.json").read_bytes())


@pytest.fixture(scope="session")
def classic() -> Record:
    return read_content((SAMPLES / "classic.txt").read_bytes())


@pytest.fixture(scope="session")
def mirror() -> Record:
    return read_content((SAMPLES / "mirror.txt").read_bytes())


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(__file__).parents[3] / "shared"
    if not folder.is_dir():
        pytest.skip("the real records lie in ../shared, which is absent")
    return folder
