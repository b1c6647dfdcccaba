"""Trials made by hand: people with what was found at each visit, turned into trial data."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from trialwright import sle
from trialwright.protocol import Study, load_study
from trialwright.trialdata import TABLES, TrialData

STUDIES = Path(__file__).parents[2] / "studies"
DAY_1 = dt.date(2026, 1, 5)
SLEDAI_8 = ("arthritis", "hematuria")  # 4 + 4 points
SLEDAI_12 = ("arthritis", "hematuria", "proteinuria")


@cache
def dose_finding() -> Study:
    return load_study(STUDIES / "il2-sle-dose-finding" / "study.yaml").study


@cache
def infection(reading: str = "parallel") -> Study:
    return load_study(STUDIES / "il2-sle-infection" / "study.yaml", reading).study


@dataclass
class Found:
    """What a visit found. `pga`, `numbers`: by item; `bilag`: grades other than 0."""

    sledai: Iterable[str] | None = SLEDAI_8
    bilag: Mapping[str, int] | None = field(default_factory=dict)
    pga: float | None = 2.0
    numbers: Mapping[str, float] = field(default_factory=dict)
    days_late: int = 0


@dataclass
class Person:
    participant: str
    allocated_to: str | None
    visits: Mapping[str, Found | None] = field(default_factory=dict)  # None: missed
    stratum: str = "site=pkuph; activity=below-12"
    site: str = "pkuph"
    sex: str = "female"
    age: float = 30.0
    treatment_ended: tuple[int, str] | None = None  # study day, reason
    ended: tuple[int, str] | None = (169, "completed")
    failed_criteria: Mapping[str, str] = field(default_factory=dict)
    doses: Sequence[bool] = (True,)


def day(study_day: int) -> dt.date:
    """The date of a study day, of which there is no day 0."""
    return DAY_1 + dt.timedelta(days=study_day - 1 if study_day > 0 else study_day)


def trial(
    study: Study,
    people: Sequence[Person],
    *,
    adverse_events: Sequence[Mapping[str, Any]] = (),
    medications: Sequence[Mapping[str, Any]] = (),
) -> TrialData:
    """The data of a trial with these people.

    Events and medications are rows with `participant`, `started` and `ended` (study days) and any
    columns of their tables; what they leave out is filled with something harmless.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for person in people:
        _add_person(rows, study, person)
    for number, event in enumerate(adverse_events, 1):
        rows["adverse_events"].append(
            {
                "number": number,
                "term": "Cough",
                "category": "infection",
                "grade": 1,
                "serious": False,
                "related": False,
                "special_interest": False,
                **_dated(event),
            }
        )
    for number, medication in enumerate(medications, 1):
        rows["medications"].append({"number": number, "unit": "mg/d", **_dated(medication)})
    return TrialData(**{name: _table(name, rows[name]) for name in TABLES})


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    dates = {
        f"{end}_on": day(row[end]) if row.get(end) is not None else None
        for end in ("started", "ended")
    }
    return {key: value for key, value in row.items() if key not in ("started", "ended")} | dates


def _table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = TABLES[name].columns
    return pl.DataFrame(
        {column: [row.get(column) for row in rows] for column in columns}, schema=columns
    )


def _add_person(rows: dict[str, list[dict[str, Any]]], study: Study, person: Person) -> None:
    key = {"participant": person.participant}
    randomized = person.allocated_to is not None
    treatment_end = person.treatment_ended or (person.ended if randomized else None)
    rows["participants"].append(
        {
            **key,
            "site": person.site,
            "sex": person.sex,
            "age": person.age,
            "consented_on": day(-14),
            "screened_on": day(-14),
            "randomized": randomized,
            "treatment_ended_on": day(treatment_end[0]) if treatment_end else None,
            "treatment_end_reason": treatment_end[1] if treatment_end else None,
            "ended_on": day(person.ended[0]) if person.ended and randomized else None,
            "end_reason": person.ended[1] if person.ended and randomized else None,
        }
    )
    for criterion in study.criteria:
        verdict = "met" if criterion.kind == "inclusion" else "not met"
        rows["criteria"].append(
            {
                **key,
                "criterion": criterion.id,
                "verdict": person.failed_criteria.get(criterion.id, verdict),
                "reason": f"{criterion.id} read",
                "assessed_on": day(-14),
            }
        )
    if not randomized:
        return
    rows["allocations"].append(
        {
            **key,
            "stratum": person.stratum,
            "position": len(rows["allocations"]) + 1,
            "allocated_to": person.allocated_to,
            "allocated_on": DAY_1,
        }
    )
    for number, given in enumerate(person.doses):
        rows["exposures"].append(
            {
                **key,
                "intervention": "il-2",
                "due_on": day(1 + 2 * number),
                "given": given,
                "dose": 1.0 if given else 0.0,
                "unit": "10*6.[iU]",
                "route": "subcutaneous",
            }
        )
    for visit_id, found in person.visits.items():
        visit = study.visit(visit_id)
        study_day = visit.day + (found.days_late if found else 0)
        rows["visits"].append(
            {
                **key,
                "visit": visit_id,
                "status": "attended" if found else "missed",
                "visited_on": day(study_day) if found else None,
                "study_day": study_day if found else None,
            }
        )
        if found:
            rows["item_values"] += _item_values(study, person.participant, visit_id, found)


def _item_values(
    study: Study, participant: str, visit: str, found: Found
) -> Iterable[dict[str, Any]]:
    def row(form: str, item: str, number: float | None, unit: str | None) -> dict[str, Any]:
        return {
            "participant": participant,
            "visit": visit,
            "form": form,
            "item": item,
            "number": number,
            "unit": unit,
            "collected_on": day(study.visit(visit).day),
        }

    for form_id in study.visit(visit).forms:
        form = study.form(form_id)
        if form.instrument == "selena-sledai" and found.sledai is not None:
            present = set(found.sledai)
            for item in sle.instrument("selena-sledai").items:
                yield row(form_id, item.key, float(item.key in present), None)
        elif form.instrument == "bilag-2004" and found.bilag is not None:
            for item in sle.instrument("bilag-2004").items:
                if item.kind in ("grade", "yes/no"):
                    yield row(form_id, item.key, float(found.bilag.get(item.key, 0)), None)
                elif item.key in HEALTHY:
                    yield row(form_id, item.key, HEALTHY[item.key], item.unit)
        for item in form.items:
            value = found.pga if item.id == "pga" else found.numbers.get(item.id)
            if value is not None:
                yield row(form_id, item.id, value, item.unit)


HEALTHY = {
    "sbp": 120.0,
    "dbp": 75.0,
    "protein_24h": 0.1,
    "creatinine": 70.0,
    "haemoglobin": 13.5,
    "wcc": 6.0,
    "neutrophils": 4.0,
    "lymphocytes": 1.5,
    "platelets": 250.0,
}
