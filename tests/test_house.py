"""The rules of the house that no other tool holds."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|mixins?|misc|common)(_|\.py$|$)")


def tracked(*patterns: str) -> list[Path]:
    """Files under version control; the test is skipped where there is none."""
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this copy is not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_no_python_file_is_longer_than_a_room():
    long = {str(p): n for p in tracked("*.py") if (n := len(p.read_text().splitlines())) > 500}
    assert long == {}


def test_names_say_what_a_file_is_about():
    assert [p for p in tracked("src/**") if FORBIDDEN_NAMES.search(p.name)] == []


def test_lock_files_hold_no_address():
    for lock in tracked("requirements/*"):
        assert "://" not in lock.read_text(), lock
    assert tracked("uv.lock") == []


def test_the_program_needs_at_most_sixty_packages():
    # design: at most 60 installed packages for `make run`; uv itself and pip come on top
    run = (ROOT / "requirements/run.txt").read_text()
    assert len(re.findall(r"^[a-z0-9._-]+==", run, re.MULTILINE)) <= 58
