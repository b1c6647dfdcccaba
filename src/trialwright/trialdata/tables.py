"""The tables of a trial: their columns, types and keys.

Missing is not absent. An item that was asked for and not assessed has a row in `item_values`
with neither `number` nor `text`; an item that was never asked for has no row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import polars as pl

from trialwright.errors import UnusableInputError

Schema = dict[str, pl.DataType]

END_REASONS: Final = pl.Enum(
    [
        "completed",
        "adverse event",
        "death",
        "lack of efficacy",
        "lost to follow-up",
        "physician decision",
        "pregnancy",
        "protocol deviation",
        "screen failure",
        "withdrawal by participant",
    ]
)
VERDICTS: Final = pl.Enum(["met", "not met", "unknown"])
DATE, INTEGER, NUMBER, TEXT, FLAG = pl.Date(), pl.Int32(), pl.Float64(), pl.String(), pl.Boolean()


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One table: its columns in order, and the columns that identify a row."""

    columns: Schema
    key: tuple[str, ...]


TABLES: Final[Mapping[str, TableDefinition]] = {
    # One row per person who was screened. `ended_*` is the end of participation and
    # `treatment_ended_*` that of study treatment; both empty for those who were never randomized.
    "participants": TableDefinition(
        {
            "participant": TEXT,
            "site": TEXT,
            "sex": pl.Enum(["female", "male"]),
            "age": NUMBER,  # years at consent
            "consented_on": DATE,
            "screened_on": DATE,
            "randomized": FLAG,
            "treatment_ended_on": DATE,
            "treatment_end_reason": END_REASONS,
            "ended_on": DATE,
            "end_reason": END_REASONS,
        },
        ("participant",),
    ),
    # One row per participant and eligibility criterion.
    "criteria": TableDefinition(
        {
            "participant": TEXT,
            "criterion": TEXT,
            "verdict": VERDICTS,
            "reason": TEXT,
            "assessed_on": DATE,
        },
        ("participant", "criterion"),
    ),
    # One row per randomized participant. `allocated_to` is an arm, or a sequence in a crossover.
    "allocations": TableDefinition(
        {
            "participant": TEXT,
            "stratum": TEXT,
            "position": INTEGER,  # in the stratum's list, from 1
            "allocated_to": TEXT,
            "allocated_on": DATE,
        },
        ("participant",),
    ),
    # One row per participant and visit that was due.
    "visits": TableDefinition(
        {
            "participant": TEXT,
            "visit": TEXT,
            "status": pl.Enum(["attended", "missed"]),
            "visited_on": DATE,
            "study_day": INTEGER,  # day 1 is the day of the first dose; there is no day 0
        },
        ("participant", "visit"),
    ),
    # One row per participant, visit, form and item; limits are the laboratory's own.
    "item_values": TableDefinition(
        {
            "participant": TEXT,
            "visit": TEXT,
            "form": TEXT,
            "item": TEXT,
            "number": NUMBER,  # a yes is 1, a no is 0
            "text": TEXT,  # a code, or a date in ISO form
            "unit": TEXT,
            "lower_limit": NUMBER,
            "upper_limit": NUMBER,
            "collected_on": DATE,
        },
        ("participant", "visit", "form", "item"),
    ),
    "adverse_events": TableDefinition(
        {
            "participant": TEXT,
            "number": INTEGER,  # counts the events of one participant
            "term": TEXT,
            "category": TEXT,
            "grade": INTEGER,  # CTCAE 1 to 5
            "serious": FLAG,
            "related": FLAG,
            "special_interest": FLAG,
            "started_on": DATE,
            "ended_on": DATE,
        },
        ("participant", "number"),
    ),
    # One row per dose that was due.
    "exposures": TableDefinition(
        {
            "participant": TEXT,
            "intervention": TEXT,
            "due_on": DATE,
            "given": FLAG,
            "dose": NUMBER,
            "unit": TEXT,
            "route": TEXT,
        },
        ("participant", "intervention", "due_on"),
    ),
    # One row per medication and dose; a change of dose ends one row and starts the next.
    "medications": TableDefinition(
        {
            "participant": TEXT,
            "number": INTEGER,  # counts the rows of one participant
            "medication": TEXT,
            "medication_class": TEXT,
            "dose": NUMBER,
            "unit": TEXT,
            "started_on": DATE,
            "ended_on": DATE,
            "reason": TEXT,
        },
        ("participant", "number"),
    ),
}


@dataclass(frozen=True, slots=True)
class TrialData:
    """The eight tables of one trial."""

    participants: pl.DataFrame
    criteria: pl.DataFrame
    allocations: pl.DataFrame
    visits: pl.DataFrame
    item_values: pl.DataFrame
    adverse_events: pl.DataFrame
    exposures: pl.DataFrame
    medications: pl.DataFrame

    def __post_init__(self) -> None:
        for name, table in self.tables().items():
            check_table(name, table)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Each table by its name, in the order of `TABLES`."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def empty_table(name: str) -> pl.DataFrame:
    """A table of the right shape without rows."""
    return pl.DataFrame(schema=TABLES[name].columns)


def check_table(name: str, table: pl.DataFrame) -> None:
    """Raise UnusableInputError unless `table` has the columns, types and keys of `name`.

    Keys are unique and whole, and numbers are numbers: NaN and infinity are none.
    """
    definition = TABLES[name]
    expected = pl.Schema(definition.columns)
    if table.schema != expected:
        missing = [column for column in expected if column not in table.schema]
        unknown = [column for column in table.schema if column not in expected]
        wrong = [
            f"{column} is {table.schema[column]}, not {expected[column]}"
            for column in expected
            if column in table.schema and table.schema[column] != expected[column]
        ]
        parts = [
            *(f"{column} is missing" for column in missing),
            *(f"{column} is unknown" for column in unknown),
            *wrong,
        ]
        raise UnusableInputError(
            f"the columns do not fit: {'; '.join(parts) or 'their order differs'}",
            where=f"table {name}",
            remedy=f"the columns of {name} are {', '.join(expected)}",
        )
    for column, dtype in expected.items():
        _refuse_empty_or_endless(name, table[column], dtype, key=column in definition.key)
    twice = table.select(definition.key).is_duplicated()
    if twice.any():
        row = twice.arg_true()[0]
        values = ", ".join(str(value) for value in table.select(definition.key).row(row))
        raise UnusableInputError(
            f"{values} appears more than once",
            where=f"table {name}, row {row + 1}",
            remedy=f"one row is allowed per {', '.join(definition.key)}",
        )


def _refuse_empty_or_endless(
    name: str, values: pl.Series, dtype: pl.DataType, *, key: bool
) -> None:
    """Refuse a key that is empty, and a number that is not finite."""
    if dtype == NUMBER:
        wrong, remedy = ~values.is_finite(), "leave it empty if it is not known"
    elif key:
        wrong, remedy = values.is_null(), f"each row of {name} needs its {values.name}"
        if dtype == TEXT:
            wrong |= values == ""
    else:
        return
    if wrong.any():
        row = wrong.arg_true()[0]
        raise UnusableInputError(
            f"the {values.name} is {values[row] or 'empty'}",
            where=f"table {name}, row {row + 1}",
            remedy=remedy,
        )
