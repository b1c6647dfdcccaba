"""Optimal allocation beside a general optimizer on the simplex, and rounding beside every rounding."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    SHAPES,
    Candidate,
    contrast_power,
    contrast_sample_size,
    optimal_allocation,
    optimal_contrasts,
    target_dose,
    whole_participants,
)

DOSES = np.array([0.0, 0.25, 0.5, 1.0])
EMAX = Candidate("emax", "emax", (0.2,))
LINE = Candidate("line", "linear")
PARABOLA = Candidate("parabola", "quadratic", (-0.6,))


def slopes(coefficients, shape, at):
    """The derivatives of a mean by its coefficients, as differences."""
    return np.array(
        [
            (
                SHAPES[shape].mean(np.array([at]), coefficients + step, 1.0)
                - SHAPES[shape].mean(np.array([at]), coefficients - step, 1.0)
            )[0]
            / 2e-5
            for step in 1e-5 * np.eye(len(coefficients))
        ]
    )


def target_slopes(coefficients, shape, effect):
    return np.array(
        [
            (
                target_dose(shape, coefficients + step, effect, 1.0)
                - target_dose(shape, coefficients - step, effect, 1.0)
            )
            / 2e-5
            for step in 1e-5 * np.eye(len(coefficients))
        ]
    )


# The coefficients of candidates that rise by one within 0 to 1, by hand: Emax by (1 + ED50), the
# parabola d − 0.6 d² by its top at 1 / 1.2, which is 1 / 2.4.
COEFFICIENTS = {
    "emax": ("emax", np.array([0, 1.2, 0.2])),
    "line": ("linear", np.array([0, 1.0])),
    "parabola": ("quadratic", np.array([0, 2.4, -1.44])),
}


def losses(shares, criterion, effect):
    """The criterion as a function of the weights, by dense linear algebra."""
    terms = []
    for name, share in shares.items():
        shape, coefficients = COEFFICIENTS[name]
        rows = np.array([slopes(coefficients, shape, d) for d in DOSES])
        terms.append((share, rows, target_slopes(coefficients, shape, effect)))

    def loss(weights):
        total = 0.0
        for share, rows, toward in terms:
            information = rows.T @ np.diag(weights) @ rows
            if criterion == "determinant":
                total -= share * np.log(np.linalg.det(information)) / len(toward)
            else:
                total += share * np.log(toward @ np.linalg.solve(information, toward))
        return total

    return loss


@pytest.mark.parametrize("criterion", ["determinant", "target-dose"])
@pytest.mark.parametrize(
    "shares",
    [{"emax": 1.0}, {"emax": 0.5, "line": 0.5}, {"emax": 0.3, "line": 0.3, "parabola": 0.4}],
)
def test_no_allocation_that_a_general_optimizer_finds_is_better(criterion, shares):
    candidates = [c for c in (EMAX, LINE, PARABOLA) if c.name in shares]
    found = optimal_allocation(
        candidates, list(shares.values()), DOSES, criterion=criterion, target_effect=0.4
    )
    assert found.weights.sum() == pytest.approx(1)

    loss = losses(shares, criterion, 0.4)

    def free(x):  # a softmax keeps the search on the simplex
        weights = np.exp(np.append(x, 0))
        return loss(weights / weights.sum())

    starts = ([0.0, 0, 0], [1.0, -1, 0])
    best = min(
        minimize(free, start, method="Nelder-Mead", options={"fatol": 1e-10, "maxiter": 400}).fun
        for start in starts
    )
    ours = loss(np.maximum(found.weights, 1e-9))
    assert ours <= best + 1e-6
    assert found.criterion == pytest.approx(ours, abs=1e-5)
    assert found.optimality_gap < 1e-6


def test_d_optimal_designs_of_saturated_curves_are_even():
    # Theory: as many doses as coefficients get equal shares
    found = optimal_allocation([PARABOLA], [1], [0, 0.4, 1])
    assert found.weights == pytest.approx(np.full(3, 1 / 3), abs=1e-7)


def test_a_candidate_without_probability_does_not_matter():
    with_other = optimal_allocation([EMAX, PARABOLA], [1, 0], DOSES)
    alone = optimal_allocation([EMAX], [1], DOSES)
    assert with_other.weights == pytest.approx(alone.weights, abs=1e-9)


def test_the_size_of_the_effect_leaves_a_d_optimal_design_alone():
    small, large = (
        optimal_allocation([EMAX], [1], DOSES, largest_effect=effect) for effect in (0.2, 5)
    )
    assert small.weights == pytest.approx(large.weights, abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "settings_", "message"),
    [
        (([EMAX], [1], DOSES), {"criterion": "variance"}, "Unknown criterion"),
        (([EMAX], [-1], DOSES), {}, "needs a probability"),
        (([EMAX], [np.nan], DOSES), {}, "needs a probability"),
        (([EMAX], [1], [0, 1]), {}, "more coefficients than there are doses"),
        (([EMAX], [1], [0]), {}, "at least two doses"),
        (
            ([EMAX], [1], DOSES),
            {"criterion": "target-dose", "target_effect": 1.3},
            "no target dose in the dose range",
        ),
    ],
)
def test_settings_that_do_not_fit_are_named(arguments, settings_, message):
    with pytest.raises(UnusableInputError, match=message):
        optimal_allocation(*arguments, **settings_)


@given(
    parts=st.lists(st.integers(0, 9), min_size=2, max_size=4).filter(any), total=st.integers(4, 14)
)
@settings(max_examples=25, deadline=None)
def test_no_rounding_keeps_more_of_the_efficiency(parts, total):
    """Pukelsheim and Rieder 1992: the efficiency is the smallest n_i / (n w_i) of a dose in use."""
    weights = np.array(parts) / sum(parts)
    used = weights > 0

    def efficiency(counts):
        return min(c / (total * w) for c, w in zip(counts, weights, strict=True) if w > 0)

    every = [
        counts
        for counts in product(*(range(total + 1) if u else (0,) for u in used))
        if sum(counts) == total
    ]
    found = whole_participants(weights, total)
    assert found.sum() == total
    assert (found[~used] == 0).all()
    assert efficiency(found) == pytest.approx(max(map(efficiency, every)), rel=1e-12)


@pytest.mark.parametrize(
    ("weights", "total", "expected"),
    [
        # R 4.2.2, DoseFinding 1.0-3, rndDesign
        ([0.31, 0.26, 0.1, 0.33], 20, [6, 5, 2, 7]),
        ([0.4, 0.35, 0.25, 0], 17, [7, 6, 4, 0]),
        ([0.123, 0.377, 0.2, 0.3], 51, [7, 19, 10, 15]),
    ],
)
def test_roundings_agree_with_r(weights, total, expected):
    assert whole_participants(weights, total).tolist() == expected


@pytest.mark.parametrize(
    ("weights", "total"), [([0.5, 0.4], 10), ([0.5, 0.5], 1), ([0.4, 0.3, 0.3], 2)]
)
def test_shares_and_totals_that_do_not_fit_are_refused(weights, total):
    with pytest.raises(UnusableInputError, match="Weights must sum to one"):
        whole_participants(weights, total)


@pytest.mark.parametrize(("summary", "two_sided"), [("mean", False), ("min", False), ("min", True)])
def test_the_size_is_the_first_in_a_search_one_by_one(summary, two_sided):
    means = np.array([[0, 0.5, 1, 1.2], [0, 1, 1.1, 1.2]])
    contrasts = optimal_contrasts(means, [2, 1, 1, 1])
    found = contrast_sample_size(
        means, 1.3, contrasts, alpha=0.05, power=0.8, allocation=[1, 2, 2, 2],
        summary=summary, two_sided=two_sided,
    )  # fmt: skip

    def power(smallest):
        sizes = smallest * np.array([1, 2, 2, 2])
        each = contrast_power(
            means, 1.69 / sizes, contrasts, alpha=0.05,
            degrees_of_freedom=sizes.sum() - 4, two_sided=two_sided,
        )  # fmt: skip
        return each.mean() if summary == "mean" else each.min()

    smallest = next(n for n in range(2, 60) if power(n) >= 0.8)
    assert found.per_dose.tolist() == [smallest, *[2 * smallest] * 3]
    assert found.power == pytest.approx(power(smallest), rel=1e-9)


def test_power_with_an_estimated_variance_agrees_with_simulated_trials():
    generator = np.random.default_rng(5)
    truth, n = np.array([0, 0.3, 0.6, 0.7]), np.array([5, 4, 6, 5])
    contrasts = optimal_contrasts([[0, 1, 2, 3], [0, 1, 1, 1]], 1 / n)
    means = truth + generator.standard_normal((100_000, 4)) / np.sqrt(n)
    deviation = np.sqrt(generator.chisquare(16, 100_000) / 16)
    length = np.sqrt(contrasts**2 @ (1 / n))
    t = means @ contrasts.T / length / deviation[:, None]
    null = (means - truth) @ contrasts.T / length / deviation[:, None]
    critical = np.quantile(null.max(axis=1), 0.95)
    found = contrast_power(truth, 1 / n, contrasts, alpha=0.05, degrees_of_freedom=16)
    assert found == pytest.approx((t.max(axis=1) > critical).mean(), abs=0.008)
