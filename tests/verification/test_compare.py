import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from polars.exceptions import ColumnNotFoundError

from trialwright.errors import UnusableInputError
from trialwright.verification.cases import Case
from trialwright.verification.compare import Approximate, Figure, Maximizer, compare, run_case


def figures(expected: Any, found: Any, tolerance: float = 1e-6) -> list[Figure]:
    return list(compare(expected, found, tolerance))


def problems(expected: Any, found: Any, tolerance: float = 1e-6) -> list[tuple[str, str]]:
    return [(f.path, f.problem) for f in figures(expected, found, tolerance) if f.problem]


@pytest.mark.parametrize(
    ("expected", "found", "within"),
    [
        (-3.1e-14, -4.2e-14, True),  # two sums that are zero but for rounding
        (0.0, 4.9e-14, True),
        (0.0, 6e-14, False),
        (2e-13, 1e-13, False),
        (1.0, 1.0 + 1.1e-6, False),
    ],
)
def test_what_is_zero_but_for_rounding_is_within(expected, found, within):
    (figure,) = compare(expected, found, 1e-6)
    assert figure.problem == ("" if within else "out")


def test_every_figure_of_a_nested_expectation_is_walked() -> None:
    expected = {"est": 1.0, "limits": [0.5, 2.0], "by": {"arm": [{"x": 1}, {"x": 2}]}}
    found = {"est": 1.0, "limits": [0.5, 2.0], "by": {"arm": [{"x": 1}, {"x": 2}]}, "more": 9}
    assert [f.path for f in figures(expected, found)] == [
        "est", "limits[0]", "limits[1]", "by.arm[0].x", "by.arm[1].x"
    ]  # fmt: skip
    assert problems(expected, found) == []


@pytest.mark.parametrize(
    ("expected", "found", "problem"),
    [
        (2.0, 2.0 + 1.9e-6, ""),
        (2.0, 2.0 + 2.1e-6, "out"),
        (-2.0, 2.0, "out"),
        (0, 1e-15, ""),
        (0, 1e-13, "out"),
        (1, 1.0, ""),
        ("S0O0", "S0O0", ""),
        ("S0O0", "S0O1", "differs"),
        (None, None, ""),
        (None, 1.0, "differs"),
        (1.0, None, "differs"),
        (True, True, ""),
        (True, False, "differs"),
        ("Inf", math.inf, ""),
        ("-Inf", math.inf, "differs"),
        ("NA", None, ""),
        (1.0, math.inf, "differs"),
        (1.0, np.float64(1.0), ""),
        (1.0, [1.0], ""),
        ([1.0], 1.0, ""),
        ([1.0, 2.0], [1.0], "1 values instead of 2"),
        ([1.0, 2.0], np.array([1.0, 2.0]), ""),
    ],
)
def test_one_figure(expected: Any, found: Any, problem: str) -> None:
    assert {p for _, p in problems({"a": expected}, {"a": found})} == ({problem} - {""})


def test_the_relative_difference_is_reported() -> None:
    (figure,) = figures({"a": 4.0}, {"a": 5.0})
    assert figure.difference == 0.25
    assert (figure.expected, figure.found) == (4.0, 5.0)


def test_an_absent_figure_is_not_computed_and_those_that_there_are_are_named() -> None:
    (figure,) = figures({"a": {"c": 2}}, {"a": {"b": 1, "d": 1}})
    assert figure.unusable
    assert (figure.path, figure.problem) == (
        "a.c", "not computed: there is no 'c'; there are b, d"
    )  # fmt: skip
    assert problems({"a": {"b": [1, 2]}}, {"c": 1}) == [
        ("a.b[0]", "not computed: there is no 'a'; there is c"),
        ("a.b[1]", "not computed: there is no 'a'; there is c"),
    ]


def test_of_many_names_the_first_are_told() -> None:
    many = {f"n{k}": k for k in range(30)}
    ((_, problem),) = problems({"a": 1}, many)
    assert problem.endswith("n10, n11, and more")


