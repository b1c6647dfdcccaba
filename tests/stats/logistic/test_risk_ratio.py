import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.risk_ratio import modified_poisson

TERMS = ("(Intercept)", "arm", "score")


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_agrees_with_statsmodels(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = np.column_stack([np.ones(90), np.arange(90) % 2, generator.uniform(size=90)])
    y = generator.binomial(1, np.exp(x @ [-1.2, 0.4, 0.3])).astype(float)
    theirs = sm.GLM(y, x, family=sm.families.Poisson()).fit(cov_type="HC0", tol=1e-12)
    fit = modified_poisson(y, x, TERMS)
    assert fit.estimates == pytest.approx(theirs.params, abs=1e-7)
    assert fit.standard_errors == pytest.approx(theirs.bse, abs=1e-7)


def test_an_arm_alone_is_katz() -> None:
    # He et al. 2020 by hand: 16/29 v 9/30.
    x = np.column_stack([np.ones(59), np.repeat([1, 0], [29, 30])])
    y = np.repeat([1, 0, 1, 0], [16, 13, 9, 21])
    result = modified_poisson(y, x, TERMS[:2]).of("arm")
    assert result.estimate == pytest.approx(math.log(16 / 29 * 30 / 9))
    assert result.standard_error == pytest.approx(math.sqrt(1 / 16 - 1 / 29 + 1 / 9 - 1 / 30))


def test_duplicates_halve_the_variance() -> None:
    x = np.column_stack([np.ones(20), np.arange(20) % 2])
    y = (np.arange(20) % 3 == 0).astype(float)
    fit = modified_poisson(y, x, TERMS[:2])
    twice = modified_poisson(np.tile(y, 2), np.tile(x, (2, 1)), TERMS[:2])
    assert twice.covariance == pytest.approx(fit.covariance / 2)


def test_all_events_have_risk_one() -> None:
    fit = modified_poisson(np.ones(6), np.ones((6, 1)), ["(Intercept)"])
    assert fit.estimates[0] == pytest.approx(0, abs=1e-9)


def test_no_events_and_an_arm_without_events_are_refused() -> None:
    x = np.column_stack([np.ones(20), np.repeat([0, 1], 10)])
    with pytest.raises(UnusableInputError, match="no events"):
        modified_poisson(np.zeros(20), x, TERMS[:2])
    with pytest.raises(UnusableInputError, match="no events along arm"):
        modified_poisson([0, 1] * 5 + [0] * 10, x, TERMS[:2])
