"""Closed tests over graphs against R's graphicalMCP, and against each other."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import (
    Graph,
    adjust,
    closed_test,
    intersection_weights,
    sequential_rejection,
)

# R 4.2.2, graphicalMCP 0.2.8, graph_test_closure
CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "oracles" / "multiplicity.json").read_text()
    )["cases"]
}
GRAPHS = [name for name, case in CASES.items() if "transitions" in case["spec"]]


def holm(count):
    return Graph(np.full(count, 1 / count), (1 - np.eye(count)) / max(count - 1, 1))


@st.composite
def graphs_with_p(draw):
    count = draw(st.integers(1, 4))
    positive = st.lists(st.floats(0.05, 1), min_size=count, max_size=count)
    weights = np.array(draw(positive))
    transitions = np.array([draw(positive) for _ in range(count)])
    np.fill_diagonal(transitions, 0)
    share = draw(st.floats(0.3, 1))
    rows = np.maximum(transitions.sum(axis=1, keepdims=True), 1e-300)
    p = draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    return Graph(share * weights / weights.sum(), share * transitions / rows), np.array(p)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("test", ["bonferroni", "simes"])
def test_agrees_with_r(name, test):
    spec, expected = CASES[name]["spec"], CASES[name]["expect"][f"closure_{test}"]
    graph = Graph(spec["weights"], spec["transitions"])
    found = closed_test(graph, spec["p"], alpha=spec["alpha"], test=test)
    # R prints this closure with ten digits
    assert found.adjusted == pytest.approx(np.array(expected["adjusted_p"]), abs=5e-11)
    assert found.rejected.tolist() == expected["rejected"]


@pytest.mark.parametrize("name", GRAPHS)
def test_intersection_weights_agree_with_r(name):
    spec = CASES[name]["spec"]
    members, weights = intersection_weights(Graph(spec["weights"], spec["transitions"]))
    expected = np.array(CASES[name]["expect"]["intersection_weights"])
    assert np.hstack([members, weights]) == pytest.approx(expected, abs=1e-13)


def test_the_parametric_test_of_equal_correlation_is_a_step_down_dunnett():
    spec, expected = (CASES["graph_holm3_parametric"][key] for key in ("spec", "expect"))
    correlation = np.full((3, 3), spec["rho"]) + (1 - spec["rho"]) * np.eye(3)
    found = closed_test(holm(3), spec["p"], alpha=0.025, test="parametric", correlation=correlation)

    def step_down(p, left):
        limit = stats.norm.isf(p)
        inside = integrate.quad(
            lambda u: stats.norm.pdf(u) * stats.norm.cdf(limit * np.sqrt(2) - u) ** left, -9, 9
        )
        return 1 - inside[0]

    exactly = [step_down(0.0123, 2), 0.0321, step_down(0.0049, 3)]
    assert found.adjusted == pytest.approx(exactly, abs=1e-9)
    # graphicalMCP 0.2.8 averages over a random lattice, here 5e-6 above the exact 0.0133690.
    assert found.adjusted == pytest.approx(expected["adjusted_p"], abs=1e-5)
    assert found.rejected.tolist() == expected["rejected"]


@settings(max_examples=40, deadline=None)
@given(drawn=graphs_with_p())
def test_closing_bonferroni_is_the_sequential_rejection(drawn):
    graph, p = drawn
    closed = closed_test(graph, p, alpha=0.025)
    shortcut = sequential_rejection(graph, p, alpha=0.025)
    assert closed.adjusted == pytest.approx(shortcut.adjusted, rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(drawn=graphs_with_p())
def test_simes_and_the_joint_law_reject_no_less_than_bonferroni(drawn):
    graph, p = drawn
    count = len(p)
    bonferroni = closed_test(graph, p, alpha=0.025).adjusted
    simes = closed_test(graph, p, alpha=0.025, test="simes").adjusted
    correlation = np.full((count, count), 0.5) + np.eye(count) / 2
    joint = closed_test(graph, p, alpha=0.025, test="parametric", correlation=correlation)
    assert np.all(simes <= bonferroni + 1e-9)
    assert np.all(joint.adjusted <= bonferroni + 1e-7)
    assert np.all(simes >= p - 1e-12)


@settings(max_examples=30, deadline=None)
@given(p=st.lists(st.floats(0, 1), min_size=2, max_size=5).map(np.array))
def test_closing_simes_over_equal_paths_is_hommel(p):
    found = closed_test(holm(len(p)), p, alpha=0.05, test="simes").adjusted
    assert found == pytest.approx(adjust(p, "hommel").adjusted, rel=1e-9, abs=1e-12)


def test_groups_are_combined_by_bonferroni():
    # Hand calculation: within each pair Simes takes 2 · 0.25 of the level for both p-values.
    graph = Graph(np.full(4, 0.25), np.zeros((4, 4)))
    p = [0.011, 0.012, 0.2, 0.3]
    found = closed_test(graph, p, alpha=0.025, test="simes", groups=[[0, 1], [2, 3]])
    assert found.intersection_p[0] == pytest.approx(0.012 / 0.5)
    apart = closed_test(graph, p, alpha=0.025, test="simes", groups=[])
    assert apart.intersection_p[0] == pytest.approx(0.011 / 0.25)


def test_perfect_correlation_gives_level_back():
    # Hand calculation: two statistics that are one make one test at the whole level.
    found = closed_test(
        holm(2), [0.02, 0.02], alpha=0.025, test="parametric", correlation=np.ones((2, 2))
    )
    assert found.intersection_p[0] == pytest.approx(0.02, rel=1e-9)


def test_a_stack_of_trials_is_the_trials_one_by_one():
    trials = np.random.default_rng(2).random((20, 3)) ** 3
    correlation = np.full((3, 3), 0.3) + 0.7 * np.eye(3)
    for test in ("bonferroni", "simes", "parametric"):
        together = closed_test(holm(3), trials, alpha=0.1, test=test, correlation=correlation)
        for index, p in enumerate(trials):
            alone = closed_test(holm(3), p, alpha=0.1, test=test, correlation=correlation)
            assert together.adjusted[index] == pytest.approx(alone.adjusted, rel=1e-12)


def test_unusable_input_is_named():
    with pytest.raises(UnusableInputError, match="needs the correlation"):
        closed_test(holm(2), [0.1, 0.2], alpha=0.05, test="parametric")
    with pytest.raises(UnusableInputError, match="does not fit"):
        closed_test(holm(2), [0.1, 0.2], alpha=0.05, test="parametric", correlation=np.eye(3))
    with pytest.raises(UnusableInputError, match="at most once"):
        closed_test(holm(2), [0.1, 0.2], alpha=0.05, groups=[[0, 1], [1]])
    with pytest.raises(UnusableInputError, match="at most once"):
        closed_test(holm(2), [0.1, 0.2], alpha=0.05, groups=[[0, 2]])
    with pytest.raises(UnusableInputError, match="intersections"):
        intersection_weights(holm(15))
