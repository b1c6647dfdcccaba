"""Adjusted p-values against R, against their definition by closed testing, and as properties."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import adjust

# R 4.2.2 p.adjust; Šidák and Holm–Šidák from DescTools 0.99.59 and the formula; the fixed sequence
# is the running maximum.
THREE = [0.0123, 0.0321, 0.0049]
THREE_ADJUSTED = {
    "bonferroni": [0.0369, 0.0963, 0.0147],
    "holm": [0.0246, 0.0321, 0.0147],
    "hochberg": [0.0246, 0.0321, 0.0147],
    "hommel": [0.0246, 0.0321, 0.0147],
    "benjamini-hochberg": [0.01845, 0.0321, 0.0147],
    "benjamini-yekutieli": [0.033825, 0.05885, 0.02695],
    "sidak": [0.0364479908669999, 0.0932418461610001, 0.014628087649],
    "holm-sidak": [0.0244487099999999, 0.0321, 0.014628087649],
    "fixed-sequence": [0.0123, 0.0321, 0.0321],
}
TIED = [0.01, 0.01, 0.02, 1, 0]
TIED_ADJUSTED = {
    "bonferroni": [0.05, 0.05, 0.1, 1, 0],
    "holm": [0.04, 0.04, 0.04, 1, 0],
    "hochberg": [0.03, 0.03, 0.04, 1, 0],
    "hommel": [0.03, 0.03, 0.04, 1, 0],
    "benjamini-hochberg": [0.0166666666666667, 0.0166666666666667, 0.025, 1, 0],
    "benjamini-yekutieli": [0.0380555555555556, 0.0380555555555556, 0.0570833333333333, 1, 0],
    "sidak": [0.0490099501000001, 0.0490099501000001, 0.0960792032000001, 1, 0],
    "holm-sidak": [0.0394039900000001, 0.0394039900000001, 0.0396000000000001, 1, 0],
    "fixed-sequence": [0.01, 0.01, 0.02, 1, 1],
}
ALL = [*THREE_ADJUSTED, "fallback"]
ORDER_FREE = [m for m in ALL if m not in {"fixed-sequence", "fallback"}]

families = st.lists(st.floats(0, 1), min_size=1, max_size=6).map(np.array)


@pytest.mark.parametrize("method", THREE_ADJUSTED)
def test_agrees_with_r(method):
    assert adjust(THREE, method).adjusted == pytest.approx(THREE_ADJUSTED[method], rel=1e-12)
    assert adjust(TIED, method).adjusted == pytest.approx(TIED_ADJUSTED[method], rel=1e-12)


def test_fallback_agrees_with_the_graph_of_r():
    # graphicalMCP 0.2.8, graph_test_shortcut on the chain 1 → 2 → 3
    found = adjust([0.02, 0.004, 0.009], "fallback", weights=[0.5, 0.3, 0.2])
    assert found.adjusted == pytest.approx([0.04, 0.0133333333333333, 0.018], rel=1e-12)


def test_fallback_without_weights_starts_from_equal_shares():
    given_weights = adjust(THREE, "fallback", weights=[1 / 3, 1 / 3, 1 / 3])
    assert np.array_equal(adjust(THREE, "fallback").adjusted, given_weights.adjusted)


def closed(p, intersection_p):
    """Adjust by brute force: the largest p of all intersections that hold the hypothesis."""
    adjusted = np.zeros(len(p))
    for size in range(1, len(p) + 1):
        for chosen in combinations(range(len(p)), size):
            joint = intersection_p(np.sort(p[list(chosen)]))
            for hypothesis in chosen:
                adjusted[hypothesis] = max(adjusted[hypothesis], joint)
    return adjusted


CLOSED_TESTS = {
    "holm": lambda p: min(1, len(p) * p[0]),
    "hommel": lambda p: min(len(p) * p / np.arange(1, len(p) + 1)),
    "holm-sidak": lambda p: 1 - (1 - p[0]) ** len(p),
}


@pytest.mark.parametrize("method", CLOSED_TESTS)
@settings(max_examples=40, deadline=None)
@given(p=families)
def test_is_the_closed_test_of_its_intersections(method, p):
    expected = closed(p, CLOSED_TESTS[method])
    assert adjust(p, method).adjusted == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(p=families)
def test_powers_are_ordered(p):
    found = {m: adjust(p, m).adjusted for m in ALL}
    ladder = ["bonferroni", "holm", "hochberg", "hommel", "benjamini-hochberg"]
    for weaker, stronger in pairwise(ladder):
        assert np.all(found[weaker] >= found[stronger] - 1e-12)
    assert np.all(found["bonferroni"] >= found["sidak"] - 1e-12)
    assert np.all(found["benjamini-yekutieli"] >= found["benjamini-hochberg"])


@pytest.mark.parametrize("method", ALL)
@settings(max_examples=30, deadline=None)
@given(p=families)
def test_adjusting_never_lowers_and_stays_a_probability(method, p):
    adjusted = adjust(p, method).adjusted
    assert np.all(adjusted >= p * (1 - 1e-12))
    assert np.all(adjusted <= 1)


@pytest.mark.parametrize("method", ORDER_FREE)
@settings(max_examples=30, deadline=None)
@given(p=families, data=st.data())
def test_relabeling_relabels(method, p, data):
    order = np.array(data.draw(st.permutations(range(len(p)))))
    assert adjust(p[order], method).adjusted == pytest.approx(adjust(p, method).adjusted[order])


@pytest.mark.parametrize("method", ALL)
@settings(max_examples=30, deadline=None)
@given(p=families, data=st.data())
def test_a_smaller_p_never_raises_another(method, p, data):
    smaller = p.copy()
    smaller[data.draw(st.integers(0, len(p) - 1))] *= data.draw(st.floats(0, 1))
    assert np.all(adjust(smaller, method).adjusted <= adjust(p, method).adjusted + 1e-12)


@pytest.mark.parametrize("method", ALL)
def test_a_stack_of_trials_is_the_trials_one_by_one(method):
    trials = np.random.default_rng(1).random((2, 50, 4)) ** 2
    found = adjust(trials, method).adjusted
    assert found.shape == trials.shape
    for index in np.ndindex(2, 50):
        assert found[index] == pytest.approx(adjust(trials[index], method).adjusted, rel=1e-14)


@pytest.mark.parametrize("method", ALL)
def test_one_hypothesis_stays_as_it_is(method):
    assert adjust([0.03], method).adjusted == pytest.approx([0.03], rel=1e-14)


def test_rejects_at_a_level():
    found = adjust(THREE, "holm")
    assert found.rejected(0.025).tolist() == [True, False, True]
    assert np.array_equal(found.raw, THREE)
    assert found.method == "holm"


@pytest.mark.parametrize(
    ("p", "method", "weights", "message"),
    [
        ([], "holm", None, "No p-values"),
        (0.5, "holm", None, "No p-values"),
        ([0.2, np.nan], "holm", None, "missing"),
        ([0.2, 1.2], "hommel", None, "outside"),
        ([-0.1], "fallback", None, "outside"),
        ([0.2], "holms", None, "holms"),
        ([0.2], "holm", [1.0], "no weights"),
        ([0.2, 0.3], "fallback", [1.0], "2 p-values"),
        ([0.2, 0.3], "fallback", [0.8, 0.4], "at most one"),
    ],
)
def test_unusable_input_is_named(p, method, weights, message):
    with pytest.raises(UnusableInputError, match=message):
        adjust(p, method, weights=weights)
