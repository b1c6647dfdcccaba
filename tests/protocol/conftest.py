"""The small study, as it is or with words of its file replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest

from trialwright.protocol import LoadedStudy, load_study

SMALL = Path(__file__).with_name("small.yaml")
StudyWith = Callable[..., LoadedStudy]


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write the small study with each key, which must be in the file, replaced by its value."""

    def write(replaced: dict[str, str]) -> Path:
        text = SMALL.read_text()
        for old, new in replaced.items():
            assert old in text, f"{old!r} is not in {SMALL.name}"
            text = text.replace(old, new)
        path = tmp_path / "study.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def study_with(write_study: Callable[[dict[str, str]], Path]) -> StudyWith:
    """Load the small study with words replaced; gaps are allowed, as in `check`."""

    def load(replaced: dict[str, str] | None = None, reading: str | None = None) -> LoadedStudy:
        return load_study(write_study(replaced or {}), reading, gaps_allowed=True)

    return load
