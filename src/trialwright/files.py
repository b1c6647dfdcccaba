"""Files are read and written whole or not at all."""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trialwright.errors import UnusableInputError


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `target` if the block succeeds, and vanishes if not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary directory that replaces `target` if the block succeeds, else vanishes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    temporary.chmod(0o755)
    retired = temporary.with_name(temporary.name + ".old")
    try:
        yield temporary
        if target.exists():
            target.replace(retired)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


def refuse_ragged_rows(path: Path) -> None:
    """Raise UnusableInputError for the first row of a CSV file that is not as long as its header.

    A short row is how a file looks that was cut; to read its missing cells as empty would be to
    score by guess.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            names = len(next(rows, []))
            for number, row in enumerate(rows, 1):
                if row and len(row) != names:
                    raise UnusableInputError(
                        f"the row has {len(row)} cells and the header {names} names",
                        where=f"{path}, row {number}",
                        remedy="the file was cut or edited by hand: copy it again, whole",
                    )
    except (UnicodeDecodeError, csv.Error) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UnusableInputError(
            f"it is no CSV file: {why}",
            where=str(path),
            remedy="give a CSV file in UTF-8 with a header row",
        ) from error
