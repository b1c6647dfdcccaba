"""The allocation list of a scheme and a seed, its hash, its replay, its next row."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trialwright.errors import UnusableInputError
from trialwright.files import whole_file
from trialwright.randomization.scheme import Scheme
from trialwright.randomization.streams import WORDS_PER_COUNT, random_words

COLUMNS: Final = {
    "stratum": pl.String(),
    "position": pl.Int32(),  # in the stratum's list, from 1
    "block": pl.Int32(),  # in the stratum's list, from 1
    "block_size": pl.Int32(),
    "allocated_to": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Allocation:
    """One row of a list."""

    stratum: str
    position: int
    allocated_to: str


@dataclass(frozen=True, slots=True)
class AllocationList:
    """The rows of every stratum, in the order in which they are used.

    The canonical form is the CSV file itself, so `sha256sum` on the file gives `sha256`.
    """

    rows: pl.DataFrame

    def canonical_form(self) -> bytes:
        """The list as CSV: UTF-8, line feeds, quotes only where needed."""
        buffer = BytesIO()
        self.rows.write_csv(buffer, line_terminator="\n", quote_style="necessary")
        return buffer.getvalue()

    @property
    def sha256(self) -> str:
        """The hash of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical_form()).hexdigest()


def allocation_list(scheme: Scheme, seed: int) -> AllocationList:
    """The list of a scheme and a seed; a stratum's rows don't depend on the other strata."""
    return AllocationList(
        pl.concat([_stratum_rows(scheme, seed, stratum) for stratum in scheme.stratum_names()])
    )


def next_allocation(allocations: AllocationList, stratum: str, used: int) -> Allocation:
    """The row that follows the `used` rows already taken in a stratum.

    Raises:
        UnusableInputError: the list doesn't know the stratum, or has no row left in it.
    """
    rows = allocations.rows.filter(pl.col("stratum") == stratum)
    if rows.is_empty():
        raise UnusableInputError(
            f"the list has no stratum {stratum!r}",
            where="allocation list",
            remedy=f"its strata are {', '.join(allocations.rows['stratum'].unique().sort())}",
        )
    if not 0 <= used < rows.height:
        raise UnusableInputError(
            f"{used} rows are used and the list holds {rows.height}",
            where=f"allocation list, stratum {stratum}",
            remedy="make a longer list for the participants still to come",
        )
    row = rows.row(used, named=True)
    return Allocation(stratum, row["position"], row["allocated_to"])


def replay(allocations: AllocationList, scheme: Scheme, seed: int) -> None:
    """Make the list again and compare.

    Raises:
        UnusableInputError: the list isn't the one of this scheme and seed; names the first row
            that differs.
    """
    again = allocation_list(scheme, seed)
    if allocations.canonical_form() == again.canonical_form():
        return
    ours, theirs = again.rows.rows(), allocations.rows.rows()
    unequal = (
        row for row, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other
    )
    row = next(unequal, min(len(ours), len(theirs)))
    raise UnusableInputError(
        f"the list differs from the replay; {len(theirs)} rows, hash {allocations.sha256[:12]}, "
        f"where the replay has {len(ours)} rows, hash {again.sha256[:12]}",
        where=f"allocation list, row {row + 1}",
        remedy="the scheme, the seed or the list was changed after the list was made",
    )


def write_list(allocations: AllocationList, path: Path) -> None:
    """Write the canonical form to `path`, and its hash beside it for `sha256sum --check`.

    Raises:
        UnusableInputError: nothing can be written there; then nothing is.
    """
    remedy = "name a file in a directory that you may write to"
    if path.is_dir():
        raise UnusableInputError(
            "a list is a file, not a directory", where=str(path), remedy=remedy
        )
    beside = path.with_name(path.name + ".sha256")
    if beside.is_dir():
        raise UnusableInputError(
            "a directory stands where the hash goes", where=str(beside), remedy=remedy
        )
    with whole_file(path) as list_file, whole_file(beside) as hash_file:
        list_file.write_bytes(allocations.canonical_form())
        hash_file.write_text(f"{allocations.sha256}  {path.name}\n", encoding="utf-8")


def read_list(path: Path) -> AllocationList:
    """Read what `write_list` wrote, checking columns, types and the order of the rows.

    Raises:
        UnusableInputError: the file can't be read as an allocation list.
    """
    try:
        rows = pl.read_csv(path.read_bytes(), schema=COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableInputError(
            f"this is no allocation list: {str(error).splitlines()[0]}",
            where=str(path),
            remedy=f"the columns of a list are {', '.join(COLUMNS)}",
        ) from error
    expected = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("stratum")
    wrong = rows.select(pl.col("position").ne_missing(expected)).to_series().arg_true()
    if len(wrong) or rows.is_empty() or sum(rows.null_count().row(0)):
        raise UnusableInputError(
            "the list is cut or out of order",
            where=f"{path}, row {wrong[0] + 1 if len(wrong) else rows.height}",
            remedy="make it again with `trialwright randomize` and the same seed",
        )
    return AllocationList(rows)


def _stratum_rows(scheme: Scheme, seed: int, stratum: str) -> pl.DataFrame:
    """Whole blocks of drawn sizes until the list is long enough, each put in random order.

    A block holds its arms in the ratio; sorting it by one random word per place makes all orders
    equally likely, but for ties of 64-bit words.
    """
    enough = -(-scheme.list_length // min(scheme.block_sizes))
    drawn = _words((seed, "block sizes", stratum), enough)
    choices = np.array(sorted(scheme.block_sizes))
    sizes = choices[(drawn % np.uint64(len(choices))).astype(np.intp)]
    sizes = sizes[: np.searchsorted(np.cumsum(sizes), scheme.list_length) + 1]

    block = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(block)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    one_ratio = np.repeat(np.array(list(scheme.arms)), list(scheme.arms.values()))
    in_ratio = one_ratio[place % scheme.ratio_sum]
    words = _words((seed, "order within blocks", stratum), len(block))
    return pl.DataFrame(
        {
            "stratum": [stratum] * len(block),
            "position": np.arange(1, len(block) + 1),
            "block": block + 1,
            "block_size": np.repeat(sizes, sizes),
            "allocated_to": in_ratio[np.lexsort((words, block))].tolist(),
        },
        schema=COLUMNS,
    )


def _words(name: tuple[int | str, ...], count: int) -> NDArray[np.uint64]:
    """The first `count` words of a stream, in one dimension."""
    rows = -(-count // WORDS_PER_COUNT)
    return random_words(name, rows, WORDS_PER_COUNT).ravel()[:count]
