from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.design import complete_records
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
    formula = parse_formula(
        "n ~ factor(arm) + offset(log(days/365.25)) + strata(s) + cluster(c) + (1|id)"
    )
    assert formula.terms == ((), ("arm",))
    assert formula.factors == {"arm"}
    assert formula.offsets == ("log(days / 365.25)",)
    assert formula.strata == ("s",)
    assert formula.clusters == ("c",)
    assert formula.groups == ("id",)
    assert formula.columns == ("n", "arm", "days", "s", "c", "id")


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


# `formulas.R` makes it: terms() and model.matrix() of R 4.2.2
BY_R = yaml.safe_load(Path(__file__).with_name("formulas.yaml").read_text(encoding="utf-8"))
LEVELS = {"arm": ["a", "b", "c"], "sex": ["f", "m"], "site": ["n", "s"]}


def as_r_names(name: str) -> str:
    return name.replace("[", "").replace("]", "")


@pytest.mark.parametrize("case", BY_R["cases"], ids=lambda case: case["formula"])
def test_terms_and_columns_of_r(case: dict[str, Any]) -> None:
    formula = parse_formula("y ~ " + case["formula"])
    found = model_matrix(formula.terms, BY_R["data"], LEVELS)
    assert [":".join(term) or "1" for term in formula.terms] == case["terms"]
    assert [as_r_names(name) for name in found.names] == list(case["columns"])
    for name, column in zip(case["columns"], found.matrix.T, strict=True):
        assert column == pytest.approx(np.array(case["columns"][name]), rel=1e-9), name


@pytest.mark.parametrize("case", BY_R["cases"], ids=lambda case: case["formula"])
def test_a_table_of_records_has_the_same_columns(case: dict[str, Any]) -> None:
    # the other way to a matrix, by a table of the factors' combinations
    table = pl.DataFrame(BY_R["data"]).with_columns(y=pl.lit(1.0))
    design = complete_records(table, "y ~ " + case["formula"]).design
    assert [as_r_names(name) for name in design.names] == list(case["columns"])
    expected = np.column_stack(list(case["columns"].values()))
    assert design.matrix() == pytest.approx(expected, rel=1e-9)


def test_an_interaction_written_twice_is_one_term() -> None:
    assert parse_formula("y ~ a*b + b:a").terms == ((), ("a",), ("b",), ("a", "b"))


def test_variables_and_columns_are_named_once_in_order() -> None:
    formula = parse_formula("log(y/x) ~ b + log(x):b + factor(a) + offset(t*2) + offset(u)")
    assert formula.variables == ("b", "a", "log(x)")
    assert formula.columns == ("y", "x", "b", "a", "t", "u")
    assert formula.offsets == ("t * 2", "u")


def test_a_formula_without_a_left_side_has_no_response() -> None:
    assert parse_formula("a + b").response == parse_formula("~ a + b").response == ""


def test_the_power_of_a_sum_stops_at_its_degree() -> None:
    # R: (a + b + c)^2 has six terms, ^3 one more, ^1 the three
    degrees = {
        power: len(parse_formula(f"y ~ 0 + (a + b + c)^{power}").terms) for power in (1, 2, 3, 4)
    }
    assert degrees == {1: 3, 2: 6, 3: 7, 4: 7}


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("y ~ a +", "is no formula", "y ~ a +"),
        ("y ~ a %in% b", "is no formula", "y ~ a %in% b"),
        ("y ~ 'a'", "\"'a'\" is not understood", "y ~ 'a'"),
        ("y ~ 2", "'2' is not understood", "y ~ 2"),
        ("y ~ (x|id)", "only random intercepts (1|g) are understood", "x | id"),
        ("y ~ a if b else c", "'a if b else c' is not understood", "y ~ a if b else c"),
    ],
)
def test_what_is_not_understood_is_said_with_its_place(text: str, what: str, where: str) -> None:
    with pytest.raises(UnusableInputError) as refused:
        parse_formula(text)
    assert (refused.value.what, refused.value.where) == (what, where)


@pytest.mark.parametrize(
    ("expression", "columns", "what"),
    [
        ("dose/10", {"x": [1.0]}, "there is no column 'dose'"),
        ("open(x)", {"x": [1.0]}, "'open(x)' is not understood"),
        ("x // 2", {"x": [1.0]}, "'x // 2' is not understood"),
        ("x < 2", {"x": [1.0]}, "'x < 2' is not understood"),
        ("log(x, 2)", {"x": [1.0]}, "'log(x, 2)' is not understood"),
    ],
)
def test_what_an_expression_may_not_hold(
    expression: str, columns: dict[str, list[float]], what: str
) -> None:
    with pytest.raises(UnusableInputError) as refused:
        evaluate(expression, columns)
    assert (refused.value.what, refused.value.where) == (what, expression)


