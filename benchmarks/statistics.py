"""How long the statistical methods take, each beside a peer in the same run.

    python benchmarks/statistics.py [NAME ...]

One function a figure: it prints its lines through `report`. Medians of wall time, one BLAS thread.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, Final


def seconds(action: Callable[[], Any], repeats: int = 5) -> float:
    """Median wall time of an action, after one call that compiles and warms up."""
    action()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return median(taken)


def report(what: str, who: str, taken: float, per: float = 1.0, unit: str = "") -> None:
    """Print one measurement; with `per` things of `unit` done in it, their rate too."""
    rate = f"  {per / taken:14,.0f} {unit}/s" if unit else ""
    print(f"{what:<58} {who:<24} {taken * 1e3:12.3f} ms{rate}")


FIGURES: Final[Mapping[str, Callable[[], None]]] = {}


def main(names: list[str]) -> None:
    """Run the figures named, or all."""
    for name, figure in FIGURES.items():
        if not names or name in names:
            figure()


if __name__ == "__main__":
    main(sys.argv[1:])
