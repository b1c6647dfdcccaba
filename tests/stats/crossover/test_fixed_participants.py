"""Comparisons within participants: R, dense matrices, sums by hand, and data that tell nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.fixed_participants import (
    checked_records,
    conditional_poisson,
    deviations,
    fixed_participant_model,
    sums,
)

TERMS = ("active", "period 2", "period 3")
SEEDS = st.integers(0, 300)


def made(seed: int):
    """Eight people, one to four records each, with two columns and a covariate that varies."""
    rng = np.random.Generator(np.random.Philox(seed))
    who = np.repeat(np.arange(8), rng.integers(1, 5, 8))
    who = np.concatenate([who, [8, 8, 8, 8, 9, 9, 9, 9]])
    active = np.append(rng.integers(0, 2, len(who) - 8), [0, 1] * 4)
    x = np.column_stack([active, rng.normal(size=len(who))])
    return rng.normal(size=len(who)) + who, x.astype(float), who


def test_the_records_of_three_periods_in_r(unequal) -> None:
    """R 4.2.2, g <- lm(y ~ active + p2 + p3 + factor(who)); summary(g); confint(g)."""
    y, x, who = unequal
    fit = fixed_participant_model(y, x[:, 1:], TERMS, who)
    assert fit.estimates == pytest.approx(
        [-1.795089285714285, 0.426339285714285, 0.699999999999999], rel=1e-12
    )
    assert fit.standard_errors == pytest.approx(
        [0.188374150837767, 0.221522393571620, 0.233129578988597], rel=1e-12
    )
    assert fit.degrees_of_freedom == 11
    assert fit.residual_variance == pytest.approx(0.176635551948052, rel=1e-12)
    found = fit.of("active")
    assert found.p_value == pytest.approx(1.19420314000086e-06, rel=1e-10)
    assert found.lower == pytest.approx(-2.20969799625307, rel=1e-12)
    assert found.upper == pytest.approx(-1.38048057517550, rel=1e-12)
    # Participants 8 and 10 came once.
    assert dict(fit.counts) == {
        "participants": 8, "records": 22, "participants with one record": 2,
    }  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_it_is_least_squares_with_an_indicator_for_each(seed) -> None:
    y, x, who = made(seed)
    fit = fixed_participant_model(y, x, ("active", "dose"), who)
    wide = np.column_stack([x, who[:, None] == np.unique(who)])
    beta, squares, rank, _ = np.linalg.lstsq(wide, y, rcond=None)
    variance = float(squares[0]) / (len(y) - rank)
    assert fit.estimates == pytest.approx(beta[:2])
    assert fit.covariance == pytest.approx(np.linalg.inv(wide.T @ wide)[:2, :2] * variance)
    assert fit.degrees_of_freedom == len(y) - rank
    assert fit.residual_variance == pytest.approx(variance)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.sampled_from([1e-14, 1e-3, 1e7]), st.floats(-1e4, 1e4))
def test_levels_units_and_order_do_not_matter(seed, unit, level) -> None:
    y, x, who = made(seed)
    order = np.random.Generator(np.random.Philox(seed + 1)).permutation(len(y))
    one = fixed_participant_model(y, x, ("active", "dose"), who)
    moved = (y + level * (who % 3))[order]
    other = fixed_participant_model(
        moved, unit * x[order] + 2 * unit, ("active", "dose"), who[order]
    )
    assert unit * other.estimates == pytest.approx(one.estimates, rel=1e-6, abs=1e-8)
    assert unit * other.standard_errors == pytest.approx(one.standard_errors, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_sums_and_deviations_are_those_of_loops(seed) -> None:
    y, x, who = made(seed)
    totals, about = sums(x, who), deviations(x, who)
    for person in range(10):
        mine = [row for row, whose in zip(x, who, strict=True) if whose == person]
        assert totals[person] == pytest.approx(sum(mine))
        assert about[who == person] == pytest.approx(np.array(mine) - sum(mine) / len(mine))
    assert (deviations(np.full((len(who), 1), 98765.4321), who) == 0).all()
    assert checked_records(y, x, "ab", who * 3 + 5)[2].tolist() == who.tolist()


# Seven pairs of counts: (active, control) where active came first, (control, active) else.
ACTIVE_FIRST, CONTROL_FIRST = [(1, 3), (0, 2), (4, 9), (2, 1)], [(5, 1), (3, 3), (8, 4)]
PAIRS = np.ravel(ACTIVE_FIRST + CONTROL_FIRST)
COLUMNS = np.column_stack([[1, 0] * 4 + [0, 1] * 3, [0, 1] * 7])


def test_rate_ratios_of_two_periods_by_hand() -> None:
    """Totals 7 and 15 with the active arm first, 16 and 8 with the control first.

    The odds of the first period are 7/15 and 16/8; half the difference of their logarithms is the
    treatment's, minus half their sum the period's, and the error half the root of sum 1/total.
    """
    fit = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), np.arange(14) // 2)
    one, other = np.log(7 / 15), np.log(16 / 8)
    error = np.sqrt(1 / 7 + 1 / 15 + 1 / 16 + 1 / 8) / 2
    assert fit.estimates == pytest.approx([(one - other) / 2, -(one + other) / 2])
    assert fit.standard_errors == pytest.approx([error, error])
    assert dict(fit.counts) == {"participants": 7, "events": 46}
    assert fit.degrees_of_freedom is None


# Ten participants: active in the first period for five, in the second for the others.
N = [1, 3, 0, 2, 4, 9, 0, 0, 2, 2, 5, 1, 3, 3, 8, 4, 1, 0, 2, 1]
DAYS = [70, 84, 66, 80, 70, 84, 70, 40, 71, 84, 70, 84, 69, 83, 55, 84, 70, 84, 70, 80]
ON = [1, 0] * 5 + [0, 1] * 5


def test_exposure_in_r() -> None:
    """R 4.2.2, glm(n ~ on + two + factor(who) + offset(log(days / 28)), poisson), all but the fourth,
    who had no event."""
    x = np.column_stack([ON, [0, 1] * 10])
    fit = conditional_poisson(
        N, x, ("active", "period 2"), np.arange(20) // 2, offset=np.log(np.array(DAYS) / 28)
    )
    assert fit.estimates == pytest.approx([-0.838437608554734, -0.192479582502407], rel=1e-10)
    assert fit.standard_errors == pytest.approx([0.303998042485382] * 2, rel=1e-8)
    assert fit.of("active").p_value == pytest.approx(0.00581497564093643, rel=1e-8)
    assert fit.counts["participants"] == 9


@settings(max_examples=6, deadline=None)
@given(SEEDS)
def test_it_maximizes_the_multinomial_likelihood(seed) -> None:
    """Each participant's events fall on the records with shares in proportion to their rates."""
    _, x, who = made(seed)
    rng = np.random.Generator(np.random.Philox(seed))
    shift = rng.normal(size=len(who))
    y = rng.poisson(np.exp(1 + shift + x @ [0.4, 0.2]))

    def negative(beta) -> float:
        total = 0.0
        for person in np.unique(who):
            mine = who == person
            rate = np.exp(x[mine] @ beta + shift[mine])
            total -= float(y[mine] @ np.log(rate / rate.sum()))
        return total

    best = minimize(
        negative, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}
    )
    fit = conditional_poisson(y, x, ("active", "dose"), who, offset=shift)
    assert fit.estimates == pytest.approx(best.x, abs=1e-6)


