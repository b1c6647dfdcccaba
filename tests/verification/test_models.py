import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.models import expected_terms, model_inputs

DATA = pl.DataFrame(
    {
        "arm": [0, 1, 1, 0],
        "days": [100.0, 200.0, None, 365.25],
        "score": [1.0, 2.0, 3.0, 4.0],
        "y": [0, 1, 1, 0],
    }
)


def case(expect: object = None, **spec: object) -> Case:
    return Case(id="c", method="m", data=DATA, spec=spec, expect=expect or {}, tol_rel=1e-6)


def test_rows_with_a_missing_value_in_a_used_column_are_left_out() -> None:
    assert len(model_inputs(case(), "y ~ arm + score").response) == 4
    inputs = model_inputs(case(), "y ~ arm + offset(log(days/365.25))")
    assert inputs.response.tolist() == [0, 1, 0]
    assert inputs.offset == pytest.approx(np.log([100 / 365.25, 200 / 365.25, 1.0]))


def test_expected_terms_tell_the_coding() -> None:
    expect = {"coef": [{"term": "(Intercept)", "est": 1.0}, {"term": "armf0", "est": 2.0}]}
    inputs = model_inputs(case(expect), "y ~ arm")
    assert inputs.matrix.names == ("(Intercept)", "arm[0]")
    assert inputs.levels == {"arm": (1, 0)}


def test_terms_are_found_at_any_depth_and_numbers_are_not() -> None:
    expect = {"a": [{"term": "x", "est": 1.0}], "b": {"term": ["y", "z"], "est": [1, 2]}}
    assert list(expected_terms(expect)) == ["x", "y", "z"]


def test_the_spec_may_declare_factors() -> None:
    inputs = model_inputs(case(factors=["score"]), "y ~ score")
    assert inputs.matrix.names == ("(Intercept)", "score[2.0]", "score[3.0]", "score[4.0]")


def test_a_filtered_table_may_stand_in() -> None:
    inputs = model_inputs(case(), "y ~ score", data=DATA.filter(pl.col("arm") == 1))
    assert inputs.columns["score"].tolist() == [2.0, 3.0]


def test_a_transformed_response() -> None:
    assert model_inputs(case(), "log(score) ~ 1").response == pytest.approx(np.log([1, 2, 3, 4]))


def test_an_absent_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UnusableInputError, match="no column weight") as raised:
        model_inputs(case(), "y ~ weight")
    assert "score" in raised.value.remedy
