"""A matrix of bad input: each kind of mistake, in a table of each instrument, is told and refused."""

import polars as pl
import pytest

from sle.every_visits import visits
from trialwright import sle
from trialwright.errors import UnusableInputError
from trialwright.sle.instrument import Item

ROW = 6  # the mistakes are made in the sixth row: participant 1, second visit
PLACE = "row 6, column {} (participant 1, visit 1)"


def first(key: str, *kinds: str) -> Item | None:
    """The first item that a table must hold and that is of one of these kinds."""
    items = sle.INSTRUMENTS[key].items
    return next((item for item in items if item.kind in kinds and item.required), None)


def with_a(*kinds: str) -> pytest.MarkDecorator:
    """Every instrument that has such an item, with the item."""
    found = {key: first(key, *kinds) for key in sle.INSTRUMENTS}
    pairs = [
        pytest.param(key, item, id=f"{key}: {item.key}") for key, item in found.items() if item
    ]
    return pytest.mark.parametrize(("key", "item"), pairs)


def spoiled(key: str, column: str, value: object, dtype: pl.DataType | None = None):
    """A table whose sixth row holds `value` in `column`, as text unless a type is given."""
    table = visits(key, 12, unassessed=0)
    here = pl.int_range(pl.len()) == ROW - 1
    cell = pl.col(column).cast(dtype or pl.String)
    return table.with_columns(pl.when(here).then(pl.lit(value)).otherwise(cell).alias(column))


def refused(key: str, table: pl.DataFrame) -> UnusableInputError:
    with pytest.raises(UnusableInputError) as eager:
        sle.score(key, table)
    with pytest.raises(UnusableInputError) as lazy:
        sle.score(key, table.lazy())
    assert str(lazy.value) == str(eager.value)
    return eager.value


@with_a("yes/no", "grade", "number", "code")
def test_a_misspelled_item_is_found_again(key: str, item: Item):
    name = item.key + "s"
    error = refused(key, visits(key, 12).rename({item.key: name}))
    assert error.what == f"column {item.key} is missing"
    assert error.where == f"column {name}"
    assert error.remedy == f"rename {name} to {item.key}"


@with_a("yes/no", "grade", "number", "code")
def test_an_absent_item_is_asked_for(key: str, item: Item):
    beside = [name for name in (item.key, f"{item.key}_unit") if name in visits(key, 12)]
    error = refused(key, visits(key, 12).drop(beside))
    assert error.what == f"column {item.key} is missing"
    assert "leave its cells empty" in error.remedy


@with_a("number", "grade")
@pytest.mark.parametrize("side", ["below", "above"])
def test_a_value_out_of_range_names_its_row(key: str, item: Item, side: str):
    number = pl.Float64() if item.kind == "number" else pl.Int64()
    value = item.low - 1 if side == "below" else item.high + 1
    error = refused(key, spoiled(key, item.key, value, number))
    assert error.where == PLACE.format(item.key)
    assert error.what.endswith("is out of range")
    assert f"from {item.low:g} to {item.high:g}" in error.remedy


@with_a("number", "grade")
@pytest.mark.parametrize("bound", ["low", "high"])
def test_the_ends_of_the_range_are_within_it(key: str, item: Item, bound: str):
    number = pl.Float64() if item.kind == "number" else pl.Int64()
    table = spoiled(key, item.key, getattr(item, bound), number)
    assert len(sle.score(key, table)) > 0


@with_a("yes/no")
@pytest.mark.parametrize("value", [2, -1])
def test_yes_and_no_are_0_and_1(key: str, item: Item, value: int):
    error = refused(key, spoiled(key, item.key, value, pl.Int64()))
    assert error.where == PLACE.format(item.key)


@with_a("yes/no", "grade", "number", "code")
def test_words_among_values_name_their_row(key: str, item: Item):
    error = refused(key, spoiled(key, item.key, "plenty"))
    assert error.where == PLACE.format(item.key)
    assert error.what.startswith("'plenty' is n")
    assert error.remedy.startswith("write ")


@with_a("grade")
def test_half_a_grade_is_none(key: str, item: Item):
    error = refused(key, spoiled(key, item.key, 0.5, pl.Float64()))
    assert error.what == "0.5 is no whole number"
    assert error.where == PLACE.format(item.key)


@with_a("number")
def test_not_a_number_is_no_number(key: str, item: Item):
    error = refused(key, spoiled(key, item.key, float("nan"), pl.Float64()))
    assert error.where == PLACE.format(item.key)


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
@pytest.mark.parametrize("column", ["participant", "visit"])
def test_a_row_without_its_keys_is_nobodys(key: str, column: str):
    error = refused(key, spoiled(key, column, None, pl.Int64()))
    assert error.where.startswith(f"row 6, column {column}")
    assert error.what == "is empty"
    assert error.remedy == "each row names its participant and visit"


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_one_visit_twice_is_refused_wherever_it_stands(key: str):
    table = visits(key, 12)
    error = refused(key, pl.concat([table, table[ROW - 1 : ROW]]))
    assert error.where == "row 13, column visit (participant 1, visit 1)"
    assert error.remedy == "keep one row per participant and visit"


NEEDING_UNITS = [
    pytest.param(key, item, id=f"{key}: {item.key}")
    for key, instrument in sle.INSTRUMENTS.items()
    for item in instrument.items
    if item.unit_needed
]


@pytest.mark.parametrize(("key", "item"), NEEDING_UNITS)
def test_a_unit_that_could_be_two_is_asked_for(key: str, item: Item):
    error = refused(key, visits(key, 12).drop(f"{item.key}_unit"))
    assert "more than one is plausible" in error.what
    assert f"add a column {item.key}_unit" in error.remedy
    assert all(unit in error.remedy for unit in (item.unit, *item.units))


@pytest.mark.parametrize(("key", "item"), NEEDING_UNITS)
@pytest.mark.parametrize("unit", ["furlong", ""])
def test_a_unit_of_something_else_is_refused(key: str, item: Item, unit: str):
    error = refused(key, spoiled(key, f"{item.key}_unit", unit))
    assert error.where == PLACE.format(f"{item.key}_unit")
    assert error.what == f"{unit!r} is no unit of this item"


WITH_UNITS = [
    pytest.param(key, item, unit, id=f"{key}: {item.key} in {unit}")
    for key, instrument in sle.INSTRUMENTS.items()
    for item in (*instrument.items, *instrument.raw)
    for unit in item.units
    if item.required and item in instrument.items
]


@pytest.mark.parametrize(("key", "item", "unit"), WITH_UNITS)
def test_the_same_amount_in_another_unit_has_the_same_scores(key: str, item: Item, unit: str):
    times, over = item.units[unit]
    table = visits(key, 80)
    other = table.with_columns(
        (pl.col(item.key) * over / times).alias(item.key), pl.lit(unit).alias(f"{item.key}_unit")
    )
    assert sle.score(key, other).equals(sle.score(key, table))


@pytest.mark.parametrize("key", sle.INSTRUMENTS)
def test_an_option_with_another_value_is_refused_with_the_choices(key: str):
    for option in sle.INSTRUMENTS[key].options:
        if option.allowed:
            with pytest.raises(UnusableInputError) as caught:
                sle.score(key, visits(key, 12), **{option.name: "whatever"})
            assert caught.value.where == f"option {option.name}"
            for choice in option.allowed:
                assert (str(choice) if choice is not None else "nothing") in caught.value.remedy
