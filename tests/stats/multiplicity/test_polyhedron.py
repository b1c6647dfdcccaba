"""The chance to leave a polyhedron against closed forms: half-spaces, slabs, boxes, wedges, cones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats
from scipy.spatial.transform import Rotation

from trialwright.stats.multiplicity.polyhedron import probability_outside

AXES = np.eye(3)
SEED = st.integers(0, 10**6)


def law(degrees):
    return stats.norm if np.isinf(degrees) else stats.t(degrees)


def turned(seed):
    return Rotation.random(random_state=seed).as_matrix()


@pytest.mark.parametrize("degrees", [1.0, 4.0, 60.0, np.inf])
@given(limit=st.floats(-6, 6), seed=SEED)
@settings(max_examples=8, deadline=None)
def test_one_plane_leaves_one_tail(degrees, limit, seed):
    normal = turned(seed)[:1]
    found = probability_outside(normal, np.array([[limit]]), degrees)
    assert found == pytest.approx([law(degrees).sf(limit)], abs=1e-12)


@pytest.mark.parametrize("degrees", [2.0, 30.0, np.inf])
@given(low=st.floats(-4, 4), width=st.floats(0.01, 5), seed=SEED)
@settings(max_examples=8, deadline=None)
def test_two_parallel_planes_leave_two_tails(degrees, low, width, seed):
    normal = turned(seed)[:1]
    found = probability_outside(
        np.vstack([normal, -normal]), np.array([[low + width, -low]]), degrees
    )
    inside = law(degrees).cdf(low + width) - law(degrees).cdf(low)
    assert found == pytest.approx([1 - inside], abs=1e-12)


@given(
    low=st.lists(st.floats(-3, 1), min_size=3, max_size=3).map(np.array),
    width=st.lists(st.floats(0.05, 5), min_size=3, max_size=3).map(np.array),
    seed=SEED,
)
@settings(max_examples=15, deadline=None)
def test_a_box_multiplies_however_it_is_turned(low, width, seed):
    turn = turned(seed)
    normals = np.vstack([AXES, -AXES]) @ turn
    found = probability_outside(normals, np.array([[*(low + width), *-low]]), np.inf)
    inside = np.prod(stats.norm.cdf(low + width) - stats.norm.cdf(low))
    assert found == pytest.approx([1 - inside], abs=1e-11)


@pytest.mark.parametrize("degrees", [3.0, np.inf])
@pytest.mark.parametrize("angle", [0.01, 0.7, np.pi / 2, 2.5, 3.1])
def test_a_wedge_at_the_origin_is_its_angle(degrees, angle):
    # Every law that depends on the distance alone: the wedge between two planes holds angle / 2π.
    normals = np.array([[0.0, -1, 0], [-np.sin(angle), np.cos(angle), 0]])
    found = probability_outside(normals, np.zeros((1, 2)), degrees)
    assert found == pytest.approx([1 - angle / (2 * np.pi)], abs=1e-9)


def test_an_octant_is_an_eighth_and_a_cone_its_solid_angle():
    assert probability_outside(AXES, np.zeros((1, 3)), np.inf) == pytest.approx([7 / 8], abs=1e-9)
    # Three planes at the angles of an equilateral cone: Girard's theorem, Σ angles − π over 4π
    tilted = np.array([[1, 0, 0.5], [-0.5, 0.75**0.5, 0.5], [-0.5, -(0.75**0.5), 0.5]])
    tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
    angles = [np.pi - np.arccos(tilted[i] @ tilted[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    expected = 1 - (sum(angles) - np.pi) / (4 * np.pi)
    assert probability_outside(tilted, np.zeros((1, 3)), np.inf) == pytest.approx(
        [expected], abs=1e-9
    )


@pytest.mark.parametrize("degrees", [5.0, np.inf])
def test_two_crossing_planes_are_a_double_integral(degrees):
    cosine = 0.35
    normals = np.array([[1.0, 0, 0], [cosine, np.sqrt(1 - cosine**2), 0]])
    limits = np.array([[0.4, 1.3], [-0.7, 0.2], [2.0, -1.0]])

    def inside(a, b):
        def given(x):
            # Given one coordinate x, Student's other coordinate has one more degree of freedom
            reach = (b - cosine * x) / np.sqrt(1 - cosine**2)
            if np.isinf(degrees):
                return stats.norm.pdf(x) * stats.norm.cdf(reach)
            widened = np.sqrt((degrees + x**2) / (degrees + 1))
            return stats.t.pdf(x, degrees) * stats.t.cdf(reach / widened, degrees + 1)

        return integrate.quad(given, -np.inf, a, epsabs=1e-12)[0]

    expected = [1 - inside(a, b) for a, b in limits]
    assert probability_outside(normals, limits, degrees) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("limit", [0.0, 1e-13, 1e-11, 1e-10, 1e-9, 1e-7])
@pytest.mark.parametrize("angles", [(0, 40, 80), (0, 30, 60, 90, 120), (0, 30, 60, 90, 150, 170)])
@given(seed=SEED)
@settings(max_examples=4, deadline=None)
def test_many_planes_through_one_line_are_a_wedge(angles, limit, seed):
    # By hand: what stays below planes at angles 0 to a holds 180 − a degrees, at a limit of zero
    directions = np.radians(angles)
    normals = np.stack([np.cos(directions), np.sin(directions), 0 * directions], axis=1)
    found = probability_outside(normals @ turned(seed), np.full((1, len(angles)), limit), np.inf)
    assert found == pytest.approx([1 - (180 - angles[-1]) / 360], abs=3 * limit + 1e-12)


@pytest.mark.parametrize("shift", [-1e-12, -1e-15, 0.0, 1e-16, 1e-12, 1e-6])
@given(seed=SEED)
@settings(max_examples=4, deadline=None)
def test_a_plane_that_touches_an_edge_cuts_nothing_off(shift, seed):
    normals = np.array([[1, 0, 0], [0, 1, 0], [0.5**0.5, 0.5**0.5, 0], [0.6, 0.8, 0]])
    limits = np.array([[1, 1, 2**0.5 + shift, 1.4]])
    found = probability_outside(normals @ turned(seed), limits, np.inf)
    assert found == pytest.approx([1 - stats.norm.cdf(1) ** 2], abs=1e-12)


@given(seed=SEED, scale=st.sampled_from([0.0, 1e-12, 1e-10, 3e-9]))
@settings(max_examples=40, deadline=None)
def test_limits_around_zero_have_chances_around_those_of_zero(seed, scale):
    # given normals of which some lie in one plane with others, some opposite to others
    generator = np.random.default_rng(seed)
    normals = generator.normal(size=(4, 3))
    normals[3] = normals[0] + 2 * normals[1]
    normals = np.vstack([normals, -normals[:1]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    limits = np.abs(generator.normal(size=(1, 5)))
    near, further = (probability_outside(normals, limits * s, np.inf) for s in (scale, 1e-6))
    assert near == pytest.approx(further, abs=2e-5)


@given(seed=SEED, limit=st.floats(-2, 3), extra=st.floats(0, 2))
@settings(max_examples=20, deadline=None)
def test_planes_that_bound_nothing_change_nothing(seed, limit, extra):
    normals = np.vstack([AXES, turned(seed)[:1]])
    limits = np.array([[limit, 1.0, 0.5, 2.0]])
    found = probability_outside(normals, limits, 9.0)
    doubled = probability_outside(
        np.vstack([normals, normals[:2]]), np.hstack([limits, limits[:, :2] + extra]), 9.0
    )
    assert doubled == pytest.approx(found, abs=1e-11)
    beside = probability_outside(
        np.vstack([normals, -AXES]), np.hstack([limits, np.full((1, 3), 1e8)]), 9.0
    )
    assert beside == pytest.approx(found, abs=1e-9)


def test_an_empty_polyhedron_is_always_left():
    normals = np.vstack([AXES[:1], -AXES[:1]])
    assert probability_outside(normals, np.array([[-1.0, -1.0]]), np.inf) == pytest.approx([1])


def test_a_regular_simplex_agrees_with_draws():
    normals = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    draws = np.random.default_rng(9).standard_normal((400_000, 3))
    limits = np.array([[0.5] * 4, [1.5, 0.3, 2.0, -0.1]])
    outside = [np.mean((draws @ normals.T > row).any(axis=1)) for row in limits]
    found = probability_outside(normals, limits, np.inf)
    assert found == pytest.approx(outside, abs=0.004)  # five standard errors
