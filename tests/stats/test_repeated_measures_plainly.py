"""The model beside its definition, textbooks, and what must not matter or cannot be fitted."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.mmrm.dense import Dense, made_trial
from trialwright.errors import UnusableInputError
from trialwright.stats.repeated_measures import repeated_measures

LEVELS = {"arm": ["a", "b"], "visit": [0, 1, 2, 3]}


def table(seed=4, people=40):
    """The trial of `made_trial`, with its columns by name."""
    trial = made_trial(seed, people)
    arm = np.where(trial["participant"] % 2 == 1, "b", "a")
    return trial, pl.DataFrame(
        {
            "who": trial["participant"],
            "visit": trial["visit"],
            "arm": arm,
            "base": trial["design"][:, 1],
            "y": trial["response"],
        }
    )


def fitted(frame, formula="y ~ base + arm*visit", levels=LEVELS):
    return repeated_measures(frame, formula, participant="who", visit="visit", levels=levels)


@pytest.mark.parametrize("formula", ["y ~ base + arm*visit", "y ~ base*visit + arm*visit", "y ~ 1"])
def test_beside_its_definition(formula):
    """Likelihood, adjusted covariance and degrees of freedom, participant by participant."""
    trial, frame = table()
    fit = fitted(frame, formula)
    trial = trial | {"design": fit.design.matrix()}
    plain = Dense(
        trial, "us", fit.visit_covariance[None], grouped=False, weighted=False, restricted=True
    )
    phi, beta, *_ = plain.mean(plain.at)
    omega = plain.omega()
    assert np.abs(plain.slope()).max() < 1e-5
    assert np.linalg.eigvalsh(omega)[0] > 0
    assert fit.coefficients == pytest.approx(beta, rel=1e-6, abs=1e-8)
    assert fit.model_covariance == pytest.approx(phi, rel=1e-6, abs=1e-10)
    adjusted = plain.kenward_roger(omega, second_order=False)
    assert fit.covariance == pytest.approx(adjusted, rel=1e-4, abs=1e-6)
    slopes = plain.variance_slopes()
    for row, found in zip(np.eye(len(beta)), fit.combinations(np.eye(len(beta))), strict=True):
        rise = slopes @ row @ row
        free = 2 * (row @ phi @ row) ** 2 / (rise @ omega @ rise)
        assert found.degrees_of_freedom == pytest.approx(free, rel=1e-3)
        assert found.standard_error**2 == pytest.approx(row @ adjusted @ row, rel=1e-4)


@pytest.mark.parametrize("visits", [1, 2, 4])
def test_complete_data_are_least_squares_with_the_pooled_covariance(visits):
    """Rao 1967: then no adjustment is made, and each visit has N less the means of freedom."""
    rng = np.random.default_rng(8)
    y = rng.normal(size=(2, 9, visits)) * (1 + np.arange(visits)) + rng.normal(size=(2, 9, 1))
    frame = pl.DataFrame(
        {
            "who": np.repeat(np.arange(18), visits),
            "visit": np.tile(np.arange(visits), 18),
            "arm": np.repeat(["a", "b"], 9 * visits),
            "y": y.ravel(),
        }
    )
    fit = fitted(frame, "y ~ arm*visit", LEVELS | {"visit": list(range(visits))})
    left = (y - y.mean(axis=1, keepdims=True)).reshape(-1, visits)
    pooled = left.T @ left / 16
    assert fit.visit_covariance == pytest.approx(pooled, rel=1e-7)
    assert fit.covariance == pytest.approx(fit.model_covariance, rel=1e-7, abs=1e-10)
    for visit in range(visits):
        found = fit.differences("arm")["b", str(visit)]
        assert found.estimate == pytest.approx(np.diff(y[:, :, visit].mean(axis=1))[0])
        assert found.standard_error == pytest.approx(np.sqrt(pooled[visit, visit] * 2 / 9))
        assert found.degrees_of_freedom == pytest.approx(16)
        assert found.counts == {"records": 18 * visits, "participants": 18}
    (mean,) = (e for key, e in fit.ls_means("arm").items() if key == ("a", "0"))
    assert mean.estimate == pytest.approx(y[0, :, 0].mean())


def test_means_by_hand_with_a_site_weighed_equally_or_by_its_records():
    """One visit, so cell means are plain: site t has one record in arm a and three in arm b."""
    frame = pl.DataFrame(
        {
            "who": range(8),
            "visit": [0] * 8,
            "arm": list("aaaabbbb"),
            "site": list("ssststtt"),
            "y": [1.0, 2, 3, 8, 4, 6, 7, 8],
        }
    )
    fit = fitted(frame, "y ~ arm*site + visit", {"arm": ["a", "b"], "visit": [0]})
    equal, shares = fit.ls_means("arm"), fit.ls_means("arm", weights="proportional")
    # arm a: means 2 at s and 8 at t; arm b: 4 and 7; half of all eight records are at each site
    assert equal["a", "0"].estimate == pytest.approx((2 + 8) / 2)
    assert equal["b", "0"].estimate == pytest.approx((4 + 7) / 2)
    assert shares["a", "0"].estimate == pytest.approx((2 + 8) / 2)
    fewer = frame.filter(pl.col("who") != 7)  # now three records of seven are at t
    fit = fitted(fewer, "y ~ arm*site + visit", {"arm": ["a", "b"], "visit": [0]})
    shares = fit.ls_means("arm", weights="proportional", level=0.9)
    assert shares["a", "0"].estimate == pytest.approx(2 * 4 / 7 + 8 * 3 / 7)
    assert shares["b", "0"].estimate == pytest.approx(4 * 4 / 7 + 6.5 * 3 / 7)
    assert shares["b", "0"].level == 0.9


def test_a_wider_interval_around_the_same_test():
    fit = fitted(table()[1])
    low, high = (fit.differences("arm", level=level)["b", "3"] for level in (0.8, 0.99))
    assert high.lower < low.lower < low.upper < high.upper
    assert low.p_value == high.p_value
    # Student's quantiles with 30 degrees of freedom: 1.310 at 80% and 2.750 at 99% (tables)
    ratio = (high.upper - high.lower) / (low.upper - low.lower)
    assert ratio == pytest.approx(2.750 / 1.310, rel=0.02)


SEEDS = st.integers(0, 5000)


@given(seed=SEEDS, scale=st.sampled_from([1e-100, 1e-3, 50.0, 1e100]), shift=st.floats(-5, 5))
@settings(max_examples=6, deadline=None)
def test_units_and_origin(seed, scale, shift):
    frame = table(seed)[1]
    moved = frame.with_columns(y=scale * (pl.col("y") + shift), base=3 - 2 * pl.col("base"))
    one, other = fitted(frame), fitted(moved)
    for key, each in one.differences("arm").items():
        found = other.differences("arm")[key]
        assert found.estimate == pytest.approx(scale * each.estimate, rel=1e-6, abs=1e-8 * scale)
        assert found.standard_error == pytest.approx(scale * each.standard_error, rel=1e-6)
        assert found.degrees_of_freedom == pytest.approx(each.degrees_of_freedom, rel=1e-5)


def test_far_from_zero_nothing_is_lost():
    """A hundred million away least squares still leaves eight digits of the residuals."""
    frame = table()[1]
    near, far = fitted(frame), fitted(frame.with_columns(pl.col("y") + 1e8))
    for key, each in near.differences("arm").items():
        assert far.differences("arm")[key].estimate == pytest.approx(each.estimate, rel=1e-5)
        assert far.differences("arm")[key].p_value == pytest.approx(each.p_value, rel=1e-4)


@given(seed=SEEDS, order=st.permutations([0, 1, 2, 3]))
@settings(max_examples=5, deadline=None)
def test_names_and_orders(seed, order):
    frame = table(seed)[1]
    turned = frame.sample(fraction=1, shuffle=True, seed=seed).with_columns(
        who=pl.lit("p") + pl.col("who").cast(pl.String),
        arm=pl.col("arm").replace({"a": "z", "b": "y"}),
    )
    one = fitted(frame)
    other = fitted(turned, levels={"arm": ["y", "z"], "visit": order})
    for (_, visit), each in one.differences("arm").items():
        found = other.differences("arm")["z", visit]
        assert found.estimate == pytest.approx(-each.estimate, rel=1e-6, abs=1e-9)
        assert found.p_value == pytest.approx(each.p_value, rel=1e-5)
    assert other.visit_covariance == pytest.approx(
        one.visit_covariance[np.ix_(order, order)], rel=1e-5
    )


def replaced(condition, value):
    return lambda frame: frame.with_columns(y=pl.when(condition).then(value).otherwise(pl.col("y")))


SAID = {
    "constant outcome": (replaced(pl.lit(True), 3.0), "the response is fitted without error"),
    "constant at a visit": (
        replaced(pl.col("visit") == 1, 0.0), "do not determine the covariance among visits"
    ),
    "a visit that nobody attended": (
        lambda f: f.filter(pl.col("visit") != 2), "follow from the others: visit[2], arm[b]:visit[2]"
    ),
    "a visit of one arm": (
        lambda f: f.filter((pl.col("visit") != 2) | (pl.col("arm") == "a")),
        "follow from the others: arm[b]:visit[2]",
    ),
    "a constant baseline": (
        lambda f: f.with_columns(base=pl.lit(2.0)), "follow from the others: base"
    ),
    "an empty arm": (
        lambda f: f.filter(pl.col("arm") == "a"), "follow from the others: arm[b]"
    ),
    "one participant per arm": (
        lambda f: f.filter(pl.col("who") < 2), "too few for 9 coefficients"
    ),
    "nobody": (lambda f: f.head(0), "0 records are too few for 9 coefficients"),
    "visits that never meet": (
        lambda f: f.filter((pl.col("who") % 3 == 0).xor(pl.col("visit") == 3)),
        "nobody has records of two of the visits",
    ),
    "an infinite outcome": (
        replaced(pl.col("who") == 3, float("inf")), "column y holds an infinite number"
    ),
    "an unknown visit": (
        lambda f: f.with_columns(visit=pl.col("visit") + 1),
        "column 'visit' has values that are none of its levels: 4",
    ),
    "a missing column": (lambda f: f.drop("arm"), "the data have no column arm"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_fitted_is_said(case):
    change, what = SAID[case]
    with pytest.raises(UnusableInputError) as refused:
        fitted(change(table()[1]))
    assert what in refused.value.what


def test_the_levels_of_the_visit_must_be_given():
    with pytest.raises(UnusableInputError, match="levels of the visit 'visit' are not given"):
        fitted(table()[1], levels={"arm": ["a", "b"]})


def test_one_arm_has_means_and_no_differences():
    fit = fitted(table()[1].filter(pl.col("arm") == "a"), levels=LEVELS | {"arm": ["a"]})
    assert fit.differences("arm") == {}
    assert len(fit.ls_means("arm")) == 4


def test_one_visit_without_correlation_has_students_errors():
    frame = table()[1].filter(pl.col("visit") == 2)
    fit = fitted(frame, "y ~ base + arm*visit", LEVELS | {"visit": [2]})
    x, y = fit.design.matrix(), frame["y"].to_numpy()
    beta, squares = np.linalg.lstsq(x, y)[:2]
    error = np.sqrt(squares[0] / (len(y) - 3) * np.linalg.inv(x.T @ x)[2, 2])
    found = fit.differences("arm")["b", "2"]
    assert found.estimate == pytest.approx(beta[2])
    assert found.standard_error == pytest.approx(error)
    assert found.degrees_of_freedom == pytest.approx(len(y) - 3)


def test_unknown_factors_and_weights_are_named():
    fit = fitted(table()[1])
    with pytest.raises(UnusableInputError, match="no such factor or covariate: site"):
        fit.differences("site")
    with pytest.raises(UnusableInputError, match="'cells' is no way to weight LS means"):
        fit.ls_means("arm", weights="cells")
