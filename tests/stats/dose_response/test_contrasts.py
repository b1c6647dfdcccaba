"""The MCP step against DoseFinding and as invariances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    Candidate,
    candidate_means,
    contrast_correlation,
    contrast_test,
    logit_estimates,
    normal_estimates,
    optimal_contrasts,
)

curves = st.lists(st.floats(-2, 2), min_size=4, max_size=4).map(np.array)
variances = st.lists(st.floats(0.1, 3), min_size=4, max_size=4).map(np.array)


def test_contrasts_agree_with_r(cases, candidates, doses):
    expected = cases["contrasts_equal_n"]["expect"]
    contrasts = optimal_contrasts(candidate_means(candidates, doses), np.ones(4))
    assert contrasts == pytest.approx(np.array(expected["contrasts"]), rel=1e-8)
    found = contrast_correlation(contrasts, np.ones(4))
    assert found == pytest.approx(np.array(expected["correlation"]), rel=1e-8)


FIVE_DOSES = [0, 0.05, 0.2, 0.6, 1]
FIVE_SIZES = np.array([20, 18, 22, 20, 21])
FIVE_DOSE_CURVES = [
    Candidate("emax1", "emax", (0.05,)),
    Candidate("emax2", "emax", (0.3,)),
    Candidate("linear", "linear"),
    Candidate("sigEmax", "sigEmax", (0.3, 4)),
    Candidate("exponential", "exponential", (0.3,)),
    Candidate("betaMod", "betaMod", (0.8, 1.1)),
    Candidate("logistic", "logistic", (0.4, 0.09)),
]


def test_contrasts_of_five_unequal_groups_agree_with_r():
    # R 4.2.2, DoseFinding 1.0-3, optContr with w = n
    expected = [
        [-0.802903979173, -0.161729428862, 0.213645743146, 0.347627615480, 0.403360049409],
        [
            -0.61372512883554,
            -0.3572980227659,
            -0.00757747837116,
            0.39766905805528,
            0.58093157191733,
        ],
        [-0.439610575793, -0.343481631347, -0.228528630915, 0.255961249091, 0.755659588964],
        [-0.422664620702, -0.379714000365, -0.286037410723, 0.505286512384, 0.583129519406],
        [-0.2975137269399, -0.2609460895659, -0.2837298934121, -0.0307061601247, 0.8728958700426],
        [-0.6428611125012, -0.2543806468849, 0.3228498527267, 0.6427413216729, -0.0683494150135],
        [-0.397145691754, -0.349915482885, -0.343194594535, 0.482986499298, 0.607269269876],
    ]
    means = candidate_means(FIVE_DOSE_CURVES, FIVE_DOSES)
    contrasts = optimal_contrasts(means, 1 / FIVE_SIZES)
    assert contrasts == pytest.approx(np.array(expected), rel=1e-9)


def test_critical_values_agree_with_r_as_far_as_it_samples(cases, exact_cases, candidates, doses):
    contrasts = optimal_contrasts(candidate_means(candidates, doses), np.ones(4))
    z = contrast_test(np.zeros(4), np.ones(4), contrasts)
    t = contrast_test(np.zeros(4), np.ones(4), contrasts, degrees_of_freedom=156)
    exact, sampled = (which["critical_values"]["expect"] for which in (exact_cases, cases))
    assert z.critical_value(0.025) == pytest.approx(exact["z_one_sided_0.025"], rel=1e-8)
    assert t.critical_value(0.025) == pytest.approx(exact["t156_one_sided_0.025"], rel=1e-8)
    assert z.critical_value(0.025) == pytest.approx(sampled["z_one_sided_0.025"], rel=5e-4)
    assert t.critical_value(0.025) == pytest.approx(sampled["t156_one_sided_0.025"], rel=5e-4)


def test_the_binary_test_agrees_with_r(cases, candidates, doses):
    expected = cases["mct_binary_logit"]["expect"]
    # 10, 14, 22 and 14 responders of 40 an arm in t1_sri4.csv
    found = logit_estimates([10, 14, 22, 14], [40] * 4)
    assert found.estimates == pytest.approx(np.array(expected["mu"]), rel=1e-9)
    contrasts = optimal_contrasts(candidate_means(candidates, doses), found.covariance)
    assert contrasts == pytest.approx(np.array(expected["contrasts"]), abs=1e-9)
    test = contrast_test(found.estimates, found.covariance, contrasts)
    assert test.statistics == pytest.approx(np.array(expected["z"]), rel=1e-9)
    # DoseFinding's p-values are sampled: "compare at 1e-4 absolute"
    assert test.adjusted_p == pytest.approx(np.array(expected["p_adjusted"]), abs=1e-4)


@pytest.mark.parametrize("adjusted", [False, True])
def test_the_normal_test_agrees_with_r(cases, candidates, doses, week_12, adjusted):
    expected = cases["mct_normal"]["expect"]
    expected = expected["adjusted_for_sledai0"] if adjusted else expected
    response, arm, baseline = week_12
    found = normal_estimates(response, arm, baseline if adjusted else None)
    contrasts = optimal_contrasts(candidate_means(candidates, doses), found.unscaled_covariance)
    test = contrast_test(
        found.estimates,
        found.unscaled_covariance,
        contrasts,
        degrees_of_freedom=found.degrees_of_freedom,
        scale=found.scale,
    )
    assert found.degrees_of_freedom == expected["df"]
    assert test.statistics == pytest.approx(np.array(expected["t"]), rel=1e-9)
    assert test.adjusted_p == pytest.approx(np.array(expected["p_adjusted"]), abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(curve=curves, variance=variances, data=st.data())
def test_no_other_contrast_detects_the_curve_better(curve, variance, data):
    if np.ptp(curve) < 1e-3:
        return
    best = optimal_contrasts(curve, variance)[0]
    assert best.sum() == pytest.approx(0, abs=1e-12)
    assert best @ best == pytest.approx(1)
    other = data.draw(curves)
    other = other - other.mean()
    if np.linalg.norm(other) < 1e-6:
        return

    def noncentrality(contrast):
        return contrast @ curve / np.sqrt(contrast**2 @ variance)

    assert noncentrality(other) <= noncentrality(best) * (1 + 1e-9)


@settings(max_examples=30, deadline=None)
@given(curve=curves, variance=variances, shift=st.floats(-5, 5), factor=st.floats(0.1, 9))
def test_shift_and_scale_of_the_curve_and_variance_do_not_matter(curve, variance, shift, factor):
    if np.ptp(curve) < 1e-3:
        return
    contrasts = optimal_contrasts(curve, variance)
    assert optimal_contrasts(shift + factor * curve, factor * variance) == pytest.approx(
        contrasts, abs=1e-9
    )
    statistic = contrast_test(curve, variance, contrasts).statistics
    shifted = contrast_test(shift + factor * curve, variance, contrasts).statistics
    assert shifted == pytest.approx(factor * statistic, rel=1e-6, abs=1e-9)


def test_a_stack_of_trials_is_the_trials_one_by_one(candidates, doses):
    generator = np.random.default_rng(4)
    responses = generator.standard_normal((1500, 32)) + np.repeat([0, 0.3, 0.6, 0.9], 8)
    arm = np.repeat(np.arange(4), 8)
    means = candidate_means(candidates, doses)

    def tested(outcome):
        found = normal_estimates(outcome, arm)
        return contrast_test(
            found.estimates,
            found.unscaled_covariance,
            optimal_contrasts(means, found.unscaled_covariance),
            degrees_of_freedom=found.degrees_of_freedom,
            scale=found.scale,
        )

    together = tested(responses)
    decisions = together.shows_dose_response(0.025)
    assert np.array_equal(decisions, together.adjusted_p.min(axis=1) < 0.025)
    for index in range(0, 1500, 150):
        alone = tested(responses[index])
        assert together.statistics[index] == pytest.approx(alone.statistics, rel=1e-12)
        # Beyond a thousand p-values they are interpolated
        assert together.adjusted_p[index] == pytest.approx(alone.adjusted_p, rel=1e-8)


def test_two_sided_tests_see_falling_curves(candidates, doses):
    contrasts = optimal_contrasts(candidate_means(candidates, doses), np.ones(4))
    falling = contrast_test([3.0, 2, 1, 0], np.full(4, 0.1), contrasts, two_sided=True)
    rising = contrast_test([0.0, 1, 2, 3], np.full(4, 0.1), contrasts, two_sided=True)
    assert falling.adjusted_p == pytest.approx(rising.adjusted_p)
    assert falling.shows_dose_response(0.05)
    assert not contrast_test([3.0, 2, 1, 0], np.full(4, 0.1), contrasts).shows_dose_response(0.05)


def test_covariates_without_effect_leave_balanced_means():
    # Hand calculation: in a balanced layout an orthogonal covariate moves no mean.
    plain = normal_estimates([1, 3, 5, 9.0], [0, 0, 1, 1])
    adjusted = normal_estimates([1, 3, 5, 9.0, 1, 3, 5, 9], [0, 0, 1, 1] * 2, [-1] * 4 + [1] * 4)
    assert plain.estimates == pytest.approx([2, 7])
    assert plain.scale == pytest.approx(5)
    assert plain.covariance == pytest.approx(np.diag([2.5, 2.5]))
    assert adjusted.estimates == pytest.approx([2, 7])
    assert adjusted.degrees_of_freedom == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimal_contrasts([[1, 1, 1]], np.ones(3)), "flat"),
        (lambda: optimal_contrasts([[0, 1, 2]], np.ones(4)), "3 doses"),
        (lambda: optimal_contrasts([[0, 1, 2]], [1, 1, 0]), "positive definite"),
        (lambda: contrast_test([0, 1], np.ones(3), [[-1, 0, 1]]), "over 3 doses"),
        (lambda: contrast_test([0, np.inf, 1], np.ones(3), [[-1, 0, 1]]), "infinite"),
        (lambda: contrast_test([0, 1, 1], np.ones(3), [[-1, 0, 1]], scale=0), "variance"),
        (lambda: logit_estimates([0, 4], [10, 10]), "Nobody"),
        (lambda: logit_estimates([10, 4], [10, 10]), "everybody"),
        (lambda: logit_estimates([1, 4], [10]), "one count"),
        (lambda: normal_estimates([1, 2, 3], [0, 1, 1], [1, 2, 3]), "no residual"),
        (lambda: normal_estimates([1, 2, 3, 4], [0, 0, 1, 1], [1, 1, 2, 2]), "confounded"),
        (lambda: normal_estimates([1, 1, 2, 2], [0, 0, 1, 1]), "do not vary"),
        (lambda: normal_estimates([1, np.nan, 3, 4], [0, 0, 1, 1]), "missing"),
        (lambda: normal_estimates([1, 2, 3, 4], [0, 0, 2, 2]), "needs participants"),
        (lambda: normal_estimates([1, 2, 3, 4], [0, 0, 1]), "index"),
        (lambda: normal_estimates([1, 2, 3, 4], [0, 0, -1, 1]), "negative"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
