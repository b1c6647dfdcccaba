"""Curves, fits and allocations at the edge: a stated result or an error that says what."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    Candidate,
    average_curves,
    contrast_power,
    contrast_test,
    fit_curve,
    normal_estimates,
    optimal_allocation,
    whole_participants,
)

DOSES = np.array([0, 0.2, 0.5, 1])
ESTIMATES = [0.1, 0.4, 0.6, 0.5]
EMAX = Candidate("emax", "emax", (0.2,))


@pytest.mark.parametrize("shape", SHAPES)
def test_estimates_that_are_all_alike_have_a_flat_fit(shape):
    fit = fit_curve(shape, DOSES, [0.7] * 4, [0.1, 0.2, 0.1, 0.3])
    assert fit.mean(DOSES).tolist() == [0.7] * 4
    assert fit.criterion == 0
    assert fit.target_dose(0.3) is None
    with pytest.raises(UnusableInputError, match="A flat curve has no effective dose"):
        fit.effective_dose(0.5)
    if SHAPES[shape].bounds:
        assert fit.covariance is None
        assert fit.notes


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("unit", [1e-9, 1e6])
def test_the_unit_of_dose_changes_neither_the_fit_nor_its_errors(shape, unit):
    # Doses in grams or in international units, whose squares lie sixteen digits apart
    plain = fit_curve(shape, DOSES, ESTIMATES, [0.01] * 4)
    other = fit_curve(shape, DOSES * unit, ESTIMATES, [0.01] * 4)
    assert other.criterion == pytest.approx(plain.criterion, abs=1e-8)
    assert other.mean(DOSES * unit) == pytest.approx(plain.mean(DOSES), abs=1e-4)
    assert (other.covariance is None) == (plain.covariance is None)
    if plain.covariance is not None:
        errors = other.standard_error(DOSES * unit)
        assert errors == pytest.approx(plain.standard_error(DOSES), rel=1e-3)
    plain_dose, other_dose = plain.target_dose(0.3), other.target_dose(0.3)
    assert other_dose == pytest.approx(plain_dose * unit, rel=1e-3)


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [
        ("exponential", (1e-4,)),  # e¹⁰⁰⁰⁰
        ("sigEmax", (0.4, 1e4)),
        ("logistic", (100.0, 0.01)),  # rises long after the last dose
        ("betaMod", (1e3, 1e3)),
    ],
)
def test_a_candidate_beyond_the_machine_is_named(shape, parameters):
    candidate = Candidate("steep", shape, parameters)
    with pytest.raises(UnusableInputError, match="Candidate 'steep': its curve is too steep"):
        candidate.means(DOSES)


@pytest.mark.parametrize("dose", [np.nan, -0.1, np.inf])
def test_a_curve_has_no_mean_at_a_dose_that_is_none(dose):
    fit = fit_curve("emax", DOSES, ESTIMATES, [0.01] * 4)
    for compute in (fit.mean, fit.standard_error, average_curves([fit]).mean):
        with pytest.raises(UnusableInputError, match="at finite doses from zero up"):
            compute([0.5, dose])


@pytest.mark.parametrize("effect", [0, np.nan, np.inf])
def test_an_allocation_needs_an_effect(effect):
    with pytest.raises(UnusableInputError, match="largest effect must be finite and not zero"):
        optimal_allocation([EMAX], [1], DOSES, largest_effect=effect)


def test_doses_that_do_not_determine_a_curve_are_named():
    straight = Candidate("straight", "exponential", (1e9,))
    with pytest.raises(UnusableInputError, match="do not determine the curve 'straight'"):
        optimal_allocation([straight], [1], DOSES)


@pytest.mark.parametrize("unit", [1e-3, 1e6])
def test_the_unit_of_dose_leaves_the_allocation_alone(unit):
    parabola = Candidate("parabola", "quadratic", (-0.6,))
    scaled = Candidate("parabola", "quadratic", (-0.6 / unit,))
    plain = optimal_allocation([parabola], [1], DOSES)
    other = optimal_allocation([scaled], [1], DOSES * unit)
    assert other.weights == pytest.approx(plain.weights, abs=1e-6)


@pytest.mark.parametrize(
    ("weights", "total", "message"),
    [
        ([0.5, 0.5], 5.5, "whole numbers"),
        ([-0.5, 1.5], 5, "Weights must sum to one"),
        ([np.nan, 1], 5, "Weights must sum to one"),
        ([], 0, "Weights must sum to one"),
    ],
)
def test_roundings_that_cannot_be_are_named(weights, total, message):
    with pytest.raises(UnusableInputError, match=message):
        whole_participants(weights, total)


def test_a_variance_for_each_trial_or_one_for_all():
    stack = np.array([[0, 0.5, 1.0], [0, 0.2, 0.1]])
    contrasts = [[-1, 0, 1]]
    found = contrast_test(stack, [1] * 3, contrasts, scale=[4.0, 1.0])
    # By hand: (1 − 0) / √(2 · 4) and (0.1 − 0) / √2
    assert found.statistics[:, 0] == pytest.approx([1 / 8**0.5, 0.1 / 2**0.5])
    with pytest.raises(UnusableInputError, match=r"Variances of shape \(3,\) for trials of shape"):
        contrast_test(stack, [1] * 3, contrasts, scale=[1.0, 2.0, 3.0])


def test_a_true_mean_that_is_missing_is_named():
    with pytest.raises(UnusableInputError, match="A true mean is missing"):
        contrast_power([0, np.nan, 1], [1] * 3, [[-1, 0, 1]], alpha=0.025)
    certain = contrast_power([0, 0, np.inf], [1] * 3, [[-1, 0, 1]], alpha=0.025)
    assert float(certain) == 1


@pytest.mark.parametrize("covariates", [[1.0, 2, 3], 5.0, np.zeros((4, 1, 1))])
def test_covariates_of_other_participants_are_named(covariates):
    with pytest.raises(UnusableInputError, match="Every participant needs each covariate"):
        normal_estimates([1.0, 2, 3, 4], [0, 0, 1, 1], covariates)
