"""Complete data, where textbooks have the estimates and exact tests in closed form."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm import fit_mmrm, infer, mmrm

ARMS, WEEKS = ("placebo", "low", "high"), ("w04", "w08", "w12", "w24")


def complete(seed=6, people=8, spread=(1.0, 1.0, 1.0, 1.0)):
    """Three arms of equal size, four visits, nobody missing, shape (arms, people, visits)."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(3, people, 1))
    y = level + rng.normal(size=(3, people, 4)) * np.array(spread)
    return y + 0.4 * np.arange(3)[:, None, None] * np.arange(4)


def table(y):
    arms, people, visits = y.shape
    return pl.DataFrame(
        {
            "arm": np.repeat(ARMS[:arms], people * visits),
            "who": np.repeat(np.arange(arms * people), visits),
            "week": np.tile(WEEKS[:visits], arms * people),
            "y": y.ravel(),
        }
    )


def fitted(y, formula="y ~ arm*week", **settings):
    levels = {"arm": ARMS[: len(y)]}
    return mmrm(table(y), formula, participant="who", visit="week", levels=levels, **settings)


def split_plot(y):
    """Mean squares of arms, participants, visits, arms by visits, and the rest, with their df."""
    arms, people, visits = y.shape
    grand = y.mean()
    by_arm, by_visit = y.mean(axis=(1, 2)), y.mean(axis=(0, 1))
    cell, person = y.mean(axis=1), y.mean(axis=2)
    squares = {
        "arm": people * visits * ((by_arm - grand) ** 2).sum(),
        "participant": visits * ((person - by_arm[:, None]) ** 2).sum(),
        "week": arms * people * ((by_visit - grand) ** 2).sum(),
        "arm:week": people * ((cell - by_arm[:, None] - by_visit + grand) ** 2).sum(),
        "rest": (
            (y - cell[:, None] - person[:, :, None] + by_arm[:, None, None]) ** 2
        ).sum(),
    }  # fmt: skip
    free = {
        "arm": arms - 1,
        "participant": arms * (people - 1),
        "week": visits - 1,
        "arm:week": (arms - 1) * (visits - 1),
        "rest": arms * (people - 1) * (visits - 1),
    }
    return {name: squares[name] / free[name] for name in squares}, free


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
def test_compound_symmetry_is_the_split_plot_analysis_of_variance(method):
    """Fisher's F of each term on its own stratum (Winer 1971, chapter 7)."""
    y = complete()
    mean, free = split_plot(y)
    found = fitted(y, covariance="cs", method=method)
    tests = found.type_3()
    for term, stratum in (("arm", "participant"), ("week", "rest"), ("arm:week", "rest")):
        assert tests[term].statistic == pytest.approx(mean[term] / mean[stratum], rel=1e-7)
        assert tests[term].numerator == free[term]
        assert tests[term].denominator == pytest.approx(free[stratum], rel=1e-6)


def test_compound_symmetry_has_the_expected_mean_squares():
    """E(participants) = s² (1 + (m − 1) r) and E(rest) = s² (1 − r), solved for s² and s² r."""
    y = complete()
    mean, _ = split_plot(y)
    visits = y.shape[2]
    shared = (mean["participant"] - mean["rest"]) / visits
    found = fitted(y, covariance="cs").fit.visit_covariance[0]
    assert found == pytest.approx(shared + mean["rest"] * np.eye(visits), rel=1e-7)


def test_participants_less_alike_than_strangers_have_a_negative_correlation():
    """Where a random intercept would end at zero, compound symmetry goes on to −1/(m − 1)."""
    y = complete()
    y = y - 0.9 * (y - y.mean(axis=1, keepdims=True)).mean(axis=2, keepdims=True)
    mean, free = split_plot(y)
    assert mean["participant"] < mean["rest"]
    found = fitted(y, covariance="cs")
    matrix = found.fit.visit_covariance[0]
    assert matrix[0, 1] == pytest.approx((mean["participant"] - mean["rest"]) / 4, rel=1e-6)
    assert matrix[0, 1] < 0
    assert found.type_3()["arm"].denominator == pytest.approx(free["participant"], rel=1e-6)


@pytest.mark.parametrize("restricted", [True, False])
def test_unstructured_covariance_is_the_pooled_one(restricted):
    """Least squares is then generalized least squares (Rao 1967); ML divides by N, REML by N − g."""
    y = complete(spread=(1, 2, 1, 3))
    left = (y - y.mean(axis=1, keepdims=True)).reshape(-1, 4)
    found = fitted(y, restricted=restricted).fit
    assert found.visit_covariance[0] == pytest.approx(
        left.T @ left / (24 - 3 * restricted), rel=1e-8
    )
    assert found.coefficients[0] == pytest.approx(y[0, :, 0].mean(), rel=1e-9)


