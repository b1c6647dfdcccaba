"""Rank methods of small arms beside all arrangements of the participants, and their invariances."""

import math
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from trialwright.errors import UnusableInputError
from trialwright.stats.ranks import (
    hodges_lehmann,
    jonckheere_terpstra,
    kruskal_wallis,
    stratified_wilcoxon,
    student,
    van_elteren,
    welch,
    wilcoxon,
)

SMALL = st.lists(st.integers(-3, 3).map(float), min_size=2, max_size=4)


def pairs_won(x: Any, y: Any) -> float:
    """Mann and Whitney's count, ties by half."""
    return sum((a > b) + (a == b) / 2 for a in x for b in y)


def arrangements(x: list[float], y: list[float]) -> list[float]:
    """The count for every choice of who was treated."""
    everyone = x + y
    found = []
    for chosen in combinations(range(len(everyone)), len(x)):
        treated = [everyone[k] for k in chosen]
        control = [everyone[k] for k in range(len(everyone)) if k not in chosen]
        found.append(pairs_won(treated, control))
    return found


@pytest.mark.parametrize(
    ("x", "y"),
    [([1.0, 4, 7], [2.0, 3]), ([5.0, 6, 7], [1.0, 2, 3]), ([1.0, 9], [2.0, 3, 4, 5])],
)
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_the_exact_p_value_counts_arrangements(
    x: list[float], y: list[float], alternative: str
) -> None:
    counts, seen = arrangements(x, y), pairs_won(x, y)
    above = np.mean([count >= seen for count in counts])
    below = np.mean([count <= seen for count in counts])
    expected = {"greater": above, "less": below, "two-sided": min(1, 2 * min(above, below))}
    found = wilcoxon(x, y, exact=True, alternative=alternative)
    assert found.statistic == pytest.approx(seen)
    assert found.p_value == pytest.approx(expected[alternative])


@given(x=SMALL, y=SMALL)
@settings(max_examples=40, deadline=None)
def test_the_normal_law_has_the_moments_of_all_arrangements(x: list[float], y: list[float]) -> None:
    counts = arrangements(x, y)
    spread = float(np.std(counts))
    found = wilcoxon(x, y, continuity=False)
    if spread == 0:
        assert found.p_value == pytest.approx(1.0)
    else:
        z = (pairs_won(x, y) - np.mean(counts)) / spread
        assert found.p_value == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), abs=1e-9)


@given(x=SMALL, y=SMALL)
@settings(max_examples=20, deadline=None)
def test_kruskal_wallis_of_two_arms_is_the_wilcoxon_test(x: list[float], y: list[float]) -> None:
    if len({*x, *y}) > 1:
        both = kruskal_wallis([x, y])
        assert both.p_value == pytest.approx(wilcoxon(x, y, continuity=False).p_value, abs=1e-9)
        assert both.degrees_of_freedom == 1


def test_jonckheere_has_the_moments_of_all_arrangements() -> None:
    arms = [[1.0, 2], [2.0, 4], [3.0, 3]]
    everyone = [value for arm in arms for value in arm]

    def ordered(values: Any) -> float:
        a, b, c = values[:2], values[2:4], values[4:]
        return pairs_won(b, a) + pairs_won(c, a) + pairs_won(c, b)

    counts = [ordered(order) for order in permutations(everyone)]
    z = (ordered(everyone) - np.mean(counts)) / np.std(counts)
    found = jonckheere_terpstra(arms)
    assert found.p_value == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), abs=1e-9)
    assert found.statistic == pytest.approx(z, abs=1e-9)


@given(x=SMALL, y=SMALL)
@settings(max_examples=20, deadline=None)
def test_the_estimate_is_the_median_of_all_differences(x: list[float], y: list[float]) -> None:
    found = hodges_lehmann(x, y)
    gaps = [a - b for a in x for b in y]
    assert found.estimate == pytest.approx(np.median(gaps))
    assert min(gaps) <= found.lower <= found.estimate <= found.upper <= max(gaps)


STRATA = [([1.0, 5, 3], [2.0, 2]), ([4.0, 4], [1.0, 6, 0, 2])]


def rows() -> tuple[list[float], list[int], list[str]]:
    response, treated, stratum = [], [], []
    for name, (x, y) in zip("ab", STRATA, strict=True):
        response += x + y
        treated += [1] * len(x) + [0] * len(y)
        stratum += [name] * (len(x) + len(y))
    return response, treated, stratum


def rank(value: float, among: list[float]) -> float:
    """The mean rank, ties sharing theirs."""
    return sum(other < value for other in among) + (sum(other == value for other in among) + 1) / 2


@pytest.mark.parametrize("method", [van_elteren, stratified_wilcoxon])
def test_strata_are_arranged_one_by_one(method: Any) -> None:
    """Van Elteren ranks within strata, by 1 / (size + 1); the other ranks everyone together."""
    everyone = rows()[0]
    top, variance = 0.0, 0.0
    for x, y in STRATA:
        own = x + y
        among, weight = (own, 1 / (len(own) + 1)) if method is van_elteren else (everyone, 1.0)
        totals = [
            sum(rank(value, among) for value in chosen) for chosen in combinations(own, len(x))
        ]
        top += weight * (sum(rank(value, among) for value in x) - np.mean(totals))
        variance += weight**2 * np.var(totals)
    found = method(*rows())
    z = top / math.sqrt(variance)
    assert found.statistic == pytest.approx(z, abs=1e-9)
    assert found.p_value == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), abs=1e-9)


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_order_of_rows_names_of_strata_and_monotone_scales_do_not_matter(seed: int) -> None:
    response, treated, stratum = rows()
    order = np.random.default_rng(seed).permutation(len(response))
    turned = [np.exp(response[k]) for k in order]
    named = [{"a": "z", "b": "y"}[stratum[k]] for k in order]
    for method in (van_elteren, stratified_wilcoxon):
        one = method(response, treated, stratum)
        other = method(turned, [treated[k] for k in order], named)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-9)
        swapped = method(response, [1 - each for each in treated], stratum)
        assert swapped.p_value == pytest.approx(one.p_value, rel=1e-9)


