"""Counts at their edges: regressions are refused exactly where a linear program shows that the
likelihood rises forever, and nothing is ever not a number.
"""

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import poisson

from trialwright.errors import UnusableInputError
from trialwright.stats.counts.exact_rates import (
    conditional_p_value,
    poisson_rate,
    poisson_rate_ratio,
)
from trialwright.stats.counts.negative_binomial import negative_binomial_regression
from trialwright.stats.counts.poisson import poisson_regression

REGRESSIONS = [poisson_regression, negative_binomial_regression]


def made(seed: int):
    """Few counts, many of them zero, with an arm and up to two covariates."""
    rng = np.random.Generator(np.random.Philox(seed))
    n = int(rng.integers(4, 30))
    x = np.column_stack(
        [np.ones(n), rng.integers(0, 2, n), rng.normal(size=n).round(1), rng.integers(0, 3, n)]
    )[:, : 2 + seed % 3]
    offset = np.log(rng.uniform(0.1, 3, n))
    alpha = [0.2, 1.0, 4.0][seed % 3]
    rate = rng.gamma(1 / alpha, alpha, n) * np.exp(0.5 * x[:, 1] + offset + rng.normal())
    return rng.poisson(rate), x, offset


def exists(y, x) -> bool:
    """No direction lowers counts of records without an event and leaves those of the others."""
    if np.linalg.matrix_rank(x) < x.shape[1] or not y.any():
        return False
    none = x[y == 0]
    best = linprog(
        none.sum(axis=0), A_ub=none, b_ub=np.zeros(len(none)), A_eq=x[y > 0],
        b_eq=np.zeros(int((y > 0).sum())), bounds=(-1, 1),
    )  # fmt: skip
    return best.fun > -1e-7


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("regression", REGRESSIONS)
def test_estimates_are_given_exactly_where_they_exist(regression) -> None:
    answers = set()
    for seed in range(80):
        y, x, offset = made(seed)
        terms = [f"x{k}" for k in range(x.shape[1])]
        try:
            fit = regression(y, x, terms, offset=offset)
            assert np.isfinite(fit.standard_errors).all(), seed
            found = True
        except UnusableInputError:
            found = False
        assert found == exists(y, x), seed
        answers.add(found)
    assert answers == {True, False}


@pytest.mark.parametrize("regression", REGRESSIONS)
def test_small_expected_counts_are_no_sign_of_an_infinite_estimate(regression) -> None:
    """A thousand at x = 6 and one at x = -1.3 among zeros: at -6, 1e-12 events are expected.

    Refused before, as if on the way to zero.
    """
    x = np.column_stack([np.ones(6), [6.0, 5.6, -1.3, -5.0, -5.5, -6.0]])
    y = np.array([1000, 20, 1, 0, 0, 0])
    assert exists(y, x)
    fit = regression(y, x, ["1", "x"])
    mean = np.exp(x @ fit.estimates)
    if regression is poisson_regression:
        assert x.T @ (y - mean) == pytest.approx([0, 0], abs=1e-6)
    else:
        weight = (y - mean) / (1 + fit.alpha * mean)
        assert x.T @ weight == pytest.approx([0, 0], abs=1e-6)


