import datetime as dt

import numpy as np
import pytest

from simulation.shipped import enlarged, load
from trialwright.simulation.draws import Draws
from trialwright.simulation.enrollment import consent_days, draw_sites, recruitment, site_of
from trialwright.simulation.parameters import number

STUDY = load("dose-finding")


def test_candidates_come_in_order_and_fill_the_time_of_recruitment():
    draws = Draws(1, 0, np.arange(2_000))
    days = consent_days(STUDY, draws, 2_000)
    first, last = recruitment(STUDY)
    assert (np.diff(days) >= np.timedelta64(0)).all()
    assert days[0] >= np.datetime64(first)
    span = (last - first).days
    # 2,000 exponential gaps: the last candidate comes within 5 standard errors of the end
    assert (days[-1] - np.datetime64(first)).astype(int) == pytest.approx(span, rel=5 / 2_000**0.5)


def test_recruitment_leaves_room_for_the_visits_of_the_last_participant():
    first, last = recruitment(STUDY)
    assert first == STUDY.status.start.on
    # By hand: from day -14 to day 169 are 183 days.
    assert last == STUDY.status.primary_completion.on - dt.timedelta(days=183)


def test_without_a_start_date_two_years_before_the_end_are_taken():
    status = STUDY.status.model_copy(update={"start": None})
    first, _ = recruitment(STUDY.model_copy(update={"status": status}))
    assert first == STUDY.status.primary_completion.on - dt.timedelta(days=730)


def test_a_site_has_the_same_habits_whatever_other_sites_there_are():
    all_three = draw_sites(STUDY, 5, 0)
    alone = draw_sites(STUDY.model_copy(update={"sites": STUDY.sites[1:2]}), 5, 0)
    assert alone.weights[0] == all_three.weights[1]
    assert alone.improvement[0] == all_three.improvement[1]


def test_sites_differ_as_stated_and_a_few_are_enthusiastic():
    sites = draw_sites(enlarged(STUDY, 160, sites=4_000), 1, 0)
    enthusiastic = sites.improvement > number("care.enthusiastic_site_improvement") / 2
    share = number("care.enthusiastic_site_share")
    assert enthusiastic.mean() == pytest.approx(share, abs=5 * (share / 4_000) ** 0.5)
    assert sites.improvement[~enthusiastic].std() == pytest.approx(0.12, abs=0.01)
    assert np.log(sites.weights).std() == pytest.approx(number("site.size_spread"), abs=0.03)


def test_candidates_are_spread_over_sites_by_their_size():
    sites = draw_sites(STUDY, 1, 0)
    counts = np.bincount(site_of(Draws(1, 0, np.arange(50_000)), sites), minlength=3)
    assert counts / 50_000 == pytest.approx(sites.weights / sites.weights.sum(), abs=0.012)
