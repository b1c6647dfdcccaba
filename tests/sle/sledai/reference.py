"""SLEDAI by hand, one visit at a time, with exact decimals; written apart from the library.

Weights are typed from the score sheet (specification 1.1), not read from the library.
"""

from decimal import Decimal

EIGHT = [
    "seizure",
    "psychosis",
    "organic_brain_syndrome",
    "visual_disturbance",
    "cranial_nerve_disorder",
    "lupus_headache",
    "cva",
    "vasculitis",
]
FOUR = ["arthritis", "myositis", "urinary_casts", "hematuria", "proteinuria", "pyuria"]
TWO = [
    "rash",
    "alopecia",
    "mucosal_ulcers",
    "pleurisy",
    "pericarditis",
    "low_complement",
    "increased_dna_binding",
]
ONE = ["fever", "thrombocytopenia", "leukopenia"]
SEROLOGY = ("low_complement", "increased_dna_binding")
LABS = (
    *SEROLOGY,
    *["urinary_casts", "hematuria", "proteinuria", "pyuria", "thrombocytopenia", "leukopenia"],
)
ALL = [*EIGHT, *FOUR, *TWO, *ONE]
WITHOUT_SEROLOGY = [key for key in ALL if key not in SEROLOGY]
WITHOUT_LABS = [key for key in ALL if key not in LABS]


WEIGHTS = {
    **dict.fromkeys(EIGHT, 8),
    **dict.fromkeys(FOUR, 4),
    **dict.fromkeys(TWO, 2),
    **dict.fromkeys(ONE, 1),
}


def points(visit: dict, keys: list[str]) -> int | None:
    total = 0
    for key in keys:
        if visit[key] is None:
            return None
        if visit[key] == 1:
            total += WEIGHTS[key]
    return total


def scores(visit: dict) -> tuple:
    return (
        points(visit, ALL),
        list(visit.values()).count(None),
        points(visit, WITHOUT_SEROLOGY),
        points(visit, WITHOUT_LABS),
    )


def zero(visit: dict) -> dict:
    return {key: 0 if value is None else value for key, value in visit.items()}


def carried(visits: list[dict], window: int) -> list[dict]:
    """The visits of one participant, each empty cell filled with the last value in the window."""
    filled = []
    for i, visit in enumerate(visits):
        cells = dict(visit)
        for key in ALL:
            for earlier in reversed(visits[: i + 1]):
                if earlier[key] is not None:
                    if visit["visit"] - earlier["visit"] <= window:
                        cells[key] = earlier[key]
                    break
        filled.append(cells)
    return filled


def selena_proteinuria(grams: list[float | None]) -> list[int | None]:
    """Proteinuria at each visit of one participant: above 0.5 g, and new or risen by over 0.5 g."""
    result: list[int | None] = []
    last = None
    for value in grams:
        if value is None:
            result.append(None)
            continue
        amount = Decimal(str(value))
        half = Decimal("0.5")
        counts = amount > half and (last is None or last <= half or amount - last > half)
        result.append(int(counts))
        last = amount
    return result
