"""The classical crossover analysis against R, a linear model, and the design's symmetries."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.two_periods import two_period_comparison, two_period_ranks

TRIAL = Path(__file__).parents[1] / "oracles" / "data" / "t2_crossover.csv"
FIRST = np.array([4.0, 6, 5, 9, 8, 10, 7.5])
SECOND = np.array([8.0, 9, 9.5, 6, 6, 5, 7])
BEGAN = np.array([True, True, True, False, False, False, False])
OUTCOMES = st.lists(
    st.tuples(st.floats(-9, 9), st.floats(-9, 9)).map(np.array), min_size=5, max_size=12
)


def trial(column: str = "sledai10"):
    data = pl.read_csv(TRIAL, null_values=["NA"])
    wide = data.pivot("period", index=["usubjid", "sequence"], values=column)
    return wide["1"].to_numpy(), wide["2"].to_numpy(), (wide["sequence"] == "AB").to_numpy()


def test_the_trial_of_r() -> None:
    """R 4.2.2, t.test on differences and sums of the 26 complete pairs."""
    found = two_period_comparison(*trial())
    assert dict(found.treatment.counts) == {"active first": 13, "control first": 13}
    assert found.treatment.estimate == pytest.approx(-1.63019861538462, rel=1e-12)
    assert found.treatment.p_value == pytest.approx(0.00136982428422074, rel=1e-10)
    assert found.period.estimate == pytest.approx(1.76198576923077, rel=1e-12)
    assert found.period.lower == pytest.approx(0.832395261005372, rel=1e-10)
    assert found.carry_over.estimate == pytest.approx(0.666238615384614, rel=1e-10)
    assert found.carry_over.upper == pytest.approx(5.25675997243732, rel=1e-10)
    assert found.first_period.p_value == pytest.approx(0.274881694498626, rel=1e-10)
    assert found.unadjusted.statistic == pytest.approx(-2.8866235199141, rel=1e-10)
    assert found.means == pytest.approx(
        (5.22667530769231, 8.61885960769231, 6.52375461538462, 6.65554176923077), rel=1e-6
    )


def test_ranks_of_r() -> None:
    """R 4.2.2, wilcox.test with exact p, and its normal law with continuity correction."""
    exact, normal = two_period_ranks(*trial(), exact=True), two_period_ranks(*trial())
    assert exact.treatment.statistic == 24
    assert exact.treatment.p_value == pytest.approx(0.00124838951598946, rel=1e-10)
    assert exact.treatment_shift.estimate == pytest.approx(-3.306225, rel=1e-10)
    assert exact.treatment_shift.lower == pytest.approx(-4.994102, rel=1e-10)
    assert exact.period.p_value == pytest.approx(0.000493048477972425, rel=1e-10)
    assert exact.carry_over_shift.upper == pytest.approx(4.859726, rel=1e-10)
    assert normal.carry_over.p_value == pytest.approx(0.608076879465923, rel=1e-10)


def test_it_is_the_linear_model_with_a_constant_for_each_participant() -> None:
    n = len(FIRST)
    people, period = np.tile(np.eye(n), (2, 1)), np.repeat([0.0, 1.0], n)
    active = np.concatenate([BEGAN, ~BEGAN]).astype(float)
    x, y = np.column_stack([people, period, active]), np.concatenate([FIRST, SECOND])
    beta, squares, *_ = np.linalg.lstsq(x, y, rcond=None)
    spread = np.linalg.inv(x.T @ x) * squares[0] / (n - 2)
    found = two_period_comparison(FIRST, SECOND, BEGAN)
    assert found.treatment.estimate == pytest.approx(beta[-1])
    assert found.period.estimate == pytest.approx(beta[-2])
    assert found.treatment.standard_error == pytest.approx(np.sqrt(spread[-1, -1]))
    assert found.period.standard_error == pytest.approx(np.sqrt(spread[-2, -2]))


@settings(max_examples=40)
@given(OUTCOMES, st.floats(-20, 20))
def test_participants_own_levels_leave_treatment_and_period_alone(rows, shift) -> None:
    values = np.array(rows)
    began = np.arange(len(values)) % 2 == 0
    one = two_period_comparison(*values.T, began)
    moved = values + shift * np.arange(len(values))[:, None]
    other = two_period_comparison(*moved.T, began)
    assert one.treatment.estimate == pytest.approx(other.treatment.estimate, abs=1e-9)
    assert one.period.estimate == pytest.approx(other.period.estimate, abs=1e-9)


@settings(max_examples=40)
@given(OUTCOMES)
def test_exchanging_the_arms_turns_treatment_and_carry_over_about(rows) -> None:
    values = np.array(rows)
    began = np.arange(len(values)) % 2 == 0
    one = two_period_comparison(*values.T, began)
    other = two_period_comparison(*values.T, ~began)
    assert one.treatment.estimate == pytest.approx(-(other.treatment.estimate or 0), abs=1e-12)
    assert one.carry_over.estimate == pytest.approx(-(other.carry_over.estimate or 0), abs=1e-12)
    assert one.period.estimate == pytest.approx(other.period.estimate, abs=1e-12)
    assert one.treatment.standard_error == pytest.approx(other.treatment.standard_error)


@settings(max_examples=40)
@given(OUTCOMES)
def test_exchanging_the_periods_turns_the_period_effect_about(rows) -> None:
    values = np.array(rows)
    began = np.arange(len(values)) % 2 == 0
    one = two_period_comparison(values[:, 0], values[:, 1], began)
    other = two_period_comparison(values[:, 1], values[:, 0], ~began)
    assert one.period.estimate == pytest.approx(-(other.period.estimate or 0), abs=1e-12)
    assert one.treatment.estimate == pytest.approx(other.treatment.estimate, abs=1e-12)


def test_order_of_participants_and_missing_periods_do_not_matter() -> None:
    order = np.array([3, 0, 6, 2, 5, 1, 4])
    plain = two_period_comparison(FIRST, SECOND, BEGAN)
    mixed = two_period_comparison(
        np.append(FIRST[order], [np.nan, 3.0]),
        np.append(SECOND[order], [5.0, np.nan]),
        np.append(BEGAN[order], [True, False]),
    )
    assert mixed.treatment.estimate == pytest.approx(plain.treatment.estimate)
    assert mixed.treatment.p_value == pytest.approx(plain.treatment.p_value)
    assert mixed.treatment.counts == plain.treatment.counts


def test_a_constant_outcome_has_an_effect_of_zero_and_no_test() -> None:
    found = two_period_comparison([5.0] * 6, [5.0] * 6, [1, 0, 1, 0, 1, 0])
    assert found.treatment.estimate == 0
    assert found.treatment.p_value is None
    assert "no test" in found.treatment.notes[0]
    assert "no test" in found.unadjusted.notes[0]
    assert two_period_ranks([5.0] * 6, [5.0] * 6, [1, 0, 1, 0, 1, 0]).treatment.p_value == 1.0


@pytest.mark.parametrize(
    ("first", "second", "began", "words"),
    [
        ([1.0, 2.0], [1.0], [True, False], "differ in length"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [True, True, True], "control first has 0"),
        ([1.0, 2.0, 3.0], [1.0, np.nan, 4.0], [True, True, False], "active first has 1"),
        ([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], [1, 2, 2], "either true or false"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, began, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        two_period_comparison(first, second, began)
