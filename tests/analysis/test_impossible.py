"""Values that no trial of the study can hold are refused with their place, before any analysis."""

import polars as pl
import pytest

from analysis.trials import Found, Person, dose_finding, trial
from trialwright.analysis.dataset import prepare
from trialwright.analysis.impossible import refuse_impossible_values
from trialwright.errors import UnusableInputError


def data(**changed):
    visits = {"baseline": Found(numbers={"alt": 20.0})}
    made = trial(dose_finding(), [Person("P1", "placebo", visits), Person("P2", "placebo", visits)])
    tables = made.tables() | {name: change(getattr(made, name)) for name, change in changed.items()}
    return type(made)(**tables)


def with_unit(item, unit, participant="P2"):
    there = (pl.col("item") == item) & (pl.col("participant") == participant)
    return lambda table: table.with_columns(
        unit=pl.when(there).then(pl.lit(unit)).otherwise("unit")
    )


@pytest.mark.parametrize(
    ("item", "unit", "expected"),
    [
        ("alt", "kg", "'kg', and the study measures it in 'U/L'"),
        ("alt", "u/l", "'u/l'"),  # UCUM tells letters apart
        ("creatinine", "mg/dL", "'mg/dL', and the study measures it in 'umol/L'"),  # BILAG's
    ],
)
def test_a_value_in_another_unit(item, unit, expected):
    with pytest.raises(UnusableInputError, match=f"{item} is in") as error:
        prepare(dose_finding(), data(item_values=with_unit(item, unit)))
    assert expected in error.value.what
    assert error.value.where == "table item_values, participant P2, visit baseline"
    assert error.value.remedy.startswith("convert the values")


def test_a_value_without_a_unit_is_in_that_of_its_item():
    refuse_impossible_values(dose_finding(), data(item_values=with_unit("alt", None)))


@pytest.mark.parametrize("age", [-1.0, 121.0])
def test_an_age_that_nobody_has(age):
    aged = data(participants=lambda table: table.with_columns(age=pl.lit(age)))
    with pytest.raises(UnusableInputError, match=f"an age of {age:g} years") as error:
        prepare(dose_finding(), aged)
    assert error.value.where == "table participants, participant P1"


@pytest.mark.parametrize("age", [0.0, 120.0, None])
def test_ages_at_the_limits_and_unknown_ones_pass(age):
    kind = pl.lit(age, pl.Float64)
    refuse_impossible_values(
        dose_finding(), data(participants=lambda table: table.with_columns(age=kind))
    )
