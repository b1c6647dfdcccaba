import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlog1py, xlogy
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from trialwright.errors import UnusableInputError
from trialwright.stats.proportions.difference import METHODS, risk_difference
from trialwright.stats.proportions.score import difference_score, restricted_control_risk

ARM = st.integers(1, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
DEGENERATE = [(0, 10, 0, 10), (10, 10, 0, 10), (10, 10, 10, 10), (0, 1, 1, 1), (1, 1, 1, 1)]


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        # R 4.2.2, DescTools 0.99.59 BinomDiffCI(14, 40, 10, 40); skewness: ratesci 1.0.0.
        ("wald", -0.099637509663644, 0.299637509663644),
        ("wald-cc", -0.124637509663644, 0.324637509663644),
        ("agresti-caffo", -0.101434373429849, 0.291910563906039),
        ("newcombe", -0.0990921422283967, 0.288940766367197),
        ("newcombe-cc", -0.115871836645337, 0.304513145431094),
        ("miettinen-nurminen", -0.10260119417721, 0.296081620499356),
        ("mee", -0.101331579043833, 0.294898141067674),
        ("hauck-anderson", -0.114680765182918, 0.314680765182918),
        ("jeffreys-perks", -0.100549372519791, 0.291385746612685),
        ("haldane", -0.0996460088594873, 0.290482382952382),
        ("skewness-corrected-score", -0.103393734440032, 0.298409944291052),
    ],
)
def test_agrees_with_r(method: str, lower: float, upper: float) -> None:
    result = risk_difference(14, 40, 10, 40, method=method)
    assert (result.lower, result.upper) == pytest.approx((lower, upper), abs=1e-10)


def test_where_statsmodels_is_wrong() -> None:
    # statsmodels issue 10269: its restricted estimate; ours is the likeliest by brute force below.
    ours = risk_difference(22, 40, 10, 40, method="miettinen-nurminen")
    theirs = confint_proportions_2indep(22, 40, 10, 40, compare="diff", method="score")
    assert (ours.lower, ours.upper) == pytest.approx((0.0851, 0.4891), abs=5e-5)
    assert theirs[1] == pytest.approx(0.4841, abs=5e-5)


@given(active=ARM, control=ARM, delta=st.floats(-0.99, 0.99))
@settings(max_examples=60, deadline=None)
def test_the_restricted_risk_is_the_likeliest(
    active: tuple[int, int], control: tuple[int, int], delta: float
) -> None:
    (x1, n1), (x0, n0) = active, control
    grid = np.linspace(max(0.0, -delta), min(1.0, 1 - delta), 4001)[1:-1]

    def likelihood(p0: np.ndarray) -> np.ndarray:
        p1 = np.clip(p0 + delta, 0, 1)
        one = xlogy(x1, p1) + xlog1py(n1 - x1, -p1)
        return one + xlogy(x0, p0) + xlog1py(n0 - x0, -p0)

    found = restricted_control_risk(x1, n1, x0, n0, delta)
    assert max(0.0, -delta) <= found <= min(1.0, 1 - delta)
    assert likelihood(np.array([found]))[0] >= likelihood(grid).max() - 1e-7


@given(active=ARM, control=ARM)
@settings(max_examples=40, deadline=None)
def test_the_limits_have_the_score_of_the_level(
    active: tuple[int, int], control: tuple[int, int]
) -> None:
    result = risk_difference(*active, *control)
    table = np.array([[*active, *control]], dtype=float)
    for limit, target in ((result.lower, norm.isf(0.025)), (result.upper, norm.ppf(0.025))):
        if abs(limit) < 1 and table[0, 1] + table[0, 3] > 2:
            score = difference_score(limit, table, np.ones(1), True)
            beside = difference_score(limit + np.copysign(1e-7, target), table, np.ones(1), True)
            # At a limit the score passes the quantile, by a jump where the variance vanishes.
            assert abs(score - target) < 1e-6 or (score - target) * (beside - target) <= 0


@pytest.mark.parametrize("method", METHODS)
@given(active=ARM, control=ARM)
@settings(max_examples=25, deadline=None)
def test_exchanging_the_arms_turns_the_sign(
    method: str, active: tuple[int, int], control: tuple[int, int]
) -> None:
    result = risk_difference(*active, *control, method=method)
    turned = risk_difference(*control, *active, method=method)
    assert (-turned.upper, -turned.lower) == pytest.approx((result.lower, result.upper), abs=1e-7)
    assert -1 <= result.lower <= result.upper <= 1


@pytest.mark.parametrize("method", METHODS)
@given(active=ARM, control=ARM)
@settings(max_examples=25, deadline=None)
def test_counting_non_events_turns_the_sign(
    method: str, active: tuple[int, int], control: tuple[int, int]
) -> None:
    (x1, n1), (x0, n0) = active, control
    result = risk_difference(x1, n1, x0, n0, method=method)
    turned = risk_difference(n1 - x1, n1, n0 - x0, n0, method=method)
    assert (-turned.upper, -turned.lower) == pytest.approx((result.lower, result.upper), abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("table", DEGENERATE)
def test_degenerate_tables_have_a_stated_interval(
    method: str, table: tuple[int, int, int, int]
) -> None:
    result = risk_difference(*table, method=method)
    assert result.lower <= result.upper


def test_wald_without_variation_says_that_its_interval_has_no_width() -> None:
    result = risk_difference(0, 10, 0, 10, method="wald")
    assert (result.statistic, result.p_value) == (None, None)
    assert "no width" in result.notes[0]


def test_the_score_test_is_the_n_minus_1_chi_square() -> None:
    # Miettinen and Nurminen's factor turns Pearson's statistic into the N − 1 one: He et al. 2020.
    assert risk_difference(16, 29, 9, 30).p_value == pytest.approx(0.0524, abs=5e-5)


@pytest.mark.parametrize("table", [(5, 4, 0, 4), (0, 0, 1, 4), (1, 4, -1, 4)])
def test_impossible_counts_are_refused(table: tuple[int, int, int, int]) -> None:
    with pytest.raises(UnusableInputError):
        risk_difference(*table)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="no interval 'score'"):
        risk_difference(1, 4, 1, 4, method="score")
