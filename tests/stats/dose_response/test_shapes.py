"""Every shape beside its formula in Bretz, Pinheiro and Branson, Biometrics 2005;61:738, table 1.

Then what each shape says of doses: gradients by differences, target doses by bisection on a fine
grid, effective doses from the curve itself, and the largest effect in the range.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    Candidate,
    candidate_means,
    effective_dose,
    fit_curve,
    target_dose,
)

LARGEST = 5.0
DOSES = np.array([0.0, 0.3, 1.0, 2.5, 5.0])


def beta_peak(rise, fall):
    return (rise + fall) ** (rise + fall) / (rise**rise * fall**fall)


FORMULAS = {
    "linear": lambda d, e0, delta: e0 + delta * d,
    "linlog": lambda d, e0, delta: e0 + delta * math.log(d + 0.01 * LARGEST),
    "quadratic": lambda d, e0, b1, b2: e0 + b1 * d + b2 * d**2,
    "emax": lambda d, e0, top, ed50: e0 + top * d / (ed50 + d),
    "sigEmax": lambda d, e0, top, ed50, h: e0 + top * d**h / (ed50**h + d**h),
    "exponential": lambda d, e0, e1, delta: e0 + e1 * (math.exp(d / delta) - 1),
    "logistic": lambda d, e0, top, ed50, delta: e0 + top / (1 + math.exp((ed50 - d) / delta)),
    "betaMod": lambda d, e0, top, rise, fall: (
        e0
        + top
        * beta_peak(rise, fall)
        * (d / (1.2 * LARGEST)) ** rise
        * (1 - d / (1.2 * LARGEST)) ** fall
    ),
}
COEFFICIENTS = {
    "linear": [0.3, 0.5],
    "linlog": [0.9, 0.4],
    "quadratic": [0.3, 0.9, -0.12],
    "emax": [0.3, 2.0, 0.8],
    "sigEmax": [0.3, 2.0, 1.7, 2.5],
    "exponential": [0.3, 0.4, 2.2],
    "logistic": [0.3, 2.0, 1.9, 0.6],
    "betaMod": [0.3, 2.0, 1.3, 0.7],
}


def turned(shape, sign):
    """The coefficients of the curve, or of the one that falls where it rises."""
    coefficients = np.array(COEFFICIENTS[shape])
    coefficients[1 : 3 if shape == "quadratic" else 2] *= sign
    return coefficients


@pytest.mark.parametrize("shape", FORMULAS)
@pytest.mark.parametrize("sign", [1, -1])
def test_means_are_the_formula(shape, sign):
    coefficients = turned(shape, sign)
    expected = [FORMULAS[shape](d, *coefficients) for d in DOSES]
    assert SHAPES[shape].mean(DOSES, coefficients, LARGEST) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", FORMULAS)
def test_gradients_are_differences_of_the_formula(shape):
    found = SHAPES[shape].gradient(DOSES, np.array(COEFFICIENTS[shape]), LARGEST)
    for column in range(len(COEFFICIENTS[shape])):
        above, below = list(COEFFICIENTS[shape]), list(COEFFICIENTS[shape])
        above[column] += 1e-6
        below[column] -= 1e-6
        slope = [(FORMULAS[shape](d, *above) - FORMULAS[shape](d, *below)) / 2e-6 for d in DOSES]
        assert found[:, column] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("shape", FORMULAS)
def test_candidates_are_the_formula_scaled_to_their_largest_effect(shape):
    # given the parameters alone, the curve from placebo to its extreme on a fine grid
    slope, *parameters = COEFFICIENTS[shape][1:]
    if shape == "quadratic":
        parameters = [parameters[0] / slope]
    coefficients = [0, 1, *parameters]
    fine = [FORMULAS[shape](d, *coefficients) for d in np.linspace(0, LARGEST, 20_001)]
    reach = max(fine) - fine[0]
    expected = [1.5 - 0.8 * (FORMULAS[shape](d, *coefficients) - fine[0]) / reach for d in DOSES]
    candidate = Candidate("a", shape, tuple(parameters))
    found = candidate.means(DOSES, placebo=1.5, largest_effect=-0.8)
    assert found == pytest.approx(expected, abs=1e-7)
    assert candidate.peak(LARGEST) == pytest.approx(
        np.argmax(fine) * LARGEST / 20_000, abs=LARGEST / 20_000
    )


@pytest.mark.parametrize("shape", FORMULAS)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("effect", [0.05, 0.4, 1.1])
def test_the_target_dose_is_the_first_crossing_of_the_curve(shape, sign, effect):
    coefficients = turned(shape, sign)
    fine = np.linspace(0, 6 if shape == "betaMod" else 12, 120_001)
    curve = SHAPES[shape].mean(fine, coefficients, LARGEST)
    beyond = np.nonzero((curve - curve[0]) * sign >= effect)[0]
    found = target_dose(shape, coefficients, sign * effect, LARGEST)
    assert found == pytest.approx(fine[beyond[0]], abs=2e-4)
    assert target_dose(shape, coefficients, -sign * effect, LARGEST) is None or (
        shape == "quadratic"
    )


@pytest.mark.parametrize("shape", FORMULAS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_the_effective_dose_is_the_first_with_its_share(shape, share):
    coefficients = np.array(COEFFICIENTS[shape])
    fine = np.linspace(0, LARGEST, 100_001)
    curve = SHAPES[shape].mean(fine, coefficients, LARGEST)
    reached = np.nonzero(curve - curve[0] >= share * (curve - curve[0]).max())[0]
    found = effective_dose(shape, coefficients, share, LARGEST)
    assert found == pytest.approx(fine[reached[0]], abs=2e-4)


def test_a_target_beyond_the_range_is_extrapolated_and_beyond_the_plateau_none():
    # By hand: Emax reaches 90% of its plateau at 9 ED50; a line goes on; a beta curve ends at its top
    assert target_dose("emax", np.array([0, 2.0, 1.0]), 1.8, 5) == pytest.approx(9)
    assert target_dose("linear", np.array([0, 0.1]), 2.0, 5) == pytest.approx(20)
    assert target_dose("emax", np.array([0, 2.0, 1.0]), 2.0, 5) is None
    assert target_dose("betaMod", np.array([0, 2.0, 1.0, 1.0]), 2.0, 5) == pytest.approx(3)
    assert target_dose("betaMod", np.array([0, 2.0, 1.0, 1.0]), 2.01, 5) is None
    assert target_dose("linlog", np.array([0, 1e-3]), 1.0, 5) is None  # e¹⁰⁰⁰ doses
    assert target_dose("quadratic", np.array([0, 1.0, -0.25]), 1.01, 5) is None  # top is 1


def test_a_parabola_without_a_bend_is_a_line():
    assert target_dose("quadratic", np.array([0.2, 0.5, 0.0]), 1.0, 5) == pytest.approx(2)
    assert target_dose("quadratic", np.array([0.2, -0.5, 0.0]), 1.0, 5) is None


@pytest.mark.parametrize("shape", FORMULAS)
def test_a_flat_curve_has_no_target_and_no_effective_dose(shape):
    flat = np.array(COEFFICIENTS[shape])
    flat[1:3] = (0, 0) if shape == "quadratic" else (0, flat[2]) if flat.size > 2 else 0
    assert target_dose(shape, flat, 0.1, LARGEST) is None
    with pytest.raises(UnusableInputError, match="A flat curve has no effective dose"):
        effective_dose(shape, flat, 0.5, LARGEST)


@pytest.mark.parametrize("effect", [0, np.nan, np.inf])
def test_an_effect_that_is_none_is_refused(effect):
    with pytest.raises(UnusableInputError, match="effect other than zero"):
        target_dose("emax", np.array([0, 1.0, 1.0]), effect, 5)


@pytest.mark.parametrize("share", [0, 1, -0.2, np.nan])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(UnusableInputError, match="between 0 and 1"):
        effective_dose("emax", np.array([0, 1.0, 1.0]), share, 5)


@pytest.mark.parametrize("compute", [target_dose, effective_dose])
def test_an_unknown_shape_is_named_with_the_known_ones(compute):
    with pytest.raises(UnusableInputError, match="Unknown dose-response shape 'line'") as refused:
        compute("line", np.array([0, 1.0]), 0.5, 5)
    assert "linear, linlog, quadratic" in str(refused.value)


@pytest.mark.parametrize("compute", [target_dose, effective_dose])
@pytest.mark.parametrize("coefficients", [[0, 1.0], [0, 1.0, 1.0, 2.0], [0, np.nan, 1.0]])
def test_coefficients_that_are_not_the_shapes_are_named(compute, coefficients):
    with pytest.raises(
        UnusableInputError, match="emax curve needs finite coefficients e0, eMax, ed50"
    ):
        compute("emax", np.array(coefficients), 0.5, 5)


# R 4.2.2, DoseFinding 1.0-3, defBnds(mD = 5), row by row
BOUNDS = {
    "emax": [[0.005, 7.5]],
    "exponential": [[0.5, 10]],
    "logistic": [[0.005, 7.5], [0.05, 2.5]],
    "sigEmax": [[0.005, 7.5], [0.5, 10]],
    "betaMod": [[0.05, 4], [0.05, 4]],
}


@pytest.mark.parametrize("shape", BOUNDS)
def test_default_bounds_are_those_of_r(shape):
    assert SHAPES[shape].default_bounds(5.0) == pytest.approx(np.array(BOUNDS[shape]))


@given(unit=st.floats(0.01, 100))
@settings(max_examples=10, deadline=None)
def test_two_doses_of_a_line_fit_at_any_unit(unit):
    fit = fit_curve("linear", [0, 2 * unit], [1.0, 4.0], [0.1, 0.1])
    assert fit.coefficients == pytest.approx([1, 1.5 / unit], rel=1e-9)
    assert fit.criterion == pytest.approx(0, abs=1e-18)


def test_candidates_keep_their_order():
    found = candidate_means(
        [Candidate("steep", "emax", (0.1,)), Candidate("line", "linear")], [0, 1, 5]
    )
    assert found[1] == pytest.approx([0, 0.2, 1])
    assert found[0, 1] == pytest.approx((1 / 1.1) / (5 / 5.1))
