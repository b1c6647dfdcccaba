import numpy as np
import pytest
from scipy.special import ndtr

from trialwright.simulation.activity import Activity, treated, untreated_level
from trialwright.simulation.draws import Draws
from trialwright.simulation.manifestations import manifestations, position
from trialwright.simulation.parameters import number

DAYS = np.array([-42.0, -14.0, 1.0, 85.0, 169.0])
LEVEL = untreated_level(Draws(3, 0, np.arange(60_000)), DAYS)
# Largest of some thousand sample correlations of independent normals: 5 standard errors.
NOISE = 5 / np.sqrt(60_000)


def test_each_manifestation_is_active_in_its_share_at_every_day():
    prevalence = np.array([each.prevalence for each in manifestations()])
    shares = Activity(LEVEL).active.mean(axis=0)
    error = 5 * np.sqrt(prevalence * (1 - prevalence) / 60_000)
    assert (np.abs(shares - prevalence) < error + 1e-4).all()


def test_levels_correlate_over_time_as_trait_and_half_life_say():
    place = position("rash")
    trait, half_life = number("activity.trait"), number("activity.half_life")
    for later in (3, 4):
        expected = trait + (1 - trait) * 0.5 ** ((DAYS[later] - DAYS[2]) / half_life)
        found = np.corrcoef(LEVEL[:, 2, place], LEVEL[:, later, place])[0, 1]
        assert found == pytest.approx(expected, abs=NOISE)


def test_levels_correlate_within_a_domain_more_than_between():
    rash, alopecia, arthritis = (
        LEVEL[:, 2, position(key)] for key in ("rash", "alopecia", "arthritis")
    )
    within = number("activity.shared") + number("activity.shared_in_domain")
    assert np.corrcoef(rash, alopecia)[0, 1] == pytest.approx(within, abs=NOISE)
    between = number("activity.shared")
    assert np.corrcoef(rash, arthritis)[0, 1] == pytest.approx(between, abs=NOISE)


def test_improvement_lowers_each_level_by_its_response():
    untreated = LEVEL[:50]
    improvement = np.tile(np.array([0, 0, 0, 0.5, 1.0]), (50, 1))
    level = treated(untreated, improvement).level
    assert np.array_equal(level[:, :3], untreated[:, :3])
    for place, each in enumerate(manifestations()):
        fall = untreated[:, 4, place] - level[:, 4, place]
        assert fall == pytest.approx(np.full(50, each.response))


def test_improvement_thins_out_what_is_active_as_the_normal_law_says():
    # P(Z > c + r) for prevalence P(Z > c): rash, prevalence p, response 1, improvement 1.
    place = position("rash")
    each = manifestations()[place]
    level = treated(LEVEL, np.ones(LEVEL.shape[:2])).level[:, 0, place]
    threshold = LEVEL[:, 0, place].mean() * -1
    expected = 1 - ndtr(threshold + each.response)
    assert (level > 0).mean() == pytest.approx(expected, abs=0.01)
