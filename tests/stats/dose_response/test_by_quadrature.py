"""MCP-Mod beside double integrals: critical values, adjusted p and power of two contrasts.

SciPy's adaptive quadrature over one normal (and the chi of the variance) replaces the joint law of
the package; optimal contrasts are found by a general optimizer, fits by generalized least squares.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import ndtr

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    Candidate,
    candidate_means,
    contrast_correlation,
    contrast_power,
    contrast_test,
    dunnett,
    fit_curve,
    logit_estimates,
    normal_estimates,
    optimal_contrasts,
)

DOSES = np.array([0.0, 0.2, 0.5, 1.0])
CURVES = [Candidate("linear", "linear"), Candidate("emax", "emax", (0.1,))]
VARIANCE = np.array([0.10, 0.14, 0.12, 0.09])


def density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def both_below(limits: tuple[float, float], rho: float, shift: tuple[float, float]) -> float:
    """P(Z1 < a, Z2 < b) by conditioning on the first."""
    a, b = (limit - mean for limit, mean in zip(limits, shift, strict=True))
    root = math.sqrt(1 - rho**2)
    return float(
        quad(lambda z: density(z) * ndtr((b - rho * z) / root), -9, a,
             epsabs=1e-13)[0]
    )  # fmt: skip


def both_below_t(limit: float, rho: float, freedom: float) -> float:
    """The same with one estimated deviation: mixed over the chi law of its error."""

    def at(s: float) -> float:
        scaled = limit * s
        chance = stats.chi.pdf(s * math.sqrt(freedom), freedom) * math.sqrt(freedom)
        return float(chance * both_below((scaled, scaled), rho, (0.0, 0.0)))

    return float(quad(at, 0.02, 4, epsabs=1e-11, limit=200)[0])


@pytest.fixture(scope="module")
def contrasts() -> np.ndarray:
    return optimal_contrasts(candidate_means(CURVES, DOSES), VARIANCE)


def test_no_contrast_has_a_larger_expected_statistic(contrasts: np.ndarray) -> None:
    for row, mean in zip(contrasts, candidate_means(CURVES, DOSES), strict=True):

        def expected(free: np.ndarray, mean: np.ndarray = mean) -> float:
            whole = np.append(free, -free.sum())
            return -float(whole @ mean / math.sqrt(whole**2 @ VARIANCE))

        best = minimize(expected, np.array([-1.0, -0.3, 0.2]), method="BFGS",
                        options={"gtol": 1e-10})  # fmt: skip
        whole = np.append(best.x, -best.x.sum())
        assert row == pytest.approx(whole / np.linalg.norm(whole), abs=1e-6)
        assert -expected(row[:3]) == pytest.approx(-best.fun, rel=1e-12)


def test_power_of_two_contrasts(contrasts: np.ndarray) -> None:
    means = np.array([0.0, 0.5, 0.8, 0.9])
    rho = float(contrast_correlation(contrasts, VARIANCE)[0, 1])
    critical = stats.norm.isf(1e-9)
    low, high = 1.5, critical
    for _ in range(60):  # bisection for the critical value
        middle = (low + high) / 2
        above = 1 - both_below((middle, middle), rho, (0.0, 0.0))
        low, high = (middle, high) if above > 0.025 else (low, middle)
    shift = tuple(contrasts @ means / np.sqrt(contrasts**2 @ VARIANCE))
    expected = 1 - both_below((low, low), rho, (shift[0], shift[1]))
    found = contrast_power(means, VARIANCE, contrasts, alpha=0.025)
    assert float(found) == pytest.approx(expected, abs=1e-8)


def test_power_without_an_effect_is_the_level(contrasts: np.ndarray) -> None:
    for alpha in (0.01, 0.025, 0.1):
        for freedom in (np.inf, 20.0):
            found = contrast_power(
                np.ones(4), VARIANCE, contrasts, alpha=alpha, degrees_of_freedom=freedom
            )
            assert float(found) == pytest.approx(alpha, abs=1e-6)


@pytest.mark.parametrize("freedom", [6.0, 40.0])
def test_adjusted_p_of_two_t_contrasts(contrasts: np.ndarray, freedom: float) -> None:
    estimates = np.array([0.1, 0.3, 0.5, 1.1])
    rho = float(contrast_correlation(contrasts, VARIANCE)[0, 1])
    found = contrast_test(estimates, np.diag(VARIANCE), contrasts, degrees_of_freedom=freedom)
    t = contrasts @ estimates / np.sqrt(contrasts**2 @ VARIANCE)
    assert found.statistics == pytest.approx(t, rel=1e-12)
    expected = [1 - both_below_t(float(value), rho, freedom) for value in t]
    assert found.adjusted_p == pytest.approx(expected, abs=1e-7)


def test_dunnett_is_an_integral_over_the_control_arm() -> None:
    """Dunnett 1955 by hand: given the control mean the comparisons of three arms are independent."""
    means, size, deviation = np.array([0.0, 0.2, 0.6, 0.3]), 12, 1.1
    variance = np.full(4, deviation**2 / size)
    found = dunnett(means, np.diag(variance), two_sided=True)
    inside = [
        quad(lambda u, t=t: density(u) * (ndtr(u + 2**0.5 * t) - ndtr(u - 2**0.5 * t)) ** 3, -9, 9)[
            0
        ]
        for t in np.abs(found.statistics)
    ]
    assert found.p_values == pytest.approx(1 - np.array(inside), abs=1e-9)


@pytest.mark.parametrize(
    ("shape", "curve"),
    [
        ("linear", lambda d, p: p[0] + p[1] * d),
        ("emax", lambda d, p: p[0] + p[1] * d / (math.exp(p[2]) + d)),
        ("quadratic", lambda d, p: p[0] + p[1] * d + p[2] * d**2),
        ("exponential", lambda d, p: p[0] + p[1] * np.expm1(d / math.exp(p[2]))),
    ],
)
def test_a_fit_is_the_least_criterion(shape: str, curve: object) -> None:
    estimates = np.array([0.1, 0.62, 0.88, 1.07])
    root = np.random.default_rng(1).normal(size=(4, 4)) * 0.1
    covariance = root @ root.T + np.diag(VARIANCE)
    inverse = np.linalg.inv(covariance)
    found = fit_curve(shape, DOSES, estimates, covariance)

    def misfit(p: np.ndarray) -> float:
        left = curve(DOSES, p) - estimates  # type: ignore[operator]  # a function of the table
        return float(left @ inverse @ left)

    start = np.array([0.1, 1.0, -1.0])[: 2 if shape == "linear" else 3]
    best = minimize(misfit, start, method="Nelder-Mead",
                    options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 5000})  # fmt: skip
    # Bounds on the shape can only keep the criterion larger.
    assert found.criterion >= best.fun - 1e-10
    if shape in ("linear", "emax", "quadratic"):
        assert found.criterion == pytest.approx(best.fun, abs=1e-8)
        assert found.mean(DOSES) == pytest.approx(curve(DOSES, best.x), abs=1e-4)  # type: ignore[operator]  # as above
    left = found.mean(DOSES) - estimates
    assert found.criterion == pytest.approx(float(left @ inverse @ left), rel=1e-9)


@given(scale=st.floats(1e-2, 1e2), shift=st.floats(-5, 5), seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_units_and_origin_of_the_outcome_do_not_matter(
    scale: float, shift: float, seed: int
) -> None:
    estimates = np.random.default_rng(seed).normal(size=4)
    contrasts = optimal_contrasts(candidate_means(CURVES, DOSES), VARIANCE)
    one = contrast_test(estimates, np.diag(VARIANCE), contrasts, degrees_of_freedom=30)
    other = contrast_test(
        scale * estimates + shift, scale**2 * np.diag(VARIANCE), contrasts, degrees_of_freedom=30
    )
    assert other.statistics == pytest.approx(one.statistics, rel=1e-7, abs=1e-7)
    assert other.adjusted_p == pytest.approx(one.adjusted_p, abs=1e-7)


@pytest.mark.parametrize(
    ("means", "covariance"),
    [
        ([[1, 1, 1, 1]], VARIANCE),
        ([[0, 1, np.nan, 1]], VARIANCE),
        ([[0, 1, np.inf, 1]], VARIANCE),
        ([[0, 1, 2, 3]], [0.1, -0.1, 0.1, 0.1]),
        ([[0, 1, 2, 3]], [0.1, 0.1]),
        ([[0, 1, 2, 3]], np.zeros((4, 4))),
    ],
)
def test_contrasts_that_cannot_be_are_refused(means: object, covariance: object) -> None:
    with pytest.raises(UnusableInputError):
        optimal_contrasts(means, covariance)


@pytest.mark.parametrize(
    ("doses", "estimates", "covariance"),
    [
        (DOSES, [0, np.nan, 1, 2], np.eye(4)),
        (DOSES, [0, 1, 1, np.inf], np.eye(4)),
        (DOSES, [0, 1, 2], np.eye(4)),
        (DOSES, [0, 1, 1, 2], np.zeros((4, 4))),
        ([-1, 0, 1, 2], [0, 1, 1, 2], np.eye(4)),
    ],
)
def test_fits_that_cannot_be_are_refused(
    doses: object, estimates: object, covariance: object
) -> None:
    with pytest.raises(UnusableInputError):
        fit_curve("emax", doses, estimates, covariance)


def test_estimates_without_variation_events_or_participants_are_refused() -> None:
    pairs = np.repeat(range(4), 2)
    with pytest.raises(UnusableInputError):
        normal_estimates(np.ones(8), pairs)
    with pytest.raises(UnusableInputError):
        normal_estimates([1.0, 2, 3, 4], range(4))
    for events in ([0, 1, 2, 3], [1, 4, 2, 3], [1, -1, 2, 3], [1, 5, 2, 3]):
        with pytest.raises(UnusableInputError):
            logit_estimates(events, [4, 4, 4, 4])
