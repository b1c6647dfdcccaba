"""Binary crossover outcomes against R, and laws found by listing every allocation to sequences."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.binary import binary_crossover, crossover_conditional_logistic

# Sixteen participants' outcomes in both periods, the first nine began with the active arm.
PAIRS = np.array(
    [
        (1, 0),
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 1),
        (0, 0),
        (0, 1),
        (0, 1),
        (1, 0),
        (1, 0),
        (1, 0),
        (0, 1),
        (1, 0),
        (1, 0),
        (1, 1),
        (0, 0),
    ]
)
BEGAN = np.arange(16) < 9
TESTS = ("mainland_gart", "prescott", "mcnemar", "mcnemar_exact")
SMALL = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=8)


def test_sixteen_participants_in_r() -> None:
    """R 4.2.2: fisher.test(table), prop.trend.test(table(first, s)["TRUE", ], table(s), score = -1:1)
    with s the first outcome minus the second, mcnemar.test(correct = FALSE), binom.test."""
    found = binary_crossover(*PAIRS.T, BEGAN)
    assert found.table.tolist() == [[5, 2], [1, 4]]
    assert found.mainland_gart.p_value == pytest.approx(0.242424242424242, rel=1e-12)
    assert found.prescott.statistic == pytest.approx(3.047619047619, rel=1e-12)
    assert found.prescott.p_value == pytest.approx(0.0808555983701, rel=1e-10)
    assert found.mcnemar.statistic == pytest.approx(3, rel=1e-12)
    assert found.mcnemar.p_value == pytest.approx(0.0832645166636, rel=1e-10)
    assert found.mcnemar_exact.p_value == pytest.approx(0.14599609375, rel=1e-12)
    assert dict(found.prescott.counts) == {
        "participants": 16, "event under active only": 3, "event under control only": 9, "trend over": 16,
    }  # fmt: skip


def test_conditional_logistic_regression_in_r() -> None:
    """survival 3.5-3, clogit(y ~ on + two + strata(id), coxph.control(eps = 1e-14))."""
    fit = crossover_conditional_logistic(*PAIRS.T, BEGAN)
    assert fit.estimates == pytest.approx([-1.151292546497023, -0.235001814622868], rel=1e-9)
    assert fit.covariance == pytest.approx(np.array([[0.4875, 0.1375], [0.1375, 0.4875]]), rel=1e-8)
    assert fit.log_likelihood == pytest.approx(-6.68989923778774, rel=1e-12)
    found = fit.of("active")
    assert found.p_value == pytest.approx(0.0991649607791387, rel=1e-8)
    assert found.lower == pytest.approx(-2.51976292435998, rel=1e-8)
    assert found.upper == pytest.approx(0.217177831365934, rel=1e-8)


def allocations(n: int, first: int):
    """Every way to let `first` of `n` participants begin with the active arm."""
    for chosen in combinations(range(n), first):
        yield np.isin(np.arange(n), chosen)


@settings(max_examples=25, deadline=None)
@given(SMALL, st.data())
def test_prescott_is_the_lead_against_its_permutations(pairs, data) -> None:
    """The trend test divides by n what the permutation variance divides by n - 1."""
    first, second = np.array(pairs).T
    n = len(first)
    size = data.draw(st.integers(1, n - 1))
    began = np.arange(n) < size
    lead = first - second
    sums = np.array([lead[each].sum() for each in allocations(n, size)])
    assume(sums.var() > 0)
    expected = (lead[began].sum() - sums.mean()) ** 2 / sums.var() * n / (n - 1)
    assert binary_crossover(first, second, began).prescott.statistic == pytest.approx(expected)


@settings(max_examples=25, deadline=None)
@given(SMALL, st.data())
def test_mainland_and_gart_s_p_is_the_share_of_allocations_no_likelier(pairs, data) -> None:
    """Only those whose outcomes differ are allocated, and as many to each sequence as were."""
    first, second = np.array(pairs).T
    began = np.arange(len(first)) < data.draw(st.integers(1, len(first) - 1))
    differ = first != second
    late, size = second[differ], int(began[differ].sum())
    assume(0 < size < len(late))
    events = [int(late[each].sum()) for each in allocations(len(late), size)]
    mine = int(late[began[differ]].sum())
    likely = {k: events.count(k) for k in events}
    expected = sum(n for n in likely.values() if n <= likely[mine]) / len(events)
    found = binary_crossover(first, second, began)
    assert found.mainland_gart.p_value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("more", "less"), [(0, 1), (1, 1), (0, 6), (2, 7), (3, 9), (5, 6), (12, 1)]
)
def test_mcnemar_by_hand(more, less) -> None:
    """Of all ways to toss m + l coins, those at least as uneven; and (m - l)^2 / (m + l)."""
    n = more + less
    first, second = [1] * more + [0] * less + [1, 0], [0] * more + [1] * less + [1, 0]
    found = binary_crossover(first, second, [True] * n + [True, False])
    ways = sum(comb(n, k) for k in range(n + 1) if abs(2 * k - n) >= abs(more - less))
    assert found.mcnemar_exact.p_value == pytest.approx(ways / 2**n)
    assert found.mcnemar.statistic == pytest.approx((more - less) ** 2 / n)
    assert found.mcnemar.notes == ("without continuity correction",)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_odds_ratios_and_their_errors_by_hand(cells) -> None:
    """a, b first-period and second-period events with the active arm first, c, d else.

    Log odds of the active arm: half of log(a/b) - log(c/d); error: half the root of sum 1/cell.
    """
    a, b, c, d = cells
    first = [1] * a + [0] * b + [1] * c + [0] * d
    fit = crossover_conditional_logistic(
        first, 1 - np.array(first), [True] * (a + b) + [False] * (c + d)
    )
    one, other = np.log(a / b), np.log(c / d)
    error = np.sqrt(sum(1 / each for each in cells)) / 2
    assert fit.estimates == pytest.approx([(one - other) / 2, -(one + other) / 2], abs=1e-7)
    assert fit.standard_errors == pytest.approx([error, error], rel=1e-6)
    likelihood = sum(k * np.log(k / (k + j)) for k, j in ((a, b), (b, a), (c, d), (d, c)))
    assert fit.log_likelihood == pytest.approx(likelihood)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(16)))
def test_the_order_of_people_and_those_seen_once_do_not_matter(order) -> None:
    mixed = PAIRS[order].astype(float)
    one = binary_crossover(*PAIRS.T, BEGAN)
    other = binary_crossover(
        [*mixed[:, 0], 1, np.nan, np.nan],
        [*mixed[:, 1], np.nan, 0, np.nan],
        [*BEGAN[order], 1, 0, 1],
    )
    for name in TESTS:
        assert getattr(other, name).p_value == pytest.approx(getattr(one, name).p_value)
        assert getattr(other, name).counts == getattr(one, name).counts


def test_exchanging_the_periods_changes_no_test_of_the_arms() -> None:
    first, second = PAIRS.T
    one, other = binary_crossover(first, second, BEGAN), binary_crossover(second, first, ~BEGAN)
    for name in TESTS:
        assert getattr(other, name).p_value == pytest.approx(getattr(one, name).p_value)
    odds, turned = (
        crossover_conditional_logistic(first, second, BEGAN),
        crossover_conditional_logistic(second, first, ~BEGAN),
    )
    assert turned.of("active").estimate == pytest.approx(odds.of("active").estimate)
    assert turned.of("period 2").estimate == pytest.approx(-odds.of("period 2").estimate)


def test_one_participant_in_each_sequence() -> None:
    """Both had the event under the active arm: 2 of 2 tables as likely, one of four coin tosses
    twice; Prescott: leads 1 and -1, so 1^2 / (1/4 * 2) = 2."""
    found = binary_crossover([1, 0], [0, 1], [True, False])
    assert (found.mainland_gart.p_value, found.mcnemar_exact.p_value) == (1.0, 0.5)
    assert found.prescott.statistic == pytest.approx(2)


def test_when_every_outcome_leans_to_one_period_only_mcnemar_tells() -> None:
    found = binary_crossover([1] * 6, [0] * 6, [True, True, True, True, False, False])
    assert found.mainland_gart.p_value == 1.0
    assert (found.prescott.p_value, found.prescott.notes) == (1.0, ("all outcomes lean one way",))
    assert found.mcnemar.statistic == pytest.approx(4 / 6)


@pytest.mark.parametrize(
    ("first", "second", "began", "words"),
    [
        ([1, np.nan], [0, np.nan], [1, 0], "a sequence has nobody with both periods"),
        ([], [], [], "a sequence has nobody with both periods"),
        ([np.inf, 0], [0, 1], [1, 0], "an outcome is infinite"),
        ([0.5, 0], [0, 1], [1, 0], "a binary outcome is 0 or 1"),
        ([1, 0], [0, 1], ["AB", "BA"], "'active first' is either true or false"),
        ([1, 0, 0], [0, 1], [1, 0], "the two periods and the sequences differ in length"),
    ],
)
def test_what_is_no_binary_crossover_is_refused(first, second, began, words) -> None:
    for method in (binary_crossover, crossover_conditional_logistic):
        with pytest.raises(UnusableInputError, match=words):
            method(first, second, began)


def test_odds_of_preferences_in_one_sequence_only_are_refused() -> None:
    with pytest.raises(
        UnusableInputError, match="the term period 2 is a combination of the others"
    ):
        crossover_conditional_logistic([1, 0, 0, 1], [0, 1, 1, 1], [True, True, True, False])
