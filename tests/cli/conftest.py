"""One way to run the program in tests: its words in, exit code and what it printed out."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from trialwright.cli.main import run_words


@dataclass(frozen=True)
class Ran:
    """What a run of the program gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def trialwright(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `trialwright` with these words."""

    def run(*words: object) -> Ran:
        capsys.readouterr()
        code = run_words([str(word) for word in words])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
