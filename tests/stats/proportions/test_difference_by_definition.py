"""Intervals of a difference beside their papers' formulas, with everything restricted found by search.

The reference of a score interval maximizes the likelihood under the difference numerically and
bisects for the differences that its test does not reject. Newcombe's example is in his table.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.difference import METHODS, risk_difference
from trialwright.stats.proportions.one import proportion

Table = tuple[int, int, int, int]
Z = 1.959963984540054  # of 0.975
# Both arms with events and non-events, where nothing is cut or defined by convention.
ARM = st.integers(4, 40).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
TABLES = st.tuples(ARM, ARM).map(lambda arms: (*arms[0], *arms[1]))


def likeliest(table: Table, delta: float) -> tuple[float, float]:
    """The risks that differ by delta and are likeliest, found by search."""
    x1, n1, x0, n0 = table
    low, high = max(0.0, -delta), min(1.0, 1 - delta)

    def unlikely(p0: float) -> float:
        p1 = min(max(p0 + delta, 0.0), 1.0)
        one = xlogy(x1, p1) + xlog1py(n1 - x1, -p1)
        return -float(one + xlogy(x0, p0) + xlog1py(n0 - x0, -p0))

    found = minimize_scalar(unlikely, bounds=(low, high), method="bounded",
                            options={"xatol": 1e-13}).x  # fmt: skip
    return found + delta, found


def deviance(table: Table, delta: float, factor: bool) -> float:
    x1, n1, x0, n0 = table
    p1, p0 = likeliest(table, delta)
    variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
    if factor:
        variance *= (n1 + n0) / (n1 + n0 - 1)
    return (x1 / n1 - x0 / n0 - delta) / math.sqrt(variance)


def crossing(falling: Callable[[float], float], level: float, low: float, high: float) -> float:
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > level else (low, middle)
    return low


@pytest.mark.parametrize(("method", "factor"), [("miettinen-nurminen", True), ("mee", False)])
@given(table=TABLES)
@settings(max_examples=8, deadline=None)
def test_score_limits_are_where_the_test_of_that_difference_stops_to_reject(
    method: str, factor: bool, table: Table
) -> None:
    x1, n1, x0, n0 = table
    observed = x1 / n1 - x0 / n0

    def score(delta: float) -> float:
        return deviance(table, delta, factor)

    found = risk_difference(*table, method=method)
    assert found.lower == pytest.approx(crossing(score, Z, -1 + 1e-9, observed), abs=2e-6)
    assert found.upper == pytest.approx(crossing(score, -Z, observed, 1 - 1e-9), abs=2e-6)


def wilson(x: int, n: int) -> tuple[float, float]:
    """Roots of (x/n − p)² = z² p (1 − p) / n, as NumPy finds them."""
    low, high = sorted(np.roots([1 + Z**2 / n, -2 * x / n - Z**2 / n, (x / n) ** 2]).real)
    return float(low), float(high)


def newcombe(table: Table) -> tuple[float, float]:
    """Newcombe 1998, method 10."""
    x1, n1, x0, n0 = table
    (l1, u1), (l0, u0) = wilson(x1, n1), wilson(x0, n0)
    d = x1 / n1 - x0 / n0
    return (
        d - math.sqrt((x1 / n1 - l1) ** 2 + (u0 - x0 / n0) ** 2),
        d + math.sqrt((u1 - x1 / n1) ** 2 + (x0 / n0 - l0) ** 2),
    )


def wald(table: Table, correction: float = 0.0) -> tuple[float, float]:
    x1, n1, x0, n0 = table
    error = math.sqrt(x1 * (n1 - x1) / n1**3 + x0 * (n0 - x0) / n0**3)
    reach = Z * error + correction * (1 / n1 + 1 / n0)
    return x1 / n1 - x0 / n0 - reach, x1 / n1 - x0 / n0 + reach


def agresti_caffo(table: Table) -> tuple[float, float]:
    x1, n1, x0, n0 = table
    return wald((x1 + 1, n1 + 2, x0 + 1, n0 + 2))


def hauck_anderson(table: Table) -> tuple[float, float]:
    """Hauck and Anderson 1986: variances over n − 1, and half over the smaller arm on each side."""
    x1, n1, x0, n0 = table
    variance = x1 * (n1 - x1) / n1**2 / (n1 - 1) + x0 * (n0 - x0) / n0**2 / (n0 - 1)
    reach = Z * math.sqrt(variance) + 1 / (2 * min(n1, n0))
    return x1 / n1 - x0 / n0 - reach, x1 / n1 - x0 / n0 + reach


def beal(table: Table, extra: float) -> tuple[float, float]:
    """Beal 1987: (d − θ)² = z² var(θ), the sum of risks held; `extra` events (Haldane 0, Jeffreys ½).

    With ψ half the sum and θ the difference, the risks are ψ ± θ/2.
    """
    x1, n1, x0, n0 = table
    psi = ((x1 + extra) / (n1 + 2 * extra) + (x0 + extra) / (n0 + 2 * extra)) / 2
    d = x1 / n1 - x0 / n0

    def excess(theta: float) -> float:
        p1, p0 = psi + theta / 2, psi - theta / 2
        return (d - theta) ** 2 - Z**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)

    # A quadratic in θ, through three of its points.
    low, high = sorted(np.roots(np.polyfit([-1, 0, 1], [excess(t) for t in (-1, 0, 1)], 2)).real)
    return float(low), float(high)


FORMULAS: dict[str, Callable[[Table], tuple[float, float]]] = {
    "newcombe": newcombe,
    "wald": wald,
    "wald-cc": lambda table: wald(table, 0.5),
    "agresti-caffo": agresti_caffo,
    "hauck-anderson": hauck_anderson,
    "haldane": lambda table: beal(table, 0.0),
    "jeffreys-perks": lambda table: beal(table, 0.5),
}


@pytest.mark.parametrize("method", FORMULAS)
@given(table=TABLES)
@settings(max_examples=10, deadline=None)
def test_formulas_written_out(method: str, table: Table) -> None:
    found = risk_difference(*table, method=method)
    low, high = FORMULAS[method](table)
    assert (found.lower, found.upper) == pytest.approx((max(low, -1), min(high, 1)), abs=1e-10)


def test_the_corrected_newcombe_interval_combines_corrected_wilson_limits() -> None:
    arms = [proportion(x, n, method="wilson-cc") for x, n in ((16, 29), (9, 30))]
    (p1, l1, u1), (p0, l0, u0) = ((each.estimate, each.lower, each.upper) for each in arms)
    found = risk_difference(16, 29, 9, 30, method="newcombe-cc")
    assert found.lower == pytest.approx(p1 - p0 - math.hypot(p1 - l1, u0 - p0), rel=1e-12)
    assert found.upper == pytest.approx(p1 - p0 + math.hypot(u1 - p1, p0 - l0), rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("newcombe", "newcomb"), ("wald", "wald"), ("agresti-caffo", "agresti-caffo")]
)  # fmt: skip
@given(table=TABLES, level=st.sampled_from([0.8, 0.9, 0.99]))
@settings(max_examples=8, deadline=None)
def test_other_levels_agree_with_statsmodels(
    ours: str, theirs: str, table: Table, level: float
) -> None:
    expected = confint_proportions_2indep(*table, compare="diff", method=theirs, alpha=1 - level)
    found = risk_difference(*table, method=ours, level=level)
    assert (found.lower, found.upper) == pytest.approx(
        (max(expected[0], -1), min(expected[1], 1)), abs=1e-9
    )


# Newcombe, Statistics in Medicine 1998;17:873, table II.
# From memory (verified: false): the print was not at hand.
NEWCOMBE = {
    (56, 70, 48, 80): {
        "wald": (0.0575, 0.3425), "wald-cc": (0.0441, 0.3559), "haldane": (0.0535, 0.3351),
        "jeffreys-perks": (0.0531, 0.3355), "mee": (0.0533, 0.3377),
        "miettinen-nurminen": (0.0528, 0.3382), "newcombe": (0.0524, 0.3339),
        "newcombe-cc": (0.0428, 0.3422),
    },
    (9, 10, 3, 10): {
        "wald": (0.2605, 0.9395), "wald-cc": (0.1605, 1), "haldane": (0.1777, 0.8289),
        "jeffreys-perks": (0.1760, 0.8306), "mee": (0.1821, 0.8370),
        "miettinen-nurminen": (0.1700, 0.8406), "newcombe": (0.1705, 0.8090),
        "newcombe-cc": (0.1013, 0.8387),
    },
    (6, 7, 2, 7): {
        "haldane": (0.0537, 0.8430), "jeffreys-perks": (0.0524, 0.8443), "mee": (0.0544, 0.8478),
        "miettinen-nurminen": (0.0342, 0.8534), "newcombe": (0.0582, 0.8062),
        "newcombe-cc": (-0.0290, 0.8423),
    },
    (5, 56, 0, 29): {
        "wald": (0.0146, 0.1640), "mee": (-0.0313, 0.1926),
        "miettinen-nurminen": (-0.0326, 0.1933), "newcombe": (-0.0381, 0.1926),
        "newcombe-cc": (-0.0667, 0.2037),
    },
}  # fmt: skip


@pytest.mark.parametrize("table", NEWCOMBE)
def test_newcombes_table(table: Table) -> None:
    for method, printed in NEWCOMBE[table].items():
        found = risk_difference(*table, method=method)
        assert (found.lower, found.upper) == pytest.approx(printed, abs=5.1e-5), method


@pytest.mark.parametrize(("method", "factor"), [("miettinen-nurminen", 30 / 29), ("mee", 1)])
def test_without_any_event_the_score_limits_have_a_closed_form(method: str, factor: float) -> None:
    # By hand: given δ > 0 the likeliest risks are δ and 0, so δ² = z² f δ (1 − δ) / n1, which is
    # δ = z² f / (n1 + z² f); the other limit is minus the same with n0.
    found = risk_difference(0, 10, 0, 20, method=method)
    reach = Z**2 * factor
    assert found.upper == pytest.approx(reach / (10 + reach), rel=1e-9)
    assert found.lower == pytest.approx(-reach / (20 + reach), rel=1e-9)
    assert (found.statistic, found.p_value) == (0, 1)


@pytest.mark.parametrize(("method", "factor"), [("miettinen-nurminen", 30 / 29), ("mee", 1)])
def test_perfect_separation_has_a_score_limit_in_closed_form(method: str, factor: float) -> None:
    # By hand: given δ > 1/2 the likeliest risks are δ and 0 where twice as many are on control, so
    # 1 − δ = z² f / (n1 + z² f).
    found = risk_difference(10, 10, 0, 20, method=method)
    reach = Z**2 * factor
    assert found.lower == pytest.approx(1 - reach / (10 + reach), rel=1e-9)
    assert found.upper == 1


def test_one_participant_an_arm_leaves_nearly_everything_possible() -> None:
    # By hand: risks δ and 0 are the likeliest given δ ≥ 0, or 1 and 1 − δ as well; f = 2 / 1.
    found = risk_difference(0, 1, 0, 1)
    assert found.upper == pytest.approx(2 * Z**2 / (1 + 2 * Z**2), rel=1e-9)
    assert found.lower == -found.upper


def test_the_skewness_correction_solves_cornish_and_fishers_equation() -> None:
    """Laud 2017: at a limit, z = s + A (s² − 1) with s the quantile, A a sixth of the skewness."""
    table = (5, 31, 11, 44)
    x1, n1, x0, n0 = table
    found = risk_difference(*table, method="skewness-corrected-score")
    for theta, s in ((found.lower, Z), (found.upper, -Z), (found.estimate, 0.0)):
        p1, p0 = likeliest(table, theta)
        v1, v0 = p1 * (1 - p1) / n1, p0 * (1 - p0) / n0
        variance = (v1 + v0) * (n1 + n0) / (n1 + n0 - 1)
        third = v1 * (1 - 2 * p1) / n1 - v0 * (1 - 2 * p0) / n0
        skewness = third / variance**1.5
        z = (x1 / n1 - x0 / n0 - theta) / math.sqrt(variance)
        assert z == pytest.approx(s + skewness / 6 * (s**2 - 1), abs=1e-5)


def test_walds_statistic_is_the_difference_over_its_standard_error() -> None:
    found = risk_difference(16, 29, 9, 30, method="wald")
    error = math.sqrt(16 * 13 / 29**3 + 9 * 21 / 30**3)
    assert found.standard_error == pytest.approx(error, rel=1e-12)
    assert found.statistic == pytest.approx((16 / 29 - 0.3) / error, rel=1e-12)
    assert found.p_value == pytest.approx(2 * norm.sf((16 / 29 - 0.3) / error), rel=1e-10)
    assert found.counts == {
        "events": 16, "participants": 29, "control events": 9, "control participants": 30
    }  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@given(table=TABLES)
@settings(max_examples=8, deadline=None)
def test_a_higher_level_gives_a_wider_interval(method: str, table: Table) -> None:
    narrow, wide = (risk_difference(*table, method=method, level=level) for level in (0.8, 0.99))
    assert wide.lower <= narrow.lower + 1e-12
    assert narrow.upper <= wide.upper + 1e-12


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("table", "message"),
    [
        ((5, 4, 0, 4), "5 events among 4 participants cannot be"),
        ((1, 4, -1, 4), "-1 events among 4 participants cannot be"),
        ((1, 4, 0, 0), "at least one participant in each arm"),
        ((1.5, 4, 0, 4), "counts are whole numbers, not 1.5 of 4"),
    ],
)
def test_tables_that_cannot_be_are_named(method: str, table: Table, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        risk_difference(*table, method=method)


@pytest.mark.parametrize("level", [0, 1, 95, math.nan])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(UnusableInputError, match="confidence level lies between 0 and 1"):
        risk_difference(1, 4, 1, 4, level=level)


def test_an_unknown_method_names_the_known_ones() -> None:
    with pytest.raises(UnusableInputError) as refused:
        risk_difference(1, 4, 1, 4, method="exact")
    assert "miettinen-nurminen, mee, skewness-corrected-score" in str(refused.value)
