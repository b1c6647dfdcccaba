"""Cases of multiplicity against definitions written out: every intersection, every step."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from trialwright.verification.cases import Case
from trialwright.verification.compare import run_case
from trialwright.verification.multiplicity import METHODS

p_lists = st.lists(st.integers(1, 2000).map(lambda k: k / 20_000), min_size=2, max_size=5)


def case(method: str, expect: Any, **spec: Any) -> Case:
    return Case(id="many", method=method, data=None, spec=spec, expect=expect, tol_rel=1e-9)


def problems(given_: Case) -> list[str]:
    return [f"{f.path}: {f.expected} {f.found} {f.problem}" for f in run_case(given_, METHODS).out]


def intersections(count: int) -> list[tuple[int, ...]]:
    return [s for size in range(1, count + 1) for s in combinations(range(count), size)]


def closed(p: list[float], local: Any) -> list[float]:
    """Adjusted p-values: the largest local p-value of all intersections with the hypothesis."""
    count = len(p)
    return [
        max(min(1.0, local(s)) for s in intersections(count) if each in s) for each in range(count)
    ]


@settings(max_examples=30, deadline=None)
@given(p_lists)
def test_adjusted_p_values_are_closed_tests(p: list[float]) -> None:
    def simes(s: tuple[int, ...]) -> float:
        return min(len(s) * value / k for k, value in enumerate(sorted(p[i] for i in s), start=1))

    def sidak(s: tuple[int, ...]) -> float:
        return float(-np.expm1(len(s) * np.log1p(-min(p[i] for i in s))))

    m = len(p)
    expect = {
        "bonferroni": [min(1.0, m * each) for each in p],
        "sidak": [1 - (1 - each) ** m for each in p],
        "holm": closed(p, lambda s: len(s) * min(p[i] for i in s)),
        "holm_sidak": closed(p, sidak),
        "hommel": closed(p, simes),
        "fixed_sequence": [max(p[: k + 1]) for k in range(m)],
        "BH": [min(1.0, min(m * q / sum(r <= q for r in p) for q in p if q >= each)) for each in p],
    }
    assert problems(case("adjust_p", expect, p=p)) == []


@settings(max_examples=20, deadline=None)
@given(p_lists, st.randoms(use_true_random=False))
def test_another_order_of_hypotheses_gives_the_same(p: list[float], random: Any) -> None:
    order = list(range(len(p)))
    random.shuffle(order)
    names = ["bonferroni", "holm", "hochberg", "hommel", "BH", "BY", "sidak", "holm_sidak"]
    expect = {name: [0.0] * len(p) for name in names}
    one = {f.path: f.found for f in run_case(case("adjust_p", expect, p=p), METHODS).figures}
    turned = case("adjust_p", expect, p=[p[k] for k in order])
    other = {f.path: f.found for f in run_case(turned, METHODS).figures}
    for name in names:
        for place, old in enumerate(order):
            assert other[f"{name}[{place}]"] == pytest.approx(one[f"{name}[{old}]"], rel=1e-12)


@st.composite
def graphs(draw: Any) -> tuple[list[float], list[list[float]], list[float]]:
    count = draw(st.integers(2, 4))
    tenths = st.integers(0, 10)
    shares = draw(st.lists(st.integers(1, 10), min_size=count, max_size=count))
    paths = []
    for row in range(count):
        parts = [0 if k == row else draw(tenths) for k in range(count)]
        paths.append([part / max(sum(parts), 1) for part in parts])
    p = draw(st.lists(st.integers(1, 900), min_size=count, max_size=count))
    return [each / sum(shares) for each in shares], paths, [each / 10_000 for each in p]


def weights_of(
    kept: tuple[int, ...], weights: list[float], paths: list[list[float]]
) -> dict[int, float]:
    """Bretz, Maurer, Brannath, Posch 2009, algorithm 1: remove the other hypotheses one by one."""
    w, g = dict(enumerate(weights)), [list(row) for row in paths]
    left = set(w)
    for gone in [k for k in w if k not in kept]:
        left.discard(gone)
        new = [[0.0] * len(weights) for _ in weights]
        for a in left:
            w[a] += w[gone] * g[gone][a]
            for b in left - {a}:
                rest = 1 - g[a][gone] * g[gone][a]
                new[a][b] = (g[a][b] + g[a][gone] * g[gone][b]) / rest if rest > 1e-12 else 0.0
        g = new
    return {k: w[k] for k in kept}


@settings(max_examples=30, deadline=None)
@given(graphs(), st.sampled_from([0.025, 0.05]))
def test_the_shortcut_is_the_closed_test_of_all_intersections(graph: Any, alpha: float) -> None:
    weights, paths, p = graph

    def local(s: tuple[int, ...]) -> float:
        own = weights_of(s, weights, paths)
        return min((p[k] / own[k] for k in s if own[k] > 1e-12), default=1.0)

    adjusted = closed(p, local)
    assume(all(abs(each - alpha) > 1e-9 for each in adjusted))
    verdict = {"adjusted_p": adjusted, "rejected": [each <= alpha for each in adjusted]}
    rows = []
    for s in sorted(intersections(len(p)), key=lambda s: [k not in s for k in range(len(p))]):
        own = weights_of(s, weights, paths)
        rows.append(
            [*(int(k in s) for k in range(len(p))), *(own.get(k, 0.0) for k in range(len(p)))]
        )
    expect = {"shortcut": verdict, "closure_bonferroni": verdict}
    spec = {"weights": weights, "transitions": paths, "p": p, "alpha": alpha}
    assert problems(case("graphical_procedure", expect, **spec)) == []
    outcome = run_case(case("graphical_procedure", {"intersection_weights": rows}, **spec), METHODS)
    for figure in outcome.figures:
        assert figure.found == pytest.approx(figure.expected, abs=1e-9)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_a_parametric_pair_by_the_bivariate_normal_law(rho: float) -> None:
    # given two hypotheses of equal weight: the joint p-value of both is P(max z >= that of min p)
    p = [0.011, 0.03]
    z = norm.isf(min(p))
    joint = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    both = 1 - joint.cdf([z, z])
    expect = {"adjusted_p": [both, max(both, p[1])], "rejected": [both <= 0.025, False]}
    given_ = case("graphical_procedure", expect, p=p, rho=rho, alpha=0.025)
    found = {f.path: f for f in run_case(given_, METHODS).figures}
    assert found["adjusted_p[0]"].found == pytest.approx(both, abs=1e-7)
    assert found["adjusted_p[1]"].found == pytest.approx(max(both, p[1]), abs=1e-7)
    assert found["rejected[0]"].problem == found["rejected[1]"].problem == ""


SIX = {
    "weights": [0.25, 0.25, 0.25, 0.25],
    "transitions": [[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0.5, 0, 0, 0.5], [0, 0.5, 0.5, 0]],
    "p": [0.01, 0.02, 0.012, 0.2],
}


@pytest.mark.parametrize(
    "groups", [[[1, 2], [3, 4]], [[0, 1], [2, 3]], {"first": [1, 2], "second": [3, 4]}]
)
def test_groups_count_from_one_or_from_zero(groups: Any) -> None:
    def local(s: tuple[int, ...]) -> float:
        own = weights_of(s, SIX["weights"], SIX["transitions"])
        values = []
        for group in ((0, 1), (2, 3)):
            here = sorted((SIX["p"][k], own[k]) for k in s if k in group and own[k] > 1e-12)
            spent = np.cumsum([weight for _, weight in here])
            values += [value / total for (value, _), total in zip(here, spent, strict=True)]
        return min(values)

    adjusted = closed(SIX["p"], local)
    expect = {"closure_simes": {"adjusted_p": adjusted}}
    found = run_case(case("graphical_procedure", expect, **SIX, groups=groups), METHODS)
    assert found.out == ()


def test_values_may_stand_by_the_names_of_their_hypotheses() -> None:
    named = {
        "hypotheses": {"H1": 0.5, "H2": 0.5},
        "transitions": {"H1": {"H1": 0, "H2": 1}, "H2": {"H1": 1, "H2": 0}},
        "p": {"H1": 0.03, "H2": 0.011},
    }
    expect = {"shortcut": {"adjusted_p": [0.03, 0.022], "rejected": [False, True]}}
    assert problems(case("graphical_procedure", expect, **named)) == []
    assert problems(case("adjust_p", {"holm": [0.03, 0.022]}, p=named["p"])) == []


@pytest.mark.parametrize(
    ("method", "spec", "expect", "words"),
    [
        ("adjust_p", {"p": [0.1, 1.2]}, {"holm": [1, 1]}, "not computed"),
        ("adjust_p", {"p": []}, {"holm": [1]}, ""),
        ("adjust_p", {"p": [0.1, 0.2]}, {"scheffe": [1, 1]}, "there is no 'scheffe'"),
        ("graphical_procedure", {"p": [0.1], "weights": [1]}, {"shortcut": {"rejected": [False]}},
         "no 'transitions'"),
        ("graphical_procedure", {"p": [0.1, 0.2]}, {"adjusted_p": [1, 1]}, "the spec has no 'rho'"),
        ("graphical_procedure", {**SIX, "groups": [[1, 2], [2, 3]]},
         {"closure_simes": {"rejected": [False] * 4}}, "at most once"),
        ("graphical_procedure", {**SIX, "weights": [0.9, 0.9, 0, 0]},
         {"shortcut": {"rejected": [False] * 4}}, "not computed"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_is_told(
    method: str, spec: dict[str, Any], expect: Any, words: str
) -> None:
    out = run_case(case(method, expect, **spec), METHODS).out
    assert out
    assert all(words in figure.problem for figure in out)
