"""Files are read and written whole or not at all."""

import csv
import errno
import os
import shutil
import tempfile
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from trialwright.errors import UnusableInputError

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FILE: Final = "name a file in a directory that you may write to, with room left"
DIRECTORY: Final = "name a directory in one that you may write to, with room left"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path that becomes `target` if the block succeeds, and vanishes if not.

    Raises:
        UnusableInputError: the system does not let the file be written there.
    """
    with _place_named(target, FILE):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
    temporary = Path(name)
    try:
        with _place_named(target, FILE, FULL):
            yield temporary
        with _place_named(target, FILE):
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary directory that replaces `target` if the block succeeds, else vanishes.

    Raises:
        UnusableInputError: the system does not let the directory be written there.
    """
    with _place_named(target, DIRECTORY):
        if target.exists() and not target.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        temporary.chmod(0o755)
    retired = temporary.with_name(temporary.name + ".old")
    try:
        with _place_named(target, DIRECTORY, FULL):
            yield temporary
        with _place_named(target, DIRECTORY):
            if target.exists():
                target.replace(retired)
            temporary.replace(target)
    finally:
        if retired.exists() and not target.exists():
            retired.replace(target)
        shutil.rmtree(temporary, ignore_errors=True)
        shutil.rmtree(retired, ignore_errors=True)


@contextmanager
def _place_named(
    target: Path, remedy: str, numbers: Container[int] | None = None
) -> Iterator[None]:
    """Turn an error of the system, or of these numbers only, into one that names the place."""
    try:
        yield
    except OSError as error:
        if numbers is not None and error.errno not in numbers:
            raise
        a_file = isinstance(error, FileExistsError)  # where a folder on the way would be made
        why = f"{error.filename} is a file" if a_file else error.strerror
        raise UnusableInputError(
            f"it cannot be written: {why}", where=str(target), remedy=remedy
        ) from error


def refuse_ragged_rows(path: Path) -> None:
    """Raise UnusableInputError for the first row of a CSV file that does not fit its header.

    A short row is how a file looks that was cut; to read its missing cells as empty would be to
    score by guess. A name that stands twice in the header leaves open which column is meant.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            if twice := [name for name in header if header.count(name) > 1]:
                raise UnusableInputError(
                    f"the header names {twice[0] or 'nothing'} twice",
                    where=str(path),
                    remedy="leave one of the two away",
                )
            names = len(header)
            for number, row in enumerate(rows, 1):
                if row and len(row) != names:
                    raise UnusableInputError(
                        f"the row has {len(row)} cells and the header {names} names",
                        where=f"{path}, row {number}",
                        remedy="the file was cut or edited by hand: copy it again, whole",
                    )
    except OSError as error:
        raise UnusableInputError(
            f"it cannot be read: {error.strerror}", where=str(path), remedy="name a file"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UnusableInputError(
            f"it is no CSV file: {why}",
            where=str(path),
            remedy="give a CSV file in UTF-8 with a header row",
        ) from error
