"""Cases: what another program computed from stated data and settings.

A file of cases is JSON: `{"topic": ..., "cases": [...]}`, each case with `id`, `method`, `data`
(a CSV beside the file, or null), `spec` (settings), `expect` (figures) and `tol_rel`, which may
stand once beside `cases` instead. `what` says in words what the case is about.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from trialwright.errors import UnusableInputError

MISSING: Final = ("NA", "", ".", "NaN")
SHAPE: Final = "it needs a list 'cases' of id, method, data, spec, expect and tol_rel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case.

    Attributes:
        id: its name in the file.
        method: what to compute; a key of `METHODS`.
        data: the rows to compute it from; None if the spec holds everything.
        spec: settings, as written; empty if the file has null.
        expect: the expected figures. A method may read its keys and the names of terms in it, which
            say what to compute and how factors are coded, but never its numbers.
        tol_rel: the largest relative difference allowed.
        what: the case in words, which may hold settings that the spec does not.
    """

    id: str
    method: str
    data: pl.DataFrame | None
    spec: Mapping[str, Any]
    expect: Any
    tol_rel: float
    what: str = ""

    def table(self) -> pl.DataFrame:
        """The data of a case whose method needs some."""
        if self.data is None:
            raise UnusableInputError(
                f"method {self.method} needs data",
                where=self.id,
                remedy="name a CSV beside the file in 'data'",
            )
        return self.data

    def setting(self, name: str) -> Any:
        """A setting that the method can't do without."""
        if self.spec.get(name) is None:
            raise UnusableInputError(
                f"the spec has no {name!r}",
                where=self.id,
                remedy=f"it has {', '.join(self.spec) or 'nothing'}",
            )
        return self.spec[name]

    def first(self, *names: str, default: Any = None) -> Any:
        """The first setting that has one of these names, however capitals and dots are written.

        Example:
            >>> spec = {"test.type": 4}
            >>> case = Case(id="", method="", data=None, spec=spec, expect={}, tol_rel=0)
            >>> case.first("kind", "testType")
            4
        """
        plain = {_plain(key): value for key, value in self.spec.items() if value is not None}
        return next((plain[_plain(name)] for name in names if _plain(name) in plain), default)

    def said(self, pattern: str) -> str | None:
        """What the first group of a pattern, or all of it, matches in the words of the case."""
        found = re.search(pattern, self.what, re.IGNORECASE)
        return None if found is None else found[min(1, found.re.groups)]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, each with its data read.

    Raises:
        UnusableInputError: if the file, or a CSV that it names, cannot be read as described above.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnusableInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UnusableInputError(f"is no JSON: {error}", where=str(path)) from error
    records = content.get("cases") if isinstance(content, Mapping) else None
    if not isinstance(records, list) or not records:
        raise UnusableInputError("is no file of cases", where=str(path), remedy=SHAPE)
    return [
        _case(record, f"{path}, case {number}", path, content.get("tol_rel"))
        for number, record in enumerate(records, start=1)
    ]


def _case(record: Any, where: str, path: Path, tolerance: Any) -> Case:
    def refuse(what: str, remedy: str) -> UnusableInputError:
        return UnusableInputError(what, where=where, remedy=remedy)

    if not isinstance(record, Mapping):
        raise refuse("is no case", SHAPE)
    if not isinstance(record.get("id"), str | int) or record["id"] == "":
        raise refuse("has no 'id'", "give the case a name of its own")
    where = f"{where} ({record['id']})"
    spec, data, expect = record.get("spec") or {}, record.get("data"), record.get("expect")
    if not isinstance(spec, Mapping):
        raise refuse("the 'spec' is no object", "write settings by name, or null")
    if not isinstance(data, str | None):
        raise refuse("the 'data' is no name of a file", "name a CSV beside the file, or null")
    if not _has_a_figure(expect):
        raise refuse("'expect' holds no figure", "write the expected figures by name")
    tolerance = record.get("tol_rel", tolerance)
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not number or not 0 <= tolerance < math.inf:
        raise refuse("has no 'tol_rel', or none that is a number from 0", "write it, such as 1e-6")
    return Case(
        id=str(record["id"]),
        method=str(record.get("method") or record["id"]),
        data=None if data is None else _data(path.parent / data, where),
        spec=spec,
        expect=expect,
        tol_rel=float(tolerance),
        what=str(record.get("what") or ""),
    )


def _has_a_figure(expect: Any, *, nested: bool = False) -> bool:
    if isinstance(expect, Mapping):
        return any(_has_a_figure(value, nested=True) for value in expect.values())
    if isinstance(expect, list):
        return any(_has_a_figure(value, nested=nested) for value in expect)
    return nested


def _data(source: Path, where: str) -> pl.DataFrame:
    """Every column is typed from all of its values; 'NA', '.' and the empty string are missing."""
    try:
        data = pl.read_csv(source, infer_schema_length=None, null_values=list(MISSING))
    except (OSError, pl.exceptions.PolarsError) as error:
        said = str(error).partition("\n")[0]
        raise UnusableInputError(f"{source} cannot be read: {said}", where=where) from error
    if data.is_empty():
        raise UnusableInputError(f"{source} has no rows", where=where)
    return data
