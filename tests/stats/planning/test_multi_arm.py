"""Multi-arm multi-stage analyses and simulations against rpact, and as invariances."""

import numpy as np
import pytest
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import adjust
from trialwright.stats.planning import (
    analyze_arms,
    efficacy_bounds,
    intersection_p,
    simulate_arms,
)

FIELDS = {
    "repeated_p": "repeated_p",
    "repeated_ci_lo": "repeated_lower",
    "repeated_ci_hi": "repeated_upper",
    "overall_stage_z": "stage_z",
    "stage_p": "stage_p",
    "conditional_rejection": "conditional_rejection",
}


@pytest.mark.parametrize("test", ["dunnett", "bonferroni"])
def test_agrees_with_rpact(cases, two_looks, test):
    case = cases[f"analysis_four_arm_two_look_{test}"]
    spec = case["spec"]
    found = analyze_arms(
        two_looks,
        spec["active_events"],
        spec["n"],
        spec["control_events"],
        spec["n"],
        test=test,
    )
    for name, field in FIELDS.items():
        expected, values = case["expect"][name], getattr(found, field)
        for row, expected_row in zip(values, expected, strict=True):
            for value, number in zip(row, expected_row, strict=True):
                if number is None:
                    assert value is None
                else:
                    assert value == pytest.approx(number, rel=1e-4)
    assert [row[-1] for row in found.rejected] == [False, False, True]


def test_one_arm_and_one_stage_is_a_z_test():
    design = efficacy_bounds("pocock", 1, 0.025)
    found = analyze_arms(design, [[20]], 40, [10], 40)
    z = found.stage_z[0][0]
    assert found.repeated_p[0][0] == pytest.approx(stats.norm.sf(z), rel=1e-6)
    assert found.conditional_rejection[0][0] is None


@pytest.mark.parametrize(("test", "method"), [("bonferroni", "holm"), ("simes", "hommel")])
def test_one_stage_closes_to_the_known_procedures(test, method):
    # Closed Bonferroni is Holm, closed Simes is Hommel; at one look the repeated p is the p.
    design = efficacy_bounds("pocock", 1, 0.025)
    found = analyze_arms(design, [[18], [22], [16]], 40, [10], 40, test=test)
    raw = [row[0] for row in found.stage_p]
    expected = adjust(raw, method).adjusted
    assert [row[0] for row in found.repeated_p] == pytest.approx(expected, rel=1e-6)


def test_relabeling_the_arms_relabels(two_looks):
    events = [[9, 7], [11, None], [8, 12]]
    plain = analyze_arms(two_looks, events, 20, [5, 5], 20)
    moved = analyze_arms(two_looks, [events[i] for i in (2, 0, 1)], 20, [5, 5], 20)
    assert moved.repeated_p[1] == pytest.approx(plain.repeated_p[0])
    assert moved.repeated_lower[0] == pytest.approx(plain.repeated_lower[2])


def test_adjusting_for_arms_costs(two_looks):
    alone = analyze_arms(two_looks, [[9, 7]], 20, [5, 5], 20)
    tests = {
        test: analyze_arms(two_looks, [[9, 7], [6, 6], [7, 9]], 20, [5, 5], 20, test=test)
        for test in ("dunnett", "bonferroni", "simes")
    }
    for found in tests.values():
        assert found.repeated_p[0][1] >= alone.repeated_p[0][1] - 1e-9
        assert found.repeated_lower[0][1] <= alone.repeated_lower[0][1]
    assert tests["dunnett"].repeated_p[0][0] <= tests["bonferroni"].repeated_p[0][0]
    assert tests["simes"].repeated_p[0][0] <= tests["bonferroni"].repeated_p[0][0] + 1e-9


def test_unequal_groups_change_the_correlation(two_looks):
    found = analyze_arms(two_looks, [[9], [8]], [[20], [20]], [10], [40])
    even = analyze_arms(two_looks, [[9], [8]], 20, [5], 20)
    assert found.repeated_p[0][0] < even.repeated_p[0][0]


def test_intersections_of_one_arm_need_no_adjustment():
    z = np.array([[1.3], [2.4]])
    for test in ("dunnett", "bonferroni", "simes"):
        assert intersection_p(z, test) == pytest.approx(stats.norm.sf(z[:, 0]), rel=1e-9)


def within(found, expected, trials_found, trials_expected):
    """Tell whether two simulated shares agree within four standard errors."""
    error = np.sqrt(expected * (1 - expected) * (1 / trials_found + 1 / trials_expected))
    return abs(found - expected) <= 4 * error


