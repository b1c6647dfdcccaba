"""Estimates at the doses beside dense least squares and statsmodels' logistic regression."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import logit_estimates, normal_estimates

ARM = np.repeat(np.arange(4), [5, 7, 4, 6])
GENERATOR = np.random.default_rng(3)
RESPONSE = GENERATOR.normal(size=22) + 0.4 * ARM
COVARIATES = GENERATOR.normal(size=(22, 2)) + ARM[:, None] / 3


def by_least_squares(response, arm, covariates):
    """Means at the average covariates from the normal equations, their covariance and variance."""
    design = np.zeros((len(arm), 4 + covariates.shape[1]))
    design[np.arange(len(arm)), arm] = 1
    design[:, 4:] = covariates
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ response
    left = response - design @ coefficients
    at = np.hstack([np.eye(4), np.tile(covariates.mean(axis=0), (4, 1))])
    return at @ coefficients, at @ inverse @ at.T, left @ left / (len(arm) - design.shape[1])


@pytest.mark.parametrize("columns", [0, 1, 2])
def test_adjusted_means_are_those_of_the_normal_equations(columns):
    covariates = COVARIATES[:, :columns]
    found = normal_estimates(RESPONSE, ARM, covariates if columns else None)
    means, covariance, variance = by_least_squares(RESPONSE, ARM, covariates)
    assert found.estimates == pytest.approx(means, rel=1e-10)
    assert found.unscaled_covariance == pytest.approx(covariance, rel=1e-9, abs=1e-14)
    assert float(found.scale) == pytest.approx(variance, rel=1e-10)
    assert found.covariance == pytest.approx(variance * covariance, rel=1e-9, abs=1e-14)
    assert found.degrees_of_freedom == 18 - columns
    assert found.counts.tolist() == [5, 7, 4, 6]


def test_a_covariate_may_be_a_list_or_a_column():
    flat = normal_estimates(RESPONSE, ARM, COVARIATES[:, 0])
    column = normal_estimates(RESPONSE, ARM, COVARIATES[:, :1])
    assert np.array_equal(flat.estimates, column.estimates)


def test_a_stack_of_trials_shares_its_covariance_and_has_a_variance_each():
    trials = np.stack([RESPONSE, 2 * RESPONSE + 1, RESPONSE[::-1]]).reshape(3, 1, 22)
    found = normal_estimates(trials, ARM, COVARIATES)
    assert found.covariance.shape == (3, 1, 4, 4)
    for index in range(3):
        alone = normal_estimates(trials[index, 0], ARM, COVARIATES)
        assert found.estimates[index, 0] == pytest.approx(alone.estimates, rel=1e-11)
        assert found.covariance[index, 0] == pytest.approx(alone.covariance, rel=1e-11)
    assert found.scale[1, 0] == pytest.approx(4 * found.scale[0, 0], rel=1e-11)


@given(order=st.permutations(range(22)), unit=st.floats(0.1, 10), origin=st.floats(-5, 5))
@settings(max_examples=10, deadline=None)
def test_order_of_participants_and_scale_of_covariates_do_not_matter(order, unit, origin):
    order = list(order)
    plain = normal_estimates(RESPONSE, ARM, COVARIATES)
    other = normal_estimates(RESPONSE[order], ARM[order], unit * COVARIATES[order] + origin)
    assert other.estimates == pytest.approx(plain.estimates, rel=1e-8, abs=1e-9)
    assert other.scale == pytest.approx(plain.scale, rel=1e-9)


@pytest.mark.filterwarnings("ignore")  # a saturated fit leaves statsmodels no residual
@given(
    events=st.lists(st.integers(1, 29), min_size=2, max_size=5),
    extra=st.lists(st.integers(1, 20), min_size=5, max_size=5),
)
@settings(max_examples=10, deadline=None)
def test_logits_are_those_of_an_unadjusted_logistic_regression(events, extra):
    totals = [x + more for x, more in zip(events, extra, strict=False)]
    outcome = np.array([[x, n - x] for x, n in zip(events, totals, strict=True)])
    fit = sm.GLM(outcome, np.eye(len(events)), family=sm.families.Binomial()).fit(tol=1e-14)
    found = logit_estimates(events, totals)
    assert found.estimates == pytest.approx(fit.params, abs=1e-8)
    assert found.covariance == pytest.approx(fit.cov_params(), rel=1e-6, abs=1e-12)
    assert (found.degrees_of_freedom, float(found.scale)) == (np.inf, 1)
    assert found.counts.tolist() == totals


@pytest.mark.parametrize(
    ("response", "arm", "covariates", "message"),
    [
        ([], [], None, "Every response needs the index"),
        ([1.0, 2, 3], [0.0, 0, 1], None, "Every response needs the index"),
        ([1.0, 2, 3], [0, 0, 0], None, "there must be two doses"),
        ([1.0, 2, 3, 4], [0, 0, 1, 1], [1, np.nan, 2, 3], "covariate is missing"),
        ([1.0, 2, 3, 4], [0, 0, 1, 1], [5, 5, 5, 5], "constant or confounded"),
        ([1.0, 2], [0, 1], None, "no residual variance"),
        ([[1.0, 2, 3, 4], [2, 2, 3, 3]], [0, 0, 1, 1], None, "do not vary within doses"),
        ([1.0, np.inf, 3, 4], [0, 0, 1, 1], None, "A response is missing"),
    ],
)
def test_data_that_give_no_estimate_are_named(response, arm, covariates, message):
    with pytest.raises(UnusableInputError, match=message):
        normal_estimates(response, arm, covariates)


@pytest.mark.parametrize(
    ("events", "totals"), [([0, 3], [5, 5]), ([5, 3], [5, 5]), ([np.nan, 3], [5, 5])]
)
def test_an_infinite_logit_points_to_its_remedy(events, totals):
    with pytest.raises(UnusableInputError, match="logit is infinite") as refused:
        logit_estimates(events, totals)
    assert "Firth" in str(refused.value)
