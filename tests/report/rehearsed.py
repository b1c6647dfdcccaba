"""The study that is rehearsed, and how its page writes what its results say."""

from pathlib import Path

STUDY = Path(__file__).parents[2] / "studies" / "il2-sle-dose-finding" / "study.yaml"
ARMS = {
    "placebo": "Placebo",
    "il-2-0.2-miu": "IL-2 0.2 MIU",
    "il-2-0.5-miu": "IL-2 0.5 MIU",
    "il-2-1-miu": "IL-2 1 MIU",
}


def analysis(results: dict, name: str) -> dict:
    return next(each for each in results["analyses"] if each["id"] == name)


def counted(found: int, total: int) -> str:
    """As `35/40 (88%)`; Python rounds halves to even, as the page does."""
    return f"{found}/{total} ({round(100 * found / total)}%)"


def printable(p: float) -> float:
    """The p-value that `< 0.001` and `> 0.999` stand for, else itself."""
    return min(max(p, 0.001), 0.999)
