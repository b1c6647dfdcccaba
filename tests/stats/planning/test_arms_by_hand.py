"""Multi-arm trials tested one intersection at a time, in loops over subsets of the arms.

Dunnett's chance is an integral over the control arm; the combination over stages, the closure, the
limits and the simulation's bookkeeping are written out.
"""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.planning import (
    analyze_arms,
    crossing_chances,
    efficacy_bounds,
    intersection_p,
    rate_z,
    simulate_arms,
    stagewise_p_value,
)


def dunnett(z, sizes, control):
    """P(max ≥ max z) of arms with sizes n against a shared control: 1 − ∫ Π Φ(...) φ."""
    share = np.sqrt(np.array(sizes) / (np.array(sizes) + control))  # loadings of the control mean
    own = np.sqrt(1 - share**2)

    def inside(u):
        return math.exp(-u * u / 2) * special.ndtr((max(z) - share * u) / own).prod()

    return 1 - integrate.quad(inside, -8, 8, epsabs=1e-11)[0] / math.sqrt(2 * math.pi)


def bonferroni(z, sizes, control):
    return min(1, len(z) * stats.norm.sf(max(z)))


def simes(z, sizes, control):
    p = sorted(stats.norm.sf(z))
    return min(len(p) * value / (rank + 1) for rank, value in enumerate(p))


TESTS = {"dunnett": dunnett, "bonferroni": bonferroni, "simes": simes}


def pooled(x, n, y, m):
    p = (x + y) / (n + m)
    error = np.sqrt(p * (1 - p) * (1 / n + 1 / m))
    return (x / n - y / m) / error if error > 0 else 0.0


def smallest_combined(information, events, sizes, control, control_sizes, test):
    """Per arm, the smallest combined z over all intersections that hold the arm, by loops."""
    arms, stages = range(len(events)), range(len(control))
    found = [np.inf for _ in arms]
    for count in range(1, len(events) + 1):
        for subset in combinations(arms, count):
            total = 0.0
            for stage in stages:
                left = [a for a in subset if events[a][stage] is not None]
                z = [
                    pooled(events[a][stage], sizes[a][stage], control[stage], control_sizes[stage])
                    for a in left
                ]
                p = TESTS[test](z, [sizes[a][stage] for a in left], control_sizes[stage])
                before = information[stage - 1] if stage else 0
                total += np.sqrt(information[stage] - before) * stats.norm.isf(p)
            for arm in subset:
                found[arm] = min(found[arm], total / np.sqrt(information[len(control) - 1]))
    return found


