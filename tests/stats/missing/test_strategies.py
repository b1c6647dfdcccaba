"""Means and covariances after an event, against the paper's cases written out one visit at a time.

Carpenter, Roger & Kenward 2013 (Journal of Biopharmaceutical Statistics 23:1352), as in Wolbers et
al. 2022 (Pharmaceutical Statistics 21:1246): a joint law is made for each participant from the own
arm's and the reference arm's, and a missing value is its conditional mean given the observed ones.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.stats.missing.reference_based import (
    STRATEGIES,
    after_last_observed,
    imputation_columns,
    reference_based_imputation,
    strategy_covariance,
    strategy_mean,
)
from trialwright.stats.mmrm import fit_mmrm

SEEDS = st.integers(0, 300)


def marginal(own, reference, event: int, strategy: str):
    """The paper's joint law: (mean, covariance) of one participant, from two arms' laws."""
    (mean, sigma), (other, other_sigma) = own, reference
    m = len(mean)
    if event >= m or strategy == "MAR":
        return mean, sigma
    if strategy == "CR":
        return other, other_sigma
    new = mean.copy()
    for visit in range(event, m):
        if strategy == "JR":
            new[visit] = other[visit]
        elif strategy == "CIR" and event > 0:
            new[visit] = mean[event - 1] + (other[visit] - other[event - 1])
        elif strategy == "CIR":
            new[visit] = other[visit]
        else:
            new[visit] = mean[max(event - 1, 0)]
    if strategy == "LMCF":
        return new, sigma
    if event == 0:
        return new, other_sigma
    # As in the own arm before the event; after it, regressed upon before as in the reference arm.
    r11, r12, r22 = (
        other_sigma[:event, :event],
        other_sigma[:event, event:],
        other_sigma[event:, event:],
    )
    a11 = sigma[:event, :event]
    slope = np.linalg.inv(r11) @ r12
    made = np.zeros((m, m))
    made[:event, :event] = a11
    made[:event, event:] = a11 @ slope
    made[event:, :event] = (a11 @ slope).T
    made[event:, event:] = r22 - r12.T @ np.linalg.inv(r11) @ (r11 - a11) @ np.linalg.inv(r11) @ r12
    return new, made


def law(rng, m: int):
    root = rng.normal(size=(m, m))
    return rng.normal(size=m), root @ root.T + np.eye(m)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 6), st.sampled_from(list(STRATEGIES)))
def test_the_joint_law_after_an_event(seed, m, strategy) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    own, reference = law(rng, m), law(rng, m)
    events = np.arange(m + 1)
    means = strategy_mean(
        np.tile(own[0], (m + 1, 1)), np.tile(reference[0], (m + 1, 1)), events, strategy
    )
    for event in range(m + 1):
        mean, sigma = marginal(own, reference, event, strategy)
        assert means[event] == pytest.approx(mean)
        found = strategy_covariance(own[1], reference[1], event, strategy)
        assert found == pytest.approx(sigma)
        assert np.linalg.eigvalsh(found)[0] > 0


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(1, 5), st.sampled_from(["JR", "CR", "CIR"]))
def test_arms_that_are_alike_make_every_strategy_missing_at_random(seed, m, strategy) -> None:
    rng = np.random.Generator(np.random.Philox(seed))
    mean, sigma = law(rng, m)
    for event in range(m + 1):
        made = strategy_covariance(sigma, sigma, event, strategy)
        assert made == pytest.approx(sigma)
        found = strategy_mean(mean[None], mean[None], np.array([event]), strategy)
        assert found[0] == pytest.approx(mean)


def test_means_of_many_draws_at_once_are_those_of_one_at_a_time() -> None:
    rng = np.random.Generator(np.random.Philox(4))
    own, reference, event = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 5, 4)), np.arange(5)
    for strategy in STRATEGIES:
        found = strategy_mean(own, reference, event, strategy)
        for draw in range(3):
            one = strategy_mean(own[draw], reference[draw], event, strategy)
            assert found[draw].tolist() == one.tolist()


def test_the_last_observed_visit_by_hand() -> None:
    nan = np.nan
    y = np.array([[1, 2, 3], [1, nan, 3], [1, nan, nan], [nan, 2, nan], [nan, nan, nan]])
    assert after_last_observed(y).tolist() == [3, 3, 1, 2, 0]


def test_the_columns_of_the_model_by_hand() -> None:
    """Two visits, the active participant's two covariates, the second with an effect by visit."""
    found = imputation_columns(
        np.array([False, True]), np.array([[5.0, 7], [6, 8]]), np.array([False, True]), 2
    )
    assert found[0].tolist() == [[1, 0, 0, 0, 7, 0, 5], [0, 1, 0, 0, 0, 7, 5]]
    assert found[1].tolist() == [[1, 0, 1, 0, 8, 0, 6], [0, 1, 0, 1, 0, 8, 6]]


def trial(seed: int):
    """Thirty participants, four visits; gaps, dropout, and one who was never seen."""
    rng = np.random.Generator(np.random.Philox(seed))
    arm, x = np.arange(30) % 2 == 1, rng.normal(size=(30, 2))
    y = (
        rng.normal(size=(30, 1))
        + x[:, :1]
        + rng.normal(size=(30, 4))
        - np.outer(arm, [0.5, 1, 2, 2])
    )
    y[:6, 3] = y[2:8, 2] = y[3:5, 1] = y[20, 1:3] = np.nan
    y[9] = np.nan
    return y, arm, x


@pytest.mark.parametrize("own_covariances", [False, True])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_imputed_values_are_conditional_means_of_each_participant(
    strategy, own_covariances
) -> None:
    """One participant after the other, from the fitted laws of both arms.

    Two events come before the last visit that was seen: what was seen from then on is no part of
    the model, but for missing at random, and tells of its participant all the same (rbmi 1.5.2,
    statistical specifications, "The base imputation model").
    """
    y, arm, x = trial(2)
    event = after_last_observed(y)
    event[4], event[21] = 1, 2  # known to have had the event before they were last seen
    seen = ~np.isnan(y)
    fitted = seen.copy()
    if strategy != "MAR":
        fitted[4, 1:] = fitted[21, 2:] = False
    who, visit = np.nonzero(fitted)
    columns = imputation_columns(arm, x, np.array([True, False]), 4)
    group = arm[who].astype(int) if own_covariances else None
    fit = fit_mmrm(y[fitted], columns[fitted], who, visit, group=group)
    sigmas = fit.visit_covariance if own_covariances else [fit.visit_covariance[0]] * 2
    found = reference_based_imputation(
        y, arm, x, strategy=strategy, by_visit=[True, False], event_visit=event,
        own_covariances=own_covariances,
    ).imputed  # fmt: skip
    as_reference = imputation_columns(np.zeros(30, bool), x, np.array([True, False]), 4)
    for k in range(30):
        own = columns[k] @ fit.coefficients, sigmas[int(arm[k])]
        reference = as_reference[k] @ fit.coefficients, sigmas[0]
        mean, sigma = marginal(own, reference, int(event[k]), strategy)
        kept, lost = np.flatnonzero(seen[k]), np.flatnonzero(~seen[k])
        pull = sigma[np.ix_(lost, kept)] @ np.linalg.inv(sigma[np.ix_(kept, kept)])
        expected = mean[lost] + pull @ (y[k, kept] - mean[kept])
        assert found[k, lost] == pytest.approx(expected, rel=1e-8, abs=1e-8)
        assert found[k, kept].tolist() == y[k, kept].tolist()
