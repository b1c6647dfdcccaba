"""Trial data on disk: one Parquet file per table for programs, one CSV file per table for people.

Rows are written in the order of their keys, so the same data give the same bytes whatever order
they came in.
"""

from pathlib import Path
from typing import Final, Literal

import polars as pl
from polars.exceptions import PolarsError

from trialwright.errors import UnusableInputError
from trialwright.files import refuse_ragged_rows
from trialwright.trialdata.tables import TABLES, TrialData, check_table

Format = Literal["parquet", "csv"]
FLAGS: Final = {"true": True, "false": False}


def in_key_order(data: TrialData) -> TrialData:
    """The same data with each table's rows in the order of its key."""
    return TrialData(
        **{name: table.sort(TABLES[name].key) for name, table in data.tables().items()}
    )


def write_data(data: TrialData, directory: Path, form: Format = "parquet") -> None:
    """Write each table to `<directory>/<table>.<form>`; the directory must exist."""
    for name, table in in_key_order(data).tables().items():
        path = directory / f"{name}.{form}"
        if form == "parquet":
            table.write_parquet(path, compression="zstd", compression_level=3, row_group_size=2**20)
        else:
            table.write_csv(path)


def read_data(directory: Path) -> TrialData:
    """Read the tables of a directory, each from its Parquet file or else from its CSV file.

    Raises:
        UnusableInputError: a table is missing, cut short, or does not have the columns, types and
            unique keys of `TABLES`; the message names the file and, in a CSV file, row and column.
    """
    if not directory.is_dir():
        raise UnusableInputError(
            "there is no such directory of trial data",
            where=str(directory),
            remedy="name the data directory of a rehearsal, such as out/il2-sle-dose-finding/data",
        )
    return TrialData(**{name: _read_table(directory, name) for name in TABLES})


def _read_table(directory: Path, name: str) -> pl.DataFrame:
    parquet, csv = directory / f"{name}.parquet", directory / f"{name}.csv"
    if parquet.exists():
        path, table = parquet, _read_parquet(parquet, name)
    elif csv.exists():
        path, table = csv, _read_csv(csv, name)
    else:
        raise UnusableInputError(
            f"the table {name} is missing",
            where=str(directory),
            remedy=f"a trial's data are {', '.join(f'{each}.parquet' for each in TABLES)},"
            " or the same as .csv",
        )
    try:
        check_table(name, table)
    except UnusableInputError as error:
        raise UnusableInputError(
            error.what, where=f"{path}, {error.where}", remedy=error.remedy
        ) from error
    return table


def _read_parquet(path: Path, name: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (PolarsError, OSError) as error:
        raise UnusableInputError(
            f"the table {name} cannot be read: it is no Parquet file, or it was cut short",
            where=str(path),
            remedy="copy it again from where it was written",
        ) from error


def _read_csv(path: Path, name: str) -> pl.DataFrame:
    """Every cell as text first, so that a cell that does not fit can be named."""
    refuse_ragged_rows(path)
    try:
        text = pl.read_csv(path, infer_schema=False)
    except (PolarsError, OSError) as error:
        raise UnusableInputError(
            f"the table {name} cannot be read: it is no CSV file, or it was cut short",
            where=str(path),
            remedy="each row needs as many cells as the first row has names",
        ) from error
    table = text.with_columns(
        _typed(text[column], dtype, path)
        for column, dtype in TABLES[name].columns.items()
        if column in text.columns
    )
    return table.filter(~pl.all_horizontal(pl.all().is_null()))  # empty lines


def _typed(text: pl.Series, dtype: pl.DataType, path: Path) -> pl.Series:
    if dtype == pl.Boolean:
        lower = text.str.to_lowercase()
        typed = lower.replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
    elif dtype == pl.Date:
        typed = text.str.to_date("%Y-%m-%d", strict=False)
    else:
        typed = text.cast(dtype, strict=False)
    lost = (text.is_not_null() & typed.is_null()).arg_true()
    if len(lost):
        row = lost[0]
        raise UnusableInputError(
            f"{text[row]!r} does not fit",
            where=f"{path}, row {row + 1}, column {text.name}",
            remedy=_fitting(dtype),
        )
    return typed


def _fitting(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Enum):
        return f"write one of {', '.join(dtype.categories)}"
    if dtype == pl.Date:
        return "write a day as 2026-01-31"
    if dtype == pl.Boolean:
        return "write true or false"
    return "write a whole number" if dtype == pl.Int32 else "write a number"
