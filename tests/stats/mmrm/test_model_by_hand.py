"""What the model on a table can be asked for, by sums over a handful of records."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from stats.mmrm.dense import POSITIONS, made_trial
from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import STRUCTURES, fit_mmrm, mmrm

# one visit: arm a has 2, 4 at site s and 9 at site t; arm b has 5 at s and 6, 7, 11 at t
ONE = pl.DataFrame(
    {
        "who": range(7),
        "visit": ["v"] * 7,
        "arm": list("aaabbbb"),
        "site": list("sststtt"),
        "age": [30.0, 40, 50, 30, 60, 20, 50],
        "y": [2.0, 4, 9, 5, 6, 7, 11],
    }
)


def fitted(formula="y ~ arm*site", frame=ONE, **given):
    return mmrm(frame, formula, participant="who", visit="visit", **given)


def test_means_of_cells_and_their_averages():
    found = fitted()
    cells = {key: each.estimate for key, each in found.ls_means(["arm", "site"]).items()}
    assert cells == pytest.approx({("a", "s"): 3, ("b", "s"): 5, ("a", "t"): 9, ("b", "t"): 8})
    equal = found.ls_means(["arm"])
    assert equal["a",].estimate == pytest.approx((3 + 9) / 2)
    assert equal["b",].estimate == pytest.approx((5 + 8) / 2)
    shares = found.ls_means(["arm"], weights="proportional")  # 3 records at s, 4 at t
    assert shares["a",].estimate == pytest.approx(3 * 3 / 7 + 9 * 4 / 7)
    assert shares["b",].estimate == pytest.approx(5 * 3 / 7 + 8 * 4 / 7)


def test_differences_weigh_as_the_means_do():
    found = fitted()
    equal, shares = found.differences("arm"), found.differences("arm", weights="proportional")
    assert equal["b", "v"].estimate == pytest.approx((2 - 1) / 2)
    assert shares["b", "v"].estimate == pytest.approx(2 * 3 / 7 - 1 * 4 / 7)
    # variance 16/3: squares within cells are 2, 0, 0 and 14, on 7 - 4 degrees of freedom
    variance = 16 / 3
    by_cell = variance * (1 / 4) * (1 / 2 + 1 / 1 + 1 / 1 + 1 / 3)
    assert equal["b", "v"].standard_error ** 2 == pytest.approx(by_cell)
    assert equal["b", "v"].degrees_of_freedom == pytest.approx(3)


def test_a_covariate_stands_at_its_mean_over_records_or_where_it_is_put():
    found = fitted("y ~ arm*age")
    slopes = {name: each.estimate for name, each in found.estimates().items()}
    at_mean, at_twenty = found.differences("arm"), found.differences("arm", at={"age": 20.0})
    mean = 280 / 7  # of the ages
    assert at_mean["b", "v"].estimate == pytest.approx(
        slopes["arm[b]"] + mean * slopes["arm[b]:age"]
    )
    assert at_twenty["b", "v"].estimate == pytest.approx(
        slopes["arm[b]"] + 20 * slopes["arm[b]:age"]
    )


def test_coefficients_and_estimates_say_the_same_of_a_term():
    found = fitted("y ~ arm + age")
    by_name, table = found.estimates(0.9), found.coefficients
    assert table.terms == tuple(by_name) == ("(Intercept)", "arm[b]", "age")
    for k, each in enumerate(by_name.values()):
        assert each.estimate == table.estimates[k]
        assert each.standard_error == pytest.approx(table.standard_errors[k])
        # Student's quantile for 90% on 7 - 3 degrees of freedom: 2.131847 (R: qt(0.95, 4))
        assert each.upper - each.estimate == pytest.approx(2.131847 * each.standard_error, rel=1e-6)
    assert table.log_likelihood == found.fit.log_likelihood
    assert table.counts == {"records": 7, "participants": 7, "left out": 0}


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger", "residual"])
def test_arms_at_a_visit_are_an_analysis_of_variance(method):
    """Three arms and one visit: Fisher's F, by scipy.stats.f_oneway (SciPy 1.17)."""
    three = ONE.with_columns(arm=pl.Series(list("aabbccc")))
    test = fitted("y ~ arm", three, method=method).at_visit("arm", "v")
    groups = [three.filter(pl.col("arm") == arm)["y"].to_numpy() for arm in "abc"]
    fisher = stats.f_oneway(*groups)
    assert test.statistic == pytest.approx(fisher.statistic)
    assert test.p_value == pytest.approx(fisher.pvalue)
    assert (test.numerator, test.denominator) == (2, pytest.approx(4))


def test_type_3_of_a_term_of_one_column_is_its_squared_t():
    found = fitted("y ~ arm + age")
    for term, name in (("arm", "arm[b]"), ("age", "age")):
        single = found.estimates()[name]
        test = found.type_3()[term]
        assert test.statistic == pytest.approx(single.statistic**2)
        assert test.p_value == pytest.approx(single.p_value)


def test_weights_of_means_give_any_comparison():
    found = fitted()
    names, rows = found.mean_weights(["arm", "site"])
    of = dict(zip(names, rows, strict=True))
    # how much more arm b differs at site s than at t: (5 - 3) - (8 - 9)
    row = of["b", "s"] - of["a", "s"] - of["b", "t"] + of["a", "t"]
    (apart,) = found.inference.combinations([row])
    assert apart.estimate == pytest.approx(3)
    assert apart.standard_error**2 == pytest.approx(16 / 3 * (1 + 1 / 2 + 1 / 3 + 1))


WRONG = {
    "a factor of another model": (lambda m: m.ls_means(["centre"]), "factor or covariate: centre"),
    "a covariate of another model": (
        lambda m: m.ls_means(["arm"], at={"weight": 1.0}), "factor or covariate: weight"
    ),
    "a way to weigh": (lambda m: m.ls_means(["arm"], weights="cells"), "'cells' is no way"),
    "a visit": (lambda m: m.at_visit("arm", "w"), "there is no visit 'w'"),
    "a term": (lambda m: m.coefficients.of("dose"), "the model has no term 'dose'"),
    "a combination of nothing": (
        lambda m: m.inference.combinations(np.zeros((1, 4))), "has no variance"
    ),
    "a joint test of one row twice": (
        lambda m: m.inference.joint(np.eye(4)[[1, 1]]), "rows of a joint test follow"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_the_model_does_not_have_is_said(name):
    ask, match = WRONG[name]
    with pytest.raises(UnusableInputError, match=match):
        ask(fitted())


@pytest.mark.filterwarnings("ignore:invalid value")  # of the start that is no covariance
@pytest.mark.parametrize("covariance", STRUCTURES)
@pytest.mark.parametrize("start", [np.eye(4), 9 * np.eye(4) + 40, 1e-3 * np.eye(4), -np.eye(4)])
def test_where_a_fit_starts_changes_no_result(covariance, start):
    trial = made_trial(8, people=30)
    arrays = {key: trial[key] for key in ("response", "design", "participant", "visit")}
    plain, started = (
        fit_mmrm(**arrays, covariance=covariance, positions=POSITIONS, start=each)
        for each in (None, start)
    )
    assert started.converged
    assert started.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-11)
    assert started.visit_covariance == pytest.approx(plain.visit_covariance, rel=1e-6)
    assert started.model_covariance == pytest.approx(plain.model_covariance, rel=1e-6, abs=1e-10)
