"""Settings and data that no dose response can have are named: none gives a silent NaN."""

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    Candidate,
    candidate_means,
    contrast_power,
    contrast_sample_size,
    contrast_test,
    dunnett,
    fit_curve,
    optimal_contrasts,
)

LINE = [Candidate("line", "linear")]
TREND = [[-1, 0, 1]]
ODD = [np.nan, np.inf]


def refused(message, compute, *arguments, **settings):
    with pytest.raises(UnusableInputError, match=message):
        compute(*arguments, **settings)


@pytest.mark.parametrize("value", [*ODD, -np.inf])
@pytest.mark.parametrize("name", ["placebo", "largest_effect"])
def test_a_planned_effect_is_finite(name, value):
    refused("must be finite", candidate_means, LINE, [0, 1, 2], **{name: value})


@pytest.mark.parametrize("doses", [[0, 1, np.nan], [0, 1, np.inf], [0, 2, 1], [0, -1, 2]])
def test_doses_rise(doses):
    with pytest.raises(UnusableInputError):
        candidate_means(LINE, doses)


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [
        ("emax", (0,)),
        ("emax", (-1,)),
        ("emax", (np.nan,)),
        ("emax", (0.2, 1)),
        ("sigEmax", (0.2,)),
        ("linear", (1,)),
        ("betaMod", (1, np.inf)),
        ("quadratic", (np.nan,)),
    ],
)
def test_parameters_fit_their_shape(shape, parameters):
    refused("Candidate 'guess'", Candidate, "guess", shape, parameters)


def test_candidates_have_names_of_their_own():
    refused("different names", candidate_means, LINE * 2, [0, 1])
    refused("No candidate", candidate_means, [], [0, 1])


@pytest.mark.parametrize("value", ODD)
def test_an_estimate_is_finite(value):
    refused("missing or infinite", contrast_test, [0, value, 1], [0.1] * 3, TREND)
    refused("missing or infinite", optimal_contrasts, [[0, value, 1]], [1, 1, 1])


@pytest.mark.parametrize("weight", ODD)
def test_weights_of_contrasts_are_finite(weight):
    for compute, settings in ((contrast_test, {}), (contrast_power, {"alpha": 0.025})):
        refused("not finite", compute, [0, 0.5, 1], [0.1] * 3, [[-1, 0, weight]], **settings)


def test_a_contrast_of_nothing_is_named():
    for compute, settings in ((contrast_test, {}), (contrast_power, {"alpha": 0.025})):
        refused("no weights", compute, [0, 0.5, 1], [0.1] * 3, [[0, 0, 0]], **settings)


@pytest.mark.parametrize("variance", [np.nan, np.inf, 0, -0.1])
def test_a_variance_is_positive_and_finite(variance):
    covariance = [0.1, 0.1, variance]
    refused("covariance", contrast_test, [0, 0.5, 1], covariance, TREND)
    refused("covariance", contrast_power, [0, 0.5, 1], covariance, TREND, alpha=0.025)
    refused("covariance", optimal_contrasts, [[0, 0.5, 1]], covariance)


@pytest.mark.parametrize("scale", [np.nan, 0, -1])
def test_a_residual_variance_is_positive(scale):
    refused("variance must be positive", contrast_test, [0, 0.5, 1], [1] * 3, TREND, scale=scale)


@pytest.mark.parametrize("deviation", [*ODD, 0, -1])
def test_a_deviation_is_positive_and_finite(deviation):
    goal = {"alpha": 0.025, "power": 0.8}
    refused("deviation", contrast_sample_size, [0, 0.5, 1], deviation, TREND, **goal)


@pytest.mark.parametrize("degrees", [np.nan, 0, -3])
def test_degrees_of_freedom_are_positive(degrees):
    refused("positive", contrast_test, [0, 0.5, 1], [1] * 3, TREND, degrees_of_freedom=degrees)


@pytest.mark.parametrize("value", ODD)
def test_means_and_responses_are_finite(value):
    with pytest.raises(UnusableInputError):
        dunnett([0, 1, value], [0.1] * 3)
    with pytest.raises(UnusableInputError):
        fit_curve("emax", [0, 1, 2, 3], [0, 1, value, 3], [1] * 4)


def test_a_curve_that_no_contrast_sees_has_no_size():
    flat = contrast_power([[0, 0, 0]], [0.1] * 3, TREND, alpha=0.025)
    assert flat == pytest.approx([0.025], rel=1e-9)
    goal = {"alpha": 0.025, "power": 0.8}
    refused("Not even", contrast_sample_size, [[0, 1, 0]], 1.0, TREND, **goal)
