"""Records of a table against matrices written out by hand."""

import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.design import Design, complete_records, factor_codes, refuse_collinear


def table():
    return pl.DataFrame(
        {
            "arm": ["b", "a", "b", "a", "b"],
            "week": [2, 1, 1, 2, None],
            "age": [30.0, 41.0, float("nan"), 55.0, 60.0],
            "change": [-1.0, 0.0, 2.0, 3.0, 4.0],
        }
    )


def test_rows_with_a_missing_value_are_left_out_and_text_is_coded():
    records = complete_records(table(), "change ~ arm + age")
    assert records.used.tolist() == [True, True, False, True, True]
    assert records.design.names == ("(Intercept)", "arm[b]", "age")
    assert records.response.tolist() == [-1, 0, 3, 4]
    assert records.design.matrix().tolist() == [[1, 1, 30], [1, 0, 41], [1, 0, 55], [1, 1, 60]]


def test_a_column_needed_besides_the_formula_decides_too():
    records = complete_records(table(), "change ~ arm", needed=["week"])
    assert records.used.tolist() == [True, True, True, True, False]


def test_levels_make_a_number_a_factor_and_set_its_reference():
    records = complete_records(table(), "change ~ week", levels={"week": [2, 1]})
    assert records.design.names == ("(Intercept)", "week[1]")
    assert records.design.matrix()[:, 1].tolist() == [0, 1, 1, 0]


def test_an_enum_keeps_its_order():
    codes, names = factor_codes(pl.Series(["low", "high"], dtype=pl.Enum(["low", "high"])))
    assert (codes.tolist(), names) == ([0, 1], ("low", "high"))


def test_the_response_may_be_an_expression():
    assert complete_records(table(), "change / 2 ~ arm").response.tolist() == [-0.5, 0, 1, 1.5, 2]


def test_a_model_of_the_intercept_alone():
    design = complete_records(table(), "change ~ 1").design
    assert design.names == ("(Intercept)",)
    assert Design(design.terms, {}, {}).matrix().tolist() == [[1.0]]


def test_an_absent_column_is_named():
    with pytest.raises(UnusableInputError, match="no column dose"):
        complete_records(table(), "change ~ dose")


def test_a_value_that_is_no_level_is_named():
    with pytest.raises(UnusableInputError, match="none of its levels: b"):
        complete_records(table(), "change ~ arm", levels={"arm": ["a", "c"]})


def test_the_columns_that_follow_from_others_are_named():
    x = np.array([[1.0, 0, 1, 0], [1, 1, 2, 0], [1, 0, 1, 0], [1, 3, 4, 0]])
    with pytest.raises(UnusableInputError, match="third, fourth"):
        refuse_collinear(x, ["first", "second", "third", "fourth"])


def test_collinearity_does_not_depend_on_units():
    x = np.array([[1.0, 1e-7], [1, 2e-7], [1, 4e-7]])
    refuse_collinear(x, ["constant", "tiny"])
