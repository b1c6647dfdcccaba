"""What the forms of a study collect from virtual participants: one column per form and item."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study
from trialwright.protocol.capture import Form, Item
from trialwright.simulation.bilag import bilag_items
from trialwright.simulation.course import Course
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.facts import answer, fact_entries
from trialwright.simulation.global_assessment import global_assessment
from trialwright.simulation.manifestations import manifestations
from trialwright.simulation.measures import Measure, State, find_measure, values
from trialwright.simulation.parameters import number, table

Answers = np.ndarray[Any, np.dtype[Any]]

UNITS: Final[Mapping[tuple[str, str], float]] = {
    ("g/L", "g/dL"): 0.1,
    ("g/L", "mg/dL"): 100.0,
    ("umol/L", "mg/dL"): 1 / 88.42,
    ("g/(24.h)", "mg/(24.h)"): 1000.0,
    ("10*9/L", "10*3/uL"): 1.0,
    ("10*6/L", "/uL"): 1.0,
    ("10*9/L", "/uL"): 1000.0,
}
"""From the unit of a measure to that of an item: multiply."""

_DECIMALS: Final = {"g": 2, "g/dL": 1, "10*9/L": 2}  # of the numbers of instruments; others none
# What an ACR criterion records as ever present, if it is active now.
_ACR_NOW: Final = {
    "malar_rash": "rash",
    "oral_ulcers": "mucosal_ulcers",
    "arthritis": "arthritis",
    "pleuritis": "pleurisy",
    "pericarditis": "pericarditis",
    "proteinuria": "proteinuria",
    "cellular_casts": "urinary_casts",
    "seizures": "seizure",
    "psychosis": "psychosis",
    "haemolytic_anaemia": "hemolysis",
    "leukopenia": "leukopenia",
    "thrombocytopenia": "thrombocytopenia",
    "anti_dna": "anti_dsdna",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One item of one form.

    Attributes:
        item: its name.
        kind: number (a yes is 1), code, or date in days before consent.
        values: (participants, visits), NaN or an empty text where there is nothing.
        asked: where there is nothing, whether it was asked for and not assessed.
    """

    item: str
    kind: str
    values: Answers
    asked: bool = True
    unit: str | None = None
    lower_limit: float | None = None
    upper_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What forms are filled from: the participants' streams and their course."""

    draws: Draws
    course: Course
    baseline: int

    @property
    def state(self) -> State:
        """What measures depend on."""
        return State(self.course.days, self.course.level, self.course.immune)


def check_items(study: Study) -> None:
    """Raise UnusableInputError naming each item and instrument that has no model here."""
    unknown = [
        f"{form.id}.{item.id}"
        for form in study.forms
        for item in form.items
        if item.id not in _SPECIAL and item.id not in fact_entries() and not find_measure(item)
    ]
    unknown += [
        f"{form.id} (instrument {form.instrument})"
        for form in study.forms
        if form.instrument and form.instrument not in _INSTRUMENTS
    ]
    if unknown:
        raise UnusableInputError(
            f"no virtual participant can answer {', '.join(unknown)}",
            where=f"study {study.id}, forms",
            remedy="add the item to simulation/facts.yaml (asked once) or measures.yaml "
            "(measured at visits), or name it as an item that is there",
        )
    for form in study.forms:
        for item in form.items:
            _unit_factor(item, find_measure(item))


def observe(study: Study, person: Person) -> dict[str, list[Column]]:
    """Every form of the study filled at every visit; which visits have which form comes later."""
    return {form.id: _fill(form, person) for form in study.forms}


def _fill(form: Form, person: Person) -> list[Column]:
    if form.instrument:
        return _INSTRUMENTS[form.instrument](person)
    return [_fill_item(item, person) for item in form.items]


