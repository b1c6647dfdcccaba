"""Graphs against R's graphicalMCP, as properties, and with input that cannot be used."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import Graph, adjust, sequential_rejection

# R 4.2.2, graphicalMCP 0.2.8, graph_test_shortcut
CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "oracles" / "multiplicity.json").read_text()
    )["cases"]
    if "transitions" in case["spec"]
}


def graph_of(case):
    return Graph(case["spec"]["weights"], case["spec"]["transitions"])


@st.composite
def graphs(draw, most=4):
    count = draw(st.integers(1, most))
    positive = st.lists(st.floats(0.05, 1), min_size=count, max_size=count)
    weights = np.array(draw(positive))
    transitions = np.array([draw(positive) for _ in range(count)])
    np.fill_diagonal(transitions, 0)
    share = draw(st.floats(0.3, 1))
    rows = np.maximum(transitions.sum(axis=1, keepdims=True), 1e-300)
    return Graph(share * weights / weights.sum(), share * transitions / rows)


def p_values(count):
    return st.lists(st.floats(0, 1), min_size=count, max_size=count).map(np.array)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_r(name):
    case = CASES[name]
    expected = case["expect"]["shortcut"]
    found = sequential_rejection(graph_of(case), case["spec"]["p"], alpha=case["spec"]["alpha"])
    assert found.adjusted == pytest.approx(np.array(expected["adjusted_p"]), rel=1e-10)
    assert found.rejected.tolist() == expected["rejected"]
    assert found.weights_left == pytest.approx(np.array(expected["weights_left"]), abs=1e-12)
    assert found.transitions_left == pytest.approx(
        np.array(expected["transitions_left"]), abs=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data(), count=st.integers(2, 5))
def test_the_graph_of_equal_paths_is_holm(data, count):
    p = data.draw(p_values(count))
    equal = Graph(np.full(count, 1 / count), (1 - np.eye(count)) / (count - 1))
    assert sequential_rejection(equal, p, alpha=0.05).adjusted == pytest.approx(
        adjust(p, "holm").adjusted, rel=1e-9, abs=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data(), graph=graphs())
def test_relabeling_relabels(data, graph):
    p = data.draw(p_values(graph.weights.size))
    order = np.array(data.draw(st.permutations(range(graph.weights.size))))
    relabeled = Graph(graph.weights[order], graph.transitions[np.ix_(order, order)])
    assert sequential_rejection(relabeled, p[order], alpha=0.025).adjusted == pytest.approx(
        sequential_rejection(graph, p, alpha=0.025).adjusted[order], rel=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(data=st.data(), graph=graphs(), factor=st.floats(0, 1))
def test_smaller_p_values_reject_no_less(data, graph, factor):
    p = data.draw(p_values(graph.weights.size))
    lower = sequential_rejection(graph, p * factor, alpha=0.025).adjusted
    assert np.all(lower <= sequential_rejection(graph, p, alpha=0.025).adjusted + 1e-12)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), graph=graphs())
def test_level_is_never_created(data, graph):
    p = data.draw(p_values(graph.weights.size))
    found = sequential_rejection(graph, p, alpha=0.5)
    assert found.weights_left.sum() <= graph.weights.sum() * (1 + 1e-9)
    assert np.all(found.transitions_left.sum(axis=1) <= 1 + 1e-9)
    assert np.all(found.weights_left[found.rejected] == 0)


def test_a_stack_of_trials_is_the_trials_one_by_one():
    graph = graph_of(CASES["graph_three_doses_two_endpoints"])
    trials = np.random.default_rng(3).random((40, 6)) ** 4
    together = sequential_rejection(graph, trials, alpha=0.025)
    for index, p in enumerate(trials):
        alone = sequential_rejection(graph, p, alpha=0.025)
        assert together.adjusted[index] == pytest.approx(alone.adjusted, rel=1e-14)
        assert together.transitions_left[index] == pytest.approx(alone.transitions_left)


def test_a_hypothesis_that_never_gets_level_is_never_rejected():
    # Hand calculation: no path leads to the second hypothesis.
    found = sequential_rejection(Graph([1, 0], [[0, 0], [0, 0]]), [0.001, 0.0], alpha=0.025)
    assert found.adjusted.tolist() == [0.001, 1]
    assert found.rejected.tolist() == [True, False]


@pytest.mark.parametrize(
    ("weights", "transitions", "message"),
    [
        ([], np.zeros((0, 0)), "one weight"),
        ([[0.5]], [[0]], "one weight"),
        ([0.5, 0.5], [[0, 1]], "shape"),
        ([0.7, 0.7], [[0, 1], [1, 0]], "at most one"),
        ([-0.1, 0.5], [[0, 1], [1, 0]], "non-negative"),
        ([np.nan, 0.5], [[0, 1], [1, 0]], "non-negative"),
        ([0.5, 0.5], [[0, 1.5], [1, 0]], "transitions"),
        ([0.5, 0.5], [[0.5, 0.5], [1, 0]], "itself"),
    ],
)
def test_an_impossible_graph_is_named(weights, transitions, message):
    with pytest.raises(UnusableInputError, match=message):
        Graph(weights, transitions)


def test_p_values_must_fit_the_graph():
    with pytest.raises(UnusableInputError, match="3 p-values for a graph of 2"):
        sequential_rejection(Graph([0.5, 0.5], [[0, 1], [1, 0]]), [0.1, 0.2, 0.3], alpha=0.05)