def test_simulated_power_agrees_with_rpact(cases, two_looks):
    case = cases["sim_four_arm_0.25_0.35_0.45_0.5"]
    expected, spec = case["expect"], case["spec"]
    one, two = spec["iterations"]
    chance = np.random.Generator(np.random.Philox(11))
    single = simulate_arms(
        efficacy_bounds("pocock", 1, 0.025), spec["rates"], 40, trials=40_000, generator=chance
    )
    assert within(single.any_rejected, expected["one_look_reject_at_least_one"], 40_000, one)
    for found, share in zip(single.rejected[0], expected["one_look_per_arm"], strict=True):
        assert within(found, share, 40_000, one)
    staged = simulate_arms(two_looks, spec["rates"], 20, trials=40_000, generator=chance)
    assert within(staged.any_rejected, expected["two_look_reject_at_least_one"], 40_000, two)
    assert staged.expected_participants == pytest.approx(expected["two_look_expected_n"], abs=0.1)
    selected = [*staged.continued[1], staged.control_continued[1]]
    for found, share in zip(selected, expected["two_look_selected_stage2"], strict=True):
        assert within(found, share, 40_000, two)
    shares = np.array(expected["two_look_rejected_per_stage_by_arm"])
    for found, share in zip(staged.rejected.ravel(), shares.ravel(), strict=True):
        assert within(found, share, 40_000, two)


def test_simulated_trials_agree_with_their_analysis(two_looks):
    # The vectorized decisions against the analysis of the same counts, trial by trial
    rates, per_stage = [0.3, 0.5, 0.6], 15
    chance = np.random.Generator(np.random.Philox(5))
    events = chance.binomial(per_stage, rates, (2, 15, 3))
    again = np.random.Generator(np.random.Philox(5))
    found = simulate_arms(two_looks, rates, per_stage, trials=15, generator=again, selection="all")
    counts = np.zeros((2, 2))
    for trial in range(15):
        control = [int(x) for x in events[:, trial, 0]]
        arms = [[int(x) for x in events[:, trial, arm]] for arm in (1, 2)]
        first = analyze_arms(two_looks, [row[:1] for row in arms], 15, control[:1], 15)
        stopped = all(row[0] for row in first.rejected)
        both = analyze_arms(two_looks, arms, 15, control, 15)
        for arm in range(2):
            counts[0, arm] += first.rejected[arm][0]
            counts[1, arm] += not stopped and both.rejected[arm][1] and not first.rejected[arm][0]
    assert found.rejected == pytest.approx(counts / 15)


def test_the_familywise_error_is_kept(two_looks):
    chance = np.random.Generator(np.random.Philox(3))
    found = simulate_arms(two_looks, [0.4] * 4, 50, trials=40_000, generator=chance)
    assert found.any_rejected < 0.025 + 4 * found.standard_error(0.025) + 0.003  # discreteness


def test_the_same_seed_gives_the_same_trials(two_looks):
    results = [
        simulate_arms(
            two_looks,
            [0.3, 0.4, 0.5],
            20,
            trials=500,
            generator=np.random.Generator(np.random.Philox(9)),
            test="simes",
        )
        for _ in range(2)
    ]
    assert np.array_equal(results[0].rejected, results[1].rejected)
    assert results[0].any_rejected == results[1].any_rejected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda d: analyze_arms(d, [], 20, [5], 20), "entry for each stage"),
        (lambda d: analyze_arms(d, [[9, 7]], 20, [5], 20), "entry for each stage"),
        (lambda d: analyze_arms(d, [[1] * 3], 20, [5] * 3, 20), "More stages"),
        (lambda d: analyze_arms(d, [[9, None], [None, 8]], 20, [5, 5], 20), "come back"),
        (lambda d: analyze_arms(d, [[9]], 20, [5], 20, test="holm"), "Unknown test"),
        (lambda d: analyze_arms(d, [[29]], 20, [5], 20), "More responders"),
        (
            lambda d: simulate_arms(d, [0.3], 5, trials=5, generator=np.random.default_rng()),
            "at least one arm",
        ),
        (
            lambda d: simulate_arms(d, [0.3, 0.4], 0, trials=5, generator=np.random.default_rng()),
            "participants and trials",
        ),
    ],
)
def test_unusable_input_is_named(two_looks, make, message):
    with pytest.raises(UnusableInputError, match=message):
        make(two_looks)
