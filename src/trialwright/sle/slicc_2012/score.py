"""SLICC 2012: four criteria of both kinds, or nephritis on biopsy with ANA or anti-dsDNA.

A positive Coombs test counts only without hemolytic anemia. Where hemolytic anemia was not assessed
the criteria are therefore counted twice, with it and without it; everything else can only add.
"""

from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import by_group, counted, decided, group_lines, names, verdict_word
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, same_kind, settled
from trialwright.sle.slicc_2012.items import (
    BIOPSY,
    CLINICAL,
    COOMBS,
    HEMOLYTIC_ANEMIA,
    IMMUNOLOGICAL,
    ITEMS,
    NEEDED,
)
from trialwright.sle.visits import KEYS, read_visits

_CLINICAL: Final = by_group(CLINICAL)
_IMMUNOLOGICAL: Final = by_group(IMMUNOLOGICAL)
_ANEMIA: Final = pl.col("haemolytic_anaemia") == 1


def score(frame: Frame, **options: Any) -> Frame:
    """The verdict, the count of criteria at least and at most, and the criteria met."""
    settled((), options)
    visits = read_visits(frame, ITEMS)
    without_anemia, with_anemia = (_counts(anemia=anemia) for anemia in (False, True))
    certain = {
        **_CLINICAL,
        **_IMMUNOLOGICAL,
        COOMBS: _IMMUNOLOGICAL[COOMBS] & ~_ANEMIA,
        BIOPSY.group: pl.col(BIOPSY.key) == 1,
    }
    scored = (
        visits.frame.with_columns(
            count.alias(f"_{name}_{anemia}")
            for anemia, counts in (("without", without_anemia), ("with", with_anemia))
            for name, count in counts.items()
        )
        .with_columns(_verdict("without").alias("_without"), _verdict("with").alias("_with"))
        .select(
            *KEYS,
            _either("_without", "_with", agree=True).alias("slicc_2012"),
            *(
                _either(f"_{end}_without", f"_{end}_with", agree=False, highest=highest).alias(name)
                for name, end, highest in (
                    ("slicc_2012_count", "least", False),
                    ("slicc_2012_count_highest", "most", True),
                )
            ),
            names(certain).alias("slicc_2012_criteria"),
        )
    )
    return same_kind(frame, scored)


def _counts(*, anemia: bool) -> dict[str, pl.Expr]:
    """Counts at least and at most, if hemolytic anemia is known to be present or absent."""
    clinical = {**_CLINICAL, HEMOLYTIC_ANEMIA: pl.lit(anemia)}
    immunological = {**_IMMUNOLOGICAL}
    if anemia:
        immunological[COOMBS] = pl.lit(False)
    counts = {}
    for end, unknown in (("least", False), ("most", True)):
        counts[f"clinical_{end}"] = counted(clinical.values(), unknown=unknown)
        counts[f"immunological_{end}"] = counted(immunological.values(), unknown=unknown)
        counts[end] = counts[f"clinical_{end}"] + counts[f"immunological_{end}"]
    return counts


def _verdict(anemia: str) -> pl.Expr:
    def classified(end: str, unknown: int) -> pl.Expr:
        clinical, immunological, total = (
            pl.col(f"_{name}_{anemia}") for name in (f"clinical_{end}", f"immunological_{end}", end)
        )
        biopsy, ana, dsdna = (
            pl.col(key).fill_null(unknown) == 1 for key in (BIOPSY.key, "ana", "anti_dsdna")
        )
        by_count = (clinical > 0) & (immunological > 0) & (total >= NEEDED)
        return by_count | (biopsy & (ana | dsdna))

    return decided(classified("least", 0), classified("most", 1))


def _either(without: str, with_: str, *, agree: bool, highest: bool = False) -> pl.Expr:
    """The answer for the anemia as assessed; if it was not, the common or the outermost one."""
    both = pl.col(without), pl.col(with_)
    unassessed: pl.Expr
    if agree:
        unassessed = pl.when(both[0] == both[1]).then(both[0])
    else:
        unassessed = pl.max_horizontal(*both) if highest else pl.min_horizontal(*both)
    return pl.when(_ANEMIA).then(both[1]).when(~_ANEMIA).then(both[0]).otherwise(unassessed)


def explain(
    frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
) -> str:
    """Each criterion with the items that met it, and what is still to be assessed."""
    cells = one_visit(read_visits(frame, ITEMS).frame, participant, visit)
    scores = one_visit(score(frame.lazy(), **options), participant, visit)
    lines = [
        f"participant {cells['participant']}, visit {cells['visit']}",
        f"classified: {verdict_word(scores['slicc_2012'])}, {scores['slicc_2012_count']} criteria "
        f"met; {NEEDED} needed, one clinical and one immunological, or nephritis on biopsy with "
        "ANA or anti-dsDNA",
        "clinical",
        *group_lines(CLINICAL, cells),
        "immunological",
        *group_lines(IMMUNOLOGICAL, cells),
        *group_lines((BIOPSY,), cells),
    ]
    if cells["direct_coombs"] == 1 and cells["haemolytic_anaemia"] != 0:
        because = "is" if cells["haemolytic_anaemia"] else "may be"
        lines.append(f"  the Coombs test counts only without hemolytic anemia, which {because} met")
    return "\n".join(lines)
