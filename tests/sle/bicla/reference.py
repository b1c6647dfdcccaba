"""BICLA by hand, one pair of visits at a time, by trying every completion; apart from the library.

Systems are independent, so what each can do is listed first, and the states that all together can
reach are built up system by system: whether one was active at baseline, whether one of these failed
to improve, whether there is a new A, and how many new B there are.
"""

from decimal import Decimal
from functools import cache

SCALE = "EDCBA"
ALLOWED = {"0-3": Decimal("0.3"), "0-10": Decimal(1), "0-100": Decimal(10)}
State = tuple[bool, bool, bool, int]


def completions(grade: str | None) -> str:
    """Every letter that a grade may stand for."""
    if grade is None:
        return SCALE
    return SCALE[SCALE.index(grade[-1]) : SCALE.index(grade[0]) + 1]


@cache
def courses(base: str | None, visit: str | None) -> frozenset[State]:
    """What one system can do, by the clauses of the specification (4.1) and new A and B (3.2)."""
    found = set()
    for before in completions(base):
        for now in completions(visit):
            active = before in "AB"
            stuck = (before == "A" and now == "A") or (before == "B" and now in "AB")
            new_a = now == "A" and before != "A"
            new_b = now == "B" and before in "CDE"
            found.add((active, stuck, new_a, int(new_b)))
    return frozenset(found)


def reached(base: dict, visit: dict, systems: list[str]) -> frozenset[State]:
    states: frozenset[State] = frozenset({(False, False, False, 0)})
    for system in systems:
        states = one_more(states, base[system], visit[system])
    return states


@cache
def one_more(states: frozenset[State], base: str | None, visit: str | None) -> frozenset[State]:
    """The states that can be reached once a system more is counted."""
    return frozenset(
        (active or more[0], stuck or more[1], new_a or more[2], min(new_b + more[3], 2))
        for active, stuck, new_a, new_b in states
        for more in courses(base, visit)
    )


def decided(answers: set) -> bool | None:
    return answers.pop() if len(answers) == 1 else None


def join(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def verdict(
    base: dict,
    visit: dict,
    systems: list[str],
    *,
    rule="original",
    scale="0-3",
    inactive="not evaluable",
) -> dict:
    """Each component, and the verdict without imputation."""
    states = reached(base, visit, systems)
    evaluable = decided({active for active, *_ in states})
    improved = decided({not stuck for _, stuck, _, _ in states})
    bilag = decided({not new_a and new_b <= 1 for *_, new_a, new_b in states})
    sledai = pga = treatment = None
    if None not in (base["sledai_2k"], visit["sledai_2k"]):
        sledai = visit["sledai_2k"] <= base["sledai_2k"]
    if None not in (base["pga"], visit["pga"]):
        rise = Decimal(str(visit["pga"])) - Decimal(str(base["pga"]))
        pga = rise <= ALLOWED[scale] if rule == "original" else rise < ALLOWED[scale]
    if visit["treatment_failure"] is not None:
        treatment = visit["treatment_failure"] == 0
    passes = {
        not stuck and not new_a and new_b <= 1 and (active or inactive == "not evaluable")
        for active, stuck, new_a, new_b in states
    }
    response = join(decided(passes), sledai, pga, treatment)
    if inactive == "not evaluable" and evaluable is not True:
        response = None
    return {
        "bicla": response, "bicla_evaluable": evaluable, "bicla_improved": improved,
        "bicla_bilag": bilag, "bicla_sledai": sledai, "bicla_pga": pga,
        "bicla_treatment": treatment,
    }  # fmt: skip
