import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy
from scipy.stats import chi2_contingency

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.ratios import odds_ratio, risk_ratio

ARM = st.integers(2, 50).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
RATIOS = ("miettinen-nurminen", "koopman", "katz", "katz-half")
ODDS = ("miettinen-nurminen", "cornfield", "woolf")
DEGENERATE = [(0, 10, 5, 10), (5, 10, 0, 10), (10, 10, 5, 10), (5, 10, 10, 10), (3, 29, 0, 30)]


@pytest.mark.parametrize(
    ("compute", "method", "lower", "upper"),
    [
        # R 4.2.2 with ratesci 1.0.0 (Miettinen–Nurminen) and DescTools 0.99.59 ('katz.log').
        (risk_ratio, "miettinen-nurminen", 0.716401866936969, 2.78543915967263),
        (odds_ratio, "miettinen-nurminen", 0.619158168068177, 4.20750217412159),
        (risk_ratio, "katz-half", 0.72189290505329, 2.71508417146074),
    ],
)
def test_agrees_with_r(compute: object, method: str, lower: float, upper: float) -> None:
    result = compute(14, 40, 10, 40, method=method)  # type: ignore[operator]  # a function
    assert (result.lower, result.upper) == pytest.approx((lower, upper), rel=1e-9)


def test_katz_by_hand() -> None:
    result = risk_ratio(14, 40, 10, 40, method="katz")
    error = math.sqrt(1 / 14 - 1 / 40 + 1 / 10 - 1 / 40)
    assert result.standard_error == pytest.approx(error, rel=1e-14)
    assert result.upper == pytest.approx(1.4 * math.exp(1.959963984540054 * error), rel=1e-12)


def test_woolf_by_hand() -> None:
    result = odds_ratio(14, 40, 10, 40, method="woolf")
    error = math.sqrt(1 / 14 + 1 / 26 + 1 / 10 + 1 / 30)
    assert result.estimate == pytest.approx(14 * 30 / (26 * 10))
    assert result.standard_error == pytest.approx(error, rel=1e-14)


@given(active=ARM, control=ARM)
@settings(max_examples=30, deadline=None)
def test_koopman_is_the_score_at_the_restricted_risks(
    active: tuple[int, int], control: tuple[int, int]
) -> None:
    # Given the limit, the score computed from brute-force restricted risks is the quantile.
    (x1, n1), (x0, n0) = active, control
    limit = risk_ratio(x1, n1, x0, n0, method="koopman").upper
    if not 1e-3 < limit < 1e3:
        return
    top = min(1.0, 1 / limit)
    grid = minimize_scalar(
        lambda p: -float(
            xlogy(x1, p * limit) + xlog1py(n1 - x1, -min(p * limit, 1 - 1e-15))
            + xlogy(x0, p) + xlog1py(n0 - x0, -p)
        ),
        bounds=(1e-9, top - 1e-9), method="bounded", options={"xatol": 1e-12},
    )  # fmt: skip
    p0, p1 = grid.x, grid.x * limit
    variance = p1 * (1 - p1) / n1 + limit**2 * p0 * (1 - p0) / n0
    assert (x1 / n1 - limit * x0 / n0) / math.sqrt(variance) == pytest.approx(-1.959964, abs=1e-3)


@given(active=ARM, control=ARM)
@settings(max_examples=30, deadline=None)
def test_cornfield_is_pearson_at_the_fitted_table(
    active: tuple[int, int], control: tuple[int, int]
) -> None:
    # At each limit, Pearson's statistic against the table with that odds ratio is χ² = z².
    (x1, n1), (x0, n0) = active, control
    for limit in (
        odds_ratio(x1, n1, x0, n0, method="cornfield").lower,
        odds_ratio(x1, n1, x0, n0, method="cornfield").upper,
    ):
        m = x1 + x0
        roots = np.roots([limit - 1, -(limit * (n1 + m) + n0 - m), limit * n1 * m])
        fitted = next(r.real for r in roots if max(0, m - n0) <= r.real <= min(n1, m))
        cells = np.array([fitted, n1 - fitted, m - fitted, n0 - m + fitted])
        assert (x1 - fitted) ** 2 * (1 / cells).sum() == pytest.approx(3.841459, rel=1e-5)


