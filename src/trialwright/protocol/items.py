"""The items that rules and estimands of a study can name, and their types.

An item stands under its own name; an item or score of an instrument under its form's, as in
`selena_sledai.rash`. The instrument's own name is not said twice: on a form `acr_1997` its score
columns `acr_1997` and `acr_1997_count` are named `acr_1997` and `acr_1997.count`.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import polars as pl

from trialwright import sle
from trialwright.protocol.capture import Form, Item
from trialwright.protocol.study import Study
from trialwright.rules import ItemType
from trialwright.rules.types import Kind
from trialwright.sle.instrument import Kind as InstrumentKind

_KINDS: Final[Mapping[str, Kind]] = {
    "number": "number",
    "yes/no": "boolean",
    "code": "code",
    "date": "date",
}
_INSTRUMENT_KINDS: Final[Mapping[InstrumentKind, Kind]] = {
    "number": "number",
    "grade": "number",
    "yes/no": "boolean",
    "code": "code",
}
_COLUMN_TYPES: Final[Mapping[InstrumentKind, type[pl.DataType]]] = {
    "number": pl.Float64,
    "grade": pl.Int8,
    "yes/no": pl.Int8,
    "code": pl.String,
}


def rule_items(study: Study) -> Mapping[str, ItemType]:
    """Each item that a rule may name, with its type; no rule reads text items."""
    named: dict[str, ItemType] = {}
    for form in study.forms:
        if form.instrument:
            named |= dict(_instrument_items(form.id, form.instrument))
        else:
            named |= {item.id: _item_type(item) for item in form.items if item.type != "text"}
    return named


def form_of(study: Study, name: str) -> Form | None:
    """The form that collects the item of this name, None if no form does."""
    for form in study.forms:
        if form.instrument and name.split(".")[0] == form.id:
            return form
        if any(item.id == name for item in form.items):
            return form
    return None


def _item_type(item: Item) -> ItemType:
    codes = tuple(code.code for code in item.codes)
    return ItemType(_KINDS[item.type], unit=item.unit, codes=codes)


def _instrument_items(form: str, key: str) -> Iterator[tuple[str, ItemType]]:
    for item in sle.instrument(key).items:
        kind = _INSTRUMENT_KINDS[item.kind]
        yield f"{form}.{item.key}", ItemType(kind, unit=item.unit or None, codes=item.codes)
    for column, dtype in _score_types(key).items():
        yield score_name(form, key, column), _score_type(dtype)


def score_name(form: str, instrument: str, column: str) -> str:
    """How rules name a score column of an instrument on a form."""
    rest = column.removeprefix(instrument.replace("-", "_"))
    return f"{form}.{rest.lstrip('_')}" if rest else form


@cache
def _score_types(key: str) -> Mapping[str, pl.DataType]:
    """The type of each score column of an instrument, as scoring no visits at all tells it."""
    instrument = sle.instrument(key)
    columns = {item.key: _COLUMN_TYPES[item.kind] for item in instrument.items}
    empty = pl.DataFrame(schema={"participant": pl.String, "visit": pl.String, **columns})
    schema = sle.score(key, empty).schema
    return {column: schema[column] for column in instrument.columns if column in schema}


def _score_type(dtype: pl.DataType) -> ItemType:
    if dtype == pl.Boolean:
        return ItemType("boolean")
    return ItemType("number" if dtype.is_numeric() else "code")
