"""Fitted curves beside SciPy's least squares from many starts, written on the formulas themselves.

Covariances of the coefficients are those of numerical derivatives; averages and guesses by hand.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    average_curves,
    contrast_test,
    fit_curve,
    optimal_contrasts,
    parameters_from_share,
)

DOSES = np.array([0.0, 0.1, 0.3, 0.6, 1.0])
ROOT = np.random.default_rng(11).normal(size=(5, 5)) * 0.05
COVARIANCE = ROOT @ ROOT.T + np.diag([0.02, 0.03, 0.025, 0.02, 0.022])
WHITEN = np.linalg.inv(np.linalg.cholesky(COVARIANCE))

CURVES = {
    "emax": lambda d, e0, top, ed50: e0 + top * d / (ed50 + d),
    "sigEmax": lambda d, e0, top, ed50, h: e0 + top * d**h / (ed50**h + d**h),
    "exponential": lambda d, e0, e1, delta: e0 + e1 * (np.exp(d / delta) - 1),
    "logistic": lambda d, e0, top, ed50, delta: e0 + top / (1 + np.exp((ed50 - d) / delta)),
    "betaMod": lambda d, e0, top, rise, fall: (
        e0
        + top
        * (rise + fall) ** (rise + fall)
        / (rise**rise * fall**fall)
        * (d / 1.2) ** rise
        * (1 - d / 1.2) ** fall
    ),
}
# Inside the default bounds, away from their edges; responses rise and level off, or turn.
OUTCOMES = {
    "emax": [0.1, 0.35, 0.5, 0.9, 0.85],
    "sigEmax": [0.1, 0.15, 0.62, 0.86, 0.95],
    "exponential": [0.1, 0.12, 0.31, 0.55, 1.3],
    "logistic": [0.1, 0.22, 0.55, 0.86, 0.95],
    "betaMod": [0.1, 0.4, 0.8, 0.9, 0.5],
}


def searched(shape, outcome, bounds):
    """The least criterion over many starts within the bounds, all coefficients free."""
    curve = CURVES[shape]
    low, high = np.array(bounds).T
    limits = (np.r_[-np.inf, -np.inf, low], np.r_[np.inf, np.inf, high])

    def left(p):
        return WHITEN @ (curve(DOSES, *p) - outcome)

    shares = [np.full(len(low), share) for share in (0.15, 0.4, 0.75)]
    starts = [np.r_[outcome[0], 0.8, low + (high - low) * share] for share in shares]
    found = [
        least_squares(left, start, bounds=limits, xtol=1e-14, ftol=1e-14, gtol=1e-14)
        for start in starts
    ]
    return min(found, key=lambda fit: fit.cost)


@pytest.mark.parametrize("shape", CURVES)
def test_no_start_leads_to_a_better_curve(shape):
    outcome = np.array(OUTCOMES[shape])
    best = searched(shape, outcome, SHAPES[shape].default_bounds(1.0))
    found = fit_curve(shape, DOSES, outcome, COVARIANCE)
    assert found.criterion <= 2 * best.cost + 1e-9
    assert found.criterion == pytest.approx(2 * best.cost, rel=1e-6, abs=1e-9)
    assert found.mean(DOSES) == pytest.approx(CURVES[shape](DOSES, *best.x), abs=1e-4)
    count = len(best.x)
    assert found.generalized_aic == pytest.approx(found.criterion + 2 * count, rel=1e-12)
    assert found.generalized_bic == pytest.approx(found.criterion + math.log(5) * count, rel=1e-12)


@pytest.mark.parametrize("shape", ["emax", "sigEmax", "betaMod"])
def test_the_covariance_is_that_of_numerical_derivatives(shape):
    found = fit_curve(shape, DOSES, OUTCOMES[shape], COVARIANCE)
    assert found.notes == ()

    def slope(doses):
        steps = 1e-6 * np.eye(len(found.coefficients))
        return np.stack(
            [
                (
                    CURVES[shape](doses, *(found.coefficients + step))
                    - CURVES[shape](doses, *(found.coefficients - step))
                )
                / 2e-6
                for step in steps
            ],
            axis=1,
        )

    design = slope(DOSES)
    joint = np.linalg.inv(design.T @ np.linalg.inv(COVARIANCE) @ design)
    assert found.covariance == pytest.approx(joint, rel=1e-4, abs=1e-7)
    at = np.array([0.05, 0.45, 0.9])
    expected = np.sqrt(np.diag(slope(at) @ joint @ slope(at).T))
    assert found.standard_error(at) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("bounds", [[[0.6, 0.8]], [[0.01, 0.05]]])
def test_given_bounds_hold_and_the_best_within_them_is_found(bounds):
    outcome = np.array(OUTCOMES["emax"])
    best = searched("emax", outcome, bounds)
    found = fit_curve("emax", DOSES, outcome, COVARIANCE, bounds=bounds)
    assert bounds[0][0] <= found.coefficients[2] <= bounds[0][1]
    assert found.criterion == pytest.approx(2 * best.cost, rel=1e-6)
    assert found.notes == ("ed50 lies on its bound",)


@pytest.mark.parametrize("shape", ["emax", "exponential"])
@given(scale=st.floats(0.05, 20), sign=st.sampled_from([-1, 1]))
@settings(max_examples=3, deadline=None)
def test_the_unit_and_direction_of_the_outcome_only_scale_the_fit(shape, scale, sign):
    outcome = np.array(OUTCOMES[shape])
    plain = fit_curve(shape, DOSES, outcome, COVARIANCE)
    other = fit_curve(shape, DOSES, sign * scale * outcome, scale**2 * COVARIANCE)
    assert other.criterion == pytest.approx(plain.criterion, rel=1e-7)
    assert other.mean(DOSES) == pytest.approx(sign * scale * plain.mean(DOSES), rel=1e-4)
    assert other.target_dose(sign * scale * 0.3) == pytest.approx(plain.target_dose(0.3), rel=1e-3)


def test_averages_by_hand():
    fits = [
        fit_curve(shape, DOSES, OUTCOMES["emax"], COVARIANCE)
        for shape in ("linear", "emax", "quadratic")
    ]
    for criterion, values in (
        ("aic", [fit.generalized_aic for fit in fits]),
        ("bic", [fit.generalized_bic for fit in fits]),
    ):
        chances = [math.exp(-value / 2) for value in values]
        weights = [chance / sum(chances) for chance in chances]
        found = average_curves(fits, criterion=criterion)
        assert found.weights == pytest.approx(weights, rel=1e-12)
        assert found.criterion == criterion
        mean = sum(w * fit.mean([0.45])[0] for w, fit in zip(weights, fits, strict=True))
        assert found.mean(0.45) == pytest.approx([mean], rel=1e-12)
        # Over the curves that reach it at all
        doses = [(w, fit.target_dose(0.78)) for w, fit in zip(weights, fits, strict=True)]
        having = [(w, dose) for w, dose in doses if dose is not None]
        expected = sum(w * dose for w, dose in having) / sum(w for w, _ in having)
        assert found.target_dose(0.78) == pytest.approx(expected, rel=1e-12)
    assert average_curves(fits[:2]).target_dose(-9.0) is None


def test_an_unknown_criterion_is_named():
    line = fit_curve("linear", DOSES, OUTCOMES["emax"], COVARIANCE)
    with pytest.raises(UnusableInputError, match="Unknown criterion 'aicc'") as refused:
        average_curves([line], criterion="aicc")
    assert "Use aic or bic." in str(refused.value)


@pytest.mark.parametrize(
    ("shape", "bounds"),
    [("emax", [[0, 1]]), ("emax", [[0.1, 0.1]]), ("sigEmax", [[0.1, 1]]), ("linear", [[0.1, 1]])],
)
def test_bounds_that_do_not_fit_are_named(shape, bounds):
    with pytest.raises(
        UnusableInputError, match=f"The {shape} shape needs positive, rising bounds"
    ):
        fit_curve(shape, DOSES, OUTCOMES["emax"], COVARIANCE, bounds=bounds)


@pytest.mark.parametrize(
    ("shape", "dose", "share", "settings_", "expected"),
    [
        # R 4.2.2, DoseFinding 1.0-3, guesst(d, p, model, Maxd)
        ("emax", 0.3, 0.4, {"largest": 1}, [0.45]),
        ("sigEmax", 0.3, 0.4, {"largest": 1, "second": (0.6, 0.8)}, [0.350947903707, 2.584962500721]),
        ("sigEmax", 10, 0.2, {"largest": 60, "second": (50, 0.9)}, [18.63796570845, 2.22656550512]),
        ("logistic", 0.3, 0.4, {"largest": 1, "second": (0.6, 0.8)}, [0.367888315659, 0.167433187965]),
        ("exponential", 0.5, 0.2, {"largest": 1}, [0.360682070798]),
        ("exponential", 2, 0.3, {"largest": 5}, [5.74011608752]),
        ("quadratic", 0.3, 0.6, {"largest": 1}, [-0.612574113277]),
    ],
)  # fmt: skip
def test_guesses_agree_with_r(shape, dose, share, settings_, expected):
    # guesst stops its search for the exponential's delta at 1e-4 relative
    found = parameters_from_share(shape, dose, share, **settings_)
    assert found == pytest.approx(expected, rel=2e-4 if shape == "exponential" else 1e-9)


@pytest.mark.parametrize(
    ("shape", "dose", "share", "second"),
    [
        ("emax", 0.0, 0.4, (0, 0)),
        ("emax", 1.5, 0.4, (0, 0)),
        ("emax", 0.3, 0.0, (0, 0)),
        ("sigEmax", 0.3, 0.4, (0.6, 0.3)),
        ("sigEmax", 0.3, 0.4, (0.2, 0.5)),
        ("logistic", 0.3, 0.4, (0.6, 1.0)),
        ("exponential", 0.3, 0.3, (0, 0)),
        ("betaMod", 0.3, 0.3, (0, 0)),
    ],
)
def test_guesses_that_determine_no_curve_are_refused(shape, dose, share, second):
    with pytest.raises(UnusableInputError):
        parameters_from_share(shape, dose, share, largest=1, second=second)


def test_optimal_contrasts_of_correlated_estimates_agree_with_r():
    # R 4.2.2, DoseFinding 1.0-3, optContr(Mods(linear, emax = 0.2, sigEmax = c(0.4, 3)), S = S)
    covariance = 0.01 + np.diag([0.05, 0.06, 0.04, 0.07])
    means = [
        SHAPES[shape].curve(np.array([0, 0.2, 0.5, 1.0]), np.array(parameters), 1.0)
        for shape, parameters in (("linear", []), ("emax", [0.2]), ("sigEmax", [0.4, 3]))
    ]
    expected = [
        [-0.63778258695257, -0.26343193808911, 0.20797258270193, 0.69324194233975],
        [-0.81533504226066, -0.00212326833922, 0.43223676905559, 0.38522154154428],
        [-0.60992120504390, -0.37343619263189, 0.44145097796317, 0.54190641971262],
    ]
    found = optimal_contrasts(means, covariance)
    assert found == pytest.approx(np.array(expected), abs=1e-12)


def test_a_p_value_at_the_critical_value_is_the_level_on_either_side():
    contrasts = optimal_contrasts([[0, 1, 2, 3], [0, 1, 1, 1]], np.ones(4))
    for two_sided in (False, True):
        test = contrast_test(
            [0, 0.4, 0.9, 1.1], [0.1] * 4, contrasts, degrees_of_freedom=12, two_sided=two_sided
        )
        edge = test.critical_value(0.05)
        again = test.law.adjusted([edge, -edge], two_sided=two_sided)
        assert again[0] == pytest.approx(0.05, rel=1e-9)
        assert again[1] == pytest.approx(0.05, rel=1e-9) if two_sided else again[1] > 0.9
