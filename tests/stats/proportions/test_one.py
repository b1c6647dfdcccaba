import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.one import METHODS, proportion

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
EXACT = ("clopper-pearson", "blaker")


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        # R 4.2.2, DescTools 0.99.59 BinomCI(10, 40).
        ("wald", 0.115810439221213, 0.384189560778787),
        ("wald-cc", 0.103310439221213, 0.396689560778787),
        ("wilson", 0.141871186390963, 0.40193961420768),
        ("wilson-cc", 0.132450855098772, 0.415204238868625),
        ("agresti-coull", 0.140198534780007, 0.403612265818636),
        ("jeffreys", 0.136393454547266, 0.398306044275246),
        ("clopper-pearson", 0.126914798932845, 0.41196198015143),
        ("arcsine", 0.133438582534932, 0.399143096744896),
        ("logit", 0.140120445817531, 0.405419295148534),
    ],
)
def test_agrees_with_r(method: str, lower: float, upper: float) -> None:
    result = proportion(10, 40, method=method)
    assert (result.lower, result.upper) == pytest.approx((lower, upper), rel=1e-12)
    assert result.estimate == 0.25
    assert result.counts == {"events": 10, "participants": 40}


@pytest.mark.parametrize(
    ("method", "scipy_name"),
    [("clopper-pearson", "exact"), ("wilson", "wilson"), ("wilson-cc", "wilsoncc")],
)
@given(counts=COUNTS, level=st.floats(0.5, 0.999))
@settings(max_examples=25, deadline=None)
def test_agrees_with_scipy(
    method: str, scipy_name: str, counts: tuple[int, int], level: float
) -> None:
    theirs = binomtest(*counts).proportion_ci(level, method=scipy_name)
    result = proportion(*counts, method=method, level=level)
    assert (result.lower, result.upper) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "logit"])
@given(counts=COUNTS)
@settings(max_examples=20, deadline=None)
def test_non_events_have_the_mirrored_interval(method: str, counts: tuple[int, int]) -> None:
    x, n = counts
    result, mirrored = (proportion(k, n, method=method) for k in (x, n - x))
    assert (1 - mirrored.upper, 1 - mirrored.lower) == pytest.approx(
        (result.lower, result.upper), abs=1e-9
    )


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("logit", "arcsine")])
@given(counts=COUNTS)
@settings(max_examples=20, deadline=None)
def test_holds_the_estimate_and_grows_with_the_level(method: str, counts: tuple[int, int]) -> None:
    narrow, wide = (proportion(*counts, method=method, level=level) for level in (0.8, 0.99))
    assert 0 <= wide.lower <= narrow.lower + 1e-12
    assert narrow.upper - 1e-12 <= wide.upper <= 1
    assert wide.lower - 1e-12 <= wide.estimate <= wide.upper + 1e-12


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("n", [5, 12])
def test_exact_intervals_cover(method: str, n: int) -> None:
    limits = [proportion(x, n, method=method, level=0.9) for x in range(n + 1)]
    lower = np.array([each.lower for each in limits])
    upper = np.array([each.upper for each in limits])
    for p in np.linspace(0.003, 0.997, 331):
        covered = (lower <= p) & (p <= upper)
        assert binom.pmf(np.arange(n + 1), n, p)[covered].sum() >= 0.9 - 1e-12


def blaker_p(p: np.ndarray, x: int, n: int) -> np.ndarray:
    """By its definition: all outcomes whose smaller tail is no larger than that of x."""
    outcomes = np.arange(n + 1)
    cdf = binom.cdf(outcomes, n, p[:, np.newaxis])
    law = np.diff(cdf, axis=1, prepend=0.0)
    smaller = np.minimum(cdf, 1 - cdf + law)
    return (law * (smaller <= smaller[:, [x]] * (1 + 1e-9))).sum(axis=1)


@pytest.mark.parametrize(("x", "n"), [(10, 40), (3, 10), (0, 12), (1, 25), (7, 8), (20, 41)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_blaker_against_its_definition(x: int, n: int, level: float) -> None:
    grid = np.linspace(1e-4, 1 - 1e-4, 10001)
    accepted = grid[blaker_p(grid, x, n) > 1 - level]
    result = proportion(x, n, method="blaker", level=level)
    assert result.lower == pytest.approx(accepted[0] if x > 0 else 0.0, abs=1.1e-4)
    assert result.upper == pytest.approx(accepted[-1] if x < n else 1.0, abs=1.1e-4)


def test_mid_p_solves_its_equation() -> None:
    result = proportion(10, 40, method="mid-p")
    tail = binom.sf(10, 40, result.lower) + binom.pmf(10, 40, result.lower) / 2
    assert tail == pytest.approx(0.025, abs=1e-12)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "logit"])
@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (0, 30), (30, 30)])
def test_no_events_and_all_events(method: str, x: int, n: int) -> None:
    result = proportion(x, n, method=method)
    assert 0 <= result.lower <= result.upper <= 1


def test_logit_needs_both_outcomes() -> None:
    with pytest.raises(UnusableInputError, match="event and a non-event"):
        proportion(0, 10, method="logit")


@pytest.mark.parametrize(("x", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_are_refused(x: int, n: int) -> None:
    with pytest.raises(UnusableInputError):
        proportion(x, n)


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(UnusableInputError, match="clopper-pearson"):
        proportion(1, 10, method="exact")


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(UnusableInputError, match="confidence level"):
        proportion(1, 10, level=level)
