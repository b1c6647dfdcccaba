"""Analysis of covariance beside sums over participants, and on data that it must refuse."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import ancova, fit_linear

ARM = ["a", "b"] * 6
BASELINE = [3.0, 5, 4, 8, 6, 2, 7, 7, 1, 4, 5, 6]
CHANGE = [-1.0, -4, 0, -6, -3, -2, -2, -7, 1, -3, -1, -4]


def design() -> np.ndarray:
    return np.column_stack([np.ones(12), [arm == "b" for arm in ARM], BASELINE]).astype(float)


@pytest.mark.parametrize("errors", ["model", "HC0", "HC1", "HC2", "HC3"])
def test_errors_summed_over_participants(errors: str) -> None:
    """MacKinnon and White 1985: squared residuals, each scaled by its own leverage."""
    x, y = design(), np.array(CHANGE)
    bread = np.linalg.inv(sum(np.outer(row, row) for row in x))
    beta = bread @ sum(row * value for row, value in zip(x, y, strict=True))
    meat = np.zeros((3, 3))
    squares = sum((value - row @ beta) ** 2 for row, value in zip(x, y, strict=True))
    for row, value in zip(x, y, strict=True):
        leverage = row @ bread @ row
        scale = {"HC0": 1, "HC1": 12 / 9, "HC2": 1 / (1 - leverage), "HC3": (1 - leverage) ** -2}
        spread = squares / 9 if errors == "model" else scale[errors] * (value - row @ beta) ** 2
        meat += spread * np.outer(row, row)
    found = ancova(CHANGE, ARM, {"baseline": BASELINE}, errors=errors).differences("arm")["b"]
    assert found.estimate == pytest.approx(beta[1])
    assert found.standard_error**2 == pytest.approx((bread @ meat @ bread)[1, 1])
    assert found.degrees_of_freedom == 9


def test_the_adjusted_difference_by_the_slope_within_arms() -> None:
    # By hand: the difference of means less the pooled slope times that of the baselines.
    arms = {
        arm: [(b, c) for a, b, c in zip(ARM, BASELINE, CHANGE, strict=True) if a == arm]
        for arm in "ab"
    }
    mean = {arm: [sum(pair[k] for pair in rows) / 6 for k in (0, 1)] for arm, rows in arms.items()}
    products = sum(
        (b - mean[arm][0]) * (c - mean[arm][1]) for arm, rows in arms.items() for b, c in rows
    )
    squares = sum((b - mean[arm][0]) ** 2 for arm, rows in arms.items() for b, _ in rows)
    slope = products / squares
    expected = (mean["b"][1] - mean["a"][1]) - slope * (mean["b"][0] - mean["a"][0])
    fit = ancova(CHANGE, ARM, {"baseline": BASELINE})
    assert fit.differences("arm")["b"].estimate == pytest.approx(expected)
    overall = sum(BASELINE) / 12
    for arm, result in fit.ls_means("arm").items():
        adjusted = mean[arm][1] + slope * (overall - mean[arm][0])
        assert result.estimate == pytest.approx(adjusted)


@given(scale=st.floats(0.01, 100), shift=st.floats(-20, 20), seed=st.integers(0, 999))
@settings(max_examples=15, deadline=None)
def test_units_order_and_names_do_not_matter(scale: float, shift: float, seed: int) -> None:
    one = ancova(CHANGE, ARM, {"baseline": BASELINE}).differences("arm")["b"]
    order = np.random.default_rng(seed).permutation(12)
    other = ancova(
        [scale * CHANGE[k] + shift for k in order],
        [{"a": "z", "b": "y"}[ARM[k]] for k in order],
        {"baseline": [3 * BASELINE[k] - 1 for k in order]},
        arms=["z", "y"],
    ).differences("arm")["y"]
    assert other.estimate == pytest.approx(scale * one.estimate, rel=1e-8)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-7)
    turned = ancova(CHANGE, ARM, {"baseline": BASELINE}, arms=["b", "a"]).differences("arm")["a"]
    assert turned.estimate == pytest.approx(-one.estimate)
    assert (turned.lower, turned.upper) == pytest.approx((-one.upper, -one.lower))


def test_two_arms_alone_are_students_test_and_the_type_3_test_its_square() -> None:
    fit = ancova(CHANGE, ARM)
    a, b = (
        np.array([c for c, each in zip(CHANGE, ARM, strict=True) if each == arm]) for arm in "ab"
    )
    pooled = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2 * (1 / 6 + 1 / 6))
    t = (b.mean() - a.mean()) / pooled
    assert fit.differences("arm")["b"].statistic == pytest.approx(t)
    assert fit.type_3()["arm"].statistic == pytest.approx(t * t)
    assert fit.type_3()["arm"].denominator == 10


UNUSABLE: dict[str, tuple[Any, Any, Any]] = {
    "infinite outcome": ([math.inf, *CHANGE[1:]], ARM, {"z": BASELINE}),
    "infinite covariate": (CHANGE, ARM, {"z": [-math.inf, *BASELINE[1:]]}),
    "no outcome": ([math.nan] * 12, ARM, {}),
    "arms of others": (CHANGE, ARM[:5], {}),
    "covariates of others": (CHANGE, ARM, {"z": BASELINE[:5]}),
    "a covariate that is the arm": (CHANGE, ARM, {"z": [arm == "b" for arm in ARM]}),
    "a constant covariate": (CHANGE, ARM, {"z": [2.0] * 12}),
    "no arm known": (CHANGE, [None] * 12, {}),
    "an arm that is not listed": (CHANGE, ["c", *ARM[1:]], {}),
    "one participant per arm": (CHANGE[:2], ARM[:2], {}),
    "nobody": ([], [], {}),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("errors", ["model", "HC3"])
@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_fitted_is_refused(name: str, errors: str) -> None:
    response, arm, covariates = UNUSABLE[name]
    with pytest.raises(UnusableInputError):
        ancova(response, arm, covariates, arms=["a", "b"], errors=errors)


@pytest.mark.parametrize("outcome", [[2.0] * 12, [float(arm == "b") for arm in ARM]])
def test_an_outcome_without_error_has_estimates_and_no_test(outcome: list[float]) -> None:
    fit = ancova(outcome, ARM)
    result = fit.differences("arm")["b"]
    assert result.estimate == pytest.approx(outcome[1] - outcome[0])
    assert (result.standard_error, result.p_value) == (0.0, None)
    assert result.notes
    assert fit.type_3()["arm"].p_value is None


def test_who_lacks_a_value_is_left_out_and_counted() -> None:
    table = pl.DataFrame({"y": [*CHANGE, None, 1.0], "arm": [*ARM, "a", None]})
    fit = fit_linear(table, "y ~ arm")
    assert fit.coefficients.counts == {"records": 12, "left out": 2}
    assert fit.coefficients.estimates == pytest.approx(ancova(CHANGE, ARM).coefficients.estimates)
