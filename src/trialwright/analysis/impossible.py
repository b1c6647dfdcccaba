"""Values that no trial of this study can hold: in another unit, or ages that nobody has."""

import polars as pl

from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study
from trialwright.trialdata import TrialData

OLDEST = 120


def refuse_impossible_values(study: Study, data: TrialData) -> None:
    """Raise UnusableInputError at the first value in another unit than its item's, or such an age.

    A value without a unit is taken to be in the unit of its item.
    """
    units = pl.DataFrame(
        _units(study),
        schema={"form": pl.String, "item": pl.String, "expected": pl.String},
        orient="row",
    )
    strange = (
        data.item_values.filter(pl.col("unit").is_not_null())
        .join(units, on=["form", "item"])
        .filter(pl.col("unit") != pl.col("expected"))
    )
    if not strange.is_empty():
        row = strange.row(0, named=True)
        raise UnusableInputError(
            f"{row['item']} is in {row['unit']!r},"
            f" and the study measures it in {row['expected']!r}",
            where=f"table item_values, participant {row['participant']}, visit {row['visit']}",
            remedy="convert the values, and write the study's unit beside them",
        )
    ages = data.participants.filter(~pl.col("age").is_between(0, OLDEST))
    if not ages.is_empty():
        raise UnusableInputError(
            f"an age of {ages['age'][0]:g} years is impossible",
            where=f"table participants, participant {ages['participant'][0]}",
            remedy=f"an age lies from 0 to {OLDEST} years; leave it empty if it is not known",
        )


def _units(study: Study) -> list[tuple[str, str, str]]:
    """Form, item and unit of each item that has one, those of instruments included."""
    own = [(form.id, item.id, item.unit) for form in study.forms for item in form.items]
    of_instruments = [
        (form.id, item.key, item.unit)
        for form in study.forms
        if form.instrument
        for item in sle.instrument(form.instrument).items
    ]
    return [(form, item, unit) for form, item, unit in (*own, *of_instruments) if unit]
