"""From what was observed to rows of item values, at the visits that have the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trialwright.protocol import Study
from trialwright.simulation.draws import Draws
from trialwright.simulation.observations import Column
from trialwright.simulation.parameters import number
from trialwright.trialdata import TABLES

Days = NDArray[np.datetime64]
_SCHEMA: Final = TABLES["item_values"].columns
_OF_COLUMN: Final = ("form", "item", "unit", "lower_limit", "upper_limit")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came when.

    Attributes:
        participants: their names.
        attended: (participants, visits).
        visited_on: (participants, visits), anything where not attended.
        consented_on: (participants,).
    """

    participants: Sequence[str]
    attended: NDArray[np.bool_]
    visited_on: Days
    consented_on: Days


def item_values(
    study: Study,
    filled: dict[str, list[Column]],
    who: Attendance,
    draws: Draws,
    baseline: int,
) -> pl.DataFrame:
    """The item values of the visits attended, sorted by participant, visit, form and item.

    After baseline an item is sometimes not assessed; sites don't randomize before it is complete.
    """
    columns = [(form, column) for form, each in filled.items() for column in each]
    collected = np.array(
        [[form in visit.forms for form, _ in columns] for visit in study.visits], dtype=bool
    )
    luck = draws.uniform("item not assessed", collected.size).reshape(-1, *collected.shape)
    unassessed = luck < number("participation.unassessed_item")
    unassessed[:, : baseline + 1] = False

    asked = who.attended[:, :, None] & collected
    numbers = np.full(asked.shape, np.nan)
    texts: dict[int, Any] = {}
    for place, (_, column) in enumerate(columns):
        if column.kind == "number":
            numbers[:, :, place] = column.values
            empty = np.isnan(column.values)
        else:
            texts[place] = _texts(column, who)
            empty = texts[place] == ""
        if not column.asked:
            asked[:, :, place] &= ~empty
    numbers[unassessed] = np.nan

    person, visit, of = np.nonzero(asked)
    missed = unassessed[person, visit, of]
    named = pl.DataFrame(
        [(f, c.item, c.unit, c.lower_limit, c.upper_limit) for f, c in columns],
        schema={name: _SCHEMA[name] for name in _OF_COLUMN},
        orient="row",
    )
    by_column = named[of]
    text = np.full(len(of), "", dtype=np.object_)
    for number_of_column, found in texts.items():
        rows = (of == number_of_column) & ~missed
        text[rows] = found[person[rows], visit[rows]]
    return pl.DataFrame(
        {
            "participant": pl.Series(who.participants, dtype=pl.String)[person],
            "visit": pl.Series([each.id for each in study.visits])[visit],
            "form": by_column["form"],
            "item": by_column["item"],
            "number": pl.Series(numbers[person, visit, of], nan_to_null=True),
            "text": pl.Series(text.tolist(), dtype=pl.String).replace("", None),
            "unit": by_column["unit"],
            "lower_limit": by_column["lower_limit"],
            "upper_limit": by_column["upper_limit"],
            "collected_on": pl.Series(who.visited_on[person, visit]).cast(pl.Date),
        },
        schema=_SCHEMA,
    )


def _texts(column: Column, who: Attendance) -> NDArray[Any]:
    """Codes as they are; dates, which come as days before consent, in ISO form."""
    if column.kind == "code":
        return column.values
    known = ~np.isnan(column.values)
    days = np.where(known, column.values, 0).astype("timedelta64[D]")
    return np.where(known, np.datetime_as_string(who.consented_on[:, None] - days), "")
