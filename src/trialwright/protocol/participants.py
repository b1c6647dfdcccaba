"""A file of participants to be screened, read into a table, with every cell checked.

CSV in UTF-8, one row per participant: the column `participant`; a column per item, named as in
rules; beside an item, if wanted, `<item>_date`, `<item>_source`, `<item>_lower_limit` and
`<item>_upper_limit`; and `screening_date`, the day of assessment. Empty cells and `ND` are not
known. Rows are counted as in a spreadsheet: the header is row 1.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import polars as pl

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol.items import rule_items
from trialwright.protocol.study import Study
from trialwright.rules import ItemType

_WORDS: Final = {
    "yes": True, "y": True, "true": True, "1": True,
    "no": False, "n": False, "false": False, "0": False,
}  # fmt: skip
_NOT_KNOWN: Final = dict.fromkeys(("", "ND", "nd"))  # empty, or "not done" as in visit tables
_BESIDE: Final = ("date", "source", "lower_limit", "upper_limit")
_FIRST: Final = 2  # the row of the first participant


@dataclass(frozen=True, slots=True)
class _Column:
    """How a column is read.

    Attributes:
        name: its name in the file.
        alias: its name in the table.
        type: what it holds; None if it is not read.
        low, high: the numbers that are possible.
    """

    name: str
    alias: str
    type: ItemType | None
    low: float | None = None
    high: float | None = None


def read_participants(path: Path, study: Study) -> pl.DataFrame:
    """Read a file of participants; the columns are those that `screen` takes.

    Raises:
        UnusableInputError: with row, column and remedy: the file is missing, cut short or no CSV;
            a column is unknown, missing or there twice; a participant is missing or there twice;
            a value is of the wrong type, out of range or no code of its item.
    """
    header, rows = _read_csv(path)
    try:
        known = {column.name: column for column in _columns(study)}
        _check_header(header, known)
        text = pl.DataFrame(
            rows, schema=dict.fromkeys(header, pl.String), orient="row"
        ).with_columns(pl.all().str.strip_chars().replace(_NOT_KNOWN))
        _check_participants(text)
        return text.select(
            _read(text, known[name]) for name in header if name == "participant" or known[name].type
        )
    except UnusableInputError as error:
        where = f"{path}, {error.where}" if error.where else str(path)
        raise UnusableInputError(error.what, where=where, remedy=error.remedy) from None


def _read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows of a CSV file; every row is as long as the header."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        if isinstance(error, UnicodeDecodeError):
            why = "it is not UTF-8 text"
        raise UnusableInputError(
            f"the participants cannot be read: {why}",
            where=str(path),
            remedy="give a whole CSV file in UTF-8 with a header row",
        ) from error
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 2:
        raise UnusableInputError(
            "there are no participants in it" if lines else "the file is empty",
            where=str(path),
            remedy="give a header row and one row per participant",
        )
    header = [name.strip() for name in lines[0]]
    for number, line in enumerate(lines[1:], start=_FIRST):
        if len(line) != len(header):
            raise UnusableInputError(
                f"the row has {len(line)} cells, the header has {len(header)}",
                where=f"{path}, row {number}",
                remedy="the file may be cut short, or a comma stands in a cell without quotes",
            )
    return header, lines[1:]


def _columns(study: Study) -> Iterator[_Column]:
    """Every column that a file of participants may have."""
    day, text = ItemType("date"), ItemType("code")
    ranges = _ranges(study)
    yield _Column("participant", "participant", text)
    yield _Column("screening_date", "screening_date", day)
    yield _Column("site", "site", None)
    for form in study.forms:
        yield from (_Column(item.id, item.id, None) for item in form.items if item.type == "text")
    items = rule_items(study)
    types = {"date": day, "source": text, "lower_limit": ItemType("number")}
    types["upper_limit"] = types["lower_limit"]
    for name, type_ in items.items():
        for beside in _BESIDE if type_.kind == "number" else _BESIDE[:2]:
            yield _Column(f"{name}_{beside}", f"{name}__{beside}", types[beside])
    for name, type_ in items.items():  # last, so that an item goes before what stands beside one
        yield _Column(name, name, type_, *ranges.get(name, (None, None)))


def _ranges(study: Study) -> Mapping[str, tuple[float, float]]:
    """The numbers that are possible, by item."""
    ranges = {}
    for form in study.forms:
        for item in form.items:
            if item.range:
                ranges[item.id] = (item.range.minimum, item.range.maximum)
        if form.instrument:
            for question in sle.instrument(form.instrument).items:
                if question.kind in ("number", "grade"):
                    ranges[f"{form.id}.{question.key}"] = (question.low, question.high)
    return ranges


def _check_header(header: list[str], known: Mapping[str, _Column]) -> None:
    if "participant" not in header:
        near = get_close_matches("participant", header, n=1)
        remedy = f"rename {near[0]} to participant" if near else "add it: one row per participant"
        if len(header) == 1 and ";" in header[0]:
            remedy = "separate the columns by commas, not semicolons"
        raise UnusableInputError("the column participant is missing", remedy=remedy)
    for place, name in enumerate(header):
        where = f"column {place + 1}" if not name else f"column {name}"
        if name in header[:place]:
            raise UnusableInputError("the column is there twice", where=where)
        if name not in known:
            near = get_close_matches(name, known, n=1) or [
                each for each in known if name and each.endswith(f".{name}")
            ]
            raise UnusableInputError(
                "no form of the study collects an item of this name",
                where=where,
                remedy=f"did you mean {near[0]}?" if near else "leave the column away",
            )


def _check_participants(text: pl.DataFrame) -> None:
    _refuse_first(
        text, pl.col("participant").is_null(), "participant", "is empty", "each row names its own"
    )
    again = ~pl.col("participant").is_first_distinct()
    remedy = "keep one row per participant"
    _refuse_first(text, again, "participant", "appears a second time", remedy)


def _read(text: pl.DataFrame, column: _Column) -> pl.Series:
    """One column in its type, each cell checked."""
    cell = pl.col(column.name)
    if column.type is None or (column.type.kind == "code" and not column.type.codes):
        return text[column.name].alias(column.alias)
    value, remedy = _value(cell, column.type)
    what = {
        "number": "is no number",
        "boolean": "is neither yes nor no",
        "code": "is no code of this item",
        "date": "is no date",
    }[column.type.kind]
    _refuse_first(text, cell.is_not_null() & value.is_null(), column.name, what, remedy)
    if column.low is not None and column.high is not None:
        unit = f" {column.type.unit}" if column.type.unit else ""
        remedy = f"{column.name} lies from {column.low:g} to {column.high:g}{unit}"
        outside = ~value.is_between(column.low, column.high)
        _refuse_first(text, outside, column.name, "is out of range", remedy)
    return text.select(value.alias(column.alias)).to_series()


def _value(cell: pl.Expr, type_: ItemType) -> tuple[pl.Expr, str]:
    """The value of a cell, null if it has none of this type, and how to write one."""
    empty = "or leave the cell empty if it is not known"
    match type_.kind:
        case "number":
            number = cell.cast(pl.Float64, strict=False)
            unit = f" in {type_.unit}, without the unit" if type_.unit else ""
            return pl.when(number.is_finite()).then(number), f"write a number{unit}, {empty}"
        case "boolean":
            flag = cell.str.to_lowercase().replace_strict(
                _WORDS, default=None, return_dtype=pl.Boolean
            )
            return flag, f"write yes, no, true, false, 1 or 0, {empty}"
        case "code":
            code = pl.when(cell.is_in(type_.codes)).then(cell)
            return code, f"write one of {', '.join(type_.codes)}, {empty}"
        case "date":
            iso = cell.str.contains(r"^\d{4}-\d{2}-\d{2}$")
            day = pl.when(iso).then(cell).str.to_date("%Y-%m-%d", strict=False)
            return day, f"write dates as 2026-01-31, {empty}"


def _refuse_first(text: pl.DataFrame, wrong: pl.Expr, column: str, what: str, remedy: str) -> None:
    """Raise for the first row in which `wrong` holds, if there is one."""
    rows = text.select(wrong.fill_null(False)).to_series().arg_true()
    if rows.is_empty():
        return
    value, participant = text[column][rows[0]], text["participant"][rows[0]]
    whose = f" (participant {participant})" if participant and column != "participant" else ""
    raise UnusableInputError(
        f"{value!r} {what}" if value is not None else what,
        where=f"row {rows[0] + _FIRST}, column {column}{whose}",
        remedy=remedy,
    )
