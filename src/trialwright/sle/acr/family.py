"""The instrument of an edition of the ACR criteria, from its items: 4 of 11 criteria."""

from typing import Any, Final

import polars as pl

from trialwright.sle.criteria import by_group, counted, decided, group_lines, names, verdict_word
from trialwright.sle.explanation import one_visit
from trialwright.sle.instrument import Frame, Instrument, Item, same_kind, settled
from trialwright.sle.visits import KEYS, read_visits

NEEDED: Final = 4


def instrument(items: tuple[Item, ...], *, key: str, title: str, edition: str) -> Instrument:
    """The instrument with these items, whose `group` names the criterion."""
    name = key.replace("-", "_")
    met = by_group(items)

    def score(frame: Frame, **options: Any) -> Frame:
        """The verdict, the count of criteria at least and at most, and the criteria met."""
        settled((), options)
        visits = read_visits(frame, items)
        least, most = (counted(met.values(), unknown=unknown) for unknown in (False, True))
        scored = visits.frame.select(
            *KEYS,
            decided(least >= NEEDED, most >= NEEDED).alias(name),
            least.alias(f"{name}_count"),
            most.alias(f"{name}_count_highest"),
            names(met).alias(f"{name}_criteria"),
        )
        return same_kind(frame, scored)

    def explain(
        frame: pl.DataFrame | pl.LazyFrame, participant: object, visit: object, **options: Any
    ) -> str:
        """Each criterion with the items that met it, and what is still to be assessed."""
        cells = one_visit(read_visits(frame, items).frame, participant, visit)
        scores = one_visit(score(frame.lazy(), **options), participant, visit)
        head = [
            f"participant {cells['participant']}, visit {cells['visit']}",
            f"classified: {verdict_word(scores[name])}, {scores[f'{name}_count']} of {len(met)} "
            f"criteria met, {NEEDED} needed",
        ]
        return "\n".join([*head, *group_lines(items, cells)])

    return Instrument(
        key=key,
        folder=name,
        title=title,
        version=edition,
        measures="Whether a person is classified as having lupus: 4 of 11 criteria or more, ever, "
        "at the same time or one after another.",
        items=items,
        columns={
            name: "classified: yes, no, or empty while unassessed items leave it open",
            f"{name}_count": "criteria met for certain",
            f"{name}_count_highest": "criteria met if everything unassessed were present",
            f"{name}_criteria": "the criteria met, by name",
        },
        rules=(
            "Each item is whether it was ever present by the date of the row.",
            "Serositis, renal, neurological, hematological and immunological criteria are met by "
            "any one of their items.",
            "Classified with 4 of the 11 criteria or more.",
        ),
        missing=(
            "A criterion with unassessed items and none present is unknown; the verdict is given "
            "only where unknown criteria cannot change it.",
        ),
        score=score,
        explain=explain,
    )
