"""Power, sample size and allocation against DoseFinding, closed forms and theory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.dose_response import (
    Candidate,
    candidate_means,
    contrast_power,
    contrast_sample_size,
    optimal_allocation,
    optimal_contrasts,
    whole_participants,
)


def test_normal_power_agrees_with_r(cases, candidates, doses):
    expected = cases["power_mct"]["expect"]["normal_by_true_model"]
    means = candidate_means(candidates, doses)
    found = contrast_power(
        means,
        np.full(4, 2.5**2 / 40),
        optimal_contrasts(means, np.ones(4)),
        alpha=0.025,
        degrees_of_freedom=156,
    )
    # DoseFinding's critical value is sampled, 2.5e-4 too small in this run
    assert found == pytest.approx(list(expected.values()), abs=2e-4)


def test_binary_power_agrees_with_r(cases, candidates, doses):
    expected = cases["power_mct"]["expect"]["binary_25_to_50_percent_n40"]
    start = np.log(0.25 / 0.75)
    logits = candidate_means(candidates[:4], doses, placebo=start, largest_effect=-start)
    rates = 1 / (1 + np.exp(-logits))
    assert rates == pytest.approx(np.array(expected["p"]), rel=1e-9)
    contrasts = optimal_contrasts(candidate_means(candidates[:4], doses), np.ones(4))
    found = [
        contrast_power(logit, 1 / (40 * rate * (1 - rate)), contrasts, alpha=0.025)
        for logit, rate in zip(logits, rates, strict=True)
    ]
    assert found == pytest.approx(expected["power"], rel=1e-4)


def test_sample_size_agrees_with_r(cases, candidates, doses):
    expected = cases["sample_size_mct"]["expect"]
    means = candidate_means(candidates, doses)
    found = contrast_sample_size(
        means, 2.5, optimal_contrasts(means, np.ones(4)), alpha=0.025, power=0.8
    )
    assert found.per_dose.tolist() == expected["n_per_arm"]
    assert found.power == pytest.approx(expected["power_there"], abs=2e-4)


def test_one_contrast_has_the_power_of_a_t_test():
    # Noncentral t, closed form
    found = contrast_power([0.0, 1.0], [0.1, 0.1], [[-1, 1]], alpha=0.025, degrees_of_freedom=18)
    critical = stats.t.isf(0.025, 18)
    assert found == pytest.approx(stats.nct.sf(critical, 18, 1 / np.sqrt(0.2)), rel=1e-8)
    two_sided = contrast_power(
        [0.0, 1.0], [0.1, 0.1], [[-1, 1]], alpha=0.05, degrees_of_freedom=18, two_sided=True
    )
    other_side = stats.nct.cdf(-critical, 18, 1 / np.sqrt(0.2))
    assert two_sided == pytest.approx(float(found) + other_side, rel=1e-8)


def test_power_agrees_with_a_simulation(candidates, doses):
    generator = np.random.default_rng(8)
    means = candidate_means(candidates, doses)
    contrasts = optimal_contrasts(means, np.ones(4))
    exact = contrast_power(means[4], np.full(4, 0.12), contrasts, alpha=0.025)
    z = generator.standard_normal((200_000, 4)) * np.sqrt(0.12) + means[4]
    simulated = np.mean((z @ contrasts.T / np.sqrt(0.12)).max(axis=1) > 2.2829158590953176)
    assert exact == pytest.approx(simulated, abs=0.005)  # four standard errors


@settings(max_examples=15, deadline=None)
@given(variance=st.floats(0.05, 1), effect=st.floats(0, 3))
def test_power_rises_with_the_effect(variance, effect):
    contrasts = optimal_contrasts([[0, 0.5, 1], [0, 1, 1]], np.ones(3))
    curve = np.array([0, 0.7, 1])

    def power(size):
        return contrast_power(size * curve, np.full(3, variance), contrasts, alpha=0.05)

    assert power(0) == pytest.approx(0.05, rel=1e-6)
    assert power(effect + 0.1) > power(effect) - 1e-12


def test_the_smallest_trial_is_the_smallest(doses):
    means = candidate_means([Candidate("emax", "emax", (0.2,))], doses)
    contrasts = optimal_contrasts(means, 1 / np.array([2, 1, 1, 2]))
    found = contrast_sample_size(
        means, 2.0, contrasts, alpha=0.05, power=0.9, allocation=[2, 1, 1, 2], summary="min"
    )
    assert found.per_dose[0] == 2 * found.per_dose[1]
    assert found.power >= 0.9
    fewer = found.per_dose - [2, 1, 1, 2]
    less = contrast_power(
        means[0],
        4 / fewer,
        contrasts,
        alpha=0.05,
        degrees_of_freedom=fewer.sum() - 4,
    )
    assert less < 0.9


def test_the_optimal_design_agrees_with_r(cases, candidates, doses):
    # DoseFinding's optDesign over emax1, linear and sigEmax
    expected = cases["optimal_design"]["expect"]
    by_name = {candidate.name: candidate for candidate in candidates}
    found = optimal_allocation(
        [by_name[name] for name in ("emax1", "linear", "sigEmax")],
        cases["optimal_design"]["spec"]["probs"],
        doses,
    )
    assert found.weights == pytest.approx(expected["weights"], rel=1e-4)
    assert found.criterion == pytest.approx(expected["crit"], rel=1e-8)
    assert found.optimality_gap < 1e-8


def test_designs_for_five_doses_agree_with_r():
    # R 4.2.2, DoseFinding 1.0-3, optDesign with nlminb, D-optimal and TD-optimal for effect 0.4
    doses = [0, 0.05, 0.2, 0.6, 1]
    curves = [
        Candidate("emax1", "emax", (0.05,)),
        Candidate("emax2", "emax", (0.3,)),
        Candidate("linear", "linear"),
        Candidate("sigEmax", "sigEmax", (0.3, 4)),
        Candidate("exponential", "exponential", (0.3,)),
        Candidate("betaMod", "betaMod", (0.8, 1.1)),
        Candidate("logistic", "logistic", (0.4, 0.09)),
    ]
    best = optimal_allocation(curves, np.full(7, 1 / 7), doses)
    assert best.weights == pytest.approx([0.24052, 0.10848, 0.17545, 0.19669, 0.27885], abs=6e-6)
    target = optimal_allocation(
        [Candidate("emax", "emax", (0.1,)), curves[2]],
        [0.5, 0.5],
        doses,
        criterion="target-dose",
        target_effect=0.4,
    )
    expected = [0.3436234275894, 0.3127858312877, 0.0110412502134, 0, 0.3325494909095]
    assert target.weights == pytest.approx(expected, abs=2e-6)
    assert target.criterion == pytest.approx(-0.695445572334, rel=1e-9)


def test_the_best_design_for_the_target_dose_of_a_line_is_its_ends():
    # Hand calculation: the target dose effect / slope depends on the slope alone.
    found = optimal_allocation(
        [Candidate("linear", "linear")],
        [1],
        [0, 0.5, 1],
        criterion="target-dose",
        target_effect=0.5,
    )
    assert found.weights == pytest.approx([0.5, 0, 0.5], abs=1e-4)


@pytest.mark.parametrize("criterion", ["determinant", "target-dose"])
def test_no_other_allocation_is_better(criterion, candidates, doses):
    some = [candidates[1], candidates[3]]
    settings_ = {"criterion": criterion, "target_effect": 0.4}
    best = optimal_allocation(some, [0.6, 0.4], doses, **settings_)
    emphasized = [
        optimal_allocation(some, shares, doses, **settings_).weights for shares in ([1, 0], [0, 1])
    ]
    assert best.weights.sum() == pytest.approx(1)
    assert np.all(best.weights >= np.min(emphasized, axis=0) - 0.05)
    assert best.optimality_gap < 1e-6


@settings(max_examples=30, deadline=None)
@given(
    weights=st.lists(st.floats(0.01, 1), min_size=2, max_size=6).map(np.array),
    total=st.integers(6, 300),
)
def test_rounding_keeps_the_total_and_stays_close(weights, total):
    weights = weights / weights.sum()
    counts = whole_participants(weights, total)
    assert counts.sum() == total
    assert np.all(counts >= 1)
    assert np.all(np.abs(counts - total * weights) < len(weights))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: contrast_power([0, 1], [1, 1, 1], [[-1, 0, 1]], alpha=0.05), "3 doses"),
        (lambda: contrast_power([0, 1], [1, 1], [[-1, 1]], alpha=1.5), "level"),
        (
            lambda: contrast_sample_size([[0, 0]], 1, [[-1, 1]], alpha=0.05, power=0.8),
            "Not even",
        ),
        (
            lambda: contrast_sample_size([[0, 1]], 1, [[-1, 1]], alpha=0.05, power=1.2),
            "Power",
        ),
        (
            lambda: contrast_sample_size(
                [[0, 1]], 1, [[-1, 1]], alpha=0.05, power=0.8, allocation=[1, 0]
            ),
            "allocation",
        ),
        (
            lambda: contrast_sample_size(
                [[0, 1]], 1, [[-1, 1]], alpha=0.05, power=0.8, summary="max"
            ),
            "max",
        ),
        (
            lambda: optimal_allocation([Candidate("s", "sigEmax", (0.4, 3))], [1], [0, 0.5, 1]),
            "more coefficients",
        ),
        (lambda: optimal_allocation([Candidate("l", "linear")], [0.5], [0, 1]), "sum to one"),
        (lambda: optimal_allocation([Candidate("l", "linear")], [0.5, 0.5], [0, 1]), "probab"),
        (
            lambda: optimal_allocation(
                [Candidate("l", "linear")], [1], [0, 1], criterion="target-dose"
            ),
            "target effect",
        ),
        (
            lambda: optimal_allocation(
                [Candidate("l", "linear")],
                [1],
                [0, 1],
                criterion="target-dose",
                target_effect=2,
            ),
            "no target dose",
        ),
        (lambda: whole_participants([0.5, 0.5], 1), "participant for every"),
    ],
)
def test_unusable_input_is_named(make, message):
    with pytest.raises(UnusableInputError, match=message):
        make()
