"""Rubin's rules against R's mice, hand calculation and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.missing.pooling import pool, pooled_wald_test

Q, U = [-1.21, -0.87, -1.45, -1.02, -0.66], [0.6561, 0.6084, 0.81, 0.7056, 0.64]
NUMBERS = st.lists(st.floats(-5, 5), min_size=3, max_size=8, unique=True)


def test_mice() -> None:
    """R 4.2.2, mice 3.15.0, pool.scalar with n = 160 and k = 5."""
    found = pool(Q, U, complete_degrees_of_freedom=155)
    assert found.estimate == pytest.approx(-1.042, rel=1e-12)
    assert found.total == pytest.approx(0.795224, rel=1e-12)
    assert found.degrees_of_freedom == pytest.approx(80.0933302879654, rel=1e-12)
    assert found.fraction_missing == pytest.approx(0.160543314366695, rel=1e-12)
    assert found.large_sample_degrees_of_freedom == pytest.approx(204.549362604019, rel=1e-12)


def test_by_hand() -> None:
    found = pool([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    assert (found.estimate, found.within, found.between) == (2.0, 2.0, 1.0)
    assert found.total == pytest.approx(2 + 4 / 3)
    assert found.degrees_of_freedom == pytest.approx(2 * (1 + 2 / (4 / 3)) ** 2)
    law = stats.t(found.degrees_of_freedom)
    assert found.p_value == pytest.approx(2 * law.sf(2 / np.sqrt(10 / 3)))
    assert found.upper == pytest.approx(2 + law.ppf(0.975) * np.sqrt(10 / 3))


def test_data_sets_that_agree_have_nothing_missing() -> None:
    found = pool([1.5] * 4, [0.25] * 4, complete_degrees_of_freedom=30)
    assert found.standard_error == 0.5
    assert found.relative_increase == 0
    assert found.degrees_of_freedom == pytest.approx(31 / 33 * 30)
    large = pool([1.5] * 4, [0.25] * 4)
    assert large.degrees_of_freedom == np.inf
    assert large.p_value == pytest.approx(2 * stats.norm.sf(3))


@settings(max_examples=40)
@given(NUMBERS, st.floats(0.1, 10), st.floats(2, 500))
def test_order_and_units_do_not_matter(values, factor, complete) -> None:
    variances = 1 + np.arange(len(values)) / 10
    one = pool(values, variances, complete_degrees_of_freedom=complete)
    other = pool(
        factor * np.array(values)[::-1],
        factor**2 * variances[::-1],
        complete_degrees_of_freedom=complete,
    )
    assert other.estimate == pytest.approx(factor * (one.estimate or 0), abs=1e-9)
    assert other.standard_error == pytest.approx(factor * (one.standard_error or 0))
    assert other.degrees_of_freedom == pytest.approx(one.degrees_of_freedom)
    assert one.degrees_of_freedom <= complete
    assert one.total >= one.within


@settings(max_examples=20)
@given(NUMBERS)
def test_the_joint_test_of_one_quantity_is_the_square_of_its_t(values) -> None:
    variances = np.full(len(values), 2.0)
    alone = pool(values, variances)
    joint = pooled_wald_test(np.array(values)[:, None], variances[:, None, None])
    assert joint.statistic == pytest.approx((alone.statistic or 0) ** 2)


def test_the_joint_test_does_not_depend_on_the_coding() -> None:
    rng = np.random.default_rng(1)
    q, turn = rng.normal(size=(6, 3)), rng.normal(size=(3, 3))
    u = np.array([np.cov(rng.normal(size=(3, 9))) for _ in range(6)])
    one = pooled_wald_test(q, u)
    other = pooled_wald_test(q @ turn.T, turn @ u @ turn.T)
    assert other.statistic == pytest.approx(one.statistic)
    assert other.denominator == pytest.approx(one.denominator)


def test_what_cannot_be_pooled_is_refused() -> None:
    for arguments in (([1.0], [1.0]), ([1.0, 2.0], [1.0])):
        with pytest.raises(UnusableInputError, match="two data sets"):
            pool(*arguments)
    with pytest.raises(UnusableInputError, match="not positive"):
        pool([1.0, 2.0], [1.0, 0.0])
    with pytest.raises(UnusableInputError, match="do not match"):
        pooled_wald_test([[1.0, 2.0]] * 3, [1.0] * 3)
    with pytest.raises(UnusableInputError, match="follow from each other"):
        pooled_wald_test([[1.0, 2.0], [2.0, 1.0]], [[[1.0, 1.0], [1.0, 1.0]]] * 2)
