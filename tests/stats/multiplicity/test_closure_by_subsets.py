"""Closed tests over graphs beside every subset worked through by hand.

Weights of a subset come from taking the other hypotheses out of a dictionary one after another; each
subset's test is a loop; the parametric one integrates over what two statistics share.
"""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from trialwright.errors import UnusableInputError
from trialwright.stats.multiplicity import (
    Graph,
    closed_test,
    fallback_graph,
    intersection_weights,
    sequential_rejection,
)

PRINTED = [0.001, 0.006, 0.0062, 0.011, 0.012, 0.013, 0.02, 0.024, 0.025, 0.04, 0.6]


def without(weights, paths, gone):
    """Bretz et al. 2009, algorithm 1, step 3: levels and paths once a hypothesis is taken out."""
    left = {k: w + weights[gone] * paths[gone, k] for k, w in weights.items() if k != gone}
    fresh = {}
    for i, j in product(left, repeat=2):
        loop = paths[i, gone] * paths[gone, i]
        through = paths[i, j] + paths[i, gone] * paths[gone, j]
        fresh[i, j] = through / (1 - loop) if i != j and loop < 1 - 1e-12 else 0.0
    return left, fresh


def weights_of(graph, members):
    weights = dict(enumerate(graph.weights))
    paths = {(i, j): graph.transitions[i, j] for i, j in product(weights, repeat=2)}
    for gone in set(weights) - set(members):
        weights, paths = without(weights, paths, gone)
    return weights


def bonferroni(p, weights):
    return min([1.0, *(p[k] / w for k, w in weights.items() if w > 0)])


def simes(p, weights):
    """The smallest p_j over the weights of all p-values up to it."""
    found = [1.0]
    for j, own in weights.items():
        up_to = sum(w for k, w in weights.items() if p[k] <= p[j])
        if own > 0:
            found.append(p[j] / up_to)
    return min(found)


def grouped(test, groups):
    """The groups' tests combined by Bonferroni, each with the weights of its members."""

    def joint(p, weights):
        parts = [{k: weights[k] for k in group if k in weights} for group in groups]
        return min(test(p, part) if part else 1.0 for part in parts)

    return joint


def closed(graph, p, test):
    every = [
        members for size in range(1, len(p) + 1) for members in combinations(range(len(p)), size)
    ]
    found = {members: test(p, weights_of(graph, members)) for members in every}
    return [max(found[members] for members in every if k in members) for k in range(len(p))]


@st.composite
def trials(draw, least=1, most=4):
    count = draw(st.integers(least, most))
    parts = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    weights = np.array(draw(parts.filter(any)), dtype=float)
    rows = np.array([draw(parts) for _ in range(count)], dtype=float)
    np.fill_diagonal(rows, 0)
    share = draw(st.sampled_from([1.0, 0.8]))  # level may be left unused
    paths = share * rows / np.maximum(rows.sum(axis=1, keepdims=True), 1)
    p = draw(st.lists(st.sampled_from(PRINTED), min_size=count, max_size=count))
    return Graph(share * weights / weights.sum(), paths), p


@given(drawn=trials())
@settings(max_examples=20, deadline=None)
def test_the_weights_of_every_subset(drawn):
    graph, _ = drawn
    members, weights = intersection_weights(graph)
    for row, found in zip(members, weights, strict=True):
        subset = tuple(np.flatnonzero(row))
        expected = weights_of(graph, subset)
        assert found[list(subset)] == pytest.approx([expected[k] for k in subset], abs=1e-12)
        assert (found[~row] == 0).all()
    assert len({tuple(row) for row in members}) == 2 ** len(graph.weights) - 1


@pytest.mark.parametrize(("name", "by_hand"), [("bonferroni", bonferroni), ("simes", simes)])
@given(drawn=trials())
@settings(max_examples=20, deadline=None)
def test_adjusted_p_values_are_the_largest_of_every_subset(name, by_hand, drawn):
    graph, p = drawn
    found = closed_test(graph, p, alpha=0.025, test=name)
    expected = closed(graph, p, by_hand)
    assert found.adjusted == pytest.approx(expected, rel=1e-9)
    assert found.rejected.tolist() == (found.adjusted <= 0.025).tolist()


@given(drawn=trials(least=4))
@settings(max_examples=20, deadline=None)
def test_simes_within_two_pairs(drawn):
    graph, p = drawn
    pairs = [[0, 2], [1, 3]]
    found = closed_test(graph, p, alpha=0.025, test="simes", groups=pairs)
    assert found.adjusted == pytest.approx(closed(graph, p, grouped(simes, pairs)), rel=1e-9)


@given(drawn=trials(least=3, most=3))
@settings(max_examples=20, deadline=None)
def test_a_hypothesis_in_no_group_is_tested_alone(drawn):
    graph, p = drawn
    found = closed_test(graph, p, alpha=0.025, test="simes", groups=[[2, 0]])
    alone = grouped(simes, [[0, 2], [1]])
    assert found.adjusted == pytest.approx(closed(graph, p, alone), rel=1e-9)


def parametric(rho):
    """Bretz et al. 2011, two normal statistics: P(some P_k ≤ c w_k) / Σ w at the smallest p / w."""

    def test(p, weights):
        used = {k: w for k, w in weights.items() if w > 0}
        if not used:
            return 1.0
        c = min(p[k] / w for k, w in used.items())
        limits = [stats.norm.isf(min(c * w, 1.0)) for w in used.values()]
        if len(limits) == 1:
            chance = stats.norm.sf(limits[0])
        else:
            inside = integrate.quad(
                lambda x: (
                    stats.norm.pdf(x) * stats.norm.cdf((limits[1] - rho * x) / np.sqrt(1 - rho**2))
                ),
                -9,
                min(limits[0], 9),
                epsabs=1e-12,
            )[0]
            chance = 1 - inside
        return min(chance / sum(used.values()), 1.0)

    return test


