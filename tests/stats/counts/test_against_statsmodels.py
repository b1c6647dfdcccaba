"""Regressions of counts against another program on made data, and duplicates, scales and rows."""

import numpy as np
import pytest
import statsmodels.api as sm

from trialwright.stats.counts.negative_binomial import negative_binomial_regression
from trialwright.stats.counts.poisson import poisson_regression

TERMS = ["1", "arm", "z"]


def made(seed: int, n: int = 90, alpha: float = 0.6):
    rng = np.random.Generator(np.random.Philox(seed))
    x = np.column_stack([np.ones(n), np.arange(n) % 2, rng.normal(size=n)])
    offset = np.log(rng.uniform(0.2, 2.0, n))
    rate = rng.gamma(1 / alpha, alpha, n) * np.exp(x @ [0.8, -0.5, 0.3] + offset)
    return rng.poisson(rate), x, offset


@pytest.mark.parametrize("seed", range(3))
def test_poisson_of_statsmodels(seed: int) -> None:
    """statsmodels GLM, family Poisson, and its cov_type HC0."""
    y, x, offset = made(seed)
    other = sm.GLM(y, x, sm.families.Poisson(), offset=offset).fit(tol=1e-13)
    fit = poisson_regression(y, x, TERMS, offset=offset)
    assert fit.estimates == pytest.approx(other.params, rel=1e-8)
    assert fit.covariance == pytest.approx(other.cov_params(), rel=1e-7)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-11)
    assert fit.pearson_dispersion == pytest.approx(other.pearson_chi2 / 87, rel=1e-8)
    assert fit.fitted == pytest.approx(other.fittedvalues, rel=1e-7)
    sandwich = sm.GLM(y, x, sm.families.Poisson(), offset=offset).fit(tol=1e-13, cov_type="HC0")
    robust = poisson_regression(y, x, TERMS, offset=offset, errors="HC0")
    assert robust.covariance == pytest.approx(sandwich.cov_params(), rel=1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_negative_binomial_of_statsmodels(seed: int) -> None:
    """statsmodels NegativeBinomial, nb2, whose errors invert the information of all parameters."""
    y, x, offset = made(seed)
    other = sm.NegativeBinomial(y, x, loglike_method="nb2", offset=offset).fit(
        method="newton", start_params=[0.5, -0.5, 0.3, 0.5], maxiter=200, tol=1e-12, disp=0
    )
    fit = negative_binomial_regression(y, x, TERMS, offset=offset)
    assert [*fit.estimates, fit.alpha] == pytest.approx(other.params, rel=1e-5)
    assert fit.theta == pytest.approx(1 / fit.alpha)
    assert fit.log_likelihood == pytest.approx(other.llf, rel=1e-9)
    assert fit.standard_errors == pytest.approx(other.bse[:3], rel=1e-4)
    # of log alpha, by the delta method, which is exact at a maximum
    assert fit.log_alpha_error == pytest.approx(other.bse[3] / other.params[3], rel=1e-3)


def test_pooled_records_of_one_participant_are_one_record() -> None:
    """A count and its exposure may be split into parts: Poisson estimates and errors do not mind."""
    y, x, offset = made(4)
    part = np.random.Generator(np.random.Philox(4)).binomial(y, 0.4)
    one = poisson_regression(y, x, TERMS, offset=offset)
    two = poisson_regression(
        np.r_[part, y - part], np.vstack([x, x]), TERMS,
        offset=np.r_[offset + np.log(0.4), offset + np.log(0.6)],
    )  # fmt: skip
    assert two.estimates == pytest.approx(one.estimates, rel=1e-9)
    assert two.covariance == pytest.approx(one.covariance, rel=1e-9)
    assert two.counts == {"records": 180, "events": y.sum()}


@pytest.mark.parametrize("regression", [poisson_regression, negative_binomial_regression])
@pytest.mark.parametrize("errors", [0, 1])
def test_participants_taken_twice_halve_the_variance(regression, errors: int) -> None:
    y, x, offset = made(5)
    kind = {
        poisson_regression: ("model", "HC0"),
        negative_binomial_regression: ("full", "theta-fixed"),
    }
    settings = {"errors": kind[regression][errors]}
    one = regression(y, x, TERMS, offset=offset, **settings)
    two = regression(
        np.tile(y, 2), np.tile(x, (2, 1)), TERMS, offset=np.tile(offset, 2), **settings
    )
    assert two.estimates == pytest.approx(one.estimates, rel=1e-8)
    assert two.covariance == pytest.approx(one.covariance / 2, rel=1e-6)
    assert two.log_likelihood == pytest.approx(2 * one.log_likelihood)


@pytest.mark.parametrize("regression", [poisson_regression, negative_binomial_regression])
def test_a_covariate_in_other_units_has_its_coefficient_in_them(regression) -> None:
    y, x, offset = made(6)
    one = regression(y, x, TERMS, offset=offset)
    other = regression(y, x * [1, 1, 1000] + [0, 0, 37], TERMS, offset=offset)
    scale = np.array([1, 1, 1e-3])
    assert other.estimates[1:] == pytest.approx((one.estimates * scale)[1:], rel=1e-7)
    assert other.standard_errors[1:] == pytest.approx((one.standard_errors * scale)[1:], rel=1e-6)


def test_without_overdispersion_the_two_regressions_meet() -> None:
    """Counts of 10,000 participants that are Poisson: alpha near zero, and nearly the same errors."""
    rng = np.random.Generator(np.random.Philox(7))
    x = np.column_stack([np.ones(10_000), np.arange(10_000) % 2])
    y = rng.poisson(np.exp(x @ [0.3, 0.2]))
    plain = poisson_regression(y, x, ["1", "arm"])
    fit = negative_binomial_regression(y, x, ["1", "arm"])
    assert fit.alpha < 0.02
    assert fit.log_likelihood >= plain.log_likelihood
    assert fit.standard_errors == pytest.approx(plain.standard_errors, rel=0.02)
    assert plain.pearson_dispersion == pytest.approx(1, abs=0.05)
