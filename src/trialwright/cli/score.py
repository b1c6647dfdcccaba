"""`trialwright score`: the scores of a visit table, one visit explained, or findings."""

import json
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.files import refuse_ragged_rows, whole_file
from trialwright.sle.instrument import Option
from trialwright.sle.stream import score_file

_UNREADABLE = (pl.exceptions.PolarsError, OSError, UnicodeError)


def score(
    instrument: Annotated[
        str, typer.Argument(help=f"One of {', '.join(sle.INSTRUMENTS)}.", metavar="INSTRUMENT")
    ],
    file: Annotated[Path, typer.Argument(help="Visit table, CSV or Parquet.", metavar="FILE")],
    options: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of the instrument, NAME=VALUE; may be repeated."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write here (.csv or .parquet).")] = None,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="PARTICIPANT VISIT", help="Say how the scores of one visit came about."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="List contradictions; exit with 1 if there are any.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of CSV.")] = False,
) -> None:
    """Score a visit table with a lupus instrument.

    The file has one row per participant and visit: the columns `participant`, `visit` and the keys
    of
    the items. An empty cell is not assessed.

    Example: `trialwright score selena-sledai visits.csv --set missing=zero --out scores.csv`
    """
    settings = _settings(sle.instrument(instrument).options, options or [])
    plain = explain is None and not check and not as_json
    try:
        if plain and out and file.suffix == out.suffix == ".parquet" and file.is_file():
            _score_parquet(instrument, file, out, settings)
            return
        table = read_table(file)
        if explain is not None:
            typer.echo(sle.explain(instrument, table, *explain, **settings))
            return
        result = (
            sle.check(instrument, table, **settings)
            if check
            else sle.score(instrument, table, **settings)
        )
    except UnusableInputError as error:
        if error.where.startswith(str(file)):
            raise
        where = f"{file}, {error.where}" if error.where else str(file)
        raise UnusableInputError(error.what, where=where, remedy=error.remedy) from error
    _write(result, out, as_json=as_json)
    if check and len(result):
        raise typer.Exit(1)


def _score_parquet(instrument: str, file: Path, out: Path, settings: dict[str, Any]) -> None:
    try:
        pl.read_parquet_schema(file)
    except _UNREADABLE as error:
        raise _unreadable(file, error) from error
    score_file(instrument, file, out, **settings)


def read_table(file: Path) -> pl.DataFrame:
    """A visit table from CSV or Parquet; UnusableInputError if it is neither."""
    if not file.is_file():
        raise UnusableInputError("there is no such file", where=str(file))
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file)
        refuse_ragged_rows(file)
        table = _typed(file)
    except _UNREADABLE as error:
        raise _unreadable(file, error) from error
    _refuse_other_separators(file, table.columns)
    return table


def _typed(file: Path) -> pl.DataFrame:
    """Numbers as numbers; a participant is a name, and 007 is not 7."""
    text = {"participant": pl.String}
    try:
        return pl.read_csv(file, infer_schema_length=None, schema_overrides=text)
    except pl.exceptions.ComputeError:  # a number of 40 digits, say: read as text, its row is told
        names = pl.read_csv(file, n_rows=0).columns
        text |= {name: pl.String for name in names if name != "visit"}
        return pl.read_csv(file, infer_schema_length=None, schema_overrides=text)


def _refuse_other_separators(file: Path, names: list[str]) -> None:
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0]:
            raise UnusableInputError(
                f"its cells are separated by {word}",
                where=str(file),
                remedy="save it as CSV with commas between the cells and points in numbers",
            )


def _unreadable(file: Path, error: Exception) -> UnusableInputError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return UnusableInputError(
        f"it cannot be read as a table: {reason}",
        where=str(file),
        remedy="give a CSV file in UTF-8 with a header row, or a Parquet file, and whole",
    )


def _settings(options: tuple[Option, ...], given: list[str]) -> dict[str, Any]:
    """NAME=VALUE as options: numbers where the option takes numbers, else text."""
    settings: dict[str, Any] = {}
    texts = {option.name: {str(one): one for one in option.allowed} for option in options}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UnusableInputError(
                f"{pair} is no option", where="--set", remedy="write NAME=VALUE"
            )
        known = texts.get(name, {})
        settings[name] = known.get(value, value if known else _number_or_text(value))
    return settings


def _number_or_text(value: str) -> float | str:
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


def _write(result: pl.DataFrame, out: Path | None, *, as_json: bool) -> None:
    if out is None:
        text = json.dumps(result.to_dicts(), default=str) if as_json else result.write_csv()
        typer.echo(text, nl=as_json)
        return
    with whole_file(out) as temporary:
        if as_json:
            temporary.write_text(json.dumps(result.to_dicts(), default=str), encoding="utf-8")
        elif out.suffix == ".parquet":
            result.write_parquet(temporary)
        else:
            result.write_csv(temporary)