@pytest.mark.parametrize(
    ("expected", "found", "problem"),
    [
        ({"a": {"lo": 1}}, {"a": 1.0}, "not computed: there is one figure here, no 'lo'"),
        ({"a": 1}, {"a": {"lo": 0.5, "hi": 2.0}}, "not computed: there are lo, hi, no single figure"),
        ({"a": "0.5"}, {"a": 0.5}, "text where there is a number"),
        ({"a": "n/a"}, {"a": Approximate(0.5, 1.0)}, "text where there is a number"),
    ],
)  # fmt: skip
def test_a_figure_of_another_shape_or_kind_is_the_fault_of_the_case(
    expected: Any, found: Any, problem: str
) -> None:
    (figure,) = figures(expected, found)
    assert (figure.problem, figure.unusable) == (problem, True)


def test_a_bare_nan_is_missing_and_never_a_number() -> None:
    assert problems({"a": math.nan}, {"a": None}) == []
    assert problems({"a": math.nan}, {"a": 1.0}) == [("a", "differs")]
    assert problems({"a": 1.0}, {"a": math.nan}) == [("a", "out")]


def test_a_logical_covariate_of_r_is_its_column() -> None:
    found = {"coef": [{"term": "arm[1]:steroid", "est": 3.0}, {"term": "steroid", "est": 2.0}]}
    expected = [{"term": "steroidTRUE", "est": 2}, {"term": "arm[1]:steroidTRUE", "est": 3}]
    assert problems({"coef": expected}, found) == []


def test_an_empty_list_is_expected_and_found() -> None:
    assert problems({"alpha": []}, {"alpha": []}) == []


def test_rows_with_terms_are_paired_by_name() -> None:
    expected = [{"term": "armf2", "est": 2.0}, {"term": "armf1", "est": 1.0}]
    found = [{"term": "arm[1]", "est": 1.0}, {"term": "arm[2]", "est": 2.0}]
    assert problems({"coef": expected}, {"coef": found}) == []
    assert figures({"coef": expected}, {"coef": found})[0].path == "coef[armf2].est"


def test_a_term_that_was_not_fitted_is_not_computed() -> None:
    expected = [{"term": "armf9", "est": 2.0}]
    found = [{"term": "arm[1]", "est": 2.0}]
    problem = "not computed: there is no term armf9; there is arm[1]"
    assert problems({"coef": expected}, {"coef": found}) == [("coef[armf9].est", problem)]
    assert "there is no term armf9" in problems({"coef": expected}, {"coef": 1.0})[0][1]


def test_costly_figures_are_computed_only_if_expected() -> None:
    called = []

    def costly() -> float:
        called.append(True)
        return 1.0

    assert problems({"a": 1.0}, {"a": 1.0, "b": costly}) == []
    assert not called
    assert problems({"b": 1.0}, {"b": costly}) == []
    assert called


def test_a_figure_that_fails_does_not_hide_the_others() -> None:
    def fails() -> float:
        raise UnusableInputError("the responses are separated")

    found = problems({"a": 1.0, "b": 2.0}, {"a": fails, "b": 2.0})
    assert found == [("a", "not computed: the responses are separated")]


def test_a_gradient_is_a_bound() -> None:
    assert problems({"max_abs_gradient": 8e-15}, {"max_abs_gradient": 1e-10}) == []
    assert problems({"max_abs_gradient": 1e-3}, {"max_abs_gradient": 1e-4}) == []
    assert problems({"max_abs_gradient": 8e-15}, {"max_abs_gradient": 1e-5}) != []


def test_a_maximum_may_be_found_at_another_place() -> None:
    def two_peaks(place: float) -> float:
        return math.sin(2 * math.pi * place) ** 2

    found = {"nuisance": Maximizer(0.25, two_peaks)}
    assert problems({"nuisance": 0.75}, found) == []
    assert problems({"nuisance": 0.5}, found) == [("nuisance", "no maximum there")]
    assert problems({"nuisance": "NA"}, found) == [("nuisance", "differs")]


