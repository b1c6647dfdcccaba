"""SRI by hand, one pair of visits at a time, by trying every completion; apart from the library.

A verdict with unassessed parts is decided if all completions of the letters, of SLEDAI and of PGA
agree. Letters of different systems are independent, so the events that a system can give are listed
first, and the totals that their combinations can reach are added up system by system.
"""

from decimal import Decimal
from functools import cache

SCALE = "EDCBA"
THRESHOLD = {"0-3": Decimal("0.3"), "0-10": Decimal(1), "0-100": Decimal(10)}


def completions(grade: str | None) -> str:
    """Every letter that a grade may stand for."""
    if grade is None:
        return SCALE
    worst, best = grade[0], grade[-1]
    return SCALE[SCALE.index(best) : SCALE.index(worst) + 1]


def event(base: str, visit: str) -> tuple[int, int]:
    """New A and new B of one system, by the table of the specification (3.2)."""
    if visit == "A" and base != "A":
        return (1, 0)
    if visit == "B" and base in "CDE":
        return (0, 1)
    return (0, 0)


def totals(base: dict, visit: dict, systems: list[str]) -> frozenset:
    """Every pair (new A, new B) that some completion reaches."""
    reached = frozenset({(0, 0)})
    for system in systems:
        reached = one_more(reached, base[system], visit[system])
    return reached


@cache
def one_more(reached: frozenset, base: str | None, visit: str | None) -> frozenset:
    """The totals that can be reached once a system more is counted."""
    events = {event(b, v) for b in completions(base) for v in completions(visit)}
    return frozenset((a + da, b + db) for a, b in reached for da, db in events)


def decided(answers: set[bool]) -> bool | None:
    return answers.pop() if len(answers) == 1 else None


def verdict(
    base: dict, visit: dict, systems: list[str], *, x=4, clauses="and", scale="0-3"
) -> dict:
    """Each component and the verdict: True, False or None where completions disagree."""
    pairs = totals(base, visit, systems)
    if clauses == "and":
        bilag = decided({a == 0 and b <= 1 for a, b in pairs})
    else:
        bilag = decided({a == 0 or b <= 1 for a, b in pairs})
    sledai = pga = None
    if None not in (base["selena_sledai"], visit["selena_sledai"]):
        sledai = base["selena_sledai"] - visit["selena_sledai"] >= x
    if None not in (base["pga"], visit["pga"]):
        pga = Decimal(str(visit["pga"])) - Decimal(str(base["pga"])) < THRESHOLD[scale]
    failure = visit["treatment_failure"]
    treatment = None if failure is None else failure == 0
    parts = [sledai, bilag, pga, treatment]
    response = False if False in parts else None if None in parts else True
    counts = ({a for a, _ in pairs}, {b for _, b in pairs})
    new_a, new_b = (next(iter(count)) if len(count) == 1 else None for count in counts)
    return {
        "response": response,
        "sledai": sledai,
        "bilag": bilag,
        "pga": pga,
        "treatment": treatment,
        "new_a": new_a,
        "new_b": new_b,
    }
