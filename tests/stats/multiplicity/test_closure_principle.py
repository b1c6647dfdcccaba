"""Every adjustment beside the closure principle (Marcus, Peritz and Gabriel, Biometrika 1976;63:655).

A hypothesis is rejected if every intersection that holds it is. The references test all 2^m − 1
intersections one by one; the programs under test take shortcuts over sorted p-values.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import Graph, adjust, closed_test, sequential_rejection

Test = Callable[[list[float], tuple[int, ...]], float]
# Some equal p-values, some at the ends: sorted shortcuts go wrong there first.
FAMILY = st.lists(
    st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.02, 0.025, 0.05, 1.0])),
    min_size=1,
    max_size=5,
)


def intersections(count: int) -> Iterator[tuple[int, ...]]:
    for size in range(1, count + 1):
        yield from combinations(range(count), size)


def closed(p: list[float], test: Test) -> list[float]:
    return [
        max(test(p, members) for members in intersections(len(p)) if each in members)
        for each in range(len(p))
    ]


def bonferroni(p: list[float], members: tuple[int, ...]) -> float:
    return min(1.0, len(members) * min(p[k] for k in members))


def sidak(p: list[float], members: tuple[int, ...]) -> float:
    return float(1 - (1 - min(p[k] for k in members)) ** len(members))


def simes(p: list[float], members: tuple[int, ...]) -> float:
    ordered = sorted(p[k] for k in members)
    return min(len(ordered) * value / (rank + 1) for rank, value in enumerate(ordered))


def hochberg(p: list[float], members: tuple[int, ...]) -> float:
    """Hochberg 1988: reject the intersection if any p(i) <= alpha / (size − i + 1)."""
    ordered = sorted(p[k] for k in members)
    return min((len(ordered) - rank) * value for rank, value in enumerate(ordered))


def first(p: list[float], members: tuple[int, ...]) -> float:
    return p[min(members)]


@pytest.mark.parametrize(
    ("method", "test"),
    [
        ("holm", bonferroni),
        ("holm-sidak", sidak),
        ("hommel", simes),
        ("hochberg", hochberg),
        ("fixed-sequence", first),
    ],
)
@given(p=FAMILY)
@settings(max_examples=60, deadline=None)
def test_the_shortcut_is_the_closure(method: str, test: Test, p: list[float]) -> None:
    assert adjust(p, method).adjusted == pytest.approx(closed(p, test), rel=1e-9, abs=1e-12)


@given(p=FAMILY, shares=st.lists(st.floats(0.05, 1), min_size=5, max_size=5))
@settings(max_examples=60, deadline=None)
def test_fallback_is_the_closure_of_its_weights(p: list[float], shares: list[float]) -> None:
    """Wiens and Dmitrienko 2005: a missing hypothesis' weight goes to the next one that is there."""
    weights = [share / sum(shares[: len(p)]) for share in shares[: len(p)]]

    def weighted(p: list[float], members: tuple[int, ...]) -> float:
        found = [1.0]
        for each in members:
            before = max((k for k in members if k < each), default=-1)
            weight = sum(weights[before + 1 : each + 1])
            found.append(p[each] / weight)
        return min(found)

    found = adjust(p, "fallback", weights=weights).adjusted
    assert found == pytest.approx(closed(p, weighted), rel=1e-9, abs=1e-12)


@given(p=FAMILY)
@settings(max_examples=60, deadline=None)
def test_false_discovery_rates_by_their_definition(p: list[float]) -> None:
    """The smallest level at which Benjamini and Hochberg's step-up rule rejects the hypothesis."""
    count = len(p)
    for method, penalty in (
        ("benjamini-hochberg", 1.0),
        ("benjamini-yekutieli", sum(1 / k for k in range(1, count + 1))),
    ):
        expected = []
        for each in p:
            levels = [
                value * count * penalty / sum(other <= value for other in p)
                for value in p
                if value >= each
            ]
            expected.append(min(1.0, *levels) if len(levels) > 1 else min(1.0, levels[0]))
        assert adjust(p, method).adjusted == pytest.approx(expected, rel=1e-12)


METHODS = (
    "bonferroni", "holm", "hochberg", "hommel", "sidak", "holm-sidak", "benjamini-hochberg",
    "benjamini-yekutieli",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@given(p=FAMILY, data=st.data())
@settings(max_examples=25, deadline=None)
def test_names_of_hypotheses_do_not_matter_and_evidence_does(
    method: str, p: list[float], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(p))))
    found = adjust(p, method).adjusted
    assert adjust([p[k] for k in order], method).adjusted == pytest.approx(found[list(order)])
    assert (found >= np.array(p) - 1e-12).all()
    assert (found <= 1).all()
    assert (adjust([value / 2 for value in p], method).adjusted <= found + 1e-12).all()


