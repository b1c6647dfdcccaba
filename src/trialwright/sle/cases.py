"""Worked cases of an instrument, written for a rheumatologist: visits in, scores out, and why.

`cases.yaml` in the instrument's folder is a list. Each case has a `name`, a `why` with its source,
the
`visits` with their items, and what is expected of each visit under `expect`. Items that a visit
does
not name are absent, unless the case says `others: not assessed`; `ND` is an item not assessed, and
columns listed under `without` are left out of the table.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl
from ruamel.yaml import YAML

from trialwright.sle.instrument import Instrument


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case: the table that goes in, and for each visit the scores that come out."""

    name: str
    why: str
    frame: pl.DataFrame
    options: dict[str, Any]
    expected: list[dict[str, Any]]


@cache
def cases(instrument: Instrument) -> list[Case]:
    """The cases of `instrument`, in the order of its file."""
    return [_case(instrument, entry) for entry in read_yaml(instrument, "cases.yaml")]


def read_yaml(instrument: Instrument, name: str) -> Any:
    """A YAML file from the folder of `instrument`."""
    text = files("trialwright.sle").joinpath(instrument.folder, name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def _case(instrument: Instrument, entry: dict[str, Any]) -> Case:
    blank = entry.get("others", "absent") == "not assessed"
    rows = []
    for index, visit in enumerate(entry["visits"]):
        items = {key: value for key, value in visit.items() if key != "expect"}
        rest = {
            item.key: None if blank else item.absent
            for item in instrument.items
            if item.required and item.key not in items and item.key not in entry.get("without", [])
        }
        row = {"participant": "P1", "visit": index, **rest, **items}
        rows.append({key: None if value == "ND" else value for key, value in row.items()})
    frame = pl.DataFrame(rows, infer_schema_length=None, strict=False)
    return Case(
        name=entry["name"],
        why=entry["why"],
        frame=frame,
        options=entry.get("options", {}),
        expected=[visit.get("expect", {}) for visit in entry["visits"]],
    )