def test_the_likelihood_of_the_pooled_covariance_in_closed_form():
    """Anderson 2003, section 8.2: −2 log L = N (m log 2π + log|S| + m) at the ML estimate S."""
    y = complete()
    left = (y - y.mean(axis=1, keepdims=True)).reshape(-1, 4)
    s = left.T @ left / 24
    expected = -12 * (4 * np.log(2 * np.pi) + np.linalg.slogdet(s)[1] + 4)
    found = fitted(y, restricted=False).fit
    assert found.log_likelihood == pytest.approx(expected, rel=1e-10)
    # ten elements of the covariance are counted, not the twelve means; 24 participants
    assert found.aic == pytest.approx(-2 * expected + 2 * 10, rel=1e-10)
    assert found.bic == pytest.approx(-2 * expected + 10 * np.log(24), rel=1e-10)


@pytest.mark.parametrize("method", ["kenward-roger", "satterthwaite"])
def test_arms_at_all_visits_together(method):
    """Kenward and Roger's F is exactly Hotelling's (1997, section 4): on m and N − m − 1.

    Satterthwaite's takes no account of the number of visits: the mean of m independent t² on N − 2.
    """
    y = complete()[:2]
    found = fitted(y, method=method)
    names, rows = found.mean_weights(["arm", "week"])
    of = dict(zip(names, rows, strict=True))
    apart = np.array([of["low", week] - of["placebo", week] for week in WEEKS])
    one, other = y
    effect = other.mean(axis=0) - one.mean(axis=0)
    pooled = (np.cov(one.T) + np.cov(other.T)) / 2
    t2 = effect @ np.linalg.solve(pooled * 2 / 8, effect)  # Hotelling's T², 14 degrees of freedom
    test = found.inference.joint(apart)
    if method == "kenward-roger":
        assert test.denominator == pytest.approx(16 - 4 - 1, rel=1e-6)
        assert test.statistic == pytest.approx(t2 * (14 - 4 + 1) / (14 * 4), rel=1e-6)
    else:
        assert test.denominator == pytest.approx(14, rel=1e-6)
        assert test.statistic == pytest.approx(t2 / 4, rel=1e-6)


@pytest.mark.parametrize("covariance", ["us", "cs", "ar1h", "toeph", "adh"])
def test_complete_data_are_not_adjusted(covariance):
    """The estimates do not depend on the covariance, so nothing is added for its estimation."""
    y = complete(spread=(1, 2, 1, 2))
    plain, adjusted = (
        fitted(y, covariance=covariance, method=method)
        for method in ("satterthwaite", "kenward-roger")
    )
    assert adjusted.inference.covariance == pytest.approx(
        plain.inference.covariance, rel=1e-8, abs=1e-10
    )


def test_each_visit_is_a_t_test_for_structures_with_a_variance_each():
    y = complete(spread=(1, 2, 3, 4))
    found = fitted(y, covariance="us").differences("arm")
    for k, week in enumerate(WEEKS):
        pooled = np.mean([arm[:, k].var(ddof=1) for arm in y])
        for a, arm in enumerate(ARMS[1:], 1):
            each = found[arm, week]
            assert each.estimate == pytest.approx(y[a, :, k].mean() - y[0, :, k].mean())
            assert each.standard_error == pytest.approx(np.sqrt(pooled * 2 / 8))
            assert each.degrees_of_freedom == pytest.approx(21)


@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
def test_a_variance_for_each_arm_at_one_visit_is_welchs_test(method):
    rng = np.random.default_rng(3)
    one, other = rng.normal(size=9), rng.normal(0.5, 3, size=14)
    arm = np.repeat([0, 1], [9, 14])
    design = np.column_stack([np.ones(23), arm])
    fit = fit_mmrm(np.append(one, other), design, np.arange(23), np.zeros(23, int), group=arm)
    (found,) = infer(fit, design, method).combinations([[0, 1]])
    welch = stats.ttest_ind(other, one, equal_var=False)  # SciPy 1.17
    assert fit.visit_covariance.ravel() == pytest.approx([one.var(ddof=1), other.var(ddof=1)])
    assert found.statistic == pytest.approx(welch.statistic)
    assert found.degrees_of_freedom == pytest.approx(welch.df)
    assert found.p_value == pytest.approx(welch.pvalue)
    interval = welch.confidence_interval()
    assert (found.lower, found.upper) == pytest.approx((interval.low, interval.high))


