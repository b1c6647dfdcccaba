"""What a time is, who is at risk when, and times that differ by rounding only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.kaplan_meier import kaplan_meier
from trialwright.stats.survival.recurrent import conditional_recurrence
from trialwright.stats.survival.times import (
    at_risk_by_arm,
    checked_causes,
    checked_times,
    numbered,
    place_of,
)


def test_times_that_differ_by_rounding_are_tied() -> None:
    """0.1 + 0.2 is not 0.3 in binary; R's survival (timefix) takes them as one time, and so do we."""
    assert 0.1 + 0.2 != 0.3
    stop, _, _ = checked_times([0.1 + 0.2, 0.3, 0.7], [1, 1, 0])
    assert stop.tolist() == [0.3, 0.3, 0.7]
    curve = kaplan_meier([0.1 + 0.2, 0.3, 0.7], [1, 1, 0])
    assert curve.events.tolist() == [2, 0]


def test_entry_and_end_share_one_clock() -> None:
    """The second record starts where the first ended, though rounding put it just before."""
    stop, _, begin = checked_times([0.1 + 0.2, 0.9], [1, 1], [0.0, 0.3])
    assert begin[1] == stop[0]


def test_times_apart_by_more_than_rounding_stay_apart() -> None:
    times = [1.0, 1.0 + 1e-6, 2.0]
    assert checked_times(times, [1, 1, 1])[0].tolist() == times
    assert checked_times([0.0, 5e-324, 3.0], [1, 1, 1])[0].tolist() == [0.0, 0.0, 3.0]


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12), st.floats(1e-6, 1e6))
def test_ties_do_not_depend_on_the_unit(days: list[int], unit: float) -> None:
    """Differences of scaled times round; the ties among them are those of the whole days."""
    whole = np.array(days, dtype=float)
    differences = whole[:, None] - whole[None, :]
    positive = differences > 0
    gaps = (unit * whole[:, None] - unit * whole[None, :])[positive]
    if not len(gaps):
        return
    stop, _, _ = checked_times(gaps, np.ones(len(gaps)))
    assert len(np.unique(stop)) == len(np.unique(differences[positive]))


@pytest.mark.parametrize("unit", [1 / 7, 0.1, 1 / 365.25])
def test_gap_times_in_weeks_are_those_in_days(textbook, unit: float) -> None:
    """A gap is a difference, which rounds in weeks or years; its ties must not come apart."""
    data = textbook("bladder2")
    x = np.column_stack([data.rx - 1, data.number])
    rest = (data.event, x, ["arm", "number"], data.id)
    one = conditional_recurrence(data.start, data.stop, *rest, gap_time=True)
    other = conditional_recurrence(unit * data.start, unit * data.stop, *rest, gap_time=True)
    assert other.estimates == pytest.approx(one.estimates, rel=1e-9)
    assert other.standard_errors == pytest.approx(one.standard_errors, rel=1e-9)


@pytest.mark.parametrize(
    ("time", "event", "start", "words"),
    [
        ([], [], None, "nobody was observed"),
        ([1, 2], [1], None, "differ in length"),
        ([[1, 2]], [[1, 0]], None, "differ in length"),
        ([1, 2], [1, 0], [0], "differ in length"),
        ([1, np.nan], [1, 0], None, "missing, infinite or negative"),
        ([1, np.inf], [1, 0], None, "missing, infinite or negative"),
        ([1, -1], [1, 0], None, "missing, infinite or negative"),
        ([1, 2], [1, 0], [0, np.nan], "missing, infinite or negative"),
        ([1, 2], [1, 0], [0, np.inf], "missing, infinite or negative"),
        ([1, 2], [1, np.nan], None, "coded 0"),
        ([1, 2], [1, np.inf], None, "coded 0"),
        ([1, 2], [1, -1], None, "coded 0"),
        ([1, 2], [1, 0], [0, 2], "ends where it starts"),
        ([0, 2], [1, 0], [0, 0], "ends where it starts"),
        ([0.1 + 0.2, 2], [1, 0], [0.3, 0], "ends where it starts"),
    ],
)
def test_times_that_cannot_be_are_refused(time, event, start, words) -> None:
    with pytest.raises(UnusableInputError, match=words):
        checked_times(time, event, start)


@pytest.mark.parametrize("cause", [0, -1, 1.5, np.nan])
def test_a_cause_is_a_whole_number_from_one(cause) -> None:
    """Cause 0 would count who was censored as having had the event."""
    with pytest.raises(UnusableInputError, match=r"causes are coded 1, 2 …, not"):
        checked_causes([1, 2, 3], [0, 1, 2], cause)


def test_causes_part_the_events() -> None:
    _, code, mine, others = checked_causes([1, 2, 3, 4], [0, 1, 2, 3], 2)
    assert code.tolist() == [0, 1, 2, 3]
    assert mine.tolist() == [False, False, True, False]
    assert others.tolist() == [False, True, False, True]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.booleans()), min_size=1))
def test_at_risk_is_who_ends_now_or_later(rows) -> None:
    stop, whose, mark = (np.array(column) for column in zip(*rows, strict=True))
    at_risk, (marked,) = at_risk_by_arm(stop.astype(float), whose, 3, mark)
    for k, day in enumerate(sorted({row[0] for row in rows})):
        for arm in range(3):
            assert at_risk[k, arm] == sum(1 for d, a, _ in rows if d >= day and a == arm)
            assert marked[k, arm] == sum(m for d, a, m in rows if d == day and a == arm)


def test_labels_are_numbered_in_their_order() -> None:
    codes, names = numbered(["b", "a", "b"], 3, "arms")
    assert (codes.tolist(), names) == ([1, 0, 1], ["a", "b"])
    assert numbered([10, 9, 10], 3, "arms")[1] == ["9", "10"]
    assert numbered(None, 2, "strata")[1] == [""]


@pytest.mark.parametrize("labels", [[0, np.nan, 1], np.array([0, None, 1], dtype=object)])
def test_a_missing_label_is_no_arm_of_its_own(labels) -> None:
    with pytest.raises(UnusableInputError, match="a label is missing among the arms"):
        numbered(labels, 3, "arms")


def test_labels_of_others_are_refused() -> None:
    with pytest.raises(UnusableInputError, match="differ in length"):
        numbered([0, 1], 3, "arms")


def test_the_place_of_a_time_is_the_last_not_after_it() -> None:
    times = np.array([2.0, 5.0])
    assert [place_of(times, t) for t in (0, 1.9, 2, 4, 5, 9)] == [-1, -1, 0, 0, 1, 1]
    for impossible in (-1.0, np.nan):
        with pytest.raises(UnusableInputError, match="a time counts from 0"):
            place_of(times, impossible)
