import numpy as np
import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.design import complete_records
from trialwright.stats.formulas import parse_formula
from trialwright.verification.cases import Case
from trialwright.verification.models import (
    expected_terms,
    formula_of,
    halfway,
    levels_of,
    model_inputs,
)

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


@pytest.mark.parametrize(
    ("spec", "expect", "formula"),
    [
        ({"formula": "y ~ arm"}, {}, "y ~ arm"),
        ({"formula": "y ~ arm"}, {"coef": [{"term": "score"}]}, "y ~ arm"),
        ({"terms": ["1", "arm1", "score"]}, {}, "y ~ arm + score"),
        ({}, {"coef": [{"term": "(Intercept)"}, {"term": "armf1"}]}, "y ~ arm"),
        ({}, {"coef": [{"term": "(Intercept)"}]}, "y ~ 1"),
        ({"response": "score"}, {"coef": [{"term": "arm1:days"}]}, "score ~ arm:days"),
    ],
)
def test_a_formula_from_the_spec_or_from_terms(spec: dict, expect: dict, formula: str) -> None:
    assert formula_of(case(expect, **spec), ["outcome", "y"]) == formula


def test_no_formula_at_all_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="the spec has no 'formula'") as raised:
        formula_of(case({"log_lik": 1.0}), ["y"])
    assert raised.value.where == "c"
    with pytest.raises(UnusableInputError, match="none of the columns qol"):
        formula_of(case({"coef": [{"term": "arm1"}]}, response="qol"), ["y"])


WORDS = pl.DataFrame({
    "arm": ["Low", "Placebo", "High", "Low"], "sex": ["F", "M", "F", "F"], "age": [20, 30, 40, 50],
})  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "terms", "arms"),
    [
        ({}, [], ("High", "Low", "Placebo")),
        ({"reference": "placebo"}, [], ("Placebo", "High", "Low")),
        ({"control": "Low"}, [], ("Low", "High", "Placebo")),
        ({"levels": ["Placebo", "Low", "High"]}, [], ("Placebo", "Low", "High")),
        ({"levels": ["Placebo", "Low"]}, [], ("High", "Low", "Placebo")),
        ({"reference": "B, period 1"}, [], ("High", "Low", "Placebo")),
        ({}, ["armLow", "armPlacebo"], ("High", "Low", "Placebo")),
        ({}, ["armHigh", "armLow"], ("Placebo", "High", "Low")),
    ],
)
def test_the_order_of_levels(spec: dict, terms: list[str], arms: tuple[str, ...]) -> None:
    own = case({"coef": [{"term": term} for term in terms]}, **spec)
    found = levels_of(own, parse_formula("y ~ arm + sex + age"), WORDS)
    assert found == {"arm": arms, "sex": ("F", "M")}


def test_factors_may_be_declared_beside_those_of_the_spec() -> None:
    own = case(factors=["age"])
    assert set(levels_of(own, parse_formula("y ~ arm + age"), WORDS)) == {"arm", "age"}
    assert set(levels_of(case(), parse_formula("y ~ age"), WORDS, factors=["age"])) == {"age"}


def test_halfway_between_the_two_values_of_a_covariate() -> None:
    frame = pl.DataFrame({
        "y": [1.0, 2, 3, 4], "flag": [0, 1, 1, 1], "dose": [5, 5, 20, 20], "age": [1, 2, 3, 4],
        "arm": ["a", "b", "a", "b"],
    })  # fmt: skip
    design = complete_records(frame, "y ~ arm + flag + dose + age").design
    assert halfway(design) == {"flag": 0.5, "dose": 12.5}


def test_offsets_add_up() -> None:
    inputs = model_inputs(case(), "y ~ arm + offset(score) + offset(log(score))")
    scores = np.array([1.0, 2, 3, 4])
    assert inputs.offset == pytest.approx(scores + np.log(scores))
