"""Records of a table against matrices written out by hand."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import fit_linear
from trialwright.stats.design import Design, complete_records, factor_codes, refuse_collinear
from trialwright.stats.formulas import model_matrix, parse_formula
from trialwright.stats.ls_means import ls_mean_weights


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


def written_out(formula, columns, levels):
    """R's columns of all records directly, not by a table of the factors' combinations."""
    named = {name: [levels[name][k] for k in column] if name in levels else column
             for name, column in columns.items()}  # fmt: skip
    return model_matrix(parse_formula(formula).terms, named, levels).matrix


@pytest.mark.parametrize(
    "formula", ["y ~ arm*week*site", "y ~ x*arm + log(x):week", "y ~ 0 + week:arm + x", "y ~ site"]
)
@pytest.mark.parametrize("many", [3, 90])
@given(seed=st.integers(0, 1000))
@settings(max_examples=4)
def test_the_table_of_combinations_is_only_a_short_way(formula, many, seed):
    """With 90 sites there are 360 combinations, so only those present are computed."""
    rng = np.random.default_rng(seed)
    levels = {"arm": ("a", "b"), "week": ("1", "2"), "site": tuple(f"s{k}" for k in range(many))}
    columns = {name: rng.integers(0, len(each), size=40) for name, each in levels.items()}
    columns["x"] = rng.uniform(1, 2, size=40)
    design = Design(parse_formula(formula).terms, columns, levels, 40)
    assert design.matrix() == pytest.approx(written_out(formula, columns, levels), rel=1e-14)
    assert len(design.names) == len(design.term_of_column) == design.matrix().shape[1]


def test_the_matrix_elsewhere():
    design = complete_records(table(), "change ~ arm*age").design
    # intercept, arm[b], age, arm[b]:age at two made-up records
    assert design.matrix({"arm": np.array([1, 0]), "age": np.array([2.0, 3.0])}).tolist() == [
        [1, 1, 2, 2], [1, 0, 3, 0]
    ]  # fmt: skip
    assert design.covariates == ("age",)
    assert design.term_of_column == (0, 1, 2, 3)


def test_one_value_of_a_column_elsewhere_stands_for_every_row():
    design = complete_records(table(), "change ~ age").design
    assert design.matrix({"age": 7.0}).tolist() == [[1, 7]]


def test_the_intercept_alone_has_a_row_for_each_record():
    records = complete_records(table(), "change ~ 1", needed=["age"])
    assert records.design.matrix().tolist() == [[1.0]] * 4
    assert records.design.matrix({}).tolist() == [[1.0]]
    # its least-squares mean is the mean, with the standard error of a mean: by hand
    fit = fit_linear(pl.DataFrame({"y": [1.0, 2, 6]}), "y ~ 1")
    assert fit.coefficients.estimates == pytest.approx([3])
    assert fit.coefficients.standard_errors == pytest.approx([np.sqrt(7 / 3)])
    assert ls_mean_weights(fit.design, [])[1].tolist() == [[1.0]]


KINDS = {
    "text in the alphabet's order": (pl.Series("k", ["b", "a", "b"]), None, [1, 0, 1], ("a", "b")),
    "numbers in their own order": (pl.Series("k", [10, 9, 10]), None, [1, 0, 1], ("9", "10")),
    "halves": (pl.Series("k", [0.5, -1.0]), None, [1, 0], ("-1.0", "0.5")),
    "truth": (pl.Series("k", [True, False]), None, [1, 0], ("False", "True")),
    "an Enum with a level of nobody": (
        pl.Series("k", ["x"], dtype=pl.Enum(["z", "x"])), None, [1], ("z", "x")
    ),
    "a Categorical": (pl.Series("k", ["q", "p"], dtype=pl.Categorical), None, [1, 0], ("p", "q")),
    "dates": (
        pl.Series("k", [date(2024, 5, 2), date(2024, 5, 1)]), None, [1, 0],
        ("2024-05-01", "2024-05-02"),
    ),
    "given levels": (pl.Series("k", ["b", "a"]), ["b", "c", "a"], [0, 2], ("b", "c", "a")),
    "numbers given as text": (pl.Series("k", [2, 1]), ["2", "1"], [0, 1], ("2", "1")),
    "text given as numbers": (pl.Series("k", ["2", "1"]), [1, 2], [1, 0], ("1", "2")),
    "an Enum given in another order": (
        pl.Series("k", ["x", "z"], dtype=pl.Enum(["z", "x"])), ["x", "z"], [0, 1], ("x", "z")
    ),
    "nothing": (pl.Series("k", [], dtype=pl.String), ["a"], [], ("a",)),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_positions_of_values_in_their_levels(kind):
    series, levels, codes, names = KINDS[kind]
    found = factor_codes(series, levels)
    assert (found[0].tolist(), found[1]) == (codes, names)


@given(
    values=st.lists(st.sampled_from(["é", "b", "A", "10", "9", ""]), min_size=1, max_size=30),
    seed=st.integers(0, 99),
)
def test_codes_name_the_values(values, seed):
    series = pl.Series("k", values)
    codes, names = factor_codes(series)
    assert [names[k] for k in codes] == values
    assert list(names) == sorted(set(values))
    order = np.random.default_rng(seed).permutation(len(values))
    assert factor_codes(series[order.tolist()])[0].tolist() == codes[order].tolist()


def test_a_boolean_is_a_number_unless_its_levels_are_given():
    frame = pl.DataFrame({"y": [1.0, 2], "on": [True, False]})
    assert complete_records(frame, "y ~ on").design.matrix()[:, 1].tolist() == [1, 0]
    given = complete_records(frame, "y ~ on", levels={"on": [True, False]}).design
    assert given.names == ("(Intercept)", "on[False]")


def test_a_number_is_a_factor_where_the_formula_says_so():
    design = complete_records(table(), "change ~ factor(week)").design
    assert design.names == ("(Intercept)", "week[2]")
    assert design.levels == {"week": ("1", "2")}


def test_levels_that_nobody_has_are_kept_if_they_were_given():
    design = complete_records(table(), "change ~ arm", levels={"arm": ["a", "b", "c"]}).design
    assert design.matrix()[:, 2].tolist() == [0] * 5


def test_a_column_inside_a_function_must_be_complete_too():
    assert complete_records(table(), "change ~ log(age)").used.tolist() == [
        True, True, False, True, True
    ]  # fmt: skip


def test_only_columns_of_the_formula_decide():
    assert complete_records(table(), "change ~ arm").used.all()


REFUSED = {
    "no response": ("~ arm", "the formula has no response", "left of '~'"),
    "an offset": ("change ~ arm + offset(age)", "no offset(...), but the formula has: age", "take"),
    "strata": ("change ~ arm + strata(week)", "no strata(...), but the formula has: week", "take"),
    "clusters": ("change ~ arm + cluster(week)", "no cluster(...), but the formula has: week", "take"),
    "a random effect": ("change ~ arm + (1|week)", "no (1|...), but the formula has: week", "take"),
    "an absent column": ("change ~ dose + iq", "the data have no column dose, iq", "arm, week, age"),
    "an infinite number": ("change ~ far", "column far holds an infinite number", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_fitted_is_said(case):
    formula, what, remedy = REFUSED[case]
    far = table().with_columns(far=pl.Series([1.0, 2, np.inf, 4, 5]))
    frame = far if case == "an infinite number" else table()
    with pytest.raises(UnusableInputError) as refused:
        complete_records(frame, formula)
    assert what in refused.value.what
    assert remedy in refused.value.remedy


def test_unknown_levels_are_listed_with_the_known():
    with pytest.raises(UnusableInputError) as refused:
        factor_codes(pl.Series("arm", ["a", "x", "b", "w"]), ["a", "b"])
    assert refused.value.what == "column 'arm' has values that are none of its levels: w, x"
    assert refused.value.remedy == "its levels are a, b"


@given(seed=st.integers(0, 999), copies=st.integers(0, 2))
@settings(max_examples=15)
def test_columns_that_follow_from_those_before_are_the_ones_that_add_no_rank(seed, copies):
    """Column by column, by the rank of all up to it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(12, 4)) * 10.0 ** rng.integers(-6, 6, size=4)
    for _ in range(copies):
        place = int(rng.integers(1, x.shape[1] + 1))
        mixed = x[:, :place] @ rng.normal(size=place)
        x = np.insert(x, place, mixed, axis=1)
    names = [f"c{k}" for k in range(x.shape[1])]
    unit = x / np.linalg.norm(x, axis=0)
    ranks = [0, *(np.linalg.matrix_rank(unit[:, : k + 1]) for k in range(len(names)))]
    follow = [name for k, name in enumerate(names) if ranks[k + 1] == ranks[k]]
    if not follow:
        refuse_collinear(x, names)
        return
    with pytest.raises(UnusableInputError) as refused:
        refuse_collinear(x, names)
    assert refused.value.what.endswith(f": {', '.join(follow)}")