ARMS = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("regression", REGRESSIONS)
@pytest.mark.parametrize(
    ("y", "x", "terms", "words"),
    [
        ([0] * 6, ARMS, ["1", "arm"], "no finite estimate: there are no events"),
        ([], np.zeros((0, 1)), ["1"], "there are no events"),
        ([3, 1, 4, 0, 0, 0], ARMS, ["1", "arm"], "no events where arm is one\n  use the exact rate"),
        ([0, 0, 0, 3, 1, 4], ARMS, ["1", "arm"], "some combination of terms has no events"),
        ([0, 0, 0, 3, 1, 4], np.add(ARMS, [0, 1]), ["1", "coded 1, 2"], "some combination of terms"),
        ([3, 1, 4, 1, 5, 9], ARMS[:, [0, 0]], ["1", "again"], "again is a combination"),
        ([3, 1, 4, 1, 5, 9], ARMS * [[1, 0]], ["1", "empty"], "the term empty is zero throughout"),
        ([3, 1], [[1, 0, 2], [1, 1, 5]], ["1", "arm", "z"], "combination of the others"),
        ([3, 1, 4, 1, 5, 9], np.zeros((6, 0)), [], "there is no term, so nothing to estimate"),
        ([3, 1, 4, 1, 5, np.nan], ARMS, ["1", "arm"], "the response holds counts"),
        ([3, 1, 4, 1, 5, np.inf], ARMS, ["1", "arm"], "the response holds counts"),
        ([3, 1, 4, 1, 5, 9], ARMS * [[1, np.nan]], ["1", "arm"], "the matrix numbers"),
        ([3, 1, 4, 1, 5, 9], ARMS, ["1"], "differ in length"),
    ],
)  # fmt: skip
def test_data_that_determine_nothing_are_refused(regression, y, x, terms, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        regression(y, x, terms)


@pytest.mark.parametrize("regression", REGRESSIONS)
@pytest.mark.parametrize("offset", [[0.0] * 5, [0.0] * 5 + [np.nan], [0.0] * 5 + [-np.inf]])
def test_an_offset_that_cannot_be_is_refused(regression, offset) -> None:
    """The logarithm of no exposure is minus infinity: such a record says nothing."""
    with pytest.raises(
        UnusableInputError, match=r"differ in length|leave out records without exposure"
    ):
        regression([3, 1, 4, 1, 5, 9], ARMS, ["1", "arm"], offset=offset)


def test_hardly_any_overdispersion_is_found_despite_rounding() -> None:
    """At a theta of 8000 the likelihood is known to 1e-10 only; steps once went on until refused."""
    y, x, offset = made(7)
    fit = negative_binomial_regression(y, x, ["1", "arm", "z"], offset=offset)
    plain = poisson_regression(y, x, ["1", "arm", "z"], offset=offset)
    assert 0 < fit.alpha < 2e-4
    assert plain.log_likelihood < fit.log_likelihood < plain.log_likelihood + 1e-3
    assert fit.largest_slope < 1e-8


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("regression", REGRESSIONS)
def test_one_participant_per_arm_is_fitted_exactly(regression) -> None:
    """4 in two years and 6 in one: a ratio of 3, and its error from the counts alone."""
    fit = regression([4, 6], [[1, 0], [1, 1]], ["1", "arm"], offset=np.log([2.0, 1.0]))
    assert np.exp(fit.estimates) == pytest.approx([2, 3])
    assert fit.of("arm").standard_error == pytest.approx(math.sqrt(1 / 4 + 1 / 6))
    assert fit.log_likelihood == pytest.approx(poisson.logpmf(4, 4) + poisson.logpmf(6, 6))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("regression", REGRESSIONS)
def test_the_same_count_for_all_has_no_overdispersion(regression) -> None:
    fit = regression([2] * 6, ARMS, ["1", "arm"])
    assert fit.estimates == pytest.approx([math.log(2), 0], abs=1e-12)
    assert getattr(fit, "alpha", 0.0) == 0.0
    assert fit.of("arm").p_value == pytest.approx(1)


@pytest.mark.filterwarnings("error")
def test_one_participant_with_all_events_is_very_overdispersed() -> None:
    """19 without an event and one with 200: nearly all of the variance is between participants."""
    y = np.array([200] + [0] * 19)
    fit = negative_binomial_regression(y, np.ones((20, 1)), ["1"])
    assert fit.estimates[0] == pytest.approx(math.log(10))
    assert fit.alpha > 20
    assert fit.largest_slope < 1e-6
    assert fit.of("1").standard_error == pytest.approx(
        math.sqrt((1 / 10 + fit.alpha) / 20), rel=1e-6
    )


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("tails", ["equal", "likelihood"])
@pytest.mark.parametrize("a", [0, 1, 2, 1000])
@pytest.mark.parametrize("b", [0, 1, 1000])
@pytest.mark.parametrize("exposures", [(1.0, 1.0), (1e-3, 1e4)])
def test_a_ratio_at_the_edge_lies_in_its_interval(a: int, b: int, exposures, tails: str) -> None:
    t, u = exposures
    found = poisson_rate_ratio(a, t, b, u, tails=tails)
    if a + b == 0:
        assert (found.estimate, found.lower, found.upper, found.p_value) == (
            None,
            0,
            math.inf,
            None,
        )
        assert found.notes == ("no event in either arm: the ratio is not determined",)
        return
    assert found.lower <= found.estimate <= found.upper
    assert (found.lower == 0) == (a == 0)
    assert math.isinf(found.upper) == (b == 0)
    assert 0 <= found.p_value <= 1
    assert (found.standard_error is None) == (a * b == 0)


@pytest.mark.parametrize("events", [-1, 1.5, math.nan, math.inf])
def test_what_is_no_number_of_events_is_refused(events) -> None:
    for call in (
        lambda: poisson_rate(events, 2.0),
        lambda: poisson_rate_ratio(events, 2.0, 1, 2.0),
        lambda: poisson_rate_ratio(1, 2.0, events, 2.0),
    ):
        with pytest.raises(UnusableInputError, match="is no number of events"):
            call()


@pytest.mark.parametrize("exposure", [0.0, -1.0, math.nan, math.inf])
def test_an_arm_that_was_not_observed_is_refused(exposure: float) -> None:
    for call in (
        lambda: poisson_rate(3, exposure),
        lambda: poisson_rate_ratio(3, exposure, 1, 2.0),
        lambda: poisson_rate_ratio(3, 2.0, 1, exposure),
    ):
        with pytest.raises(
            UnusableInputError, match="a rate needs time under observation"
        ) as error:
            call()
        assert "leave out an arm that was not observed" in str(error.value)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95, math.nan])
@pytest.mark.parametrize("counts", [(0, 0), (0, 3), (3, 2)])
def test_a_level_that_cannot_be_is_refused_even_without_events(counts, level: float) -> None:
    with pytest.raises(UnusableInputError, match="confidence level"):
        poisson_rate_ratio(counts[0], 2.0, counts[1], 3.0, level=level)
    with pytest.raises(UnusableInputError, match="confidence level"):
        poisson_rate(counts[0], 2.0, level=level)


def test_conditional_p_value_by_hand() -> None:
    """3 of 3 events in half of the exposure: 2 / 8; 1 of 2: both tails hold 3 / 4, so at most 1."""
    assert conditional_p_value(3, 0, 0.5) == pytest.approx(0.25)
    assert conditional_p_value(1, 1, 0.5) == 1.0
    assert conditional_p_value(0, 4, 0.25) == pytest.approx(2 * 0.75**4)
