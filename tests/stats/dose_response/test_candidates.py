"""Candidate curves against DoseFinding, calculus, and what a guess means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    Candidate,
    candidate_means,
    parameters_from_share,
)

PARAMETERS = {
    "linear": (),
    "linlog": (),
    "quadratic": (-0.7,),
    "emax": (0.3,),
    "sigEmax": (0.4, 3.0),
    "exponential": (0.5,),
    "logistic": (0.4, 0.12),
    "betaMod": (1.2, 0.8),
}


def test_means_agree_with_r(cases, candidates, doses):
    expected = cases["model_means"]["expect"]
    assert [candidate.name for candidate in candidates] == expected["models"]
    assert candidate_means(candidates, doses) == pytest.approx(np.array(expected["means"]), 1e-10)


@pytest.mark.parametrize("shape", PARAMETERS)
@settings(max_examples=15, deadline=None)
@given(placebo=st.floats(-3, 3), effect=st.floats(0.1, 5), unit=st.floats(0.01, 100))
def test_the_unit_of_dose_does_not_matter(shape, placebo, effect, unit):
    doses = np.array([0, 0.2, 0.5, 1])
    in_doses = {"emax": [1], "sigEmax": [1, 0], "exponential": [1], "logistic": [1, 1]}
    powers = np.array(in_doses.get(shape, [0] * len(PARAMETERS[shape])), dtype=float)
    if shape == "quadratic":
        powers = np.array([-1.0])
    rescaled = tuple(np.array(PARAMETERS[shape]) * unit**powers)
    one = Candidate("a", shape, PARAMETERS[shape])
    other = Candidate("b", shape, rescaled)
    means = one.means(doses, placebo=placebo, largest_effect=effect)
    assert other.means(doses * unit, placebo=placebo, largest_effect=effect) == pytest.approx(means)
    assert means[0] == pytest.approx(placebo)


@pytest.mark.parametrize("shape", PARAMETERS)
def test_the_largest_effect_in_the_range_is_the_planned_one(shape):
    fine = np.linspace(0, 1, 20_001)
    curve = Candidate("a", shape, PARAMETERS[shape]).means(fine, placebo=2, largest_effect=-3)
    assert np.abs(curve - 2).max() == pytest.approx(3, rel=1e-7)
    assert curve.min() == pytest.approx(-1, rel=1e-6)


@pytest.mark.parametrize("shape", [name for name in PARAMETERS if name != "quadratic"])
def test_gradients_are_the_differences(shape):
    family = SHAPES[shape]
    doses = np.array([0, 0.1, 0.4, 1.0])
    coefficients = np.array([0.5, -1.5, *PARAMETERS[shape]])
    analytic = family.gradient(doses, coefficients, 1.0)
    for column in range(len(coefficients)):
        step = np.zeros(len(coefficients))
        step[column] = 1e-6
        numeric = (
            family.mean(doses, coefficients + step, 1.0)
            - family.mean(doses, coefficients - step, 1.0)
        ) / 2e-6
        assert analytic[:, column] == pytest.approx(numeric, abs=1e-8)


@pytest.mark.parametrize(
    ("shape", "dose", "share", "second"),
    [
        ("emax", 0.3, 0.4, (0, 0)),
        ("sigEmax", 0.3, 0.4, (0.6, 0.8)),
        ("logistic", 0.3, 0.4, (0.6, 0.8)),
        ("exponential", 0.5, 0.2, (0, 0)),
        ("quadratic", 0.3, 0.6, (0, 0)),
    ],
)
def test_a_guessed_share_is_met(shape, dose, share, second):
    parameters = np.array(
        parameters_from_share(shape, dose, share, largest=1.0, second=second), dtype=float
    )
    height = SHAPES[shape].curve(np.array([0, dose, second[0], 1.0]), parameters, 1.0)
    if shape == "exponential":
        assert height[1] / height[3] == pytest.approx(share, rel=1e-9)
    elif shape == "quadratic":
        assert height[1] / (-1 / (4 * parameters[0])) == pytest.approx(share, rel=1e-9)
    else:
        assert height[1] == pytest.approx(share, rel=1e-9)
        if second[0]:
            assert height[2] == pytest.approx(second[1], rel=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Candidate("a", "emaxx", (1,)), "emaxx"),
        (lambda: Candidate("a", "emax"), "takes ed50"),
        (lambda: Candidate("a", "linear", (1,)), "no parameters"),
        (lambda: Candidate("a", "emax", (-1,)), "positive"),
        (lambda: Candidate("a", "emax", (np.nan,)), "positive"),
        (lambda: candidate_means([], [0, 1]), "No candidate"),
        (lambda: candidate_means([Candidate("a", "linear")] * 2, [0, 1]), "different names"),
        (lambda: Candidate("a", "linear").means([0]), "two doses"),
        (lambda: Candidate("a", "linear").means([0, 2, 1]), "rising"),
        (lambda: Candidate("a", "linear").means([-1, 2]), "non-negative"),
        (lambda: parameters_from_share("emax", 0.3, 1.2, largest=1), "between 0 and 1"),
        (lambda: parameters_from_share("linear", 0.3, 0.2, largest=1), "does not determine"),
        (lambda: parameters_from_share("sigEmax", 0.3, 0.2, largest=1), "second"),
        (lambda: parameters_from_share("exponential", 0.3, 0.4, largest=1), "straight line"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
