"""The doses that were due and given, and the background medication."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from trialwright.protocol import Study
from trialwright.simulation.capture import Days
from trialwright.simulation.course import Course
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.parameters import number, table
from trialwright.simulation.plan import stretches
from trialwright.trialdata import TABLES
from trialwright.trialdata.tables import empty_table

GLUCOCORTICOID: Final = "glucocorticoid"
ANTIMALARIAL: Final = "antimalarial"
IMMUNOSUPPRESSANT: Final = "immunosuppressant"
RESCUE_DRUG: Final = "mycophenolate mofetil"
SECOND_RESCUE_DRUG: Final = "azathioprine"  # for those who take the first already


def takes_antimalarial(draws: Draws) -> np.ndarray:
    """Whether each participant takes an antimalarial."""
    return draws.happens("antimalarial", number("medication.antimalarial"))


def exposures(
    study: Study,
    draws: Draws,
    participants: Sequence[str],
    groups: np.ndarray,
    first_dose: Days,
    treatment_ends: Floats,
) -> pl.DataFrame:
    """One row per dose that was due until the end of treatment.

    Args:
        study: whose arms or sequences say what is due.
        draws: the participants' streams.
        participants: their names.
        groups: index of each participant's arm or sequence in the ratio.
        first_dose: day 1 of each.
        treatment_ends: study day on which treatment ended.
    """
    parts = [empty_table("exposures")]
    for group, name in enumerate(study.randomization.ratio):
        members = np.flatnonzero(groups == group)
        planned = stretches(study, name)
        if not planned or not len(members):
            continue
        days = [np.arange(s.first_day, s.last_day + 1, s.every_days) for s in planned]
        dose_days = np.concatenate(days)
        of = np.repeat(np.arange(len(planned)), [len(each) for each in days])
        luck = draws.of(members).uniform("dose given", len(dose_days))
        given = luck < number("participation.dose_given")
        person, dose = np.nonzero(dose_days <= treatment_ends[members][:, None])
        plan = pl.DataFrame([(s.intervention, s.dose, s.unit, s.route) for s in planned],
            schema=["intervention", "dose", "unit", "route"], orient="row")[of[dose]]  # fmt: skip
        who = members[person]
        parts.append(
            plan.with_columns(
                participant=pl.Series(participants, dtype=pl.String)[who],
                due_on=pl.Series(first_dose[who] + (dose_days[dose] - 1)).cast(pl.Date),
                given=pl.Series(given[person, dose]),
            )
            .with_columns(dose=pl.when("given").then(pl.col("dose").cast(pl.Float64)))
            .select(list(TABLES["exposures"].columns))
        )
    return pl.concat(parts).sort("participant", "intervention", "due_on")


def medications(
    draws: Draws,
    participants: Sequence[str],
    course: Course,
    background_since: Days,
    visited_on: Days,
) -> pl.DataFrame:
    """Background medication, each change of the prednisone dose, and rescue.

    Args:
        draws: the participants' streams.
        participants: their names.
        course: prednisone and rescue by visit.
        background_since: first day of the present standard treatment.
        visited_on: (participants, visits); a change of dose starts the day after its visit.
    """
    doses = table("medication.doses")
    shares = table("medication.immunosuppressants")
    drug = np.array(list(shares))[draws.choice("immunosuppressant", list(shares.values()))]
    parts = [_prednisone(course, background_since, visited_on)]
    antimalarial = np.flatnonzero(takes_antimalarial(draws))
    parts.append(_rows(antimalarial, "hydroxychloroquine", ANTIMALARIAL, background_since))
    for name in list(shares)[1:]:
        parts.append(_rows(np.flatnonzero(drug == name), name, IMMUNOSUPPRESSANT, background_since))
    person, visit = np.nonzero(course.immunosuppressant_started)
    rescued_on = background_since.copy()
    rescued_on[person] = visited_on[person, visit] + 1
    for name, who in (
        (RESCUE_DRUG, person[drug[person] != RESCUE_DRUG]),
        (SECOND_RESCUE_DRUG, person[drug[person] == RESCUE_DRUG]),
    ):
        parts.append(_rows(np.sort(who), name, IMMUNOSUPPRESSANT, rescued_on, "flare"))
    usual = pl.col("medication").replace_strict(
        list(doses), [float(dose) for dose in doses.values()], default=None
    )
    rows = pl.concat(parts).sort("row", "started_on", "medication")
    schema = TABLES["medications"].columns
    return (
        rows.with_columns(
            participant=pl.Series(participants, dtype=pl.String)[rows["row"]],
            number=pl.int_range(1, pl.len() + 1).over("row"),
            dose=pl.col("dose").fill_null(usual),
            unit=pl.lit("mg/d"),
        )
        .select(list(schema))
        .cast(pl.Schema(schema))
    )


def _prednisone(course: Course, since: Days, visited_on: Days) -> pl.DataFrame:
    """A row for each dose: the first as before the trial, then one from each change on."""
    changes = course.prednisone_after != course.prednisone
    changes[:, -1] = False
    changes &= np.arange(changes.shape[1]) < course.ends_after[:, None]
    person, visit = np.nonzero(changes)
    takers = np.flatnonzero(course.prednisone[:, 0] > 0)
    rows = pl.concat(
        [
            _rows(takers, "prednisone", GLUCOCORTICOID, since).with_columns(
                dose=pl.Series(course.prednisone[takers, 0])
            ),
            pl.DataFrame({"row": person}).with_columns(
                medication=pl.lit("prednisone"),
                medication_class=pl.lit(GLUCOCORTICOID),
                started_on=pl.Series(visited_on[person, visit] + 1).cast(pl.Date),
                reason=pl.Series(
                    np.where(
                        course.prednisone_after[person, visit] > course.prednisone[person, visit],
                        "flare",
                        "taper",
                    ).tolist(),
                    dtype=pl.String,
                ),
                dose=pl.Series(course.prednisone_after[person, visit]),
            ),
        ],
        how="diagonal",
    ).select("row", "medication", "medication_class", "started_on", "reason", "dose")
    rows = rows.sort("row", "started_on", maintain_order=True)
    until = pl.col("started_on").shift(-1).over("row").dt.offset_by("-1d")
    return rows.with_columns(ended_on=until)


def _rows(
    row: np.ndarray, name: str, kind: str, since: Days, reason: str | None = "lupus"
) -> pl.DataFrame:
    return pl.DataFrame({"row": row.astype(np.int64)}).with_columns(
        medication=pl.lit(name),
        medication_class=pl.lit(kind),
        started_on=pl.Series(since[row]).cast(pl.Date),
        reason=pl.lit(reason),
        dose=pl.lit(None, pl.Float64),
        ended_on=pl.lit(None, pl.Date),
    )
