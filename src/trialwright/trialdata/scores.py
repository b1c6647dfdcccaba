"""Items and instrument scores by participant and visit, under the names that rules use."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

import polars as pl

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study, form_of, rule_items
from trialwright.protocol.capture import Form
from trialwright.trialdata.tables import TrialData

KEYS: Final = ("participant", "visit")


def visit_type(study: Study) -> pl.Enum:
    """The visits of a study as a type that sorts in the order of the protocol."""
    return pl.Enum([visit.id for visit in study.visits])


def visit_table(study: Study, data: TrialData, names: Iterable[str]) -> pl.DataFrame:
    """One row per participant and visit with anything captured, one column per name.

    Args:
        study: whose forms collect the items.
        data: the trial.
        names: as rules write them: `pga`, `selena_sledai`, `selena_sledai.rash`,
            `bilag_2004.renal`. Scores are computed from the captured items.

    Returns:
        `participant`, `visit` (an Enum in the order of the protocol) and the names in the order
        given: numbers, truth values, codes as text, dates. Null is what was not assessed. Rows are
        sorted by participant and visit.

    Raises:
        UnusableInputError: no form collects a name, or an instrument cannot score its items.
    """
    wanted = list(dict.fromkeys(names))
    values = data.item_values.with_columns(known_visits(study, data.item_values))
    table = values.select(KEYS).unique().sort(KEYS)
    for form, columns in _by_form(study, wanted).items():
        captured = values.filter(pl.col("form") == form.id)
        found = (
            _scored(form, captured, columns)
            if form.instrument
            else _collected(study, captured, columns)
        )
        table = table.join(found, on=KEYS, how="left", maintain_order="left")
    return table.select(*KEYS, *wanted)


def known_visits(study: Study, table: pl.DataFrame) -> pl.Series:
    """The visit column as an Enum; UnusableInputError if the study has no such visit."""
    visits = [visit.id for visit in study.visits]
    strangers = table.filter(~pl.col("visit").is_in(visits))
    if not strangers.is_empty():
        name = strangers["visit"][0]
        near = get_close_matches(str(name), visits, n=1)
        raise UnusableInputError(
            f"the study has no visit {name!r}",
            where=f"participant {strangers['participant'][0]}",
            remedy=(f"did you mean {near[0]}? " if near else "")
            + f"its visits are {', '.join(visits)}; another reading of the study may have others",
        )
    return table["visit"].cast(visit_type(study))


def _by_form(study: Study, names: list[str]) -> Mapping[Form, list[str]]:
    forms: dict[str, list[str]] = {}
    known = rule_items(study)
    for name in names:
        form = form_of(study, name)
        if form is None or name not in known:
            near = get_close_matches(name, known, n=1)
            raise UnusableInputError(
                f"no form of the study collects {name!r}",
                where=f"study {study.id}",
                remedy=f"did you mean {near[0]}?" if near else "name an item or a score",
            )
        forms.setdefault(form.id, []).append(name)
    return {study.form(form): columns for form, columns in forms.items()}


def _collected(study: Study, captured: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    kinds = rule_items(study)
    numbers = [name for name in names if kinds[name].kind in ("number", "boolean")]
    texts = [name for name in names if name not in numbers]
    wide = (
        captured.select(KEYS)
        .unique()
        .join(_wide(captured, numbers, "number"), on=KEYS, how="left")
        .join(_wide(captured, texts, "text"), on=KEYS, how="left")
    )
    truths = [name for name in names if kinds[name].kind == "boolean"]
    dates = [name for name in names if kinds[name].kind == "date"]
    return wide.with_columns(
        pl.col(truths).cast(pl.Boolean), pl.col(dates).str.to_date("%Y-%m-%d", strict=False)
    )


def _scored(form: Form, captured: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Items and scores of an instrument's form; an item without a row was not assessed."""
    assert form.instrument is not None
    instrument = sle.instrument(form.instrument)
    codes = [item.key for item in instrument.items if item.kind == "code"]
    numbers = [item.key for item in instrument.items if item.kind != "code"]
    present = set(captured["item"].unique())
    optional = {item.key for item in instrument.items if not item.required}
    strangers = present - {*codes, *numbers}
    if strangers:
        raise UnusableInputError(
            f"{instrument.title} has no item {min(strangers)!r}",
            where=f"table item_values, form {form.id}",
            remedy="its items are listed by `trialwright score --help`",
        )
    measured = set(captured.filter(pl.col("unit").is_not_null())["item"])
    with_units = [i.key for i in instrument.items if i.kind == "number" and i.key in measured]
    units = _wide(captured, with_units, "unit").rename(
        lambda name: name if name in KEYS else f"{name}_unit"
    )
    items = (
        captured.select(KEYS)
        .unique()
        .sort(KEYS)
        .join(_wide(captured, numbers, "number"), on=KEYS, how="left", maintain_order="left")
        .join(_wide(captured, codes, "text"), on=KEYS, how="left", maintain_order="left")
        .join(units, on=KEYS, how="left", maintain_order="left")
        .drop(sorted(optional - present))
    )
    scores = sle.score(form.instrument, items)
    named = scores.rename(
        lambda column: column if column in (*KEYS, form.id) else f"{form.id}.{column}"
    )
    asked = [name for name in names if name not in named.columns]
    return named.join(
        items.select(*KEYS, *(pl.col(name.split(".", 1)[1]).alias(name) for name in asked)),
        on=KEYS,
        maintain_order="left",
    ).select(*KEYS, *names)


def _wide(captured: pl.DataFrame, items: list[str], column: str) -> pl.DataFrame:
    """One row per participant and visit, one column per item, null where it has no row."""
    rows = captured.filter(pl.col("item").is_in(items))
    wide = rows.pivot("item", index=KEYS, values=column)
    absent = [pl.lit(None, rows.schema[column]).alias(i) for i in items if i not in wide.columns]
    return wide.with_columns(absent).select(*KEYS, *items)
