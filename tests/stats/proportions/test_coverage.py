"""What intervals of one proportion cover, by enumeration of every count that can come out."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from trialwright.stats.proportions.one import proportion

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
GRID = np.linspace(0.0005, 0.9995, 1999)


@cache
def limits(method: str, n: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    found = [proportion(x, n, method=method, level=level) for x in range(n + 1)]
    return np.array([each.lower for each in found]), np.array([each.upper for each in found])


def coverage(method: str, n: int, p: np.ndarray, level: float = 0.95) -> np.ndarray:
    lower, upper = limits(method, n, level)
    holds = (lower <= p[:, None]) & (p[:, None] <= upper)
    return (binom.pmf(np.arange(n + 1), n, p[:, None]) * holds).sum(axis=1)


@pytest.mark.parametrize("method", ["clopper-pearson", "blaker"])
@pytest.mark.parametrize(("n", "level"), [(1, 0.95), (2, 0.8), (9, 0.99), (20, 0.95), (33, 0.9)])
def test_exact_intervals_never_cover_less_than_they_say(method: str, n: int, level: float) -> None:
    # Coverage falls by jumps at the limits, so they and their neighbors are tried as well.
    ends = np.concatenate(limits(method, n, level))
    tried = np.concatenate([GRID, *(np.clip(ends + step, 0, 1) for step in (-1e-9, 0, 1e-9))])
    assert coverage(method, n, tried, level).min() >= level - 1e-9


def test_others_cover_less_somewhere_and_about_right_on_average() -> None:
    """Agresti and Coull 1998: approximate intervals hold the level on average, exact ones exceed it."""
    mean = {
        method: coverage(method, 20, GRID).mean()
        for method in ("wald", "wilson", "agresti-coull", "jeffreys", "mid-p", "clopper-pearson")
    }
    assert mean["wald"] < 0.86
    assert mean["clopper-pearson"] > 0.97
    for method in ("wilson", "agresti-coull", "jeffreys", "mid-p"):
        assert mean[method] == pytest.approx(0.95, abs=0.015)
        assert coverage(method, 20, GRID).min() < 0.95


@pytest.mark.parametrize(
    ("p", "n", "printed"),
    # Brown, Cai and DasGupta, Statistical Science 2001;16:101, section 2: the Wald interval.
    # From memory (verified: false): the print was not at hand.
    [(0.2, 30, 0.946), (0.2, 98, 0.928), (0.5, 17, 0.951), (0.5, 40, 0.919)],
)
def test_printed_coverage_of_the_wald_interval(p: float, n: int, printed: float) -> None:
    assert coverage("wald", n, np.array([p]))[0] == pytest.approx(printed, abs=6e-4)


@given(counts=COUNTS, level=st.sampled_from([0.8, 0.95, 0.999]))
@settings(max_examples=30, deadline=None)
def test_mid_p_and_blaker_lie_inside_clopper_and_pearson(
    counts: tuple[int, int], level: float
) -> None:
    outer, *inner = (
        proportion(*counts, method=method, level=level)
        for method in ("clopper-pearson", "mid-p", "blaker")
    )
    for each in inner:
        assert outer.lower - 1e-12 <= each.lower <= each.upper <= outer.upper + 1e-12


@pytest.mark.parametrize("method", ["clopper-pearson", "blaker", "mid-p", "wilson", "jeffreys"])
@pytest.mark.parametrize("n", [6, 23])
def test_more_events_never_lower_a_limit(method: str, n: int) -> None:
    lower, upper = limits(method, n, 0.95)
    assert (np.diff(lower) >= 0).all()
    assert (np.diff(upper) >= 0).all()


@given(counts=COUNTS)
@settings(max_examples=12, deadline=None)
def test_blakers_intervals_of_rising_levels_are_nested(counts: tuple[int, int]) -> None:
    """Blaker 2000, theorem 1, which other short exact intervals do not have."""
    found = [proportion(*counts, method="blaker", level=level) for level in (0.7, 0.9, 0.95, 0.99)]
    for narrow, wide in pairwise(found):
        assert wide.lower <= narrow.lower + 1e-12
        assert narrow.upper <= wide.upper + 1e-12
