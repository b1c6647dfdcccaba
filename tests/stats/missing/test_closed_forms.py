"""Two visits, the second missing for some: every figure has a closed form, and a loop jackknifes it.

The likelihood falls into that of the first visit, and that of the second given the first among
those who have both. So the slope is that of analysis of covariance of these, and so is what is
expected at the second visit; the first visit's means are those of everybody.
"""

import numpy as np
import pytest
from scipy import stats

from trialwright.stats.missing.bayesian_reference import bayesian_reference_imputation
from trialwright.stats.missing.multiple_imputation import multiple_imputation
from trialwright.stats.missing.reference_based import STRATEGIES, reference_based_imputation

NONE = np.empty((26, 0))


def philox(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def trial():
    """Twenty-six participants; seven miss the second visit, four of them in the active arm."""
    rng = philox(8)
    arm = np.arange(26) % 2 == 1
    one = rng.normal(size=26) - 0.5 * arm
    two = 0.7 * one + 0.6 * rng.normal(size=26) - 1.2 * arm
    two[[0, 1, 3, 6, 9, 12, 15]] = np.nan
    return np.column_stack([one, two]), arm


def slope_and_means(y, arm):
    """The slope within arms of those seen twice; each arm's expected mean at both visits."""
    both = ~np.isnan(y[:, 1])
    products = squares = 0.0
    for group in (False, True):
        mine = y[both & (arm == group)]
        about = mine - mine.mean(axis=0)
        products, squares = (
            products + about[:, 0] @ about[:, 1],
            squares + about[:, 0] @ about[:, 0],
        )
    slope, means = products / squares, {}
    for group in (False, True):
        mine, everybody = y[both & (arm == group)], y[arm == group]
        first = everybody[:, 0].mean()
        means[group] = (first, mine[:, 1].mean() + slope * (first - mine[:, 0].mean()))
    return slope, means


def filled(y, arm, strategy: str, told=slice(None)):
    """The second visit completed by a model of the participants `told`."""
    slope, means = slope_and_means(y[told], arm[told])
    out = y.copy()
    (reference_one, reference_two), (one, two) = means[False], means[True]
    after = {
        "MAR": two + slope * -one,
        "JR": reference_two + slope * -one,
        "CR": reference_two + slope * -reference_one,
        "CIR": one + reference_two - reference_one + slope * -one,
        "LMCF": one + slope * -one,
    }
    other = reference_one if strategy == "LMCF" else reference_two
    for k in np.flatnonzero(np.isnan(y[:, 1])):
        start = after[strategy] if arm[k] else other - slope * reference_one
        out[k, 1] = start + slope * y[k, 0]
    return out


def difference(y, arm, strategy: str, visit: int = 1) -> float:
    """By the means of the arms, without covariates."""
    values = filled(y, arm, strategy)[:, visit]
    return values[arm].mean() - values[~arm].mean()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_conditional_means_and_the_jackknife_by_hand(strategy) -> None:
    y, arm = trial()
    found = reference_based_imputation(y, arm, NONE, strategy=strategy, level=0.9)
    assert found.imputed == pytest.approx(filled(y, arm, strategy), rel=1e-6)
    expected = difference(y, arm, strategy)
    left = []
    for k in range(26):
        rest = np.arange(26) != k
        left.append(difference(y[rest], arm[rest], strategy))
    error = np.sqrt(25 / 26 * sum((each - sum(left) / 26) ** 2 for each in left))
    one = found.difference
    assert one.estimate == pytest.approx(expected, rel=1e-6)
    assert one.standard_error == pytest.approx(error, rel=1e-5)
    assert one.p_value == pytest.approx(2 * stats.norm.sf(abs(expected) / error), rel=1e-3)
    reach = stats.norm.ppf(0.95) * error
    assert (one.lower, one.upper) == pytest.approx((expected - reach, expected + reach), rel=1e-4)
    assert one.notes == (STRATEGIES[strategy], "errors by the jackknife over participants")
    assert dict(one.counts) == {"participants": 26, "imputed at the visit": 7}
    assert found.active_mean.estimate - found.reference_mean.estimate == pytest.approx(one.estimate)


def test_the_first_visit_can_be_compared_as_well() -> None:
    """Nobody misses it: the difference of means, whose jackknife error has a closed form, too.

    Leaving one of n out of a mean moves it by its residual / (n - 1).
    """
    y, arm = trial()
    found = reference_based_imputation(y, arm, NONE, strategy="JR", visit=0).difference
    assert found.estimate == pytest.approx(y[arm, 0].mean() - y[~arm, 0].mean())
    squares = sum(((y[rows, 0] - y[rows, 0].mean()) ** 2).sum() / 12**2 for rows in (arm, ~arm))
    assert found.standard_error == pytest.approx(np.sqrt(25 / 26 * squares))
    assert found.counts["imputed at the visit"] == 0


def test_an_adjustment_of_its_own_is_analysis_of_covariance_of_the_filled_values() -> None:
    y, arm = trial()
    other = philox(3).normal(size=(26, 1))
    found = reference_based_imputation(y, arm, NONE, strategy="CIR", adjust_for=other)
    matrix = np.column_stack([np.ones(26), arm, other])
    beta = np.linalg.lstsq(matrix, filled(y, arm, "CIR")[:, 1], rcond=None)[0]
    assert found.difference.estimate == pytest.approx(beta[1], rel=1e-6)
    assert found.reference_mean.estimate == pytest.approx(
        beta[0] + beta[2] * other.mean(), rel=1e-6
    )


def predictive(y, rows, arm=None):
    """Mean and variance of what is drawn for those missing among `rows`, of whom k were seen twice.

    Jeffreys' prior leaves s^(-3/2) for the residual variance s, the likelihood is s^(-k/2), and the q
    means and the slope, which are flat, integrate to s^((q + 1)/2). The product s^(-(k - q)/2 - 1) is
    inverse gamma with k - q degrees of freedom, so what is drawn has a t law with as many.
    """
    columns = np.ones((len(y), 1)) if arm is None else np.column_stack([~arm, arm]).astype(float)
    matrix = np.column_stack([columns, y[:, 0]])
    both = rows & ~np.isnan(y[:, 1])
    inverse = np.linalg.inv(matrix[both].T @ matrix[both])
    beta = inverse @ matrix[both].T @ y[both, 1]
    squares = ((y[both, 1] - matrix[both] @ beta) ** 2).sum()
    lost = rows & np.isnan(y[:, 1])
    free = both.sum() - columns.shape[1]
    leverage = np.einsum("ij,jk,ik->i", matrix[lost], inverse, matrix[lost])
    return lost, matrix[lost] @ beta, squares / (free - 2) * (1 + leverage)


@pytest.mark.parametrize("by_arm", [True, False])
def test_draws_at_random_have_the_mean_and_variance_of_a_t_law(by_arm) -> None:
    """4,000 data sets: means within 4.5 Monte Carlo errors, variances within 15%."""
    y, arm = trial()
    sets = multiple_imputation(y, arm, NONE, philox(), imputations=4000, sweeps=25, by_arm=by_arm)
    parts = (
        [predictive(y, arm == group) for group in (False, True)]
        if by_arm
        else [predictive(y, np.ones(26, bool), arm)]
    )
    for lost, mean, variance in parts:
        drawn = sets[:, lost, 1]
        assert (np.abs(drawn.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / 4000)).all()
        assert drawn.var(axis=0) == pytest.approx(variance, rel=0.15)


@pytest.mark.parametrize("strategy", ["MAR", "JR", "CIR"])
def test_the_bayesian_difference_has_the_closed_form_s_mean(strategy) -> None:
    """Slopes and means are drawn about the closed form's, symmetrically and apart, so the mean of
    the differences is the conditional mean's, but for 4.5 Monte Carlo errors."""
    y, arm = trial()
    found = bayesian_reference_imputation(
        y, arm, NONE, philox(), strategy=strategy, imputations=3000, sweeps=25
    )
    error = np.sqrt(found.difference.between / 3000)
    assert abs(found.difference.estimate - difference(y, arm, strategy)) < 4.5 * error
    # Rubin's within part: the mean square of analysis of covariance over the filled data sets.
    values = found.imputed[:, :, 1]
    squares = [
        sum(((each[rows] - each[rows].mean()) ** 2).sum() for rows in (arm, ~arm)) / 24
        for each in values
    ]
    assert found.difference.within == pytest.approx(np.mean(squares) * 2 / 13)
    assert found.difference.between == pytest.approx(
        (values[:, arm].mean(axis=1) - values[:, ~arm].mean(axis=1)).var(ddof=1)
    )


def test_an_event_before_everything_copies_the_reference_arm_in_the_active_arm_only() -> None:
    """Who had it is not fitted, but the first visit still tells of the second."""
    y, arm = trial()
    event = np.where(np.isnan(y[:, 1]), 0, 2)
    for strategy, like in (
        ("JR", "CR"),
        ("CR", "CR"),
        ("CIR", "CR"),
        ("LMCF", "LMCF"),
        ("MAR", "MAR"),
    ):
        found = reference_based_imputation(y, arm, NONE, strategy=strategy, event_visit=event)
        told = slice(None) if strategy == "MAR" else event == 2
        assert found.imputed == pytest.approx(filled(y, arm, like, told), rel=1e-6)


def test_without_an_event_what_is_missing_is_missing_at_random_whatever_the_strategy() -> None:
    y, arm = trial()
    expected = filled(y, arm, "MAR")
    for strategy in STRATEGIES:
        for never in ([2] * 26, [np.inf] * 26):
            found = reference_based_imputation(y, arm, NONE, strategy=strategy, event_visit=never)
            assert found.imputed == pytest.approx(expected, rel=1e-6)
