"""Rubin's rules against R's mice and mitml, the formulas in loops, and numbers that cannot be pooled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.pooling import MOST_DEGREES, pool, pooled_wald_test

Q, U = [2.1, 3.4, 1.2, 2.8, 2.9, 3.3], [0.5, 0.62, 0.44, 0.58, 0.51, 0.7]


# R 4.2.2, mice 3.15.0: pool.scalar(Q, U, n = n, k = k), whose complete degrees of freedom are n - k.
@pytest.mark.parametrize(
    ("complete", "free", "fraction"),
    [
        (None, 14.279073043131067, 0.638999749986749),
        (np.inf, 14.279073043131067, 0.638999749986749),
        (10, 2.781537991005157, 0.732972481290447),
        (38, 7.257028657678968, 0.671350361364711),
    ],
)
def test_six_data_sets_in_mice(complete, free, fraction) -> None:
    found = pool(Q, U, complete_degrees_of_freedom=complete)
    assert found.estimate == pytest.approx(2.616666666666667, rel=1e-12)
    assert (found.within, found.between, found.total) == pytest.approx(
        (0.558333333333333, 0.693666666666667, 1.367611111111111), rel=1e-12
    )
    assert found.relative_increase == pytest.approx(1.449452736318408, rel=1e-12)
    assert found.degrees_of_freedom == pytest.approx(free, rel=1e-12)
    assert found.fraction_missing == pytest.approx(fraction, rel=1e-12)
    assert found.large_sample_degrees_of_freedom == pytest.approx(14.279073043131067, rel=1e-12)
    assert dict(found.counts) == {"data sets": 6}


ESTIMATES = [[1.2, 0.4, -0.3], [0.7, 0.9, -0.1], [1.6, 0.2, -0.6], [1.1, 0.5, 0.2]]
COVARIANCES = [
    np.diag([0.3, 0.2, 0.25]) + 0.05, np.diag([0.35, 0.22, 0.2]) + 0.06,
    np.diag([0.28, 0.25, 0.3]) + 0.04, np.diag([0.4, 0.18, 0.22]) + 0.05,
]  # fmt: skip


# R 4.2.2, mitml 0.4-4: testConstraints(qhat, uhat, constraints = letters[1:k], method = "D1")$test.
@pytest.mark.parametrize(
    ("k", "f", "denominator", "p_value", "increase"),
    [
        (1, 2.39006024315738, 31.4738369440131, 0.132105928180363, "0.446623"),
        (2, 1.30415006629018, 14.6765194208657, 0.301076593866277, "0.508724"),
        (3, 1.00357558496046, 36.0930877396982, 0.402376122375359, "0.507192"),
    ],
)
def test_the_joint_test_of_mitml(k, f, denominator, p_value, increase) -> None:
    found = pooled_wald_test(np.array(ESTIMATES)[:, :k], np.array(COVARIANCES)[:, :k, :k])
    assert found.statistic == pytest.approx(f, rel=5e-9)  # mitml adds a ridge before it inverts
    assert found.numerator == k
    assert found.denominator == pytest.approx(denominator, rel=5e-8)
    assert found.p_value == pytest.approx(p_value, rel=5e-8)
    assert found.notes == (f"relative increase in variance {increase}",)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.integers(1, 4))
def test_the_joint_test_by_loops(seed, m, k) -> None:
    """Li, Raghunathan and Rubin 1991, equations 1.17 to 1.19."""
    rng = np.random.Generator(np.random.Philox(seed))
    q = rng.normal(size=(m, k))
    u = np.array([np.cov(rng.normal(size=(k, k + 9))).reshape(k, k) for _ in range(m)])
    mean, within, between = np.zeros(k), np.zeros((k, k)), np.zeros((k, k))
    for each, covariance in zip(q, u, strict=True):
        mean, within = mean + each / m, within + covariance / m
    for each in q:
        between += np.outer(each - mean, each - mean) / (m - 1)
    r = (1 + 1 / m) * np.trace(between @ np.linalg.inv(within)) / k
    t = k * (m - 1)
    if t > 4:
        free = 4 + (t - 4) * (1 + (1 - 2 / t) / r) ** 2
    else:
        free = t / 2 * (1 + 1 / k) * (1 + 1 / r) ** 2
    f = mean @ np.linalg.inv(within) @ mean / k / (1 + r)
    found = pooled_wald_test(q, u)
    assert (found.statistic, found.denominator) == pytest.approx((f, free))
    assert found.p_value == pytest.approx(stats.f.sf(f, k, free))


def test_estimates_that_agree_leave_a_chi_square_test() -> None:
    """Nothing missing: the mean of squares (2^2/1 + 3^2/4) / 2, with infinitely many degrees."""
    found = pooled_wald_test([[2.0, 3.0]] * 3, [np.diag([1.0, 4.0])] * 3)
    assert (found.statistic, found.denominator) == (3.125, MOST_DEGREES)
    assert stats.chi2.sf(6.25, 2) == pytest.approx(0.0439369336)
    assert found.p_value == pytest.approx(0.0439369336, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-8, 1e8))
def test_quantities_in_very_different_units_are_tested_alike(unit) -> None:
    scale = np.array([unit, 1.0, 1 / unit])
    one = pooled_wald_test(ESTIMATES, COVARIANCES)
    other = pooled_wald_test(np.array(ESTIMATES) * scale, COVARIANCES * np.outer(scale, scale))
    assert other.statistic == pytest.approx(one.statistic, rel=1e-6)
    assert other.denominator == pytest.approx(one.denominator, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(-20, 20), st.floats(0.5, 0.999))
def test_the_sign_turns_the_interval_about_and_p_tells_whether_it_holds_zero(shift, level) -> None:
    values = np.array(Q) + shift
    one = pool(values, U, complete_degrees_of_freedom=20, level=level)
    other = pool(-values, U, complete_degrees_of_freedom=20, level=level)
    assert (other.lower, other.upper) == pytest.approx((-one.upper, -one.lower))
    assert other.p_value == pytest.approx(one.p_value)
    assert (one.lower > 0 or one.upper < 0) == (one.p_value < 1 - level)


def test_more_complete_data_and_less_disagreement_give_more_degrees_of_freedom() -> None:
    free = [
        pool(Q, U, complete_degrees_of_freedom=each).degrees_of_freedom
        for each in (0.5, 5, 50, 5e3, 5e9, None)
    ]
    assert free == sorted(free)
    assert free[0] < 0.5
    near = [pool(np.mean(Q) + k * (np.array(Q) - np.mean(Q)), U) for k in (1, 0.5, 0.1, 1e-9)]
    assert [each.degrees_of_freedom for each in near] == sorted(
        each.degrees_of_freedom for each in near
    )
    assert near[-1].degrees_of_freedom == np.inf
    assert near[-1].standard_error == pytest.approx(np.sqrt(np.mean(U)))


@pytest.mark.parametrize("complete", [0, -3, np.nan])
def test_complete_degrees_of_freedom_are_positive(complete) -> None:
    words = f"{complete} complete degrees of freedom leave nothing to estimate a variance from"
    with pytest.raises(UnusableInputError, match=words):
        pool(Q, U, complete_degrees_of_freedom=complete)


@pytest.mark.parametrize(
    ("q", "u", "words"),
    [
        ([1.0, np.nan], [1.0, 1.0], "an estimate is missing, or a variance not positive"),
        ([1.0, np.inf], [1.0, 1.0], "an estimate is missing, or a variance not positive"),
        ([1.0, 2.0], [1.0, -1.0], "an estimate is missing, or a variance not positive"),
        ([1.0, 2.0], [1.0, np.nan], "an estimate is missing, or a variance not positive"),
        ([], [], "pooling needs an estimate and a variance of two data sets or more"),
        ([[1.0, 2.0]] * 2, [[1.0, 2.0]] * 2, "pooling needs an estimate and a variance"),
    ],
)
def test_what_cannot_be_pooled_is_refused(q, u, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        pool(q, u)


@pytest.mark.parametrize(
    ("q", "u", "words"),
    [
        ([[1.0, np.nan], [2.0, 3.0]], [np.eye(2)] * 2, "an estimate or a covariance is missing"),
        ([[1.0, 2.0]] * 2, [np.full((2, 2), np.inf)] * 2, "an estimate or a covariance is missing"),
        ([[1.0, 2.0]] * 2, [np.diag([1.0, -1.0])] * 2, "follow from each other"),
        ([[1.0, 2.0]] * 2, [np.diag([1.0, 0.0])] * 2, "follow from each other"),
        ([[1.0, 2.0]] * 2, [[[1.0, 2.0], [2.0, 1.0]]] * 2, "follow from each other"),
        (np.empty((3, 0)), np.empty((3, 0, 0)), "of two data sets or more do not match"),
        ([[1.0, 2.0]], [np.eye(2)], "of two data sets or more do not match"),
    ],
)
def test_what_cannot_be_tested_jointly_is_refused(q, u, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        pooled_wald_test(q, u)
