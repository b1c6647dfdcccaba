import polars as pl
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.formulas import parse_formula
from trialwright.verification.terms import factor_levels, formula_of_terms, same_term

DATA = pl.DataFrame(
    {
        "arm": [0, 1, 2, 3],
        "week": [4, 8, 12, 12],
        "region": ["ASIA", "EUR", "AME", "ASIA"],
        "sledai0": [6, 9, 11, 8],
        "ocs_hi": [0, 1, 0, 1],
        "age": [27, 36, 41, 30],
    }
)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("armf1", "arm[1]"),
        ("arm1", "arm[1]"),
        ("factor(arm)1", "arm[1]"),
        ("C(arm)[T.1]", "arm[1]"),
        ("C(arm, Treatment(0))[T.1]", "arm[1]"),
        ("wk12", "week[12]"),
        ("regionEUR", "region[EUR]"),
        ("EUR", "region[EUR]"),
        ("trtA", "treatment[A]"),
        ("per2", "period[2]"),
        ("armf1:wk8", "arm[1]:week[8]"),
        ("wk8:armf1", "arm[1]:week[8]"),
        ("sledai0", "sledai0"),
        ("sledai0:wk8", "sledai0:week[8]"),
        ("TRTPHigh dose", "TRTP[High dose]"),
        ("C(region)[EUR]", "region[EUR]"),
        ("as.factor(week)12", "week[12]"),
        ("week_12", "week[12]"),
        ("dose0.2", "dose[0.2]"),
        ("armf1:wk8:regionEUR", "region[EUR]:arm[1]:week[8]"),
        ("log(age)", "log(age)"),
        ("intercept", "(Intercept)"),
        ("(Intercept)", "(Intercept)"),
        ("1", "(Intercept)"),
        ("const", "(Intercept)"),
    ],
)
def test_the_same_term_in_another_spelling(theirs: str, ours: str) -> None:
    assert same_term(theirs, ours)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("armf1", "arm[2]"),
        ("armf11", "arm[1]"),
        ("wk12", "week[2]"),
        ("armf1", "arm[1]:week[8]"),
        ("armf1:wk8", "arm[1]:week[12]"),
        ("1", "arm[1]"),
        ("sledai0", "(Intercept)"),
        ("ocs_hi", "sledai0"),
        ("regionEUR", "region[AME]"),
        ("armf1:wk8", "arm[1]:week[8]:region[EUR]"),
        ("arm", "arm[1]"),
        ("age", "log(age)"),
        ("sexM", "arm[M]"),
        ("2", "week[2]"),
    ],
)
def test_another_term(theirs: str, ours: str) -> None:
    assert not same_term(theirs, ours)


def test_the_level_without_a_term_is_the_reference() -> None:
    formula = parse_formula("y ~ arm + region + sledai0")
    terms = ["(Intercept)", "armf1", "armf2", "armf0", "regionEUR", "regionASIA", "sledai0"]
    assert factor_levels(formula, DATA, terms) == {
        "arm": (3, 0, 1, 2),
        "region": ("AME", "ASIA", "EUR"),
    }


def test_without_terms_names_and_types_tell() -> None:
    formula = parse_formula("y ~ arm + week + region + sledai0 + ocs_hi")
    assert factor_levels(formula, DATA) == {
        "arm": (0, 1, 2, 3),
        "week": (4, 8, 12),
        "region": ("AME", "ASIA", "EUR"),
    }


def test_a_term_that_is_the_bare_name_means_a_number() -> None:
    formula = parse_formula("y ~ arm + week")
    assert factor_levels(formula, DATA, ["arm", "wk8", "wk12"]) == {"week": (4, 8, 12)}


def test_what_is_declared_a_factor_is_one() -> None:
    formula = parse_formula("y ~ factor(ocs_hi) + age")
    assert factor_levels(formula, DATA, factors=["age"]) == {
        "ocs_hi": (0, 1),
        "age": (27, 30, 36, 41),
    }


def test_a_formula_from_terms() -> None:
    terms = ["1", "arm1", "arm2", "arm3", "sledai0", "EUR", "AME", "arm1:wk8"]
    assert formula_of_terms("y", terms, DATA) == "y ~ arm + sledai0 + region + arm:week"
    assert formula_of_terms("y", ["1"], DATA) == "y ~ 1"


def test_a_term_that_is_nowhere_in_the_data_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="'weight'"):
        formula_of_terms("y", ["weight"], DATA)