@pytest.mark.parametrize(
    ("function", "value"),
    # of 4: natural logarithm from a table, the others by hand
    [("log", 1.3862943611), ("log2", 2), ("log10", 0.6020599913), ("exp", 54.5981500331),
     ("sqrt", 2), ("abs", 4), ("I", 4)],
)  # fmt: skip
def test_each_function(function: str, value: float) -> None:
    assert evaluate(f"{function}(x)", {"x": [4.0]})[0] == pytest.approx(value, rel=1e-10)


@given(
    values=st.lists(st.floats(0.1, 10), min_size=1, max_size=5),
    shift=st.floats(-5, 5),
)
def test_arithmetic_binds_as_in_r(values: list[float], shift: float) -> None:
    x = np.array(values)
    for text, expected in (
        ("-x^2", -(x**2)),
        ("x + s*x^2/2", x + shift * x**2 / 2),
        ("(x + s)*2 - x/4", (x + shift) * 2 - x / 4),
        ("2^x^0.5", 2 ** (x**0.5)),
    ):
        found = evaluate(text, {"x": x, "s": np.full(len(x), shift)})
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), text


@given(order=st.permutations(range(10)), shuffled=st.permutations(["arm", "sex", "site"]))
@settings(max_examples=20)
def test_rows_follow_their_records_and_the_span_does_not_depend_on_the_order_of_terms(
    order: list[int], shuffled: list[str]
) -> None:
    data = {name: np.array(column) for name, column in BY_R["data"].items()}
    straight = model_matrix(parse_formula("y ~ arm*sex*site + x").terms, data, LEVELS).matrix
    text = f"y ~ x + {'*'.join(shuffled)}"
    turned = {name: column[order] for name, column in data.items()}
    other = model_matrix(parse_formula(text).terms, turned, LEVELS).matrix
    both = np.column_stack([straight[order], other])
    ranks = [np.linalg.matrix_rank(matrix) for matrix in (straight, other, both)]
    assert ranks[0] == ranks[1] == ranks[2]


def test_an_absent_column_is_named_in_a_matrix() -> None:
    with pytest.raises(UnusableInputError, match="no column 'dose'"):
        model_matrix([(), ("dose",)], {"x": [1.0]}, {})


@pytest.mark.parametrize(
    ("text", "intercept", "labels"),
    # R 4.2.2: attr(terms(~ ...), "intercept") and "term.labels"
    [
        ("1 + 0", False, ""),
        ("0 + 1", True, ""),
        ("1 + a - 1", False, "a"),
        ("a - 1 + 1", True, "a"),
        ("a*b - 1 + 1", True, "a b a:b"),
        ("a + 0 - 1", False, "a"),
        ("(a + 1)*b", True, "a b a:b"),
        ("(a - 1)*b", False, "a b a:b"),
        ("-1 + a*b", False, "a b a:b"),
        ("(a + b - 1)^2", False, "a b a:b"),
    ],
)
def test_what_was_said_last_of_the_intercept_counts(
    text: str, intercept: bool, labels: str
) -> None:
    terms = parse_formula(f"y ~ {text}").terms
    assert (() in terms) == intercept
    assert " ".join(":".join(term) for term in terms if term) == labels


@pytest.mark.parametrize("text", ["(a + b)^0", "(a + b)^-1", "a:1.5", "a:0"])
def test_powers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UnusableInputError, match="is not understood"):
        parse_formula(f"y ~ {text}")


@pytest.mark.parametrize("text", ["factor()", "factor(a, b)", "factor(a + 1)", "factor(log(a))"])
def test_a_factor_is_made_of_one_column(text: str) -> None:
    with pytest.raises(UnusableInputError, match="a factor is made of one column"):
        parse_formula(f"y ~ {text}")


def test_columns_with_a_dot_are_columns() -> None:
    formula = parse_formula("log(y.one) ~ a.b*c + factor(d.e)")
    assert formula.columns == ("y.one", "a.b", "c", "d.e")
    assert formula.variables == ("a.b", "c", "d.e")
    matrix = model_matrix([(), ("a.b",)], {"a.b": [1.0, 2.0]}, {})
    assert matrix.matrix[:, 1].tolist() == [1, 2]