def test_a_covariance_for_each_arm_is_welchs_test_at_each_visit():
    y = complete(spread=(1, 2, 3, 4))
    y[1] *= 3
    found = fitted(y, group="arm")
    for a, arm in enumerate(ARMS):
        expected = np.cov(y[a].T)
        assert found.fit.visit_covariance[sorted(ARMS).index(arm)] == pytest.approx(expected)
    for (arm, week), each in found.differences("arm").items():
        k = WEEKS.index(week)
        welch = stats.ttest_ind(y[ARMS.index(arm), :, k], y[0, :, k], equal_var=False)
        assert each.degrees_of_freedom == pytest.approx(welch.df)
        assert each.p_value == pytest.approx(welch.pvalue)


@pytest.mark.parametrize("errors", ["empirical", "jackknife", "bias-reduced"])
def test_sandwiches_of_two_arms_at_one_visit(errors):
    """The variance of a mean is the sum of squares by n², n (n − 1) or (n − 1)², arm by arm.

    CR2 is unbiased, so its degrees of freedom are Welch's for equal variances: with s² = 1/n the
    sum of both variances squared by the sum of each squared by n − 1.
    """
    one, other = complete()[0, :5, 0], complete()[1, :, 0]
    design = np.column_stack([np.ones(13), np.repeat([0, 1], [5, 8])])
    fit = fit_mmrm(np.append(one, other), design, np.arange(13), np.zeros(13, int))
    (found,) = infer(fit, design, errors=errors).combinations([[0, 1]])

    def by(n):
        return {"empirical": n**2, "jackknife": (n - 1) ** 2, "bias-reduced": n * (n - 1)}[errors]

    variance = sum(((arm - arm.mean()) ** 2).sum() / by(len(arm)) for arm in (one, other))
    assert found.standard_error**2 == pytest.approx(variance)
    expected = [(n - 1) / by(n) for n in (5, 8)]  # of the squares, for a variance of one
    spread = sum(share**2 / (n - 1) for share, n in zip(expected, (5, 8), strict=True))
    assert found.degrees_of_freedom == pytest.approx(sum(expected) ** 2 / spread)


def test_differences_within_participants_are_paired_t_tests():
    """One arm and two visits: Student's paired test, whatever the structure."""
    y = complete()[:1, :, :2]
    paired = stats.ttest_rel(y[0, :, 1], y[0, :, 0])
    design = np.column_stack([np.ones(16), np.tile([0.0, 1.0], 8)])
    for covariance in ("cs", "ar1", "toep", "sp_exp", "us"):
        fit = fit_mmrm(
            y.ravel(), design, np.repeat(np.arange(8), 2), np.tile([0, 1], 8), covariance=covariance
        )
        (found,) = infer(fit, design).combinations([[0, 1]])
        assert found.statistic == pytest.approx(paired.statistic), covariance
        assert found.degrees_of_freedom == pytest.approx(7), covariance
        assert found.p_value == pytest.approx(paired.pvalue), covariance


def one_visit(y):
    return table(y).filter(pl.col("week") == "w08").with_columns(base=pl.Series(y[..., 0].ravel()))


def test_one_visit_is_analysis_of_covariance():
    """Least squares with the baseline as covariate: there is one variance and no correlation."""
    y = complete()
    x = np.column_stack(
        [np.ones(24), y[..., 0].ravel(), *(np.repeat(np.eye(3), 8, axis=0)[:, 1:].T)]
    )
    beta, squares, *_ = np.linalg.lstsq(x, y[..., 1].ravel())
    errors = np.sqrt(squares[0] / 20 * np.diag(np.linalg.inv(x.T @ x)))
    for covariance in ("us", "unstructured"):
        found = mmrm(
            one_visit(y), "y ~ base + arm", participant="who", visit="week", covariance=covariance,
            levels={"arm": ARMS},
        )  # fmt: skip
        estimates = list(found.estimates().values())
        assert [each.estimate for each in estimates] == pytest.approx(beta)
        assert [each.standard_error for each in estimates] == pytest.approx(errors)
        assert {round(each.degrees_of_freedom, 6) for each in estimates} == {20}


@pytest.mark.parametrize("covariance", ["cs", "csh", "ar1", "ar1h", "sp_exp", "sp_gau"])
def test_one_visit_does_not_determine_a_correlation(covariance):
    with pytest.raises(UnusableInputError, match=r"correlations cannot be estimated|no maximum"):
        mmrm(
            one_visit(complete()).with_columns(week=pl.lit(8)), "y ~ base + arm",
            participant="who", visit="week", covariance=covariance,
        )  # fmt: skip
