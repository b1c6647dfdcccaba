"""Score intervals of ratios and odds ratios beside a search for the likeliest risks at each ratio.

Also beside statsmodels, and by hand where an arm has no event or nothing but events.
"""

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy
from scipy.stats import norm
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.ratios import odds_ratio, risk_ratio

Table = tuple[int, int, int, int]
Risks = Callable[[float, float], float]
Z = 1.959963984540054  # of 0.975
ARM = st.integers(5, 40).flatmap(lambda n: st.tuples(st.integers(2, n - 2), st.just(n)))
TABLES = st.tuples(ARM, ARM).map(lambda arms: (*arms[0], *arms[1]))


def by_ratio(ratio: float, p0: float) -> float:
    return ratio * p0


def by_odds(ratio: float, p0: float) -> float:
    return ratio * p0 / (1 - p0 + ratio * p0)


def likeliest(table: Table, ratio: float, active_risk: Risks) -> tuple[float, float]:
    x1, n1, x0, n0 = table
    top = min(1.0, 1 / ratio) if active_risk is by_ratio else 1.0

    def unlikely(p0: float) -> float:
        p1 = min(active_risk(ratio, p0), 1.0)
        one = xlogy(x1, p1) + xlog1py(n1 - x1, -p1)
        return -float(one + xlogy(x0, p0) + xlog1py(n0 - x0, -p0))

    p0 = minimize_scalar(unlikely, bounds=(0, top), method="bounded", options={"xatol": 1e-13}).x
    return active_risk(ratio, p0), float(p0)


def ratio_score(table: Table, ratio: float, factor: float) -> float:
    """Koopman 1984: (p̂1 − φ p̂0) over its deviation at the likeliest risks of that ratio."""
    x1, n1, x0, n0 = table
    p1, p0 = likeliest(table, ratio, by_ratio)
    variance = p1 * (1 - p1) / n1 + ratio**2 * p0 * (1 - p0) / n0
    return (x1 / n1 - ratio * x0 / n0) / math.sqrt(variance * factor)


def odds_score(table: Table, ratio: float, factor: float) -> float:
    """Miettinen and Nurminen 1985: the score of the log odds ratio with the control odds free."""
    x1, n1, _, n0 = table
    p1, p0 = likeliest(table, ratio, by_odds)
    information = 1 / (1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0)))
    return (x1 - n1 * p1) / math.sqrt(information * factor)


SCORES = [
    (risk_ratio, "koopman", ratio_score, False),
    (risk_ratio, "miettinen-nurminen", ratio_score, True),
    (odds_ratio, "cornfield", odds_score, False),
    (odds_ratio, "miettinen-nurminen", odds_score, True),
]


@pytest.mark.parametrize(("compute", "method", "score", "corrected"), SCORES)
@given(table=TABLES)
@settings(max_examples=12, deadline=None)
def test_limits_are_where_the_test_of_that_ratio_stops_to_reject(
    compute: Callable, method: str, score: Callable, corrected: bool, table: Table
) -> None:
    _, n1, _, n0 = table
    factor = (n1 + n0) / (n1 + n0 - 1) if corrected else 1.0
    found = compute(*table, method=method)

    def crossing(level: float) -> float:
        low, high = math.log(1e-5), math.log(1e5)
        for _ in range(40):
            middle = (low + high) / 2
            above = score(table, math.exp(middle), factor) > level
            low, high = (middle, high) if above else (low, middle)
        return math.exp(low)

    assert found.lower == pytest.approx(crossing(Z), rel=1e-4)
    assert found.upper == pytest.approx(crossing(-Z), rel=1e-4)
    no_effect = score(table, 1.0, factor)
    assert found.statistic == pytest.approx(no_effect, abs=1e-6)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(no_effect)), abs=1e-6)


@given(table=TABLES, level=st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=12, deadline=None)
def test_log_wald_intervals_agree_with_statsmodels(table: Table, level: float) -> None:
    x1, n1, x0, n0 = table
    theirs = Table2x2([[x1, n1 - x1], [x0, n0 - x0]])
    odds = odds_ratio(*table, method="woolf", level=level)
    assert odds.estimate == pytest.approx(theirs.oddsratio, rel=1e-12)
    assert (odds.lower, odds.upper) == pytest.approx(theirs.oddsratio_confint(1 - level), rel=1e-10)
    risk = risk_ratio(*table, method="katz", level=level)
    assert risk.estimate == pytest.approx(theirs.riskratio, rel=1e-12)
    assert (risk.lower, risk.upper) == pytest.approx(theirs.riskratio_confint(1 - level), rel=1e-10)
    assert risk.p_value == pytest.approx(theirs.riskratio_pvalue(), rel=1e-8)


