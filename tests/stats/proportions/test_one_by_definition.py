"""Intervals of one proportion beside their definitions and beside Newcombe's table.

Each reference finds the ends by bisection of the test that the interval inverts, with binomial
chances summed term by term; nothing is solved in closed form.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.one import METHODS, proportion

COUNTS = st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
Z = 1.959963984540054  # of 0.975
Rejects = Callable[[float], bool]


def chance(k: int, n: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def at_least(x: int, n: int, p: float) -> float:
    return math.fsum(chance(k, n, p) for k in range(x, n + 1))


def at_most(x: int, n: int, p: float) -> float:
    return math.fsum(chance(k, n, p) for k in range(x + 1))


def boundary(rejects: Rejects, outside: float, inside: float) -> float:
    """Where a test stops to reject, between a proportion it rejects and one it does not."""
    if not rejects(outside):
        return outside
    for _ in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if rejects(middle) else (outside, middle)
    return inside


def ends(rejects: Rejects, estimate: float) -> tuple[float, float]:
    return boundary(rejects, 0.0, estimate), boundary(rejects, 1.0, estimate)


def score(x: int, n: int, correction: float) -> Rejects:
    """|x − np| less the correction, over the standard deviation under p."""

    def rejects(p: float) -> bool:
        distance = max(abs(x - n * p) - correction, 0.0)
        return distance > Z * math.sqrt(n * p * (1 - p))

    return rejects


def likelihood_ratio(x: int, n: int) -> Rejects:
    def log_likelihood(p: float) -> float:
        parts = ((x, p), (n - x, 1 - p))
        return sum(k * math.log(each) if each > 0 else -math.inf for k, each in parts if k)

    return lambda p: 2 * (log_likelihood(x / n) - log_likelihood(p)) > Z**2


def tails(x: int, n: int, share: float) -> Rejects:
    """Either tail below 2.5%, with a share of the chance of the observed count."""

    def rejects(p: float) -> bool:
        spare = (1 - share) * chance(x, n, p)
        return min(at_least(x, n, p), at_most(x, n, p)) - spare < 0.025

    return rejects


BY_TEST: dict[str, Callable[[int, int], Rejects]] = {
    "wilson": lambda x, n: score(x, n, 0.0),
    "wilson-cc": lambda x, n: score(x, n, 0.5),
    "clopper-pearson": lambda x, n: tails(x, n, 1.0),
    "mid-p": lambda x, n: tails(x, n, 0.5),
    "likelihood-ratio": likelihood_ratio,
}


@pytest.mark.parametrize("method", BY_TEST)
@given(counts=COUNTS)
@settings(max_examples=15, deadline=None)
def test_limits_are_where_the_test_stops_to_reject(method: str, counts: tuple[int, int]) -> None:
    x, n = counts
    found = proportion(x, n, method=method)
    expected = ends(BY_TEST[method](x, n), x / n)
    assert (found.lower, found.upper) == pytest.approx(expected, abs=1e-9)


def wald(x: int, n: int) -> tuple[float, float]:
    p = x / n
    return p - Z * math.sqrt(p * (1 - p) / n), p + Z * math.sqrt(p * (1 - p) / n)


def wald_corrected(x: int, n: int) -> tuple[float, float]:
    low, high = wald(x, n)
    return low - 1 / (2 * n), high + 1 / (2 * n)


def agresti_coull(x: int, n: int) -> tuple[float, float]:
    """Wald's after Z²/2 events and as many non-events are added."""
    size, p = n + Z**2, (x + Z**2 / 2) / (n + Z**2)
    return p - Z * math.sqrt(p * (1 - p) / size), p + Z * math.sqrt(p * (1 - p) / size)


def arcsine(x: int, n: int) -> tuple[float, float]:
    """Brown, Cai and DasGupta 2001, section 4.2: sin²(asin √p̃ ± z / 2√n) with Anscombe's p̃."""
    angle = math.asin(math.sqrt((x + 3 / 8) / (n + 3 / 4)))
    low, high = (angle + side * Z / (2 * math.sqrt(n)) for side in (-1, 1))
    return math.sin(max(low, 0)) ** 2, math.sin(min(high, math.pi / 2)) ** 2


BY_FORMULA = {
    "wald": wald, "wald-cc": wald_corrected, "agresti-coull": agresti_coull, "arcsine": arcsine,
}  # fmt: skip


@pytest.mark.parametrize("method", BY_FORMULA)
@given(counts=COUNTS)
@settings(max_examples=15, deadline=None)
def test_formulas_written_out(method: str, counts: tuple[int, int]) -> None:
    found = proportion(*counts, method=method)
    low, high = BY_FORMULA[method](*counts)
    assert (found.lower, found.upper) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-12)


@pytest.mark.parametrize(("x", "n"), [(1, 12), (7, 19), (30, 41)])
def test_jeffreys_leaves_a_fortieth_of_the_posterior_on_either_side(x: int, n: int) -> None:
    # given the Beta(x + 1/2, n − x + 1/2) posterior by quadrature, without the beta function
    def density(p: float) -> float:
        return p ** (x - 0.5) * (1 - p) ** (n - x - 0.5)

    whole = quad(density, 0, 1, epsabs=0, epsrel=1e-12, limit=300)[0]
    found = proportion(x, n, method="jeffreys")
    for tail in ((0, found.lower), (found.upper, 1)):
        share = quad(density, *tail, epsabs=0, epsrel=1e-11, limit=300)[0] / whole
        assert share == pytest.approx(0.025, rel=1e-8)


