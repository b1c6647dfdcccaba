"""Cases: what another program computed from stated data and settings.

A file of cases is JSON: `{"topic": ..., "cases": [...]}`, each case with `id`, `method`, `data`
(a CSV beside the file, or null), `spec` (settings), `expect` (figures) and `tol_rel`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from trialwright.errors import UnusableInputError


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
    """

    id: str
    method: str
    data: pl.DataFrame | None
    spec: Mapping[str, Any]
    expect: Any
    tol_rel: float

    def table(self) -> pl.DataFrame:
        """The data of a case whose method needs some."""
        if self.data is None:
            raise UnusableInputError(f"method {self.method} needs data", where=self.id)
        return self.data

    def setting(self, name: str) -> Any:
        """A setting that the method can't do without."""
        if name not in self.spec:
            raise UnusableInputError(f"the spec has no {name!r}", where=self.id)
        return self.spec[name]


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, each with its data read.

    Raises:
        UnusableInputError: if the file, or a CSV that it names, cannot be read as described above.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        records = content["cases"]
        return [_case(record, path) for record in records]
    except OSError as error:
        raise UnusableInputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise UnusableInputError(f"is no JSON: {error}", where=str(path)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UnusableInputError(
            f"is no file of cases ({type(error).__name__}: {error})",
            where=str(path),
            remedy="it needs a list 'cases' of id, method, data, spec, expect and tol_rel",
        ) from error


def _case(record: Mapping[str, Any], path: Path) -> Case:
    spec = record.get("spec")
    return Case(
        id=str(record["id"]),
        method=str(record.get("method") or record["id"]),
        data=_data(record.get("data"), path),
        spec=spec if isinstance(spec, Mapping) else {},
        expect=record["expect"],
        tol_rel=float(record.get("tol_rel") or 1e-6),
    )


def _data(name: str | None, beside: Path) -> pl.DataFrame | None:
    """Every column is typed from all of its values; 'NA' and the empty string are missing."""
    if name is None:
        return None
    source = beside.parent / name
    try:
        return pl.read_csv(source, infer_schema_length=None, null_values=["NA", ""])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableInputError(f"cannot be read: {error}", where=str(source)) from error
