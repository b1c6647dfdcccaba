"""Covariance structures: their shapes as defined, and derivatives by differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.errors import UnusableInputError
from trialwright.stats.mmrm.structures import STRUCTURES, structure_named

POSITIONS = np.array([1.0, 2, 4, 8])
DISTANCE = np.abs(np.subtract.outer(POSITIONS, POSITIONS))


def random_covariance(seed, m=4):
    rng = np.random.default_rng(seed)
    level = rng.normal(size=(40, 1))
    sample = level + rng.normal(size=(40, m)).cumsum(axis=1)
    return np.cov(sample, rowvar=False)


def parameters_of(name, seed):
    structure = structure_named(name)
    start = structure.initial(random_covariance(seed), DISTANCE)
    return structure, start + 0.01 * np.random.default_rng(seed).normal(size=len(start))


@given(seed=st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
@pytest.mark.parametrize("name", list(STRUCTURES))
def test_slopes_and_bends_are_differences(name, seed):
    structure, at = parameters_of(name, seed)
    slopes, bends = structure.slopes(at, DISTANCE), structure.bends(at, DISTANCE)
    step = 1e-5
    for k, unit in enumerate(np.eye(len(at))):
        up, down = at + step * unit, at - step * unit
        rise = structure.covariance(up, DISTANCE) - structure.covariance(down, DISTANCE)
        assert slopes[k] == pytest.approx(rise / (2 * step), rel=1e-6, abs=1e-6)
        bend = structure.slopes(up, DISTANCE) - structure.slopes(down, DISTANCE)
        assert bends[k] == pytest.approx(bend / (2 * step), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_the_start_reproduces_a_covariance_of_its_kind(name):
    structure, at = parameters_of(name, 3)
    made = structure.covariance(at, DISTANCE)
    assert structure.initial(made, DISTANCE) == pytest.approx(at, abs=1e-9)


@pytest.mark.parametrize("name", list(STRUCTURES))
def test_a_homogeneous_structure_has_one_variance(name):
    structure, at = parameters_of(name, 5)
    variances = np.diag(structure.covariance(at, DISTANCE))
    assert (np.ptp(variances) < 1e-12) == (not structure.heterogeneous)


def correlations(name, *values):
    return structure_named(name).covariance(np.array([0.0, *values]), DISTANCE)


def test_shapes_as_defined():
    # by hand: unit variances, visits at 1, 2, 4, 8
    assert correlations("cs", 0.3)[0].tolist() == [1, 0.3, 0.3, 0.3]
    assert correlations("ar1", 0.5)[0].tolist() == [1, 0.5, 0.25, 0.125]
    assert correlations("ar1", -0.5)[0].tolist() == [1, -0.5, 0.25, -0.125]
    assert correlations("toep", 0.5, 0.2, 0.1)[1].tolist() == [0.5, 1, 0.5, 0.2]
    assert correlations("ad", 0.5, 0.4, 0.0)[0].tolist() == [1, 0.5, 0.2, 0]
    decay = np.log(np.log(2))  # correlation 1/2 at distance 1
    assert correlations("sp_exp", decay)[0] == pytest.approx([1, 1 / 2, 1 / 8, 1 / 128])
    assert correlations("sp_gau", decay)[0] == pytest.approx([1, 1 / 2, 2.0**-9, 2.0**-49])


def test_a_correlation_of_zero_has_derivatives():
    for name, values in (("ar1", [0.0]), ("ad", [0.0, 0.0, 0.3])):
        structure, at = structure_named(name), np.array([0.1, *values])
        assert np.isfinite(structure.slopes(at, DISTANCE)).all()
        assert np.isfinite(structure.bends(at, DISTANCE)).all()


def test_names_and_titles_are_understood():
    assert structure_named("Unstructured") is STRUCTURES["us"]
    assert structure_named("AR1H") is STRUCTURES["ar1h"]
    with pytest.raises(UnusableInputError, match="'banded' is no covariance structure"):
        structure_named("banded")


@given(seed=st.integers(0, 1000), m=st.integers(2, 5))
@settings(max_examples=5, deadline=None)
@pytest.mark.parametrize("name", ["cs", "toep", "ad", "sp_exp"])
def test_warps_belong_to_the_maps_of_mmrm(name, seed, m):
    # h''/h'^2 by differences of the maps that mmrm documents
    rng = np.random.default_rng(seed)
    at = rng.normal()
    maps = {
        "cs": lambda t: (1 + 1 / (m - 1)) / (1 + np.exp(-t)) - 1 / (m - 1),
        "toep": lambda t: t / np.sqrt(1 + t * t),
        "ad": lambda t: t / np.sqrt(1 + t * t),
        "sp_exp": lambda t: np.log(np.log1p(np.exp(-t))),
    }
    h, step = maps[name], 1e-4
    first = (h(at + step) - h(at - step)) / (2 * step)
    second = (h(at + step) - 2 * h(at) + h(at - step)) / step**2
    warp = structure_named(name).warp(np.array([h(at)]), m)
    assert warp[0] == pytest.approx(second / first**2, rel=1e-4, abs=1e-4)