def test_jeffreys_keeps_zero_and_one_where_no_or_every_participant_has_the_event() -> None:
    """Brown, Cai and DasGupta 2001, section 4.1.2: the modified Jeffreys interval."""
    assert proportion(0, 9, method="jeffreys").lower == 0
    assert proportion(9, 9, method="jeffreys").upper == 1


def test_the_logit_interval_is_walds_of_the_log_odds() -> None:
    found = proportion(7, 30, method="logit")
    for limit, side in ((found.lower, -1), (found.upper, 1)):
        log_odds = math.log(7 / 23) + side * Z * math.sqrt(1 / 7 + 1 / 23)
        assert math.log(limit / (1 - limit)) == pytest.approx(log_odds, rel=1e-12)


# Newcombe, Statistics in Medicine 1998;17:857, table I; limits outside 0 to 1 are cut here.
# From memory (verified: false): the print was not at hand.
NEWCOMBE = {
    (81, 263): {
        "wald": (0.2522, 0.3638), "wald-cc": (0.2503, 0.3657), "wilson": (0.2553, 0.3662),
        "wilson-cc": (0.2535, 0.3682), "clopper-pearson": (0.2527, 0.3676),
        "mid-p": (0.2544, 0.3658), "likelihood-ratio": (0.2542, 0.3655),
    },
    (15, 148): {
        "wald": (0.0527, 0.1500), "wald-cc": (0.0494, 0.1534), "wilson": (0.0624, 0.1605),
        "wilson-cc": (0.0598, 0.1644), "clopper-pearson": (0.0578, 0.1617),
        "mid-p": (0.0601, 0.1581), "likelihood-ratio": (0.0596, 0.1567),
    },
    (0, 20): {
        "wald": (0, 0), "wald-cc": (0, 0.0250), "wilson": (0, 0.1611), "wilson-cc": (0, 0.2005),
        "clopper-pearson": (0, 0.1684), "mid-p": (0, 0.1391), "likelihood-ratio": (0, 0.0916),
    },
    (1, 29): {
        "wald-cc": (0, 0.1181), "wilson": (0.0061, 0.1718),
        "wilson-cc": (0.0018, 0.1963), "clopper-pearson": (0.0009, 0.1776),
        "mid-p": (0.0017, 0.1585), "likelihood-ratio": (0.0020, 0.1432),
    },
}  # fmt: skip


@pytest.mark.parametrize("counts", NEWCOMBE)
def test_newcombes_table(counts: tuple[int, int]) -> None:
    for method, printed in NEWCOMBE[counts].items():
        found = proportion(*counts, method=method)
        assert (found.lower, found.upper) == pytest.approx(printed, abs=5.1e-5), method


@pytest.mark.parametrize(
    ("x", "n", "lower", "upper"),
    [
        # R 4.2.2, epiR 2.0.57, epi.prev(x, n, 1, 1, method = "blaker"): its search starts at Clopper
        # and Pearson's limits and goes inward by steps of 1e-4, one step short of the limit.
        (10, 40, 0.1289147989, 0.4104619802),
        (3, 10, 0.08723951118, 0.61945285006),
        (1, 25, 0.002012199699, 0.190316913922),
        (0, 12, 0.0, 0.2355484694),
        (20, 41, 0.3382790358, 0.6409576062),
    ],
)
def test_blakers_interval_agrees_with_r(x: int, n: int, lower: float, upper: float) -> None:
    found = proportion(x, n, method="blaker")
    assert lower <= found.lower <= lower + 1e-4
    assert upper - 1e-4 <= found.upper <= upper


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [1e-9, 0.01, 0.1, 1 - 1e-12])
@pytest.mark.parametrize(("x", "n"), [(3, 10), (1, 100), (7, 8)])
def test_every_level_has_its_interval(method: str, level: float, x: int, n: int) -> None:
    found = proportion(x, n, method=method, level=level)
    assert 0 <= found.lower <= found.upper <= 1


@pytest.mark.parametrize(("x", "n"), [(3, 10), (1, 100), (7, 8)])
def test_mid_p_at_a_low_level_lies_about_its_median(x: int, n: int) -> None:
    """As the level falls both limits go where half the tail chance is a half, not to the estimate."""
    found = proportion(x, n, method="mid-p", level=1e-9)
    assert found.lower == pytest.approx(found.upper, abs=1e-8)
    tail = at_least(x, n, found.lower) - chance(x, n, found.lower) / 2
    assert tail == pytest.approx(0.5, abs=1e-8)


def test_the_rule_of_three() -> None:
    """Hanley and Lippman-Hand, JAMA 1983;249:1743: no event in n, one-sided 95%: about 3 / n."""
    upper = proportion(0, 300, level=0.9).upper
    assert upper == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-12)
    assert upper == pytest.approx(3 / 300, rel=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("events", [1.0, "3", None, math.nan])
def test_counts_that_are_not_whole_are_named(method: str, events: object) -> None:
    with pytest.raises(UnusableInputError, match=r"counts are whole numbers, not .* of 10"):
        proportion(events, 10, method=method)  # type: ignore[arg-type]  # that is the point


def test_counts_of_numpy_are_counts() -> None:
    plain, of_numpy = proportion(3, 10), proportion(np.int64(3), np.int32(10))
    assert (plain.lower, plain.upper) == (of_numpy.lower, of_numpy.upper)
