"""Progress of a verb that takes seconds, on the standard error stream."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show that something is under way, and then how long it took."""
    console = Console(stderr=True, highlight=False)
    start = time.perf_counter()
    with console.status(what):
        yield
    console.print(f"{what}: {time.perf_counter() - start:.1f} s", style="dim")