@given(x=SMALL, y=SMALL, scale=st.floats(0.01, 100), shift=st.floats(-50, 50))
@settings(max_examples=20, deadline=None)
def test_t_tests_by_hand_and_in_other_units(
    x: list[float], y: list[float], scale: float, shift: float
) -> None:
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    m, n = len(x), len(y)
    vx, vy = (sum((v - sum(s) / len(s)) ** 2 for v in s) / (len(s) - 1) for s in (x, y))
    gap = sum(x) / m - sum(y) / n
    pooled = ((m - 1) * vx + (n - 1) * vy) / (m + n - 2)
    by_hand = {
        student: (math.sqrt(pooled * (1 / m + 1 / n)), m + n - 2),
        welch: (
            math.sqrt(vx / m + vy / n),
            (vx / m + vy / n) ** 2 / ((vx / m) ** 2 / (m - 1) + (vy / n) ** 2 / (n - 1)),
        ),
    }
    for method, (error, freedom) in by_hand.items():
        found = method(x, y)
        assert found.estimate == pytest.approx(gap)
        assert found.standard_error == pytest.approx(error)
        assert found.degrees_of_freedom == pytest.approx(freedom)
        moved = method([scale * v + shift for v in x], [scale * v + shift for v in y])
        assert moved.p_value == pytest.approx(found.p_value, rel=1e-5, abs=1e-9)
        assert moved.lower == pytest.approx(scale * found.lower, rel=1e-5, abs=1e-6 * scale)


TWO_ARMS: dict[str, Any] = {
    "welch": welch,
    "student": student,
    "wilcoxon": wilcoxon,
    "hodges-lehmann": hodges_lehmann,
    "kruskal-wallis": lambda x, y: kruskal_wallis([x, y]),
    "jonckheere-terpstra": lambda x, y: jonckheere_terpstra([x, y]),
}


@pytest.mark.parametrize("bad", [[], [math.nan, math.nan], [1.0, math.inf], [-math.inf, 2, 3]])
@pytest.mark.parametrize("name", TWO_ARMS)
def test_an_arm_without_finite_outcomes_is_refused(name: str, bad: list[float]) -> None:
    for arms in ((bad, [1.0, 2, 3]), ([1.0, 2, 3], bad)):
        with pytest.raises(UnusableInputError):
            TWO_ARMS[name](*arms)


@pytest.mark.parametrize("name", TWO_ARMS)
def test_a_constant_outcome_is_no_difference(name: str) -> None:
    found = TWO_ARMS[name]([2.0, 2, 2], [2.0, 2])
    assert found.p_value in (None, 1.0)
    assert found.notes or found.p_value == 1.0
    assert getattr(found, "estimate", 0.0) == 0.0


@pytest.mark.parametrize("name", ["wilcoxon", "hodges-lehmann", "kruskal-wallis"])
def test_one_participant_per_arm_has_a_result(name: str) -> None:
    found = TWO_ARMS[name]([3.0], [1.0])
    assert found.p_value is None or 0 < found.p_value <= 1


@pytest.mark.parametrize(
    ("response", "treated", "strata"),
    [
        ([1.0, 2, 3], [1, 0], ["a"] * 3),
        ([1.0, 2, 3], [1, 0, 1], ["a"]),
        ([1.0, 2, 3], [1, 1, 1], ["a"] * 3),
        ([1.0, 2, 3], [1, 0, math.nan], ["a"] * 3),
        ([1.0, 2, 3], [1, 0, 2], ["a"] * 3),
        ([1.0, 2, 3], [1, 0, 1], [math.nan] * 3),
        ([1.0, 2, 3], [1, 0, 1], [1, 1, math.nan]),
        ([1.0, 2, 3], [1, 0, None], ["a"] * 3),
        ([], [], []),
    ],
)
@pytest.mark.parametrize("method", [van_elteren, stratified_wilcoxon])
def test_strata_that_cannot_be_are_refused(
    method: Any, response: Any, treated: Any, strata: Any
) -> None:
    with pytest.raises(UnusableInputError):
        method(response, treated, strata)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=9),
    st.integers(1, 4),
    st.sampled_from(["two-sided", "greater", "less"]),
)
def test_the_exact_law_with_ties_is_that_of_every_arrangement(values, size, alternative) -> None:
    """Mid-ranks dealt out in all ways; two-sided as coin: as far from the mean on either side."""
    size = min(size, len(values) - 1)
    ranks = rankdata(values)
    center = size * (len(values) + 1) / 2
    sums = np.array([sum(deal) for deal in combinations(ranks, size)]) - center
    seen = ranks[:size].sum() - center
    extreme = {
        "two-sided": np.abs(sums) >= abs(seen), "greater": sums >= seen, "less": sums <= seen,
    }[alternative]  # fmt: skip
    found = wilcoxon(values[:size], values[size:], exact=True, alternative=alternative)
    assert found.p_value == pytest.approx(extreme.mean(), rel=1e-9)


def test_large_tied_arms_and_strange_alternatives_are_refused() -> None:
    with pytest.raises(UnusableInputError, match="too large for the exact law"):
        wilcoxon([1, 2] * 60, [2, 3] * 60, exact=True)
    with pytest.raises(UnusableInputError, match="no alternative"):
        wilcoxon([1, 2, 2], [2, 3], exact=True, alternative="larger")
