"""LS means against averages of cells, worked out by hand."""

import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.design import complete_records
from trialwright.stats.ls_means import ls_mean_weights


def design(formula="change ~ arm * region + age"):
    table = pl.DataFrame(
        {
            "arm": ["a", "a", "b", "b"],
            "region": ["n", "s", "s", "s"],
            "age": [20.0, 30.0, 40.0, 70.0],
            "change": [1.0, 2.0, 3.0, 4.0],
        }
    )
    return complete_records(table, formula).design


def test_equal_weights_average_the_cells():
    names, weights = ls_mean_weights(design(), ["arm"])
    # columns: intercept, arm[b], region[s], age, arm[b]:region[s]; mean age (20+30+40+70)/4
    assert names == [("a",), ("b",)]
    assert np.allclose(weights, [[1, 0, 0.5, 40, 0], [1, 1, 0.5, 40, 0.5]])


def test_proportional_weights_take_the_shares_of_the_records():
    _, weights = ls_mean_weights(design(), ["arm"], weights="proportional")
    assert np.allclose(weights, [[1, 0, 0.75, 40, 0], [1, 1, 0.75, 40, 0.75]])


def test_two_factors_give_every_combination_with_the_first_fastest():
    names, weights = ls_mean_weights(design(), ["arm", "region"])
    assert names == [("a", "n"), ("b", "n"), ("a", "s"), ("b", "s")]
    assert np.allclose(weights[:, [1, 2, 4]], [[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]])


def test_a_covariate_can_be_held_elsewhere():
    _, weights = ls_mean_weights(design(), ["arm"], at={"age": 50.0})
    assert weights[:, 3].tolist() == [50.0, 50.0]


def test_a_transformed_covariate_is_transformed_at_its_mean():
    _, weights = ls_mean_weights(design("change ~ arm + log(age)"), ["arm"])
    assert np.allclose(weights[:, 2], np.log(40))


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"over": ["age"]}, "no such factor or covariate: age"),
        ({"over": ["arm"], "at": {"arm": 1.0}}, "no such factor or covariate: arm"),
        ({"over": ["arm"], "weights": "cells"}, "no way to weight"),
    ],
)
def test_what_the_model_lacks_is_named(given, match):
    with pytest.raises(UnusableInputError, match=match):
        ls_mean_weights(design(), **given)