def _fill_item(item: Item, person: Person) -> Column:
    if item.id in _SPECIAL:
        return Column(item.id, "number", _rounded(item, _SPECIAL[item.id](person)), unit=item.unit)
    measure = find_measure(item)
    if item.id in fact_entries() and measure is None:
        return _fact(item, person)
    assert measure is not None, "check_items comes first"
    normal = item.normal
    limits = (normal.lower, normal.upper) if normal else (None, None)
    factor = _unit_factor(item, measure)
    own = tuple(None if limit is None else limit / factor for limit in limits)
    found = values(measure, person.draws, person.state, (own[0], own[1])) * factor
    return Column(
        item.id,
        "number",
        _rounded(item, found),
        unit=item.unit,
        lower_limit=limits[0],
        upper_limit=limits[1],
    )


def _fact(item: Item, person: Person) -> Column:
    found = answer(item.id, person.draws, person.course.level[:, 0])
    if item.type == "number" and found.dtype.kind == "U":
        found = found.astype(np.float64)
    if item.type == "number":
        found = _rounded(item, found)
    kind = {"yes/no": "number"}.get(item.type, item.type)
    over_visits = np.repeat(found[:, None], len(person.course.days), axis=1)
    conditional = "when" in fact_entries()[item.id]
    return Column(item.id, kind, over_visits, asked=not conditional, unit=item.unit)


def _rounded(item: Item, found: Floats) -> Floats:
    kept = found if item.decimals is None else np.round(found, item.decimals)
    if item.range:
        return np.asarray(np.clip(kept, item.range.minimum, item.range.maximum))
    return kept


def _unit_factor(item: Item, measure: Measure | None) -> float:
    if measure is None or item.unit == measure.unit:
        return 1.0
    if (measure.unit, str(item.unit)) not in UNITS:
        raise UnusableInputError(
            f"{item.id} is in {item.unit}, and virtual participants are measured in {measure.unit}",
            where=f"item {item.id}",
            remedy=f"use {measure.unit}, or add the conversion to simulation/observations.py",
        )
    return UNITS[measure.unit, str(item.unit)]


def _sledai(person: Person) -> list[Column]:
    """SELENA-SLEDAI item by item; persistent proteinuria counts as present."""
    columns = []
    for item in sle.instrument("selena-sledai").items:
        places = [place for place, each in enumerate(manifestations()) if each.sledai == item.key]
        present = (person.course.level[:, :, places] > 0).any(axis=2)
        columns.append(Column(item.key, "number", np.asarray(present, dtype=np.float64)))
    return columns


def _bilag(person: Person) -> list[Column]:
    found = bilag_items(person.draws, person.state, person.course.level_before)
    return [
        Column(
            item.key,
            "number",
            np.asarray(
                np.clip(np.round(found[item.key], _DECIMALS.get(item.unit, 0)), item.low, item.high)
            ),
            unit=item.unit or None,
        )
        for item in sle.instrument("bilag-2004").items
    ]


def _acr(person: Person) -> list[Column]:
    keys = [each.key for each in manifestations()]
    shares, columns = table("acr_1997.shares"), []
    for item in sle.instrument("acr-1997").items:
        ever = person.draws.happens(f"ever {item.key}", shares[item.key])
        if item.key in _ACR_NOW:
            ever |= person.course.level[:, 0, keys.index(_ACR_NOW[item.key])] > 0
        over_visits = np.repeat(ever[:, None], len(person.course.days), axis=1)
        columns.append(Column(item.key, "number", over_visits.astype(np.float64)))
    return columns


def _pga(person: Person) -> Floats:
    since_start = np.maximum(person.course.days - 1, 0)
    reached = 1 - 0.5 ** (since_start / number("care.half_time"))
    return global_assessment(
        person.draws, person.course.days, person.course.sledai, person.baseline, reached
    )


def _prednisone(person: Person) -> Floats:
    return person.course.prednisone


_SPECIAL: Final[Mapping[str, Callable[[Person], Floats]]] = {"pga": _pga, "prednisone": _prednisone}
_INSTRUMENTS: Final[Mapping[str, Callable[[Person], list[Column]]]] = {
    "selena-sledai": _sledai,
    "bilag-2004": _bilag,
    "acr-1997": _acr,
}