SIZES = [[30, 28], [24, 30], [18, 20]]
CONTROL_SIZES = [30, 26]


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_rejections_are_those_of_every_intersection(test, seed):
    generator = np.random.default_rng(seed)
    design = efficacy_bounds("pocock", [0.45, 1.0], 0.1)
    events = [[int(generator.integers(n // 3, n - 3)) for n in row] for row in SIZES]
    control = [int(generator.integers(3, n // 2)) for n in CONTROL_SIZES]
    found = analyze_arms(design, events, SIZES, control, CONTROL_SIZES, test=test)
    for look in (1, 2):
        combined = smallest_combined(
            design.information, [row[:look] for row in events], SIZES, control[:look],
            CONTROL_SIZES, test,
        )  # fmt: skip
        for arm, z in enumerate(combined):
            if abs(z - design.upper[look - 1]) > 1e-6:
                crossed = z >= design.upper[look - 1]
                before = look == 2 and found.rejected[arm][0]
                assert found.rejected[arm][look - 1] == (crossed or before)
            if look == 2 and 1e-9 < found.repeated_p[arm][1] < 0.5:
                # The level at which Pocock's constant at the second look is just reached
                at_level = efficacy_bounds("pocock", [0.45, 1.0], found.repeated_p[arm][1])
                assert at_level.upper[1] == pytest.approx(z, abs=1e-5)


@pytest.mark.parametrize("test", ["dunnett", "bonferroni"])
def test_limits_are_where_the_single_step_test_stops_to_reject(test):
    design = efficacy_bounds("obrien-fleming", [0.5, 1.0], 0.025)
    events, control = [[14, 15], [17, 16]], [9, 8]
    found = analyze_arms(design, events, 28, control, 30, test=test)
    steps = np.sqrt([0.5, 0.5])

    def combined(difference, side):
        total = 0.0
        for stage in (0, 1):
            z = side * rate_z(events[1][stage], 28, control[stage], 30, difference)
            total += steps[stage] * stats.norm.isf(TESTS[test]([z, z], [28, 28], 30))
        return total

    for side, limit in ((1, found.repeated_lower[1][1]), (-1, found.repeated_upper[1][1])):
        reached = optimize.brentq(
            lambda d, side=side: combined(d, side) - design.upper[1], -0.6, 0.8, xtol=1e-10
        )
        assert limit == pytest.approx(reached, abs=1e-7)


@given(z=st.lists(st.floats(-2, 4), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_intersections_by_their_formulas(z):
    even = [10] * len(z)
    for test, by_hand in TESTS.items():
        assert intersection_p(np.array(z), test) == pytest.approx(by_hand(z, even, 10), abs=1e-9)


def test_intersections_are_taken_in_stacks_and_keep_within_bounds():
    z = np.array([[[0.1, 1.9], [-9.0, -8.0]], [[2.5, 2.5], [40.0, -1.0]]])
    for test in TESTS:
        found = intersection_p(z, test)
        alone = [[float(intersection_p(pair, test)) for pair in row] for row in z]
        assert found == pytest.approx(np.array(alone), rel=1e-9)
        assert ((found >= 1e-300) & (found < 1)).all()


def test_perfectly_correlated_arms_are_one_arm():
    found = intersection_p(np.array([1.7, 1.1]), "dunnett", np.ones((2, 2)))
    assert found == pytest.approx(stats.norm.sf(1.7), rel=1e-9)


def test_arms_without_any_or_with_only_responders_have_results():
    design = efficacy_bounds("pocock", 2, 0.025)
    none = analyze_arms(design, [[0], [0]], 20, [0], 20)
    assert none.stage_z == ((0.0,), (0.0,))
    assert none.rejected == ((False,), (False,))
    everyone = analyze_arms(design, [[20], [0]], 20, [0], 20)
    assert everyone.rejected == ((True,), (False,))
    assert 0 < everyone.repeated_lower[0][0] < everyone.repeated_upper[0][0] == 1


def test_one_active_arm_simulates_a_group_sequential_trial():
    # Counts so many that rates are normal: the exact crossing chances of the same design
    design = efficacy_bounds("pocock", [0.5, 1.0], 0.05)
    n, rates = 4000, [0.5, 0.5229]
    found = simulate_arms(
        design, rates, n, trials=20_000, generator=np.random.default_rng(4), selection="all"
    )
    drift = (rates[1] - rates[0]) / np.sqrt(2 * 0.5 * 0.5 / (2 * n))
    exact = crossing_chances(design.information, np.full(2, -np.inf), design.upper, drift)
    errors = found.standard_error(exact.upper)
    assert (np.abs(found.rejected[:, 0] - exact.upper) < 4 * errors + 0.002).all()
    assert found.any_rejected == pytest.approx(found.rejected.sum(), abs=1e-12)
    stayed = 1 - found.rejected[0, 0]
    assert found.control_continued == pytest.approx([1, stayed])
    assert found.expected_participants == pytest.approx(2 * n * (1 + stayed))


def test_the_best_arm_alone_goes_on():
    design = efficacy_bounds("obrien-fleming", 2, 0.025)
    found = simulate_arms(
        design, [0.3, 0.3, 0.9], 30, trials=500, generator=np.random.default_rng(8)
    )
    assert found.continued[0] == pytest.approx([1, 1])
    # By hand: the better arm nearly always leads; lots decide only between equal counts.
    assert found.continued[1, 0] < 0.01
    assert found.continued[1].sum() == pytest.approx(found.control_continued[1])


def test_equal_arms_share_the_second_stage_by_lot():
    # Nobody and everybody respond: all arms tie, none is found better, one goes on by lot.
    design = efficacy_bounds("pocock", 2, 0.025)
    for rate in (0.0, 1.0):
        found = simulate_arms(
            design, [rate] * 4, 5, trials=6000, generator=np.random.default_rng(6)
        )
        assert found.any_rejected == 0
        assert found.continued[1] == pytest.approx([1 / 3] * 3, abs=0.025)
        assert found.expected_participants == 5 * (4 + 2)


def test_a_standard_error_of_a_share():
    found = simulate_arms(
        efficacy_bounds("pocock", 1, 0.025), [0.5, 0.5], 9, trials=400,
        generator=np.random.default_rng(1),
    )  # fmt: skip
    assert found.standard_error([0.5, 0.1, 0]) == pytest.approx([0.025, 0.015, 0])


@pytest.mark.parametrize("rates", [[0.3], [0.3, 1.2], [0.3, -0.1], [0.3, np.nan], [[0.3, 0.4]]])
def test_rates_that_cannot_be_are_refused(rates):
    with pytest.raises(UnusableInputError, match="Give rates between 0 and 1"):
        simulate_arms(
            efficacy_bounds("pocock", 1, 0.025), rates, 9, trials=4,
            generator=np.random.default_rng(1),
        )  # fmt: skip


def test_a_trial_that_ends_at_the_first_look_has_its_tail_as_stagewise_p():
    design = efficacy_bounds("pocock", 3, 0.025)
    for drift in (0.0, 1.5):
        found = stagewise_p_value(design, 1, 2.6, drift=drift)
        assert found == pytest.approx(stats.norm.sf(2.6 - drift / np.sqrt(3)), rel=1e-10)
