import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import evaluate, model_matrix, parse_formula


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("y ~ 1", [()]),
        ("y ~ a + b", [(), ("a",), ("b",)]),
        ("y ~ a*b", [(), ("a",), ("b",), ("a", "b")]),
        ("y ~ a:b + a", [(), ("a",), ("a", "b")]),
        ("y ~ a*b:c", [(), ("a",), ("b", "c"), ("a", "b", "c")]),
        ("y ~ (a + b + c)^2 - a:c", [(), ("a",), ("b",), ("c",), ("a", "b"), ("b", "c")]),
        ("y ~ a - 1", [("a",)]),
        ("y ~ 0 + a", [("a",)]),
        ("y ~ a + a", [(), ("a",)]),
        ("~ log(x)", [(), ("log(x)",)]),
    ],
)
def test_terms_in_the_order_of_r(text: str, terms: list[tuple[str, ...]]) -> None:
    assert list(parse_formula(text).terms) == terms


def test_offset_strata_and_groups_are_set_aside() -> None:
    formula = parse_formula("n ~ factor(arm) + offset(log(days/365.25)) + strata(s) + (1|id)")
    assert formula.terms == ((), ("arm",))
    assert formula.factors == {"arm"}
    assert formula.offsets == ("log(days / 365.25)",)
    assert formula.strata == ("s",)
    assert formula.groups == ("id",)
    assert formula.columns == ("n", "arm", "days", "s", "id")


@pytest.mark.parametrize(
    "text", ["y ~ a +", "y ~ a %in% b", "y ~ (x|id)", "y ~ 'a'", "y ~ a if b else c"]
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(UnusableInputError):
        parse_formula(text)


def test_factors_are_coded_by_contrasts_with_the_first_level() -> None:
    matrix = model_matrix([(), ("arm",)], {"arm": ["b", "a", "c"]}, {"arm": ["b", "a", "c"]})
    assert matrix.names == ("(Intercept)", "arm[a]", "arm[c]")
    assert matrix.matrix.tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 1]]


def test_without_intercept_the_first_factor_has_all_levels() -> None:
    matrix = model_matrix([("arm",)], {"arm": [0, 1]}, {"arm": [0, 1]})
    assert matrix.names == ("arm[0]", "arm[1]")


def test_interactions_run_over_the_first_factor_fastest_and_span_the_cells() -> None:
    arms, weeks = np.repeat([0, 1, 2], 2), np.tile([4, 8], 3)
    terms = parse_formula("y ~ arm*week").terms
    matrix = model_matrix(terms, {"arm": arms, "week": weeks}, {"arm": [0, 1, 2], "week": [4, 8]})
    assert matrix.names[-2:] == ("arm[1]:week[8]", "arm[2]:week[8]")
    assert np.linalg.matrix_rank(matrix.matrix) == matrix.matrix.shape[1] == 6
    assert matrix.terms == (0, 1, 1, 2, 3, 3)


def test_an_interaction_of_a_number_and_a_factor() -> None:
    columns = {"x": [1.0, 2.0, 3.0], "arm": [0, 1, 1]}
    matrix = model_matrix([(), ("x",), ("x", "arm")], columns, {"arm": [0, 1]})
    # The margin `arm` is absent but `x` is there: arm is coded by contrasts, as R does.
    assert matrix.names == ("(Intercept)", "x", "x:arm[1]")
    assert matrix.matrix[:, 2].tolist() == [0, 2, 3]


def test_a_value_outside_the_levels_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="none of its levels"):
        model_matrix([("arm",)], {"arm": [0, 5]}, {"arm": [0, 1]})


def test_text_that_is_no_factor_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="holds text"):
        model_matrix([("arm",)], {"arm": ["a", "b"]}, {})


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("log(x)", np.log([1.0, 2.0])),
        ("log(x/365.25)", np.log(np.array([1.0, 2.0]) / 365.25)),
        ("-x", [-1.0, -2.0]),
        ("I(x^2) + 1", [2.0, 5.0]),
        ("x == 2", [False, True]),
        ("log10(100*x) - log10(x)", [2.0, 2.0]),
    ],
)
def test_expressions(expression: str, value: list[float]) -> None:
    assert evaluate(expression, {"x": [1.0, 2.0]}) == pytest.approx(np.asarray(value))


@pytest.mark.parametrize("expression", ["y", "__import__('os')", "x.real()", "open(x)", "[x]"])
def test_expressions_reach_only_columns_and_known_functions(expression: str) -> None:
    with pytest.raises(UnusableInputError):
        evaluate(expression, {"x": [1.0]})
