"""How long a rehearsal takes, from the command to the report, against the limits that we promise.

    python benchmarks/rehearsal.py

Each trial is rehearsed three times in a process of its own, as a user would; the median counts.
Promised on two cores: the dose-finding trial in 10 seconds, the infection trial in 5.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMITS = {"il2-sle-dose-finding": 10.0, "il2-sle-infection": 5.0}
RUNS = 3


def seconds(study: str, out: Path) -> float:
    """The time of one rehearsal."""
    program = Path(sys.executable).with_name("trialwright")
    words = ["rehearse", ROOT / "studies" / study / "study.yaml", "--seed", "1", "--out", out]
    start = time.perf_counter()
    subprocess.run([program, *words], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the median of each trial beside its limit."""
    print(f"{'study':<24} {'median':>8} {'limit':>8} {'share':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for study, limit in LIMITS.items():
            runs = sorted(seconds(study, Path(folder) / study) for _ in range(RUNS))
            taken = runs[RUNS // 2]
            print(f"{study:<24} {taken:>6.1f} s {limit:>6.1f} s {taken / limit:>7.0%}")


if __name__ == "__main__":
    main()