def case(method: str) -> Case:
    return Case(id="one", method=method, data=None, spec={}, expect={"a": 1.0}, tol_rel=1e-6)


def test_an_unknown_method_is_out_with_its_name() -> None:
    methods = dict.fromkeys(["kaplan_meier", "log_rank", "trend"], lambda _: {"a": 1.0})
    (figure,) = run_case(case("log_ranks"), methods).unusable
    assert figure.problem == "not computed: there is no method 'log_ranks'; there is log_rank"
    (other,) = run_case(case("?"), methods).unusable
    assert other.problem.endswith("there are kaplan_meier, log_rank, trend")


@pytest.mark.parametrize(
    "error",
    [UnusableInputError("no"), KeyError("x"), ZeroDivisionError(), ColumnNotFoundError("week")],
)
def test_a_method_that_fails_is_out_with_the_reason(error: Exception) -> None:
    def method(_: Case) -> Mapping[str, Any]:
        raise error

    (figure,) = run_case(case("fails"), {"fails": method}).out
    assert figure.problem.startswith("not computed: ")
    assert figure.unusable == isinstance(error, UnusableInputError)  # else the fault is ours


def test_what_is_wrong_and_its_remedy_stand_in_one_line() -> None:
    def method(_: Case) -> Mapping[str, Any]:
        raise UnusableInputError("no column 'week'", where="one", remedy="they have 'visit'")

    (figure,) = run_case(case("lost"), {"lost": method}).out
    assert figure.problem == "not computed: no column 'week'; they have 'visit'"


def test_an_outcome_tells_what_is_out() -> None:
    outcome = run_case(case("right"), {"right": lambda _: {"a": 1.0}})
    assert outcome.out == ()
    assert (outcome.case, outcome.method, outcome.tolerance) == ("one", "right", 1e-6)


@pytest.mark.parametrize(
    ("expected", "problem", "allowed"),
    [
        (0.5, "", ""),
        (0.5009, "", "within the reference's own error 0.001"),
        (0.4991, "", "within the reference's own error 0.001"),
        (0.502, "out", ""),
        (None, "differs", ""),
    ],
)
def test_a_figure_that_others_sample_may_differ_by_its_error(
    expected: Any, problem: str, allowed: str
) -> None:
    (figure,) = compare(expected, Approximate(0.5, 0.001), 1e-9)
    assert (figure.problem, figure.allowed) == (problem, allowed)
    assert figure.found == 0.5


def test_the_error_of_a_reference_does_not_show_within_the_tolerance() -> None:
    (figure,) = compare(0.5009, Approximate(0.5, 0.001), 0.01)
    assert (figure.problem, figure.allowed) == ("", "")
    assert figure.difference == pytest.approx(0.0009 / 0.5009)


def test_another_place_of_a_maximum_is_said() -> None:
    found = Maximizer(0.25, lambda place: math.sin(2 * math.pi * place) ** 2)
    (same,), (other,) = (tuple(compare(place, found, 1e-9)) for place in (0.25, 0.75))
    assert (same.problem, same.allowed) == ("", "")
    assert (other.problem, other.allowed) == ("", "the maximum is as large at either place")


def test_an_outcome_counts_what_is_allowed_apart() -> None:
    found = {"a": Approximate(1.1, 0.5)}
    outcome = run_case(case("rough"), {"rough": lambda _: found})
    assert outcome.out == ()
    assert [figure.path for figure in outcome.allowed] == ["a"]


def test_a_family_of_methods_is_found_by_the_longest_beginning() -> None:
    methods = {
        "block_*": lambda _: {"a": 0.0},
        "block_guess_*": lambda _: {"a": 1.0},
        "block_exact": lambda _: {"a": 1.0},
    }
    assert run_case(case("block_guess_2_2"), methods).out == ()
    assert run_case(case("block_exact"), methods).out == ()
    assert run_case(case("block_2"), methods).out != ()
    assert run_case(case("blocks"), methods).out[0].problem.startswith("not computed: there is no")