@pytest.mark.parametrize("unit", [1e-13, 1e-4, 365.25, 1e6])
def test_the_unit_of_a_column_does_not_matter_to_counts(unit) -> None:
    one = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), np.arange(14) // 2)
    other = conditional_poisson(
        PAIRS, COLUMNS * [unit, 1] + [0, 2020], ("active", "period 2"), np.arange(14) // 2
    )
    assert other.estimates * [unit, 1] == pytest.approx(one.estimates)
    assert other.of("active").p_value == pytest.approx(one.of("active").p_value)


@pytest.mark.parametrize("level", [-900.0, 30.0, 900.0])
def test_the_unit_of_exposure_does_not_matter_to_counts(level) -> None:
    who = np.arange(14) // 2
    one = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), who)
    other = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), who, offset=level + who)
    assert other.estimates == pytest.approx(one.estimates)
    assert other.covariance == pytest.approx(one.covariance)


def test_everybody_twice_halves_the_variance() -> None:
    who = np.arange(14) // 2
    one = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), who)
    two = conditional_poisson(
        np.tile(PAIRS, 2), np.tile(COLUMNS, (2, 1)), ("active", "period 2"), [*who, *(who + 7)]
    )
    assert two.estimates == pytest.approx(one.estimates)
    assert two.covariance == pytest.approx(one.covariance / 2)