@pytest.mark.parametrize("formula", ["log(dose) ~ arm", "age ~ arm*log(dose)", "dose/dose ~ 1"])
@pytest.mark.filterwarnings("error")
def test_the_logarithm_of_nothing_is_refused_where_it_is_used(formula):
    frame = table().with_columns(dose=pl.Series([0.0, 0.0, 1.0, 2.0, 5.0]))
    expression = "dose/dose" if "/" in formula else "log(dose)"
    with pytest.raises(UnusableInputError) as refused:
        complete_records(frame, formula)
    assert refused.value.what == f"{expression} has no finite value in 2 records"


def test_decimals_are_numbers():
    records = complete_records(
        table().with_columns(pl.col("change").cast(pl.Decimal(6, 2)), dose=pl.lit(Decimal("2.50"))),
        "change ~ I(dose*2)",
    )
    assert records.response.tolist() == [-1, 0, 2, 3, 4]
    assert records.design.matrix()[:, 1].tolist() == [5.0] * 5


def test_text_is_no_response():
    with pytest.raises(UnusableInputError, match="the response arm holds no numbers"):
        complete_records(table(), "arm ~ age")


def test_text_is_not_computed_with():
    with pytest.raises(UnusableInputError, match="a column holds no numbers"):
        complete_records(table(), "log(arm) ~ age")