@given(table=TABLES)
@settings(max_examples=8, deadline=None)
def test_score_intervals_of_ratios_agree_with_statsmodels(table: Table) -> None:
    # statsmodels' score interval of a ratio is sound; that of a difference is not (issue 10269).
    for correction, method in ((True, "miettinen-nurminen"), (False, "koopman")):
        expected = confint_proportions_2indep(
            *table, compare="ratio", method="score", correction=correction
        )
        found = risk_ratio(*table, method=method)
        assert (found.lower, found.upper) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("compute", [risk_ratio, odds_ratio])
def test_an_unknown_method_names_the_known_ones(compute: Callable) -> None:
    with pytest.raises(UnusableInputError, match="no interval 'exact' for this ratio") as refused:
        compute(1, 4, 1, 4, method="exact")
    assert "miettinen-nurminen" in str(refused.value)


@pytest.mark.parametrize("compute", [risk_ratio, odds_ratio])
@pytest.mark.parametrize("method", ["katz", "woolf", "miettinen-nurminen"])
@pytest.mark.parametrize(
    ("table", "level", "message"),
    [
        ((5, 4, 0, 4), 0.95, "5 events among 4 participants cannot be"),
        ((1, 0, 0, 4), 0.95, "at least one participant in each arm"),
        ((1, 4, 1, 4), 1.0, "confidence level lies between 0 and 1"),
    ],
)
def test_input_that_cannot_be_is_named_before_the_method(
    compute: Callable, method: str, table: Table, level: float, message: str
) -> None:
    with pytest.raises(UnusableInputError, match=message):
        compute(*table, method=method, level=level)


@pytest.mark.parametrize(("method", "factor"), [("miettinen-nurminen", 30 / 29), ("koopman", 1)])
def test_the_ratio_without_events_on_treatment(method: str, factor: float) -> None:
    # By hand: 0 of 10 against 4 of 20. Under ratio φ the likeliest control risk p solves
    # 30 φ p² − p (10 φ + 20 + 4 φ) + 4 = 0, and the limit's score (−φ 4/20) / √(f v) is −z.
    upper = risk_ratio(0, 10, 4, 20, method=method).upper
    b = 14 * upper + 20
    p = (b - math.sqrt(b**2 - 480 * upper)) / (60 * upper)
    v = upper * p * (1 - upper * p) / 10 + upper**2 * p * (1 - p) / 20
    assert upper * 0.2 == pytest.approx(Z * math.sqrt(factor * v), rel=1e-9)
    assert risk_ratio(0, 10, 4, 20, method=method).lower == 0


@pytest.mark.parametrize("method", ["miettinen-nurminen", "koopman"])
def test_the_ratio_without_events_on_control_has_no_upper_limit(method: str) -> None:
    found = risk_ratio(4, 20, 0, 10, method=method)
    assert (found.estimate, found.upper) == (math.inf, math.inf)
    assert found.lower == pytest.approx(1 / risk_ratio(0, 10, 4, 20, method=method).upper, rel=1e-9)


def test_certainty_in_both_arms_leaves_a_ratio_near_one() -> None:
    # By hand (Koopman): 10 of 10 against 20 of 20. Given φ < 1 the likeliest risks are φ and 1, so
    # (1 − φ)² = z² φ (1 − φ) / 10, hence φ = 10 / (10 + z²); and given φ > 1, φ = 1 + z² / 20.
    found = risk_ratio(10, 10, 20, 20, method="koopman")
    assert found.lower == pytest.approx(10 / (10 + Z**2), rel=1e-9)
    assert found.upper == pytest.approx(1 + Z**2 / 20, rel=1e-9)


def test_katz_of_certain_events_has_no_error_and_no_p_value() -> None:
    found = risk_ratio(10, 10, 20, 20, method="katz")
    assert (found.estimate, found.standard_error) == (1, 0)
    assert (found.lower, found.upper) == (1, 1)
    assert (found.statistic, found.p_value) == (None, None)


def test_rare_events_make_the_odds_ratio_the_risk_ratio() -> None:
    table = (12, 10**6, 5, 10**6)
    risk, odds = risk_ratio(*table), odds_ratio(*table)
    for field in ("estimate", "lower", "upper", "statistic"):
        assert getattr(odds, field) == pytest.approx(getattr(risk, field), rel=1e-4)