@pytest.mark.parametrize("method", RATIOS)
@given(active=ARM, control=ARM)
@settings(max_examples=25, deadline=None)
def test_exchanging_the_arms_inverts_the_risk_ratio(
    method: str, active: tuple[int, int], control: tuple[int, int]
) -> None:
    result = risk_ratio(*active, *control, method=method)
    turned = risk_ratio(*control, *active, method=method)
    assert (1 / turned.upper, 1 / turned.lower) == pytest.approx(
        (result.lower, result.upper), rel=1e-6
    )


@pytest.mark.parametrize("method", ODDS)
@given(active=ARM, control=ARM)
@settings(max_examples=25, deadline=None)
def test_odds_ratios_are_symmetric(
    method: str, active: tuple[int, int], control: tuple[int, int]
) -> None:
    (x1, n1), (x0, n0) = active, control
    result = odds_ratio(x1, n1, x0, n0, method=method)
    for other in (
        odds_ratio(x0, n0, x1, n1, method=method),
        odds_ratio(n1 - x1, n1, n0 - x0, n0, method=method),
    ):
        assert (1 / other.upper, 1 / other.lower) == pytest.approx(
            (result.lower, result.upper), rel=1e-6
        )


def test_both_scores_of_no_effect_are_the_chi_square() -> None:
    pearson = chi2_contingency([[14, 26], [10, 30]], correction=False).statistic
    assert risk_ratio(14, 40, 10, 40, method="koopman").statistic ** 2 == pytest.approx(pearson)
    assert odds_ratio(14, 40, 10, 40, method="cornfield").statistic ** 2 == pytest.approx(pearson)


@pytest.mark.parametrize("table", DEGENERATE)
def test_an_empty_cell_leaves_one_finite_limit(table: tuple[int, int, int, int]) -> None:
    result = odds_ratio(*table)
    below = table[0] == 0 or table[2] == table[3]
    assert result.estimate == (0.0 if below else math.inf)
    if below:
        assert result.lower == 0.0
        assert 0 < result.upper < math.inf
    else:
        assert 0 < result.lower < math.inf
        assert result.upper == math.inf


@pytest.mark.parametrize("table", [(0, 10, 0, 10), (0, 1, 0, 1)])
@pytest.mark.parametrize("compute", [risk_ratio, odds_ratio])
def test_without_events_a_ratio_is_not_determined(
    compute: object, table: tuple[int, int, int, int]
) -> None:
    result = compute(*table)  # type: ignore[operator]  # a function
    assert (result.estimate, result.lower, result.upper) == (None, 0.0, math.inf)
    assert "not determined" in result.notes[0]


@pytest.mark.parametrize(("compute", "method"), [(risk_ratio, "katz"), (odds_ratio, "woolf")])
def test_log_wald_with_an_empty_cell_says_so(compute: object, method: str) -> None:
    result = compute(0, 10, 5, 10, method=method)  # type: ignore[operator]  # a function
    assert (result.estimate, result.standard_error) == (0.0, None)
    assert "empty cell" in result.notes[0]


def test_all_events_in_both_arms() -> None:
    assert risk_ratio(10, 10, 10, 10).estimate == 1.0
    assert odds_ratio(10, 10, 10, 10).estimate is None


def test_unknown_methods_are_refused() -> None:
    with pytest.raises(UnusableInputError):
        risk_ratio(1, 4, 1, 4, method="woolf")
    with pytest.raises(UnusableInputError):
        odds_ratio(1, 4, 1, 4, method="katz")