def test_who_has_no_event_or_one_record_tells_nothing_of_rates() -> None:
    who = np.arange(14) // 2
    one = conditional_poisson(PAIRS, COLUMNS, ("active", "period 2"), who)
    other = conditional_poisson(
        [*PAIRS, 0, 0, 12],
        [*COLUMNS, [1, 0], [0, 1], [1, 0]],
        ("active", "period 2"),
        [*who, 8, 8, 9],
    )
    assert other.estimates.tolist() == one.estimates.tolist()
    assert other.counts == one.counts


X = np.array([[1, 0], [0, 1], [1, 1]] * 3, dtype=float)
WHO = np.repeat([0, 1, 2], 3)
FIXED = {
    "the response is fitted without error: no variance is left within participants": [
        ([0.1] * 9, X), ([5.1] * 9, X), ([0.0] * 9, X), (X @ [0.3, 0.7] + 1.1 * WHO, X),
    ],
    "the term b is zero throughout": [
        (range(9), np.column_stack([X[:, 0], np.array([123456.789, 0.1, 77e9])[WHO]])),
    ],
    "the term b is a combination of the others": [(range(9), X[:, [0, 0]] + [[0, 3]])],
    "a value is missing": [([np.nan] * 9, X), (range(9), X + np.inf)],
    "response, matrix and terms differ in length": [(range(8), X), (range(9), X[:, 0])],
}  # fmt: skip


@pytest.mark.parametrize("words", FIXED)
def test_what_tells_nothing_within_participants_is_refused(words) -> None:
    for y, x in FIXED[words]:
        with pytest.raises(UnusableInputError, match=words):
            fixed_participant_model(y, x, ("a", "b"), WHO)


@pytest.mark.parametrize("who", [[], [1, 2, 3]], ids=["nobody", "nobody twice"])
def test_without_a_participant_seen_twice_nothing_is_known(who) -> None:
    y, x = np.arange(len(who)), np.ones((len(who), 2))
    with pytest.raises(UnusableInputError, match="nobody has two records"):
        fixed_participant_model(y, x, ("a", "b"), who)
    with pytest.raises(UnusableInputError, match="nobody with two records has an event"):
        conditional_poisson(y, x, ("a", "b"), who)


def test_no_residual_is_left_of_two_pairs_and_two_columns() -> None:
    with pytest.raises(UnusableInputError, match="no residual degree of freedom is left"):
        fixed_participant_model([1, 4, 2, 9], [[1, 0], [0, 1], [0, 0], [1, 1]], "ab", [1, 1, 2, 2])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"offset": [np.inf] * 14}, "an offset is missing or infinite"),
        ({"offset": [0.0]}, "an offset is missing or infinite"),
        ({"response": -PAIRS}, "the response holds counts"),
        ({"participant": [None] * 14}, "a label is missing among the participants"),
        ({"participant": range(14)}, "no finite estimate: nobody with two records has an event"),
        ({"response": PAIRS * COLUMNS[:, 0]}, "within participants lie in one arm or period only"),
        ({"matrix": COLUMNS * [1, 0]}, "the term period 2 is zero throughout"),
    ],
)
def test_counts_that_determine_no_rate_are_refused(change, words) -> None:
    arguments = {
        "response": PAIRS, "matrix": COLUMNS, "terms": ("active", "period 2"),
        "participant": np.arange(14) // 2,
    } | change  # fmt: skip
    with pytest.raises(UnusableInputError, match=words):
        conditional_poisson(**arguments)
