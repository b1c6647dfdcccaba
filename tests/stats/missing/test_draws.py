"""Draws against laws in closed form, and every option of imputation after the reference arm."""

import numpy as np
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.bayesian_reference import bayesian_reference_imputation
from trialwright.stats.missing.last_visit import compare_last_visit
from trialwright.stats.missing.multiple_imputation import multiple_imputation
from trialwright.stats.missing.posterior import Gaps, completed, draw_posterior, refuse_unattended


def philox(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


def test_one_visit_is_drawn_from_the_predictive_law_of_regression() -> None:
    """Box and Tiao 1973: t with n - p degrees of freedom about x b, scale s (1 + x (X'X)^-1 x')^0.5.

    20,000 data sets; Kolmogorov's distance stays below 1.95 / sqrt(20000), its 0.1% point.
    """
    rng = philox(3)
    x, arm = rng.normal(size=(14, 1)), np.arange(14) >= 6
    y = 1 + x[:, 0] - arm + rng.normal(size=14)
    y[[2, 9]] = np.nan
    sets = multiple_imputation(
        y[:, None], arm, x, philox(), imputations=20_000, sweeps=12, by_arm=False
    )
    matrix = np.column_stack([~arm, arm, x])
    kept = ~np.isnan(y)
    inverse = np.linalg.inv(matrix[kept].T @ matrix[kept])
    beta = inverse @ matrix[kept].T @ y[kept]
    mean_square = ((y[kept] - matrix[kept] @ beta) ** 2).sum() / 9
    for k in (2, 9):
        law = stats.t(
            9, matrix[k] @ beta, np.sqrt(mean_square * (1 + matrix[k] @ inverse @ matrix[k]))
        )
        assert stats.kstest(sets[:, k, 0], law.cdf).statistic < 1.95 / np.sqrt(20_000)


def test_without_gaps_coefficients_of_visits_have_the_multivariate_regression_s_law() -> None:
    """Each column acts at each visit: Sigma is inverse-Wishart of n - q degrees about the residuals'
    products S; coefficients have the covariance of its mean, S / (n - q - m - 1), times (X'X)^-1."""
    rng = philox(5)
    n, m, q = 40, 3, 2
    effects = np.column_stack([np.ones(n), rng.normal(size=n)])
    y = effects @ rng.normal(size=(q, m)) + rng.normal(size=(n, m)) @ rng.normal(size=(m, m))
    columns = np.einsum("nq,jk->njqk", effects, np.eye(m)).reshape(n, m, q * m)
    drawn = draw_posterior(y, columns, philox(), draws=6000, sweeps=10)
    inverse = np.linalg.inv(effects.T @ effects)
    beta = inverse @ effects.T @ y
    products = (y - effects @ beta).T @ (y - effects @ beta)
    free = n - q
    mean = products / (free - m - 1)
    diagonal = np.diag(products)
    variance = ((free - m + 1) * products**2 + (free - m - 1) * np.outer(diagonal, diagonal)) / (
        (free - m) * (free - m - 1) ** 2 * (free - m - 3)
    )
    error = np.sqrt(variance / 6000)
    assert (np.abs(drawn.covariance.mean(axis=0) - mean) < 4.5 * error).all()
    assert drawn.covariance.var(axis=0) == pytest.approx(variance, rel=0.15)
    spread = np.kron(inverse, mean)
    error = np.sqrt(np.diag(spread) / 6000)
    assert (np.abs(drawn.coefficients.mean(axis=0) - beta.ravel()) < 4.5 * error).all()
    assert np.cov(drawn.coefficients.T) == pytest.approx(spread, rel=0.1, abs=0.05 * spread.max())


def test_a_draw_is_the_conditional_law_s_root_times_the_noise() -> None:
    """The same normals, put through NumPy's Cholesky root of the conditional covariance by hand."""
    rng = philox(6)
    y, mean = rng.normal(size=(7, 4)), rng.normal(size=(3, 7, 4))
    roots = rng.normal(size=(3, 4, 4))
    sigma = roots @ roots.transpose(0, 2, 1) + np.eye(4)
    y[0, 3] = y[1, 1:3] = y[2, :2] = y[4, 3] = np.nan
    y[5] = np.nan
    gaps = Gaps.of(y)
    found = completed(y, mean, sigma, gaps, philox(11))
    noise = philox(11).standard_normal((3, len(gaps.rows), 4))
    for draw in range(3):
        for k, row in enumerate(gaps.rows):
            kept, lost = np.flatnonzero(~np.isnan(y[row])), np.flatnonzero(np.isnan(y[row]))
            s = sigma[draw]
            pull = s[np.ix_(lost, kept)] @ np.linalg.inv(s[np.ix_(kept, kept)])
            root = np.linalg.cholesky(s[np.ix_(lost, lost)] - pull @ s[np.ix_(kept, lost)])
            expected = mean[draw, row, lost] + pull @ (y[row, kept] - mean[draw, row, kept])
            expected = expected + root @ noise[draw, k, len(kept) :]
            assert found[draw, row, lost] == pytest.approx(expected)
            assert found[draw, row, kept].tolist() == y[row, kept].tolist()
    assert np.isnan(y[5]).all()  # what was given stays as it was


def trial():
    rng = philox(7)
    arm, x = np.arange(40) % 2 == 1, rng.normal(size=(40, 2))
    y = rng.normal(size=(40, 1)) + x[:, :1] + rng.normal(size=(40, 3)) - np.outer(arm, [0.5, 1, 2])
    y[:10, 2] = y[:4, 1] = np.nan
    return y, arm, x


OPTIONS = {
    "another visit": {"visit": 1},
    "a wider interval": {"level": 0.99},
    "covariates of the comparison": {"adjust_for": philox(8).normal(size=(40, 1))},
    "an effect by visit": {"by_visit": [True, False]},
    "events before the first visit": {"event_visit": np.where(np.arange(40) < 10, 0, 3)},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_the_figures_are_those_of_the_completed_data_sets(name) -> None:
    y, arm, x = trial()
    options = OPTIONS[name]
    found, again = (
        bayesian_reference_imputation(
            y, arm, x, philox(), strategy="CIR", imputations=12, sweeps=8, **options
        )
        for _ in range(2)
    )
    last = found.imputed[:, :, options.get("visit", -1)]
    expected = compare_last_visit(
        last, arm, options.get("adjust_for", x), level=options.get("level", 0.95)
    )
    assert (found.difference, found.reference_mean, found.active_mean) == (
        expected.difference, expected.reference_mean, expected.active_mean,
    )  # fmt: skip
    assert found.imputed.tolist() == again.imputed.tolist()
    plain = bayesian_reference_imputation(
        y, arm, x, philox(), strategy="CIR", imputations=12, sweeps=8
    )
    same_draws = name not in ("an effect by visit", "events before the first visit")
    assert (found.imputed == plain.imputed).all() == same_draws


def test_rows_in_another_order_have_the_same_law() -> None:
    """Pooled means of two orders differ by no more than 4.5 Monte Carlo errors of each."""
    y, arm, x = trial()
    order = philox(9).permutation(40)
    one, other = (
        bayesian_reference_imputation(
            y[rows], arm[rows], x[rows], philox(), strategy="JR", imputations=400, sweeps=20
        ).difference
        for rows in (np.arange(40), order)
    )
    reach = 4.5 * np.sqrt((one.between + other.between) / 400)
    assert 0 < abs(one.estimate - other.estimate) < reach
    assert other.between == pytest.approx(one.between, rel=0.4)


def test_units_pass_through_the_draws() -> None:
    """Outcomes in other units and levels are the same draws: means and roots are equivariant."""
    y, arm, x = trial()
    one, other = (
        bayesian_reference_imputation(
            scale * y + level, arm, x, philox(), strategy="JR", imputations=5, sweeps=6
        ).imputed
        for scale, level in ((1.0, 0.0), (1e4, 7.0))
    )
    assert (other - 7.0) / 1e4 == pytest.approx(one, rel=1e-5, abs=1e-6)


def test_the_visit_unattended_is_named_among_arms_given_by_name() -> None:
    y = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])
    arms = {"placebo": np.array([True, True, False]), "verum": np.array([False, False, True])}
    refuse_unattended(y, {"placebo": arms["placebo"]})
    with pytest.raises(UnusableInputError, match="nobody of verum was seen at visit 1 of 2"):
        refuse_unattended(y, arms)
