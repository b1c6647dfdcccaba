import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from trialwright.errors import UnusableInputError
from trialwright.stats.logistic.standardization import standardized_risks

TERMS = ("(Intercept)", "arm1", "arm2", "score")


def simulated(seed: int, n: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    arm, score = np.arange(n) % 3, generator.normal(size=n)
    matrices = np.array(
        [
            np.column_stack([np.ones(n), np.full(n, a == 1), np.full(n, a == 2), score])
            for a in range(3)
        ],
        dtype=float,
    )
    actual = matrices[arm, np.arange(n)]
    y = generator.binomial(1, expit(actual @ [-0.4, 0.3, 0.9, 0.8])).astype(float)
    return y, arm, matrices, score


def unadjusted(counts: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arm = np.repeat(range(len(counts)), [n for _, n in counts])
    y = np.concatenate([np.r_[np.ones(x), np.zeros(n - x)] for x, n in counts])
    matrices = np.array(
        [np.column_stack([np.ones(len(y)), np.full(len(y), a)]) for a in range(len(counts))]
    )
    return y, arm, matrices


@pytest.mark.parametrize("variance", ["model", "HC0"])
def test_without_covariates_it_is_wald(variance: str) -> None:
    # He et al. 2020: 9/30 v 16/29; the Wald standard error by hand.
    y, arm, matrices = unadjusted([(9, 30), (16, 29)])
    result = standardized_risks(y, arm, matrices, ["1", "arm"], variance=variance).difference(1)
    assert result.estimate == pytest.approx(16 / 29 - 9 / 30)
    assert result.standard_error == pytest.approx(
        math.sqrt(16 * 13 / 29**3 + 9 * 21 / 30**3), rel=1e-9
    )


def test_without_covariates_ye_has_n_minus_1() -> None:
    y, arm, matrices = unadjusted([(9, 30), (16, 29)])
    result = standardized_risks(y, arm, matrices, ["1", "arm"]).difference(1)
    assert result.standard_error == pytest.approx(
        math.sqrt(16 * 13 / (29**2 * 28) + 9 * 21 / (30**2 * 29)), rel=1e-9
    )


def test_ratios_by_the_delta_method() -> None:
    y, arm, matrices = unadjusted([(9, 30), (16, 29)])
    result = standardized_risks(y, arm, matrices, ["1", "arm"], variance="model")
    ratio, odds = result.log_risk_ratio(1), result.log_odds_ratio(1)
    # Katz and Woolf by hand.
    assert ratio.estimate == pytest.approx(math.log(16 / 29 / (9 / 30)))
    assert ratio.standard_error == pytest.approx(math.sqrt(1 / 16 - 1 / 29 + 1 / 9 - 1 / 30))
    assert odds.standard_error == pytest.approx(math.sqrt(1 / 16 + 1 / 13 + 1 / 9 + 1 / 21))
    assert result.risk(0).estimate == pytest.approx(0.3)


@given(seed=st.integers(0, 10_000), variance=st.sampled_from(["model", "HC0", "HC3", "ye"]))
@settings(max_examples=12, deadline=None)
def test_relabeling_arms_relabels_results(seed: int, variance: str) -> None:
    y, arm, matrices, _ = simulated(seed)
    result = standardized_risks(y, arm, matrices, TERMS, variance=variance)
    order = np.array([2, 0, 1])
    renamed = standardized_risks(
        y, np.argsort(order)[arm], matrices[order], TERMS, variance=variance
    )
    assert renamed.risks == pytest.approx(result.risks[order])
    assert renamed.covariance == pytest.approx(result.covariance[np.ix_(order, order)])
    swap = result.difference(0, 1)
    assert swap.estimate == pytest.approx(-result.difference(1, 0).estimate)
    assert swap.standard_error == pytest.approx(result.difference(1, 0).standard_error)


def test_the_model_delta_method_against_a_numerical_gradient() -> None:
    y, arm, matrices, _ = simulated(8)
    from trialwright.stats.logistic.likelihood import logistic_regression

    fit = logistic_regression(y, matrices[arm, np.arange(len(y))], TERMS)

    def risks(beta: np.ndarray) -> np.ndarray:
        return expit(matrices @ beta).mean(axis=1)

    step = 1e-6
    gradient = np.array(
        [
            (risks(fit.estimates + step * e) - risks(fit.estimates - step * e)) / (2 * step)
            for e in np.eye(4)
        ]
    ).T
    result = standardized_risks(y, arm, matrices, TERMS, variance="model")
    assert result.covariance == pytest.approx(gradient @ fit.covariance @ gradient.T, abs=1e-9)


def test_hc3_is_wider_than_hc0() -> None:
    y, arm, matrices, _ = simulated(1, 60)
    hc0, hc3 = (standardized_risks(y, arm, matrices, TERMS, variance=v) for v in ("HC0", "HC3"))
    assert (np.diag(hc3.covariance) > np.diag(hc0.covariance)).all()


def test_ye_tracks_the_spread_over_trials() -> None:
    # Standard errors of 400 simulated trials against the spread of their estimates, 3 sigma.
    estimates, errors = [], []
    for seed in range(400):
        y, arm, matrices, _ = simulated(seed + 1000, 90)
        result = standardized_risks(y, arm, matrices, TERMS).difference(2)
        estimates.append(result.estimate)
        errors.append(result.standard_error)
    spread = np.std(estimates)
    assert np.mean(errors) == pytest.approx(spread, rel=3 / math.sqrt(2 * 400))


def test_balance_within_strata_takes_variance_off() -> None:
    y, arm, matrices, score = simulated(6)
    strata = np.where(score > 0, "high", "low")
    simple = standardized_risks(y, arm, matrices, TERMS)
    blocks = standardized_risks(y, arm, matrices, TERMS, scheme="permuted-block", strata=strata)
    assert blocks.risks == pytest.approx(simple.risks)
    difference = np.linalg.eigvalsh(simple.covariance - blocks.covariance)
    assert difference[0] >= -1e-12


def test_one_stratum_changes_nothing() -> None:
    y, arm, matrices, _ = simulated(6)
    simple = standardized_risks(y, arm, matrices, TERMS)
    for scheme in ("permuted-block", "minimization"):
        other = standardized_risks(y, arm, matrices, TERMS, scheme=scheme, strata=np.zeros(len(y)))
        # Residuals of a fitted arm add up to zero.
        assert other.risks == pytest.approx(simple.risks, abs=1e-9)
        assert other.covariance == pytest.approx(simple.covariance, abs=1e-9)


def test_unusable_input() -> None:
    y, arm, matrices, score = simulated(6)
    for changes, message in (
        ({"variance": "HC9"}, "no variance"),
        ({"scheme": "minimization"}, "needs its strata"),
        ({"scheme": "permuted-block", "strata": [1, 2]}, "length"),
        ({"scheme": "minimization", "strata": np.round(score, 9)}, "no participant of arm"),
    ):
        with pytest.raises(UnusableInputError, match=message):
            standardized_risks(y, arm, matrices, TERMS, **changes)
    with pytest.raises(UnusableInputError, match="numbered"):
        standardized_risks(y, arm + 5, matrices, TERMS)
    with pytest.raises(UnusableInputError, match="two participants"):
        standardized_risks(y[:4], arm[:4], matrices[:, :4], TERMS)


def test_an_arm_without_events_is_refused() -> None:
    y, arm, matrices = unadjusted([(0, 30), (16, 29)])
    with pytest.raises(UnusableInputError, match="separated"):
        standardized_risks(y, arm, matrices, ["1", "arm"])
