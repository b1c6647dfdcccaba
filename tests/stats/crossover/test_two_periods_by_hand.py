"""Grizzle's analysis against R, his sums of squares, and ranks by listing every allocation."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.two_periods import (
    paired_periods,
    two_period_comparison,
    two_period_ranks,
)

# Seven began with the active arm, five with the control.
FIRST = np.array([12.1, 9.4, 11.0, 14.2, 10.3, 8.8, 13.5, 15.0, 13.1, 12.2, 16.4, 11.9])
SECOND = np.array([13.0, 12.2, 11.8, 15.9, 12.4, 9.1, 15.2, 12.7, 12.9, 9.5, 14.0, 10.1])
BEGAN = np.arange(12) < 7
SEEDS = st.integers(0, 10_000)

# R 4.2.2, t.test(x, y, var.equal = TRUE) of half differences, of sums and of first periods:
# estimate, standard error, lower and upper limit, t, p.
T_TESTS = {
    "treatment": [-1.67571428571429, 0.267725110316305, -2.27224300566236, -1.07918556576622, -6.25908523759504, 9.39366795768787e-05],
    "period": [-0.204285714285714, 0.267725110316305, -0.800814434233784, 0.392243005662356, -0.763042786850886, 0.463058352530364],
    "carry_over": [-1.431428571428569, 2.358689362803861, -6.686915980458600, 3.824058837601461, -0.606874560932847, 0.557460647695890],
    "first_period": [-2.3914285714285697, 1.1661259777221187, -4.9897191687017033, 0.2068620258445631, -2.0507463319700041, 0.0674240117434658],
}  # fmt: skip


@pytest.mark.parametrize("name", T_TESTS)
def test_twelve_participants_in_r(name) -> None:
    found = getattr(two_period_comparison(FIRST, SECOND, BEGAN), name)
    assert [
        found.estimate, found.standard_error, found.lower, found.upper, found.statistic, found.p_value
    ] == pytest.approx(T_TESTS[name], rel=1e-9)  # fmt: skip
    assert found.degrees_of_freedom == 10
    assert dict(found.counts) == {"active first": 7, "control first": 5}


def test_the_paired_test_in_r() -> None:
    """R 4.2.2, t.test(ifelse(first, dif, -dif), conf.level = 0.9)."""
    found = two_period_comparison(FIRST, SECOND, BEGAN, level=0.9).unadjusted
    assert found.estimate == pytest.approx(-1.64166666666667, rel=1e-12)
    assert found.statistic == pytest.approx(-6.34045987264, rel=1e-11)
    assert found.p_value == pytest.approx(5.51759905126e-05, rel=1e-10)
    assert (found.lower, found.upper) == pytest.approx((-2.10665569005934, -1.17667764327399))
    assert (found.degrees_of_freedom, found.level, dict(found.counts)) == (
        11,
        0.9,
        {"participants": 12},
    )


# R 4.2.2 and coin 1.4-2 on tenths as integers, so that equal differences are tied:
# wilcox.test(x, y)$statistic and pvalue(wilcox_test(y ~ g, distribution = "exact")); and, with
# exact = FALSE, the normal law with continuity correction.
TENTHS = {
    "twelve participants": (FIRST, SECOND, BEGAN, {
        "treatment": (0, 0.00252525252525253, 0.00568125613068249),
        "period": (23, 0.404040404040404, 0.415976578028295),
        "carry_over": (14, 0.638888888888889, 0.626117479916739),
    }),
    "nine with ties between sequences": (
        np.array([1.1, 2.1, 0.3, 1.4, 0.7, 0.6, 1.2, 2.3, 0.9]),
        np.array([1.0, 1.8, 0.2, 1.2, 0.8, 0.4, 1.1, 2.0, 0.5]),
        np.arange(9) < 5,
        {
            "treatment": (5, 0.309523809523810, 0.258094846083981),
            "period": (19.5, 0.0238095238095238, 0.0262060363817383),
            "carry_over": (10, 1, 1),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TENTHS)
@pytest.mark.parametrize("unit", [0.1, 1.0, 10.0, 1e-7])
def test_ranks_in_r_with_the_ties_that_rounding_hides(name, unit) -> None:
    first, second, began, expected = TENTHS[name]
    exact, normal = (
        two_period_ranks(unit * first, unit * second, began, exact=each) for each in (True, False)
    )
    for contrast, (w, p_exact, p_normal) in expected.items():
        assert getattr(exact, contrast).statistic == getattr(normal, contrast).statistic == w
        assert getattr(exact, contrast).p_value == pytest.approx(p_exact, rel=1e-12)
        assert getattr(normal, contrast).p_value == pytest.approx(p_normal, rel=1e-12)


def test_shifts_of_hodges_and_lehmann_in_r() -> None:
    """R 4.2.2, wilcox.test(x, y, exact = TRUE, conf.int = TRUE): shift and its limits."""
    found = two_period_ranks(FIRST, SECOND, BEGAN)
    for shift, expected in (
        (found.treatment_shift, (-3.5, -4.5, -2.1)),
        (found.period_shift, (0.6, -0.7, 1.6)),
        (found.carry_over_shift, (-0.9, -7.6, 3.4)),
    ):
        assert (shift.estimate, shift.lower, shift.upper) == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_t_squared_is_grizzle_s_ratio_of_mean_squares(seed) -> None:
    """Sums of squares of the 2 n records, one participant and period after the other."""
    rng = np.random.Generator(np.random.Philox(seed))
    y, began = rng.normal(size=(11, 2)), np.arange(11) < rng.integers(3, 9)
    between, within, totals, leads = 0.0, 0.0, {}, {}
    for sequence in (True, False):
        rows = y[began == sequence]
        totals[sequence], leads[sequence] = (
            rows.sum(axis=1).mean(),
            (rows[:, 0] - rows[:, 1]).mean(),
        )
        for one, two in rows:
            between += (one + two - totals[sequence]) ** 2 / 2
            within += (one - two - leads[sequence]) ** 2 / 2
    share = 1 / (1 / began.sum() + 1 / (~began).sum())
    found = two_period_comparison(*y.T, began)
    for estimate, contrast, error in (
        (found.carry_over, totals[True] - totals[False], between / 9),
        (found.treatment, leads[True] - leads[False], within / 9),
        (found.period, leads[True] + leads[False], within / 9),
    ):
        ratio = share * contrast**2 / 2 / error
        assert estimate.statistic**2 == pytest.approx(ratio)
        assert estimate.p_value == pytest.approx(stats.f.sf(ratio, 1, 9))


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.booleans())
def test_exact_ranks_are_shares_of_all_allocations(seed, tied) -> None:
    """Two-sided: as far from the mean of the rank sums as was found, or farther."""
    rng = np.random.Generator(np.random.Philox(seed))
    y, began = rng.normal(size=(8, 2)), np.arange(8) < rng.integers(2, 7)
    y = np.round(2 * y) / 2 if tied else y
    found = two_period_ranks(*y.T, began, exact=True)
    turned = np.where(began, 1, -1)
    for test, shift, values in (
        (found.treatment, found.treatment_shift, y[:, 0] - y[:, 1]),
        (found.period, found.period_shift, (y[:, 0] - y[:, 1]) * turned),
        (found.carry_over, found.carry_over_shift, y.sum(axis=1)),
    ):
        ranks, size = stats.rankdata(values), int(began.sum())
        sums = [ranks[list(each)].sum() for each in combinations(range(8), size)]
        mean, mine = size * 9 / 2, ranks[began].sum()
        far = [abs(each - mean) >= abs(mine - mean) - 1e-9 for each in sums]
        assert test.p_value == pytest.approx(np.mean(far) if np.ptp(values) else 1.0)
        pairs = [a - b for a in values[began] for b in values[~began]]
        assert shift.estimate == pytest.approx(np.median(pairs))


def test_a_carry_over_biases_the_treatment_and_shows_in_the_sums() -> None:
    """By hand: an effect of -2, a period effect of 1, and -0.8 carried over by the active arm.

    Means 3 and 5.2 with the active arm first, 5 and 4 else: treatment (-2.2 - 1) / 2, period
    (2.2 - 1) / 2, sums 8.2 - 9.
    """
    own = np.tile([3.0, 5, 8, 4], 2)
    began = np.arange(8) < 4
    first = own + np.where(began, -2, 0)
    second = own + 1 + np.where(began, -0.8, -2)
    found = two_period_comparison(first, second + [0.1, -0.1, 0.1, -0.1] * 2, began)
    assert found.treatment.estimate == pytest.approx(-1.6)
    assert found.period.estimate == pytest.approx(0.6)
    assert found.carry_over.estimate == pytest.approx(-0.8)
    assert found.first_period.estimate == pytest.approx(-2)


@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e5])
def test_effects_that_do_not_vary_are_told_without_a_test(unit) -> None:
    """Everybody gains 0.1 in the second period, but for what rounding makes of it."""
    first = unit * np.array([1.1, 2.1, 3.1, 4.1, 5.3, 6.7])
    found = two_period_comparison(first, first + 0.1 * unit, [1, 0] * 3)
    assert found.treatment.estimate == pytest.approx(0, abs=1e-12 * unit)
    assert found.period.estimate == pytest.approx(0.1 * unit)
    for one in (found.treatment, found.period):
        assert (one.standard_error, one.statistic, one.p_value) == (0, None, None)
        assert one.notes == ("outcomes do not vary within the arms, so no test can be made",)
    assert found.carry_over.p_value is not None
    # With the active arm 0.1 more than with the control, whatever the period.
    one = two_period_comparison(
        first, first + unit * np.array([-0.1, 0.1] * 3), [1, 0] * 3
    ).unadjusted
    assert one.estimate == pytest.approx(0.1 * unit)
    assert (one.p_value, one.notes) == (None, ("differences do not vary, so no test can be made",))
    opposite = two_period_comparison(first, 10 * unit - first, [1, 0] * 3).carry_over
    assert (opposite.estimate, opposite.p_value) == (pytest.approx(0, abs=1e-12 * unit), None)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([1e-6, 3.0, 1e5]), st.floats(-100, 100))
def test_units_levels_and_order_do_not_matter(seed, unit, level) -> None:
    order = np.random.Generator(np.random.Philox(seed)).permutation(12)
    one, other = (
        two_period_comparison(FIRST, SECOND, BEGAN),
        two_period_comparison(
            *(unit * (y + level) for y in (FIRST[order], SECOND[order])), BEGAN[order]
        ),
    )
    for name in T_TESTS:
        same, moved = getattr(one, name), getattr(other, name)
        assert moved.estimate / unit == pytest.approx(same.estimate, abs=1e-8)
        assert moved.p_value == pytest.approx(same.p_value, rel=1e-6)


def test_who_has_both_periods_is_kept_in_order() -> None:
    both, began = paired_periods([1, np.nan, 3, 4], [5, 6, np.nan, 8], [1, 0, 1, 0])
    assert both.tolist() == [[1, 5], [4, 8]]
    assert began.tolist() == [True, False]


@pytest.mark.parametrize("method", [two_period_comparison, two_period_ranks])
@pytest.mark.parametrize(
    ("first", "second", "began", "words"),
    [
        (FIRST, np.append(SECOND[:-1], -np.inf), BEGAN, "an outcome is infinite"),
        (FIRST, SECOND, np.arange(12) < 11, "control first has 1 participants with both periods"),
        (FIRST, SECOND, np.arange(12) < 1, "active first has 1 participants with both periods"),
        (FIRST, SECOND * np.nan, BEGAN, "active first has 0 participants with both periods"),
        ([], [], [], "active first has 0 participants with both periods\n  the comparison between"),
        (FIRST, SECOND, np.where(BEGAN, np.nan, 0), "'active first' is either true or false"),
        ([FIRST], [SECOND], [BEGAN], "the two periods and the sequences differ in length"),
    ],
)
def test_what_is_no_crossover_is_refused(method, first, second, began, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        method(first, second, began)
