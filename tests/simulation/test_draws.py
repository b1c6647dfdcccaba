import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.simulation.draws import Draws, pick, wandering


def draws(count, first=0, seed=1, trial=0):
    return Draws(seed, trial, np.arange(first, first + count))


def test_a_participant_draws_the_same_alone_and_among_others():
    everybody = draws(50).uniform("weight", 5)
    assert np.array_equal(draws(1, first=17).uniform("weight", 5), everybody[17:18])
    chosen = np.array([40, 3, 17])
    assert np.array_equal(draws(50).of(chosen).uniform("weight", 5), everybody[chosen])


def test_seed_trial_and_purpose_each_change_what_is_drawn():
    plain = draws(20).uniform("age")
    assert not np.array_equal(plain, draws(20, seed=2).uniform("age"))
    assert not np.array_equal(plain, draws(20, trial=1).uniform("age"))
    assert not np.array_equal(plain, draws(20).uniform("weight"))


def test_nobody_draws_nothing():
    assert draws(0).uniform("age", 3).shape == (0, 3)
    assert draws(0).choice("sex", [1, 2]).shape == (0,)


def test_normal_draws_are_standard_normal():
    values = draws(40_000).normal("x", 4)
    assert abs(values.mean()) < 5 / np.sqrt(values.size)
    assert abs(values.std() - 1) < 5 / np.sqrt(2 * values.size)
    assert np.isfinite(values).all()


def test_a_choice_follows_its_weights():
    chosen = draws(100_000).choice("site", [1, 2, 5])
    shares = np.bincount(chosen) / 100_000
    # 5 standard errors of a share near one half
    assert shares == pytest.approx([1 / 8, 2 / 8, 5 / 8], abs=5 * 0.5 / np.sqrt(100_000))


@given(
    uniform=st.floats(0, 1),
    weights=st.lists(st.floats(0.01, 10), min_size=1, max_size=6),
)
def test_picking_finds_the_interval_that_holds_the_number(uniform, weights):
    place = int(pick(np.array([uniform]), weights)[0])
    edges = [sum(weights[:end]) / sum(weights) for end in range(len(weights) + 1)]
    assert edges[place] - 1e-9 <= uniform <= edges[place + 1] + 1e-9


def plain_wandering(innovations, days, half_life):
    """The same course for one participant, one day after the other."""
    course = [innovations[0]]
    for before, now, step in zip(days, days[1:], innovations[1:], strict=False):
        kept = 0.5 ** ((now - before) / half_life)
        course.append(kept * course[-1] + (1 - kept**2) ** 0.5 * step)
    return course


@settings(max_examples=40)
@given(data=st.data())
def test_wandering_equals_a_walk_day_by_day(data):
    days = sorted(data.draw(st.sets(st.integers(-40, 200), min_size=1, max_size=8)))
    steps = data.draw(st.lists(st.floats(-3, 3), min_size=2 * len(days), max_size=2 * len(days)))
    innovations = np.array(steps).reshape(2, len(days))
    courses = wandering(innovations, np.array(days, dtype=float), 30.0)
    for course, own in zip(courses, innovations, strict=True):
        assert course == pytest.approx(plain_wandering(own, days, 30.0))


def test_wandering_forgets_half_in_its_half_life():
    days = np.array([0.0, 30.0, 90.0])
    courses = wandering(draws(200_000).normal("steps", 3), days, 30.0)
    correlation = np.corrcoef(courses, rowvar=False)
    assert correlation[0, 1] == pytest.approx(0.5, abs=0.01)
    assert correlation[0, 2] == pytest.approx(0.125, abs=0.01)
    assert courses.std(axis=0) == pytest.approx([1, 1, 1], abs=0.01)
