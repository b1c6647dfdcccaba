"""How the benchmarks measure and print: median wall times, peers in the same run."""

import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def seconds(action: Callable[[], Any], repeats: int = 5) -> float:
    """Median wall time of an action, after one call that compiles and warms up."""
    action()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def report(what: str, who: str, taken: float, per: float = 1.0, unit: str = "") -> None:
    """Print one measurement; with `per` things of `unit` done in it, their rate too."""
    rate = f"  {per / taken:14,.0f} {unit}/s" if unit else ""
    print(f"{what:<58} {who:<24} {taken * 1e3:12.3f} ms{rate}")


def in_r(code: str) -> float | None:
    """Milliseconds that R prints last when it runs this code; None without R or its packages."""
    if shutil.which("Rscript") is None:
        return None
    ran = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    words = ran.stdout.split()
    return float(words[-1]) if ran.returncode == 0 and words else None


def report_r(what: str, who: str, code: str, per: float = 1.0, unit: str = "") -> None:
    """Print what R measures, or that it is not installed."""
    taken = in_r(code)
    if taken is None:
        print(f"{what:<58} {who:<24} {'not installed':>15}")
    else:
        report(what, who, taken / 1e3, per, unit)
