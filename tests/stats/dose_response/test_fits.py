"""Fitted curves against DoseFinding, against curves that are known, and target doses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    average_curves,
    effective_dose,
    fit_curve,
    target_dose,
)

TRUE = {
    "linear": [0.2, 1.4],
    "linlog": [1.2, 0.4],
    "quadratic": [0.1, 2.0, -1.3],
    "emax": [0.2, 1.5, 0.25],
    "sigEmax": [0.2, 1.5, 0.45, 3.0],
    "exponential": [0.2, 0.3, 0.6],
    "logistic": [0.2, 1.5, 0.4, 0.12],
    "betaMod": [0.2, 1.5, 1.1, 0.9],
}
FITTED = ["linear", "emax", "quadratic", "sigEmax", "exponential", "betaMod", "linlog"]


@pytest.mark.parametrize("shape", FITTED)
def test_agrees_with_r(cases, doses, shape):
    logits = cases["mct_binary_logit"]["expect"]
    expected = cases["fit_binary_logit"]["expect"][shape]
    fit = fit_curve(shape, doses, logits["mu"], logits["S_diag"])
    assert fit.names == tuple(expected["coef"])
    assert fit.coefficients == pytest.approx(list(expected["coef"].values()), rel=1e-4)
    # A smaller criterion than R's is a better fit
    assert fit.criterion <= expected["rss_general"] + 1e-9
    assert fit.criterion == pytest.approx(expected["rss_general"], rel=1e-6, abs=1e-8)
    assert fit.generalized_aic == pytest.approx(expected["gaic"], rel=1e-6)
    assert fit.mean(doses) == pytest.approx(expected["pred"], rel=1e-4)
    assert fit.target_dose(0.8) == pytest.approx(expected["td_for_0.8"], rel=1e-4)


# R 4.2.2, DoseFinding 1.0-3: fitMod(type = "general"), gAIC, TD(Delta = 0.3), sqrt(diag(vcov))
FIVE_DOSES = {
    "linear": (
        [0.265367230417, 0.731238375362],
        [0.11957325681, 0.17671933813],
        8.65242333146,
        0.410262932182,
    ),
    "emax": (
        [0.113158723162, 0.959044289929, 0.216110035571],
        [0.151905336263, 0.281335826145, 0.238331777766],
        6.79139263138,
        0.0983742847971,
    ),
    "sigEmax": (
        [0.107889930311, 1.01790323275, 0.24231593255, 0.902965985923],
        [0.15786255434, 0.9879248706, 0.608273472115, 1.187245671758],
        8.78387994068,
        0.0921967012663,
    ),
    "betaMod": (
        [0.111754362532, 0.812265204355, 0.671587662805, 0.342361576369],
        [0.156241513595, 0.177756706116, 0.443177519934, 0.385063924094],
        8.23473926793,
        0.108851208541,
    ),
    "quadratic": (
        [0.150696214168, 2.09865832492, -1.40176218324],
        [0.132032316985, 0.690645130561, 0.684421192475],
        6.45771487485,
        0.160060472315,
    ),
    "exponential": ([0.289625664859, 1.09428040705, 2], None, 11.8012175817, 0.484562907497),
    "logistic": (
        [-0.607111979195, 1.49666079731, 0.001, 0.162524987426],
        None,  # a parameter lies on its bound
        8.65734287363,
        0.137862820462,
    ),
}


@pytest.mark.parametrize("shape", FIVE_DOSES)
def test_correlated_estimates_at_five_doses_agree_with_r(shape):
    coefficients, errors, criterion, dose = FIVE_DOSES[shape]
    covariance = np.diag([0.02, 0.03, 0.025, 0.02, 0.022]) + 0.005
    fit = fit_curve(shape, [0, 0.05, 0.2, 0.6, 1], [0.1, 0.35, 0.5, 0.9, 0.85], covariance)
    assert fit.coefficients == pytest.approx(coefficients, rel=1e-4)
    assert fit.generalized_aic == pytest.approx(criterion, rel=1e-8)
    assert fit.target_dose(0.3) == pytest.approx(dose, rel=1e-5)
    if errors is None:
        assert fit.covariance is None
        assert "bound" in fit.notes[0]
    else:
        assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(errors, rel=1e-4)


@pytest.mark.parametrize("shape", TRUE)
def test_a_true_curve_is_found_again(shape):
    doses = np.array([0, 0.1, 0.25, 0.5, 0.75, 1.0])
    truth = SHAPES[shape].mean(doses, np.array(TRUE[shape]), 1.0)
    fit = fit_curve(shape, doses, truth, np.array([2, 1, 1, 3, 1, 1.0]))
    assert fit.criterion == pytest.approx(0, abs=1e-12)
    assert fit.coefficients == pytest.approx(TRUE[shape], rel=1e-4)
    assert fit.covariance is not None
    assert fit.notes == ()


@settings(max_examples=10, deadline=None)
@given(
    noise=st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=5).map(np.array),
    shift=st.floats(-3, 3),
    unit=st.sampled_from([0.1, 10.0]),
)
@pytest.mark.parametrize("shape", ["emax", "exponential", "quadratic"])
def test_shift_of_outcome_and_unit_of_dose_do_not_matter(shape, noise, shift, unit):
    doses = np.array([0, 0.1, 0.3, 0.6, 1.0])
    outcome = doses + noise
    plain = fit_curve(shape, doses, outcome, np.ones(5))
    moved = fit_curve(shape, doses * unit, outcome + shift, np.ones(5))
    assert moved.criterion == pytest.approx(plain.criterion, abs=1e-7)
    assert moved.mean(doses * unit) == pytest.approx(plain.mean(doses) + shift, abs=1e-3)


def test_a_correlated_covariance_is_used():
    # Hand calculation by generalized least squares
    doses, outcome = np.array([0, 1, 2.0]), np.array([0.0, 1.5, 2.0])
    covariance = np.array([[1, 0.5, 0.2], [0.5, 2, 0.3], [0.2, 0.3, 1.5]])
    columns = np.stack([np.ones(3), doses], axis=1)
    inverse = np.linalg.inv(covariance)
    joint = np.linalg.inv(columns.T @ inverse @ columns)
    fit = fit_curve("linear", doses, outcome, covariance)
    assert fit.coefficients == pytest.approx(joint @ columns.T @ inverse @ outcome, rel=1e-10)
    assert fit.covariance == pytest.approx(joint, rel=1e-10)
    assert fit.standard_error([1.0])[0] == pytest.approx(np.sqrt([1, 1] @ joint @ [1, 1]))


def test_a_parameter_on_its_bound_is_said():
    fit = fit_curve("emax", [0, 1, 2, 3], [0, 1, 4, 9.0], np.ones(4))
    assert fit.notes == ("ed50 lies on its bound",)
    assert fit.covariance is None
    with pytest.raises(UnusableInputError, match="no covariance"):
        fit.standard_error([1.0])
    wider = fit_curve("emax", [0, 1, 2, 3], [0, 1, 4, 9.0], np.ones(4), bounds=[[0.01, 50]])
    assert wider.criterion < fit.criterion


def test_a_flat_dose_response_determines_no_parameter():
    fit = fit_curve("emax", [0, 1, 2, 3], [1, 1, 1, 1.0], np.ones(4))
    assert fit.criterion == pytest.approx(0, abs=1e-15)
    assert fit.covariance is None
    assert fit.notes


@pytest.mark.parametrize("shape", TRUE)
def test_the_target_dose_has_the_effect(shape):
    coefficients = np.array(TRUE[shape])
    dose = target_dose(shape, coefficients, 0.5, 1.0)
    at_dose, at_placebo = SHAPES[shape].mean(np.array([dose, 0.0]), coefficients, 1.0)
    assert at_dose - at_placebo == pytest.approx(0.5, rel=1e-9)
    before = SHAPES[shape].mean(np.linspace(0, dose * 0.999, 200), coefficients, 1.0)
    assert np.all(before - at_placebo < 0.5)


@pytest.mark.parametrize("shape", TRUE)
def test_the_effective_dose_has_its_share(shape):
    coefficients = np.array(TRUE[shape])
    curve = SHAPES[shape].mean(np.linspace(0, 1, 100_001), coefficients, 1.0)
    dose = effective_dose(shape, coefficients, 0.6, 1.0)
    effect = SHAPES[shape].mean(np.array([dose]), coefficients, 1.0)[0] - curve[0]
    assert effect == pytest.approx(0.6 * (curve - curve[0]).max(), rel=1e-7)


@pytest.mark.parametrize("shape", TRUE)
def test_no_dose_has_an_effect_in_the_other_direction(shape):
    coefficients = np.array(TRUE[shape])
    if shape == "quadratic":
        # The parabola falls below placebo behind its second root at 2 / 1.3
        assert target_dose(shape, coefficients, -0.5, 1.0) > 2 / 1.3
    else:
        assert target_dose(shape, coefficients, -0.5, 1.0) is None


@pytest.mark.parametrize("shape", ["emax", "sigEmax", "logistic", "betaMod", "quadratic"])
def test_no_dose_has_more_than_the_plateau(shape):
    assert target_dose(shape, np.array(TRUE[shape]), 1.6, 1.0) is None


def test_averages_favor_the_better_curve(doses):
    outcome, variance = np.array([0, 0.2, 0.5, 1.0]), np.full(4, 0.01)
    line, emax = (fit_curve(shape, doses, outcome, variance) for shape in ("linear", "emax"))
    averaged = average_curves([line, emax])
    # Hand calculation: exp(−gAIC / 2), scaled
    relative = np.exp(-np.array([line.generalized_aic, emax.generalized_aic]) / 2)
    assert averaged.weights == pytest.approx(relative / relative.sum())
    mixed = averaged.weights @ [line.mean([0.3])[0], emax.mean([0.3])[0]]
    assert averaged.mean([0.3])[0] == pytest.approx(mixed)
    doses_found = [line.target_dose(0.4), emax.target_dose(0.4)]
    assert averaged.target_dose(0.4) == pytest.approx(averaged.weights @ doses_found)
    assert averaged.target_dose(-5) is None
    assert average_curves([line, emax], criterion="bic").weights[0] > 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: fit_curve("sigEmax", [0, 1, 2], [0, 1, 2], np.ones(3)), "more than the 3"),
        (lambda: fit_curve("linear", [0, 1, 2], [0, 1], np.ones(3)), "one finite"),
        (lambda: fit_curve("linear", [0, 1, 2], [0, 1, np.nan], np.ones(3)), "one finite"),
        (lambda: fit_curve("line", [0, 1, 2], [0, 1, 2], np.ones(3)), "Unknown"),
        (
            lambda: fit_curve("emax", [0, 1, 2], [0, 1, 2], np.ones(3), bounds=[[2, 1]]),
            "bounds",
        ),
        (lambda: average_curves([]), "No curves"),
        (lambda: target_dose("linear", np.array([0, 1.0]), 0, 1), "other than zero"),
        (lambda: effective_dose("linear", np.array([0, 1.0]), 1.5, 1), "between"),
        (lambda: effective_dose("linear", np.array([0, 0.0]), 0.5, 1), "flat"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
