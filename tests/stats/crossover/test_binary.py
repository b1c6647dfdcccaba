"""Binary crossover outcomes against R, hand counts and the design's symmetries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from trialwright.errors import UnusableInputError
from trialwright.stats.crossover.binary import binary_crossover, crossover_conditional_logistic

PAIRS = ((0, 1), (1, 0), (0, 0), (1, 1))
COUNTS = st.tuples(*[st.integers(0, 6)] * 8).filter(lambda c: sum(c[:4]) and sum(c[4:]))


def people(counts):
    """Participants with outcomes as in PAIRS: four counts of active first, four of control first."""
    rows = [
        (*pair, group == 0)
        for group in (0, 1)
        for pair, count in zip(PAIRS, counts[4 * group : 4 * group + 4], strict=True)
        for _ in range(count)
    ]
    first, second, began = zip(*rows, strict=True)
    return np.array(first), np.array(second), np.array(began)


def test_the_trial_of_r() -> None:
    """exact2x2 1.7-0, coin 1.4-2 and survival 3.5-3: 30 participants, 19 with a preference."""
    trial = people((6, 2, 2, 5, 1, 10, 1, 3))
    found = binary_crossover(*trial)
    assert found.table.tolist() == [[6, 2], [1, 10]]
    assert found.mainland_gart.p_value == pytest.approx(0.00627133444470905, rel=1e-10)
    assert found.mcnemar.statistic == pytest.approx(8.89473684210526, rel=1e-12)
    assert found.mcnemar_exact.p_value == pytest.approx(0.004425048828125, rel=1e-12)
    fit = crossover_conditional_logistic(*trial)
    assert fit.of("active").estimate == pytest.approx(-1.70059869073096, rel=1e-8)
    assert fit.of("active").standard_error == pytest.approx(0.664580067878669, rel=1e-8)
    assert fit.of("period 2").estimate == pytest.approx(-0.601986402062855, rel=1e-8)
    assert fit.log_likelihood == pytest.approx(-7.84967822779208, rel=1e-9)


def test_conditional_odds_ratios_by_hand() -> None:
    """With 6:2 and 1:10 the log odds of the first period are log(2/6) and log(10/1)."""
    fit = crossover_conditional_logistic(*people((6, 2, 0, 0, 1, 10, 0, 0)))
    one, other = np.log(2 / 6), np.log(10)
    assert fit.of("active").estimate == pytest.approx((one - other) / 2)
    assert fit.of("period 2").estimate == pytest.approx(-(one + other) / 2)


def test_fisher_of_the_preferences_by_hand() -> None:
    found = binary_crossover(*people((6, 2, 9, 0, 1, 10, 0, 9)))
    law = hypergeom(19, 8, 7)
    likely = law.pmf(6) * (1 + 1e-9)
    expected = sum(law.pmf(k) for k in range(8) if law.pmf(k) <= likely)
    assert found.mainland_gart.p_value == pytest.approx(expected)


@settings(max_examples=40)
@given(COUNTS)
def test_exchanging_the_arms_changes_no_test(counts) -> None:
    first, second, began = people(counts)
    one, other = binary_crossover(first, second, began), binary_crossover(first, second, ~began)
    for name in ("mainland_gart", "prescott", "mcnemar", "mcnemar_exact"):
        assert getattr(one, name).p_value == pytest.approx(getattr(other, name).p_value)


@settings(max_examples=40)
@given(COUNTS)
def test_calling_an_event_its_absence_changes_no_test(counts) -> None:
    first, second, began = people(counts)
    one = binary_crossover(first, second, began)
    other = binary_crossover(1 - first, 1 - second, began)
    for name in ("mainland_gart", "prescott", "mcnemar", "mcnemar_exact"):
        assert getattr(one, name).p_value == pytest.approx(getattr(other, name).p_value)


@settings(max_examples=40)
@given(COUNTS, st.integers(1, 9))
def test_equal_outcomes_matter_to_prescott_only(counts, more) -> None:
    grown = (*counts[:2], counts[2] + more, *counts[3:])
    one, other = binary_crossover(*people(counts)), binary_crossover(*people(grown))
    assert one.mainland_gart.p_value == other.mainland_gart.p_value
    assert one.mcnemar.p_value == other.mcnemar.p_value
    assert one.prescott.counts["participants"] + more == other.prescott.counts["participants"]


def test_nobody_with_a_preference_is_stated() -> None:
    found = binary_crossover(*people((0, 0, 4, 1, 0, 0, 2, 3)))
    assert found.mainland_gart.p_value == found.prescott.p_value == found.mcnemar.p_value == 1.0
    assert "nobody had different outcomes" in found.mcnemar.notes[0]
    with pytest.raises(UnusableInputError, match="nobody had different"):
        crossover_conditional_logistic(*people((0, 0, 4, 1, 0, 0, 2, 3)))


def test_preferences_in_one_sequence_only() -> None:
    found = binary_crossover(*people((5, 1, 0, 0, 0, 0, 3, 3)))
    assert found.mainland_gart.p_value == 1.0
    assert "in one sequence" in found.mainland_gart.notes[0]
    assert found.mcnemar.statistic == pytest.approx(16 / 6)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(UnusableInputError, match="0 or 1"):
        binary_crossover([2, 0], [1, 0], [True, False])
    with pytest.raises(UnusableInputError, match="has nobody"):
        binary_crossover([1, 0], [1, 0], [True, True])
    with pytest.raises(UnusableInputError, match="separated"):
        crossover_conditional_logistic(*people((6, 0, 0, 0, 0, 5, 0, 0)))
