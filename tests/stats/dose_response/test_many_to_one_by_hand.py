"""Dunnett and Williams in unequal groups: multcomp, SciPy's multivariate normal and plain loops."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    contrast_correlation,
    contrast_power,
    contrast_test,
    dunnett,
    normal_estimates,
    optimal_contrasts,
    simultaneous_comparisons,
    williams,
)

# R 4.2.2, multcomp 1.4.22: glht(aov(y ~ g), mcp(g = contrMat(table(g), type))), p single-step, then
# adjusted("free"), which steps down; sampled, so the p-values carry 7e-5 and the quantile 1e-3.
RESPONSE = [3.29, -0.20, 0.31, 0.59, 0.03, 0.05, 1.75, 0.88, 1.75, 3.79, 1.96, 4.32, 3.88, 1.92,
            3.90, 2.47, 1.11, 1.69, 2.00, 2.99, 2.84, 2.71, 3.31, 1.01, 3.67, 2.58, 3.15, 2.99]  # fmt: skip
SIZES = [8, 6, 9, 5]
STATISTICS = {
    "dunnett": ([2.09916666667, 1.72027777778, 1.84250000000], [3.70702347242, 3.37646444154, 3.08239030254]),
    "williams": ([1.84250000000, 1.76392857143, 1.86450000000], [3.08239030254, 3.79577515987, 4.25074621707]),
}  # fmt: skip
MULTCOMP = [
    ("dunnett", True, [0.00311508022968, 0.00698107931281, 0.01404603888130],
     [0.00311422766884, 0.00480926340583, 0.00509828602018], 2.51786012555),
    ("dunnett", False, [0.00156273546762, 0.00349768664034, 0.00702759193042],
     [0.00155939210313, 0.00240469792924, 0.00254914301009], 2.18317940202),
    ("williams", True, [0.010248375400836, 0.001861759978192, 0.000564355444575],
     [0.005098286020178, 0.001530822470946, 0.000582448687995], 2.36243470636),
    ("williams", False, [0.005133957165325, 0.000922518440663, 0.000276881028831],
     [0.002549143010089, 0.000765411236587, 0.000249715869894], 2.01291393591),
]  # fmt: skip


@pytest.fixture(scope="module")
def compared():
    found = normal_estimates(RESPONSE, np.repeat(range(4), SIZES))
    settings_ = {"degrees_of_freedom": found.degrees_of_freedom}

    def compare(name, two_sided):
        if name == "dunnett":
            return dunnett(found.estimates, found.covariance, two_sided=two_sided, **settings_)
        return williams(found.estimates, SIZES, found.covariance, two_sided=two_sided, **settings_)

    return compare


@pytest.mark.parametrize(("name", "two_sided", "single_step", "step_down", "critical"), MULTCOMP)
def test_unequal_groups_agree_with_multcomp(
    compared, name, two_sided, single_step, step_down, critical
):
    found = compared(name, two_sided)
    estimates, statistics = STATISTICS[name]
    assert found.estimates == pytest.approx(estimates, rel=1e-10)
    assert found.statistics == pytest.approx(statistics, rel=1e-10)
    assert found.standard_errors == pytest.approx(np.divide(estimates, statistics), rel=1e-9)
    assert found.p_values == pytest.approx(single_step, abs=7e-5)
    assert found.step_down_p_values == pytest.approx(step_down, abs=7e-5)
    assert found.critical_value == pytest.approx(critical, abs=2e-3)
    assert found.degrees_of_freedom == 24


def test_a_small_p_value_is_exact_where_multcomp_samples(compared):
    # The trivariate t by nested quadrature (chi of the deviation, then one coordinate, then SciPy's
    # bivariate normal) gives 3.0192914e-4 at 4.2507; R's pmvt, three draws, 3.012 to 3.020e-4.
    assert compared("williams", False).p_values[2] == pytest.approx(3.0192914e-4, rel=1e-7)


def test_williams_contrasts_in_unequal_groups_agree_with_contrmat():
    # R 4.2.2, multcomp 1.4.22, contrMat(c(12, 9, 15, 10), type = "Williams")
    found = williams([0, 1, 2, 3.0], [12, 9, 15, 10], np.full(4, 0.1))
    expected = [
        [-1, 0, 0, 1], [-1, 0, 0.6, 0.4], [-1, 0.2647058824, 0.4411764706, 0.2941176471]
    ]  # fmt: skip
    assert found.contrasts == pytest.approx(np.array(expected), abs=1e-9)


def one_sided_by_integral(t, share):
    """P(some z of arms with loadings `share` on the control is above t), normal statistics."""

    def inside(u):
        return stats.norm.pdf(u) * np.prod(stats.norm.cdf((t - share * u) / np.sqrt(1 - share**2)))

    return 1 - integrate.quad(inside, -9, 9, epsabs=1e-12)[0]


def test_one_sided_dunnett_in_unequal_groups_is_an_integral_over_the_control_arm():
    sizes = np.array([20, 8, 15, 30])
    found = dunnett([0.0, 0.5, 0.4, 0.45], 1.3 / sizes, two_sided=False)
    share = np.sqrt(sizes[1:] / (sizes[1:] + sizes[0]))
    expected = [one_sided_by_integral(t, share) for t in found.statistics]
    assert found.p_values == pytest.approx(expected, abs=1e-9)
    # Step down: the largest first, then those that are left, never smaller than before
    so_far, order = 0.0, np.argsort(-found.statistics)
    for place, arm in enumerate(order):
        so_far = max(so_far, one_sided_by_integral(found.statistics[arm], share[order[place:]]))
        assert found.step_down_p_values[arm] == pytest.approx(so_far, abs=1e-9)
    assert one_sided_by_integral(found.critical_value, share) == pytest.approx(0.05, abs=1e-9)
    assert found.lower == pytest.approx(
        found.estimates - found.critical_value * found.standard_errors, rel=1e-12
    )


def test_any_contrasts_have_the_joint_law_of_their_correlation():
    contrasts = np.array([[-1, 1, 0, 0], [0, -1, 1, 0], [0, 0, -1, 1]])
    covariance = np.diag([0.2, 0.1, 0.15, 0.3]) + 0.02
    found = simultaneous_comparisons([0, 0.6, 0.3, 1.9], covariance, contrasts, level=0.9)
    joint = contrasts @ covariance @ contrasts.T
    error = np.sqrt(np.diag(joint))
    assert found.statistics == pytest.approx(found.estimates / error, rel=1e-12)
    law = stats.multivariate_normal(cov=joint / np.outer(error, error))
    law.abseps, law.releps, law.maxpts = 1e-7, 1e-7, 200_000
    for t, p in zip(np.abs(found.statistics), found.p_values, strict=True):
        assert p == pytest.approx(
            1 - law.cdf([t] * 3, lower_limit=[-t] * 3, rng=np.random.default_rng(1)), abs=3e-6
        )
    edge = found.critical_value
    assert law.cdf(
        [edge] * 3, lower_limit=[-edge] * 3, rng=np.random.default_rng(1)
    ) == pytest.approx(0.9, abs=3e-6)
    assert (found.level, found.two_sided) == (0.9, True)


@given(scale=st.floats(0.1, 20), sign=st.sampled_from([1, -1]))
@settings(max_examples=8, deadline=None)
def test_the_length_of_a_contrast_does_not_matter_and_its_sign_only_turns_it(scale, sign):
    contrasts = np.array([[-1, 0.5, 0.5], [-1, 0, 1]])
    estimates, covariance = [0.1, 0.5, 0.9], [0.1, 0.2, 0.1]
    plain = simultaneous_comparisons(estimates, covariance, contrasts)
    other = simultaneous_comparisons(estimates, covariance, sign * scale * contrasts)
    assert other.statistics == pytest.approx(sign * plain.statistics, rel=1e-9)
    assert other.p_values == pytest.approx(plain.p_values, abs=1e-9)
    ends = np.sort([other.lower / sign / scale, other.upper / sign / scale], axis=0)
    assert ends == pytest.approx(np.array([plain.lower, plain.upper]), rel=1e-8)


@pytest.mark.parametrize("contrasts", [[-1, 1], [[-1, 1, 0]], np.zeros((0, 3))])
def test_contrasts_that_do_not_fit_the_arms_are_named(contrasts):
    with pytest.raises(UnusableInputError, match="at least two arms and a contrast over them"):
        simultaneous_comparisons([0.0, 1.0], [0.1, 0.1], contrasts)


@pytest.mark.parametrize("weights", [[0, 0, 0], [-1, np.nan, 1], [-1, 0, np.inf]])
def test_contrasts_without_usable_weights_are_named(weights):
    with pytest.raises(UnusableInputError, match="A contrast has no weights"):
        simultaneous_comparisons([0.0, 1.0, 2.0], [0.1] * 3, [weights])
    with pytest.raises(UnusableInputError, match="A contrast has no weights"):
        contrast_correlation([[-1, 0, 1], weights], [0.1] * 3)


@pytest.mark.parametrize(
    ("compute", "settings_", "message"),
    [
        (simultaneous_comparisons, {}, "a contrast over them"),
        (contrast_test, {}, "correlation matrix of shape"),
        (contrast_power, {"alpha": 0.05}, "correlation matrix of shape"),
    ],
)
def test_an_absent_contrast_is_named(compute, settings_, message):
    with pytest.raises(UnusableInputError, match=message):
        compute([0.0, 1.0, 2.0], [0.1] * 3, np.zeros((0, 3)), **settings_)


@pytest.mark.parametrize("degrees", [0, -1, np.nan])
def test_degrees_of_freedom_are_positive(degrees):
    with pytest.raises(UnusableInputError, match="Degrees of freedom must be positive"):
        dunnett([0.0, 1.0], [0.1, 0.1], degrees_of_freedom=degrees)


@pytest.mark.parametrize("counts", [[4, -1], [4, np.nan], [[4, 4]], [4, 4, 4]])
def test_counts_that_do_not_fit_the_arms_are_named(counts):
    with pytest.raises(UnusableInputError):
        williams([1.0, 2.0], counts, [1.0, 1.0])


def test_three_arms_that_are_equal_are_no_evidence():
    # By hand: two-sided, some statistic is above zero in size for certain.
    pairs = [[-1, 1, 0], [-1, 0, 1], [0, -1, 1]]
    two_sided = simultaneous_comparisons([1.0, 1.0, 1.0], [0.1] * 3, pairs)
    assert two_sided.p_values == pytest.approx([1, 1, 1], abs=1e-9)
    assert two_sided.step_down_p_values == pytest.approx([1, 1, 1], abs=1e-9)


@pytest.mark.parametrize(("arms", "error"), [(4, 1e-9), (5, 1e-6)])
@pytest.mark.parametrize("degrees", [8, np.inf])
def test_all_pairs_of_equal_arms_are_no_evidence(arms, error, degrees):
    # By hand: every pair lies below zero only if the arms fall in one of the k! orders.
    each = np.eye(arms)
    below = [each[j] - each[i] for i in range(arms) for j in range(i + 1, arms)]
    found = simultaneous_comparisons(
        [1.0] * arms, [0.1] * arms, below, two_sided=False, degrees_of_freedom=degrees, level=0.9
    )
    expected = 1 - 1 / math.factorial(arms)
    assert found.p_values == pytest.approx(np.full(len(below), expected), abs=error)


@pytest.mark.parametrize("degrees", [20, np.inf])
def test_three_doses_with_equal_means_show_no_dose_response(degrees):
    # By hand: of five contrasts in a plane, at angles of which the outermost are a apart, none is
    # above zero with chance (180° − a) / 360°.
    contrasts = optimal_contrasts(
        [[0, 1, 2], [0, 1, 1.2], [0, 0.3, 2], [0, 1.5, 1], [0, 0.9, 2]], np.ones(3)
    )
    test = contrast_test([1.0, 1.0, 1.0], [0.1] * 3, contrasts, degrees_of_freedom=degrees)
    widest = np.arccos(test.correlation.min())
    expected = 1 - (np.pi - widest) / (2 * np.pi)
    assert test.adjusted_p == pytest.approx(np.full(5, expected), abs=1e-9)
    assert not test.shows_dose_response(0.025)
