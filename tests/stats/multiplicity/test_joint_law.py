"""The joint law against R, closed forms and other ways of integrating."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import JointLaw, joint_law

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = {
    case["id"]: case
    for name in ("mcpmod.json", "mcpmod_exact.json")
    for case in json.loads((ORACLES / name).read_text())["cases"]
}
CONTRASTS = np.array(CASES["contrasts_equal_n"]["expect"]["contrasts"])
EIGHT = CONTRASTS @ CONTRASTS.T


def equal(count, correlation=0.5):
    return np.full((count, count), correlation) + (1 - correlation) * np.eye(count)


@pytest.mark.parametrize(
    ("degrees", "alpha", "two_sided", "expected"),
    # Averages of F(3, df) over a grid of the sphere; "a fixed grid gives 1e-7 or better".
    [
        (156, 0.025, False, 2.3037619475953046),
        (np.inf, 0.025, False, 2.2829158590953176),
        (156, 0.05, True, 2.3037616400397103),
        (np.inf, 0.05, False, 1.9789940602219227),
    ],
)
def test_critical_values_of_eight_contrasts(degrees, alpha, two_sided, expected):
    law = JointLaw(EIGHT, degrees)
    assert law.critical_value(alpha, two_sided=two_sided) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("count", "degrees", "alpha", "two_sided", "key"),
    [
        (3, 156, 0.025, False, "k3_df156_one_0.025"),
        (3, np.inf, 0.025, False, "k3_dfInf_one_0.025"),
        (3, 156, 0.05, True, "k3_df156_two_0.05"),
        (3, np.inf, 0.05, True, "k3_dfInf_two_0.05"),
        (2, 156, 0.025, False, "k2_df156_one_0.025"),
    ],
)
def test_critical_values_of_many_to_one_comparisons(count, degrees, alpha, two_sided, key):
    expected = CASES["dunnett_quantiles"]["expect"][key]
    found = JointLaw(equal(count), degrees).critical_value(alpha, two_sided=two_sided)
    assert found == pytest.approx(expected, rel=1e-11)


def test_independent_coordinates_multiply():
    # Closed form
    limits = np.array([0.3, 1.0, -0.2])
    expected = 1 - np.prod(stats.norm.cdf(limits))
    assert JointLaw(np.eye(3)).exceeds(limits) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.2, 0.99])
@pytest.mark.parametrize("degrees", [1, 7, np.inf])
def test_a_quadrant_is_an_arc_sine(correlation, degrees):
    # Sheppard's closed form, 1/4 + asin(rho) / 2π; it holds for every elliptical law
    found = JointLaw(equal(2, correlation), degrees).exceeds([0, 0])
    assert 1 - found == pytest.approx(0.25 + np.arcsin(correlation) / (2 * np.pi), abs=1e-9)


def test_an_orthant_in_three_dimensions_is_three_arc_sines():
    # Closed form 1/8 + Σ asin(rho) / 4π
    law = JointLaw([[1, 0.3, -0.2], [0.3, 1, 0.6], [-0.2, 0.6, 1]])
    expected = 1 / 8 + np.arcsin([0.3, -0.2, 0.6]).sum() / (4 * np.pi)
    assert 1 - law.exceeds([0, 0, 0]) == pytest.approx(expected, abs=1e-9)


def one_factor(loadings, lower, upper):
    """Integrate over a common factor adaptively: another way than any in the module."""
    own = np.sqrt(1 - loadings**2)

    def given(u):
        chances = stats.norm.cdf((upper - loadings * u) / own)
        return stats.norm.pdf(u) * np.prod(chances - stats.norm.cdf((lower - loadings * u) / own))

    return 1 - integrate.quad(given, -9, 9, epsabs=1e-13, limit=200)[0]


@settings(max_examples=25, deadline=None)
@given(
    loadings=st.lists(st.floats(-0.95, 0.95), min_size=3, max_size=3).map(np.array),
    upper=st.lists(st.floats(-1, 4), min_size=3, max_size=3).map(np.array),
    width=st.floats(0.1, 6),
)
def test_three_statistics_with_a_common_factor(loadings, upper, width):
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1)
    law = JointLaw(correlation)
    above = law.exceeds(upper)
    assert above == pytest.approx(one_factor(loadings, np.full(3, -np.inf), upper), abs=1e-9)
    around = law.exceeds_either_side(np.full(3, width))
    expected = one_factor(loadings, np.full(3, -width), np.full(3, width))
    assert around == pytest.approx(expected, abs=1e-9)


def all_alike(count, correlation, limit):
    """P(some statistic exceeds one limit), equally correlated: adaptively, over what they share."""
    shared, own = np.sqrt(correlation), np.sqrt(1 - correlation)

    def given(u):
        return stats.norm.pdf(u) * stats.norm.cdf((limit - shared * u) / own) ** count

    turns = [(limit + side * own) / shared for side in (-8, 0, 8)]
    return 1 - integrate.quad(given, -9, 9, epsabs=1e-14, limit=500, points=turns)[0]


@pytest.mark.parametrize("correlation", [0.3, 0.9, 0.98, 0.99999])
@pytest.mark.parametrize("count", [4, 5, 9])
def test_statistics_that_nearly_coincide_keep_every_digit(count, correlation):
    limits = np.array([2.3, 0.5])
    found = JointLaw(equal(count, correlation)).exceeds(np.outer(limits, np.ones(count)))
    expected = [all_alike(count, correlation, limit) for limit in limits]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("degrees", [30, np.inf])
@pytest.mark.parametrize("correlation", [0.3, 0.5, 0.99])
@pytest.mark.parametrize(("count", "error"), [(4, 1e-7), (5, 5e-6), (6, 4e-4)])
def test_every_way_of_integrating_agrees(monkeypatch, count, correlation, degrees, error):
    limits = np.array([np.full(count, 2.3), np.full(count, 0.5), np.linspace(-0.5, 2, count)])
    law = JointLaw(equal(count, correlation), degrees)
    by_factor = law.exceeds(limits)
    monkeypatch.setattr(joint_law, "common_factor", lambda correlation: None)
    assert law.exceeds(limits) == pytest.approx(by_factor, abs=error)


@pytest.mark.parametrize(("count", "error"), [(4, 1e-6), (5, 1e-4), (6, 4e-4)])
def test_independent_statistics_multiply_at_every_rank(count, error):
    # Each of the planes lies along an axis, where a conditional chance jumps
    limits = np.array([np.full(count, 2.3), np.full(count, 0.5), np.linspace(-0.5, 2, count)])
    expected = 1 - stats.norm.cdf(limits).prod(axis=1)
    assert JointLaw(np.eye(count)).exceeds(limits) == pytest.approx(expected, abs=error)


def test_an_independent_statistic_beside_four_alike_multiplies():
    correlation = np.eye(5)
    correlation[1:, 1:] = equal(4, 0.6)
    inside = (1 - all_alike(4, 0.6, 1.8)) * stats.norm.cdf(0.7)
    found = JointLaw(correlation).exceeds([0.7, 1.8, 1.8, 1.8, 1.8])
    assert found == pytest.approx(1 - inside, abs=2e-5)


@pytest.mark.parametrize(
    ("limits", "expected"),
    # R 4.2 mvtnorm 1.1-3, 1 - pmvt(upper, corr, df = 30, GenzBretz(maxpts = 5e6, abseps = 1e-7))
    # with all correlations -0.2; its own error is at most 2e-6
    [
        (np.full(5, 2.3), 0.07053225537),
        (np.full(5, 0.5), 0.929760315),
        (np.linspace(-0.5, 2, 5), 0.9363245738),
    ],
)
def test_five_statistics_that_repel_each_other(limits, expected):
    assert JointLaw(equal(5, -0.2), 30).exceeds(limits) == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize(
    ("limits", "expected"),
    # R 4.2 mvtnorm 1.1-3, 1 - pmvnorm(upper, corr = 0.8^|i - j|, algorithm = Miwa(steps = 256))
    [
        (np.full(5, 2.3), 0.0349219717139),
        (np.full(5, 0.5), 0.569069698991),
        (np.linspace(-0.5, 2, 5), 0.720906294543),
    ],
)
def test_five_statistics_along_a_line(limits, expected):
    correlation = 0.8 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    assert JointLaw(correlation).exceeds(limits) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), rank=st.sampled_from([4, 5]))
def test_the_flattest_direction_only_turns_space(seed, rank):
    normals = np.random.default_rng(seed).standard_normal((7, rank))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    turned = joint_law.flattest_first(normals)
    assert turned @ turned.T == pytest.approx(normals @ normals.T, abs=1e-12)
    along_axes = normals @ np.linalg.eigh(normals.T @ normals)[1]
    assert np.abs(turned[:, 0]).max() <= np.abs(along_axes).max(axis=0).min() + 1e-12


def test_the_same_law_gives_the_same_number_every_time():
    law = JointLaw(equal(5, -0.1), 12)
    again = JointLaw(equal(5, -0.1), 12)
    limits = np.linspace(0, 2, 5)
    assert float(law.exceeds(limits)) == float(again.exceeds(limits)) == float(law.exceeds(limits))


def test_student_is_a_mixture_of_normals():
    # The Student law integrated directly, and as normals over the law of the estimated deviation
    limits = np.array([2.0, 2.5, 1.5, 0.5, 3.0, 1.0, 2.0, 2.0])
    law = JointLaw(EIGHT, 12)
    assert law.exceeds_shifted(limits, np.zeros(8)) == pytest.approx(law.exceeds(limits), rel=1e-10)


def test_power_of_one_statistic_is_the_noncentral_t():
    law = JointLaw([[1.0]], 20)
    expected = stats.nct.sf(2.1, 20, 2.8)
    assert law.exceeds_shifted([2.1], [2.8]) == pytest.approx(expected, rel=1e-9)


def test_simulation_agrees_on_eight_contrasts():
    # 400,000 draws: five standard errors are 0.004
    draws = np.random.default_rng(5).standard_normal((400_000, 4)) @ CONTRASTS.T
    limits = np.array([0.4, 1.9, -0.2, 1.1, 0.9, 2.0, 0.3, 1.2])
    simulated = np.mean(np.any(draws > limits, axis=1))
    assert JointLaw(EIGHT).exceeds(limits) == pytest.approx(simulated, abs=0.004)


def test_zero_limits_are_a_cone():
    draws = np.random.default_rng(6).standard_normal((400_000, 4)) @ CONTRASTS.T
    simulated = np.mean(np.any(draws > 0, axis=1))
    assert JointLaw(EIGHT).exceeds(np.zeros(8)) == pytest.approx(simulated, abs=0.004)


@settings(max_examples=25, deadline=None)
@given(
    limits=st.lists(st.floats(-2, 5), min_size=8, max_size=8).map(np.array),
    order=st.permutations(range(8)),
    lift=st.floats(0, 2),
)
def test_order_is_irrelevant_and_higher_limits_are_exceeded_less(limits, order, lift):
    order = np.array(order)
    chance = JointLaw(EIGHT, 40).exceeds(limits)
    relabeled = JointLaw(EIGHT[np.ix_(order, order)], 40).exceeds(limits[order])
    assert relabeled == pytest.approx(chance, abs=1e-9)
    assert JointLaw(EIGHT, 40).exceeds(limits + lift) <= chance + 1e-9
    assert chance >= stats.t.sf(limits.min(), 40) - 1e-9
    assert chance <= stats.t.sf(limits, 40).sum() + 1e-9


@settings(max_examples=20, deadline=None)
@given(limit=st.floats(-1, 4), copies=st.integers(2, 4))
def test_a_statistic_counted_twice_changes_nothing(limit, copies):
    law = JointLaw(np.ones((copies, copies)), 9)
    assert law.exceeds(np.full(copies, limit)) == pytest.approx(stats.t.sf(limit, 9), abs=1e-9)


def test_an_absent_limit_is_not_exceeded():
    pair = JointLaw(EIGHT[:2, :2], 20).exceeds([1.5, 2.0])
    limits = np.full(8, np.inf)
    limits[:2] = [1.5, 2.0]
    assert JointLaw(EIGHT, 20).exceeds(limits) == pytest.approx(pair, rel=1e-9)
    assert JointLaw(EIGHT, 20).exceeds(np.full(8, np.inf)) == 0


@pytest.mark.parametrize("count", [1, 2, 4, 5, 6])
@pytest.mark.parametrize("degrees", [9, np.inf])
def test_without_any_limit_none_is_exceeded_at_any_rank(count, degrees):
    law = JointLaw(0.7 ** np.abs(np.subtract.outer(np.arange(count), np.arange(count))), degrees)
    assert law.exceeds(np.full((2, count), np.inf)).tolist() == [0, 0]
    assert law.exceeds_either_side(np.full(count, np.inf)) == 0


def test_limits_are_taken_in_stacks():
    limits = np.linspace(0.5, 3, 24).reshape(3, 1, 8)
    found = JointLaw(EIGHT, 20).exceeds(limits)
    assert found.shape == (3, 1)
    assert found[1, 0] == pytest.approx(float(JointLaw(EIGHT, 20).exceeds(limits[1, 0])))


def test_adjusted_p_values_at_the_critical_value_are_the_level():
    law = JointLaw(EIGHT, 156)
    critical = law.critical_value(0.025)
    assert law.adjusted([critical, 0, -1])[0] == pytest.approx(0.025, rel=1e-9)
    critical = law.critical_value(0.05, two_sided=True)
    assert law.adjusted(-critical, two_sided=True) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize(
    ("correlation", "degrees", "message"),
    [
        (np.ones(3), 5, "shape"),
        ([[1, 2], [2, 1]], 5, "correlation"),
        ([[1, 0.5], [0.4, 1]], 5, "correlation"),
        ([[2, 0.5], [0.5, 2]], 5, "correlation"),
        ([[1, 0.5], [0.5, 1]], 0, "positive"),
        ([[1, 0.5], [0.5, 1]], np.nan, "positive"),
    ],
)
def test_an_impossible_law_is_named(correlation, degrees, message):
    with pytest.raises(UnusableInputError, match=message):
        JointLaw(correlation, degrees)


def test_impossible_limits_and_levels_are_named():
    law = JointLaw(equal(2))
    with pytest.raises(UnusableInputError, match="2 statistics need 2 limits"):
        law.exceeds([1.0, 2.0, 3.0])
    with pytest.raises(UnusableInputError, match="not a number"):
        law.exceeds([1.0, np.nan])
    with pytest.raises(UnusableInputError, match="level"):
        law.critical_value(0)


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("degrees", [3, np.inf])
def test_outliers_in_a_stack_of_trials_leave_the_others_alone(two_sided, degrees):
    # given more statistics than are computed one by one, one of them far out
    law = JointLaw(equal(3), degrees)
    stack = np.append(np.linspace(-3, 9, 1500), [1e6, -400.0, np.inf])
    found = law.adjusted(stack, two_sided=two_sided)
    some = np.array([0, 300, 700, 1100, 1499, 1500, 1501, 1502])
    alone = law.adjusted(stack[some], two_sided=two_sided)
    assert found[some] == pytest.approx(alone, rel=1e-7, abs=1e-15)


def test_a_stack_of_one_number_has_one_p_value():
    law = JointLaw(equal(3), 20)
    found = law.adjusted(np.full((40, 40), 1.7))
    assert found == pytest.approx(np.full((40, 40), float(law.adjusted([1.7])[0])))


def test_a_law_of_nothing_is_named():
    with pytest.raises(UnusableInputError, match=r"A correlation matrix of shape \(0, 0\)"):
        JointLaw(np.zeros((0, 0)))
