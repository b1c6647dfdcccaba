"""Visit tables: one row per participant and visit, one column per item, checked before any score.

An empty cell is an item that was not assessed. In a text column `ND` means the same. Two columns
may stand beside an item: `<item>_attributed` (no: present for another cause than lupus, so that it
counts as absent) and `<item>_unit`. A lazy table is checked by one pass over it; the score itself
is a second.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import polars as pl

from trialwright.errors import UnusableInputError
from trialwright.sle.instrument import Item

KEYS = ("participant", "visit")
Engine = Literal["streaming", "in-memory"]
_WORDS = {"yes": 1, "y": 1, "true": 1, "1": 1, "no": 0, "n": 0, "false": 0, "0": 0}
_NOT_ASSESSED = ("", "nd")
_ROW = "row number of the table"
_KEY_REMEDY = "each row names its participant and visit"


@dataclass(frozen=True, slots=True)
class VisitTable:
    """A checked visit table.

    Attributes:
        frame: participant, visit, then each item that the table holds, as Int8 (yes/no, grade),
            Float64 (number, in the item's unit) or Enum (code).
        in_order: rows of one participant stand together, in the order of their visits.
    """

    frame: pl.LazyFrame
    in_order: bool


def read_visits(
    table: pl.DataFrame | pl.LazyFrame, items: Sequence[Item], *, extra: Iterable[str] = ()
) -> VisitTable:
    """Check `table` and bring its items to their types and units.

    `extra` names optional columns that are passed on as they are. Raises UnusableInputError, with
    row, column and remedy, for a missing or misspelled column, a value that is out of range or
    of the wrong type, an unstated unit, a missing key, or two rows for one visit.
    """
    lazy = table.lazy()
    schema = lazy.collect_schema()
    extra = list(extra)
    check_columns(schema, items, extra)
    held = [item for item in items if item.key in schema]
    readings = [_read(item, schema) for item in held]
    engine: Engine = "streaming" if isinstance(table, pl.LazyFrame) else "in-memory"
    in_order = _check_values(lazy, schema, readings, engine)
    passed_on = [name for name in extra if name in schema]
    frame = lazy.select(*KEYS, *(reading.value for reading in readings), *passed_on)
    return VisitTable(frame, in_order)


@dataclass(frozen=True, slots=True)
class _Mistake:
    """A mistake that a column may hold: in which rows, and a quicker way to see whether at all."""

    when: pl.Expr
    column: str
    what: str
    remedy: str
    occurs: pl.Expr | None = None

    def occurs_anywhere(self) -> pl.Expr:
        return self.when.any() if self.occurs is None else self.occurs


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a column is read: its value, and the mistakes that it may hold."""

    item: Item
    value: pl.Expr
    mistakes: tuple[_Mistake, ...]


def check_columns(schema: pl.Schema, items: Sequence[Item] = (), extra: Sequence[str] = ()) -> None:
    """Raise UnusableInputError for a column that is missing or misspelled; keys are needed."""
    beside = [f"{item.key}{end}" for item in items for end in ("_attributed", "_unit")]
    known = {*KEYS, *(item.key for item in items), *beside, *extra}
    strangers = [name for name in schema if name not in known]
    for name in (*KEYS, *(item.key for item in items if item.required)):
        if name not in schema:
            near = get_close_matches(name, strangers, n=1, cutoff=0.75)
            raise UnusableInputError(
                f"column {name} is missing",
                where=f"column {near[0]}" if near else "",
                remedy=f"rename {near[0]} to {name}"
                if near
                else f"add the column {name}; leave its cells empty where it was not assessed",
            )
    for key in KEYS:
        if schema[key].is_nested():
            raise UnusableInputError(
                f"column {key} holds values of type {schema[key]}",
                where=f"column {key}",
                remedy=_KEY_REMEDY,
            )
    optional = [name for name in known if name not in schema]
    for stranger in strangers:
        near = get_close_matches(stranger, optional, n=1, cutoff=0.9)
        if near:
            raise UnusableInputError(
                "no item has this name",
                where=f"column {stranger}",
                remedy=f"did you mean {near[0]}?",
            )


def _read(item: Item, schema: pl.Schema) -> _Reading:
    dtype = schema[item.key]
    value, unreadable = _value(item, pl.col(item.key), dtype)
    mistakes = [] if unreadable is None else [_Mistake(unreadable, item.key, *_kind_words(item))]
    if item.kind == "number":
        value, unit_mistakes = _in_unit(item, value, f"{item.key}_unit" in schema)
        mistakes += unit_mistakes
    if item.kind != "code" and dtype not in (pl.Boolean, pl.Null):
        mistakes.append(_out_of_range(item, value, whole=dtype.is_integer()))
    if item.kind in ("yes/no", "grade"):
        value = value.cast(pl.Int8)
    column = f"{item.key}_attributed"
    if column in schema:
        attributed, wrong = _yes_or_no(column, schema[column])
        mistakes.append(wrong)
        absent = pl.lit(item.absent, dtype=_dtype(item))
        value = pl.when(attributed == 0).then(absent).otherwise(value)
    return _Reading(item, value.alias(item.key), tuple(mistakes))


def _in_unit(item: Item, value: pl.Expr, stated: bool) -> tuple[pl.Expr, list[_Mistake]]:
    """The value in the item's unit, from the unit stated beside it."""
    column = f"{item.key}_unit"
    factors = {item.unit: (1.0, 1.0), **item.units}
    if stated:
        unit = pl.col(column).cast(pl.String)
        unknown = value.is_not_null() & ~unit.is_in(list(factors)).fill_null(False)
        times, over = (
            unit.replace_strict({name: pair[i] for name, pair in factors.items()}, default=None)
            for i in (0, 1)
        )
        remedy = f"use {', '.join(factors)}"
        return (
            value * times.cast(pl.Float64) / over.cast(pl.Float64),
            [_Mistake(unknown, column, "is no unit of this item", remedy)],
        )
    if not item.unit_needed:
        return value, []
    what = "has no unit, and more than one is plausible"
    remedy = f"add a column {column} with one of {', '.join(factors)}"
    return value, [_Mistake(value.is_not_null(), item.key, what, remedy)]


def _out_of_range(item: Item, value: pl.Expr, *, whole: bool) -> _Mistake:
    unit = f" {item.unit}" if item.unit else ""
    return _Mistake(
        (value < item.low) | (value > item.high),
        item.key,
        "is out of range",
        f"{item.key} lies from {item.low:g} to {item.high:g}{unit}",
        (value.min() < item.low) | (value.max() > item.high) if whole else None,
    )


def _yes_or_no(column: str, dtype: pl.DataType) -> tuple[pl.Expr, _Mistake]:
    answer, unreadable = _value(Item(key=column, label=column), pl.col(column), dtype)
    wrong = (answer < 0) | (answer > 1)
    wrong = wrong if unreadable is None else wrong | unreadable
    return answer, _Mistake(wrong, column, "is neither yes nor no", "write yes, no, 1 or 0")


def _dtype(item: Item) -> pl.DataType:
    if item.kind == "code":
        return pl.Enum(item.codes)
    return pl.Float64() if item.kind == "number" else pl.Int8()


def _value(item: Item, raw: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr | None]:
    """The column as a comparable value, and where it cannot be read as one."""
    if not _may_hold(item, dtype):
        return pl.lit(None, dtype=_dtype(item)), raw.is_not_null()
    if item.kind == "code":
        codes = pl.Enum(item.codes)
        if dtype == codes:
            return raw, None
        text = raw.cast(pl.String).replace({"": None, "ND": None})
        code = text.cast(codes, strict=False)
        return code, text.is_not_null() & code.is_null()
    if dtype == pl.Null:
        return raw.cast(_dtype(item)), None
    if dtype == pl.Boolean:
        return raw.cast(pl.Int8).cast(_dtype(item)), None
    if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
        text = raw.cast(pl.String).str.strip_chars().str.to_lowercase()
        number = text.cast(pl.Float64, strict=False)
        if item.kind == "yes/no":
            number = text.replace_strict(_WORDS, default=None, return_dtype=pl.Float64)
        given = text.is_not_null() & ~text.is_in(_NOT_ASSESSED)
        value, unreadable = number, given & number.is_null()
        if item.kind == "grade":
            unreadable |= number != number.round()
        return value, unreadable
    if item.kind == "number":
        return raw.cast(pl.Float64), None
    if dtype.is_float():
        return raw, raw != raw.round()
    return raw, None


def _may_hold(item: Item, dtype: pl.DataType) -> bool:
    """Numbers and text may be read as any item; yes and no only where the item asks for them."""
    if dtype == pl.Boolean:
        return item.kind == "yes/no"
    return dtype.is_numeric() or dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def _kind_words(item: Item) -> tuple[str, str]:
    empty = "or leave the cell empty if it was not assessed"
    if item.kind == "code":
        return "is no code of this item", f"write one of {', '.join(item.codes)}, {empty}"
    if item.kind == "yes/no":
        return "is neither yes nor no", f"write yes, no, 1 or 0, {empty}"
    if item.kind == "grade":
        return "is no whole number", f"write {item.low:g} to {item.high:g}, {empty}"
    return "is no number", f"write a number{f' in {item.unit}' if item.unit else ''}, {empty}"


def _check_values(
    lazy: pl.LazyFrame, schema: pl.Schema, readings: Sequence[_Reading], engine: Engine
) -> bool:
    """Raise for the first mistake of each kind; return whether the rows are in order."""
    mistakes = [
        *(_empty(key, schema[key]) for key in KEYS),
        *(mistake for reading in readings for mistake in reading.mistakes),
    ]
    order = _in_order(schema["visit"])
    found = (
        lazy.select(
            *(mistake.occurs_anywhere().alias(str(i)) for i, mistake in enumerate(mistakes)),
            order.all().alias("in order"),
            (order & _no_twin(schema["visit"])).all().alias("no twins"),
        )
        .collect(engine=engine)
        .row(0, named=True)
    )
    for index, mistake in enumerate(mistakes):
        if found[str(index)]:
            raise _told(lazy, mistake)
    if not found["no twins"]:
        _check_twins(lazy)
    return bool(found["in order"])


def _empty(key: str, dtype: pl.DataType) -> _Mistake:
    """A cell that names no participant or visit: an empty one, or no number among numbers."""
    nothing = pl.col(key).is_null()
    if dtype.is_float():
        nothing |= ~pl.col(key).is_finite()
    return _Mistake(nothing, key, "is empty", _KEY_REMEDY)


def _told(lazy: pl.LazyFrame, mistake: _Mistake) -> UnusableInputError:
    """The first row with the mistake, as an error."""
    row = lazy.with_row_index(_ROW).filter(mistake.when).head(1).collect().row(0, named=True)
    value = row[mistake.column]
    return UnusableInputError(
        mistake.what if value is None else f"{value!r} {mistake.what}",
        where=_place(row, mistake.column),
        remedy=mistake.remedy,
    )


def _check_twins(lazy: pl.LazyFrame) -> None:
    keys = lazy.select(*KEYS)
    twins = keys.group_by(*KEYS).len().filter(pl.col("len") > 1).collect(engine="streaming")
    if twins.is_empty():
        return
    row = (
        keys.with_row_index(_ROW)
        .join(twins.lazy(), on=list(KEYS), how="semi", maintain_order="left")
        .filter(pl.struct(*KEYS).is_first_distinct().not_())
        .head(1)
        .collect()
        .row(0, named=True)
    )
    raise UnusableInputError(
        "this participant and visit appear a second time",
        where=_place(row, "visit"),
        remedy="keep one row per participant and visit",
    )


def _place(row: dict[str, object], column: str) -> str:
    number = int(str(row[_ROW])) + 1
    keys = ", ".join(f"{key} {row[key]}" for key in KEYS if row[key] is not None)
    return f"row {number}, column {column}" + (f" ({keys})" if keys else "")


def in_other_table(error: UnusableInputError, number: Callable[[int], int]) -> UnusableInputError:
    """The error about a row of some rows, told with the row's number in the whole table."""
    where = re.sub(r"^row (\d+)", lambda row: f"row {number(int(row[1]))}", error.where)
    return UnusableInputError(error.what, where=where, remedy=error.remedy)


def has_order(dtype: pl.DataType) -> bool:
    """Visits that are numbers, dates or an Enum have an order; text stands in the row order."""
    return dtype.is_numeric() or dtype.is_temporal() or isinstance(dtype, pl.Enum)


def rows_in_order(lazy: pl.LazyFrame) -> bool:
    """Whether rows of one participant stand together, in the order of their visits."""
    order = _in_order(lazy.collect_schema()["visit"])
    return bool(lazy.select(order.all()).collect(engine="streaming").item())


def _in_order(visit: pl.DataType) -> pl.Expr:
    participant, before = pl.col("participant"), pl.col("participant").shift(1)
    follows = participant > before
    if has_order(visit):
        later = pl.col("visit") > pl.col("visit").shift(1)
        follows |= (participant == before) & later
    else:
        follows |= participant == before
    return follows.fill_null(True)


def _no_twin(visit: pl.DataType) -> pl.Expr:
    """With ordered visits the order shows that none appears twice; else it must be looked up."""
    return pl.lit(has_order(visit))


def in_visit_order(
    visits: VisitTable, score: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> pl.LazyFrame:
    """Apply `score`, which looks at earlier rows, to the rows in order; give the old order back.

    `score` returns one row per row that it is given.
    """
    if visits.in_order:
        return score(visits.frame)
    by = ["participant"]
    if has_order(visits.frame.collect_schema()["visit"]):
        by.append("visit")
    ordered = visits.frame.with_row_index(_ROW).sort(by, maintain_order=True)
    numbers = ordered.select(_ROW)
    return pl.concat([score(ordered.drop(_ROW)), numbers], how="horizontal").sort(_ROW).drop(_ROW)
