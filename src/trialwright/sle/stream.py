"""Scoring tables that are larger than memory: from Parquet to Parquet, some participants at a time.

Every score depends on the rows of its own participant only. A file whose rows stand in order is
therefore cut between participants, and the pieces are scored one after another.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.io.plugins import register_io_source

from trialwright.errors import UnusableInputError
from trialwright.files import whole_file
from trialwright.sle.library import score
from trialwright.sle.visits import in_other_table, rows_in_order

ROWS: Final = 250_000
"""Rows of a piece, about; a piece ends with a participant."""


def score_file(key: str, source: Path, target: Path, *, rows: int = ROWS, **options: Any) -> None:
    """Score the Parquet file `source` into the Parquet file `target`, whole or not at all.

    A file whose rows do not stand in the order of participants and visits is scored in memory.
    Raises UnusableInputError as `score` does.
    """
    visits = pl.scan_parquet(source)
    pieces = _pieces(visits, rows) if rows_in_order(visits) else iter([(0, visits.collect())])
    scores = (_score_piece(key, piece, start, options) for start, piece in pieces)
    first = next(scores)

    def batches(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        del with_columns, predicate, n_rows, batch_size  # a sink asks for all of everything
        yield first
        yield from scores

    with whole_file(target) as temporary:
        register_io_source(io_source=batches, schema=first.schema).sink_parquet(temporary)


def _score_piece(
    key: str, piece: pl.DataFrame, start: int, options: dict[str, Any]
) -> pl.DataFrame:
    """The scores of a piece; a mistake names the row of the whole file."""
    try:
        return score(key, piece, **options)
    except UnusableInputError as error:
        raise in_other_table(error, lambda row: row + start) from error


def _pieces(visits: pl.LazyFrame, rows: int) -> Iterator[tuple[int, pl.DataFrame]]:
    """Consecutive rows, about `rows` at a time, with the number of rows before them.

    Each piece has whole participants.
    """
    start, total = 0, visits.select(pl.len()).collect().item()
    if not total:
        yield 0, visits.collect()  # no rows have scores too: none, under the names of all
    while start < total:
        size = rows
        while True:
            piece = visits.slice(start, size).collect()
            last = piece["participant"][-1]
            whole = piece.height if start + size >= total else _rows_before(piece, last)
            if whole:
                break
            size *= 2  # one participant fills the piece
        yield start, piece.head(whole)
        start += whole


def _rows_before(piece: pl.DataFrame, participant: object) -> int:
    """Rows of `piece` before the first of `participant`."""
    return (piece["participant"] == participant).arg_max() or 0