def graph_by_hand(
    weights: list[float], paths: list[list[float]], p: list[float], alpha: float
) -> set[int]:
    """Bretz et al. 2009, algorithm 1, in loops over a dictionary of the hypotheses left."""
    left = dict(enumerate(weights))
    g = {(i, j): paths[i][j] for i, j in product(range(len(p)), repeat=2)}
    rejected: set[int] = set()
    while True:
        ready = [k for k, weight in left.items() if weight > 0 and p[k] <= weight * alpha]
        if not ready:
            return rejected
        gone = ready[0]
        rejected.add(gone)
        weight = left.pop(gone)
        left = {k: own + weight * g[gone, k] for k, own in left.items()}
        fresh = {}
        for i, j in product(left, repeat=2):
            loop = g[i, gone] * g[gone, i]
            through = g[i, j] + g[i, gone] * g[gone, j]
            fresh[i, j] = through / (1 - loop) if i != j and loop < 1 else 0.0
        g = fresh


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], list[list[float]], list[float]]:
    count = draw(st.integers(1, 4))
    parts = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    weights = draw(parts.filter(any))
    rows = [draw(parts) for _ in range(count)]
    paths = []
    for i, row in enumerate(rows):
        others = [0 if i == j else part for j, part in enumerate(row)]
        paths.append([part / max(sum(others), 1) for part in others])
    p = draw(st.lists(st.sampled_from([0.001, 0.004, 0.007, 0.013, 0.019, 0.3]),
                      min_size=count, max_size=count))  # fmt: skip
    return [weight / sum(weights) for weight in weights], paths, p


@given(drawn=graphs())
@settings(max_examples=80, deadline=None)
def test_sequential_rejection_by_hand_with_empty_weights_and_paths(
    drawn: tuple[list[float], list[list[float]], list[float]],
) -> None:
    weights, paths, p = drawn
    found = sequential_rejection(Graph(weights, paths), p, alpha=0.025)
    assert set(np.flatnonzero(found.rejected)) == graph_by_hand(weights, paths, p, 0.025)


@given(drawn=graphs())
@settings(max_examples=40, deadline=None)
def test_an_adjusted_p_value_is_the_level_at_which_rejection_begins(
    drawn: tuple[list[float], list[list[float]], list[float]],
) -> None:
    weights, paths, p = drawn
    adjusted = sequential_rejection(Graph(weights, paths), p, alpha=0.025).adjusted
    for each, value in enumerate(adjusted):
        if value < 1:
            assert each in graph_by_hand(weights, paths, p, value * (1 + 1e-9))
        assert each not in graph_by_hand(weights, paths, p, value * (1 - 1e-9))


@given(drawn=graphs())
@settings(max_examples=30, deadline=None)
def test_independent_statistics_make_the_parametric_test_a_product(
    drawn: tuple[list[float], list[list[float]], list[float]],
) -> None:
    """Each intersection: 1 − Π (1 − w c) at the smallest ratio c = p / w (Bretz et al. 2011)."""
    weights, paths, p = drawn
    graph = Graph(weights, paths)
    found = closed_test(graph, p, alpha=0.025, test="parametric", correlation=np.eye(len(p)))
    whole = [(w, value) for w, value in zip(weights, p, strict=True) if w > 0]
    smallest = min(value / w for w, value in whole)
    chance = 1 - np.prod([1 - min(w * smallest, 1) for w, _ in whole])
    assert found.intersection_p[0] == pytest.approx(min(chance, 1), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("p", [[], 0.5, [0.1, np.nan], [-0.1], [1.1], [[0.1, 0.2], [0.3, np.nan]]])
@pytest.mark.parametrize("method", [*METHODS, "fixed-sequence", "fallback"])
def test_p_values_that_cannot_be_are_refused(p: object, method: str) -> None:
    with pytest.raises(UnusableInputError):
        adjust(p, method)


@pytest.mark.parametrize("method", [*METHODS, "fixed-sequence", "fallback"])
def test_one_hypothesis_needs_no_adjustment_and_certainty_none_either(method: str) -> None:
    assert adjust([0.03], method).adjusted == pytest.approx([0.03])
    assert adjust([1.0, 1.0, 1.0], method).adjusted.tolist() == [1, 1, 1]
    assert adjust([0.0, 0.0, 0.0], method).adjusted.tolist() == [0, 0, 0]