@pytest.mark.parametrize("rho", [-0.4, 0.5, 0.9])
@given(drawn=trials(least=2, most=2))
@settings(max_examples=8, deadline=None)
def test_two_correlated_statistics(rho, drawn):
    graph, p = drawn
    law = [[1, rho], [rho, 1]]
    found = closed_test(graph, p, alpha=0.025, test="parametric", correlation=law)
    assert found.adjusted == pytest.approx(closed(graph, p, parametric(rho)), rel=1e-7)


def test_correlations_outside_a_group_are_not_read():
    graph = Graph([0.4, 0.3, 0.3], np.full((3, 3), 0.5) - np.eye(3) / 2)
    p = [0.012, 0.02, 0.016]
    known = np.array([[1, 0.5, np.nan], [0.5, 1, np.nan], [np.nan, np.nan, 1]])
    settings_ = {"alpha": 0.025, "test": "parametric", "groups": [[0, 1], [2]]}
    found = closed_test(graph, p, correlation=known, **settings_)
    both = grouped(parametric(0.5), [[0, 1], [2]])
    assert found.adjusted == pytest.approx(closed(graph, p, both), rel=1e-8)


def test_student_statistics_need_larger_limits_than_normal_ones():
    # By hand for two independent t statistics: 1 − (1 − c / 2)² at c = 2 · 0.01, whatever the law
    graph = Graph([0.5, 0.5], [[0, 1], [1, 0]])
    settings_ = {"alpha": 0.025, "test": "parametric"}
    normal = closed_test(graph, [0.01, 0.3], correlation=np.eye(2), **settings_)
    assert normal.intersection_p[0] == pytest.approx(1 - 0.99**2, rel=1e-10)
    student = closed_test(
        graph, [0.01, 0.3], correlation=np.eye(2), degrees_of_freedom=5, **settings_
    )
    # A common estimate of the variance ties independent comparisons together
    assert student.intersection_p[0] < normal.intersection_p[0]


def test_a_graph_of_two_doses_and_two_endpoints_by_hand():
    """The graph of Bretz et al. 2009, figure 7: level goes to the other dose and to the endpoint below.

    At 0.025: H1 has 0.0125 ≥ 0.01 and goes, half to H2 and half to H3. H2 has 0.01875 ≥ 0.015 and
    goes: H3 and H4 have 1/2 each, and pass it on to each other. Adjusted: 0.01 / 0.5, then 0.015 /
    0.75, then 0.012 / 0.5, then 0.014.
    """
    paths = [[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0, 1, 0, 0], [1, 0, 0, 0]]
    graph = Graph([0.5, 0.5, 0, 0], paths)
    assert weights_of(graph, (2, 3)) == pytest.approx({2: 0.5, 3: 0.5})
    found = sequential_rejection(graph, [0.01, 0.015, 0.012, 0.014], alpha=0.023)
    assert found.adjusted == pytest.approx([0.02, 0.02, 0.024, 0.024])
    assert found.rejected.tolist() == [True, True, False, False]
    assert found.weights_left == pytest.approx([0, 0, 0.5, 0.5])
    assert found.transitions_left[2:, 2:] == pytest.approx(np.array([[0, 1], [1, 0]]))


def test_fallback_passes_level_down_the_line_only():
    assert fallback_graph([0.2, 0.3, 0.5]).transitions.sum() == 2
    with pytest.raises(UnusableInputError, match="at most one"):
        fallback_graph([0.8, 0.4])


@pytest.mark.parametrize("alpha", [0.0, 0.025, 1.0])
def test_rejection_is_adjusted_p_at_most_alpha_even_at_the_ends(alpha):
    graph = Graph([0.5, 0.5], [[0, 1], [1, 0]])
    for p in ([0.0, 1.0], [0.0, 0.0], [0.0125, 0.025]):
        sequential = sequential_rejection(graph, p, alpha=alpha)
        closure = closed_test(graph, p, alpha=alpha)
        assert sequential.rejected.tolist() == (sequential.adjusted <= alpha).tolist()
        assert closure.rejected.tolist() == sequential.rejected.tolist()


@pytest.mark.parametrize("alpha", [np.nan, -0.1, 1.5])
@pytest.mark.parametrize("test", [closed_test, sequential_rejection])
def test_a_level_that_is_none_is_named(test, alpha):
    with pytest.raises(UnusableInputError, match="familywise level must lie between 0 and 1"):
        test(Graph([0.5, 0.5], [[0, 1], [1, 0]]), [0.01, 0.02], alpha=alpha)


def test_an_unknown_test_is_named_with_the_known_ones():
    with pytest.raises(UnusableInputError, match="Unknown test 'holm'") as refused:
        closed_test(Graph([1.0], [[0]]), [0.01], alpha=0.025, test="holm")
    assert "bonferroni, simes, parametric" in str(refused.value)


def test_a_parametric_test_of_no_and_of_all_evidence():
    graph = Graph([0.5, 0.5], [[0, 1], [1, 0]])
    for degrees in (4, np.inf):
        settings_ = {"correlation": np.eye(2), "degrees_of_freedom": degrees, "alpha": 0.025}
        none = closed_test(graph, [1.0, 1.0], test="parametric", **settings_)
        every = closed_test(graph, [0.0, 0.0], test="parametric", **settings_)
        assert none.adjusted.tolist() == [1, 1]
        assert every.adjusted.tolist() == [0, 0]
