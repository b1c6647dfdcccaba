"""Who is screened where and when."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from scipy.special import ndtri

from trialwright.protocol import Study
from trialwright.randomization.streams import uniforms
from trialwright.simulation.capture import Days
from trialwright.simulation.draws import Draws, Floats, pick
from trialwright.simulation.parameters import number


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites of a trial as they happen to be.

    Attributes:
        weights: in proportion to how many each screens.
        improvement: added to that of standard care at each, SD of the latent level.
    """

    weights: Floats
    improvement: Floats


def draw_sites(study: Study, seed: int, trial: int) -> Sites:
    """Sizes and habits of the sites; a site's own don't depend on the other sites."""
    luck = np.concatenate(
        [uniforms((seed, "simulation", trial, "site", site.id), 1, 4) for site in study.sites]
    )
    enthusiastic = luck[:, 2] < number("care.enthusiastic_site_share")
    improvement = number("care.site_sd") * ndtri(luck[:, 1]) + np.where(
        enthusiastic, number("care.enthusiastic_site_improvement"), 0
    )
    return Sites(np.exp(number("site.size_spread") * ndtri(luck[:, 0])), improvement)


def site_of(draws: Draws, sites: Sites) -> np.ndarray:
    """The index of each candidate's site."""
    return pick(draws.one("site"), sites.weights)


def consent_days(study: Study, draws: Draws, expected: int) -> Days:
    """The day of consent of each candidate, in order: a steady stream with random gaps.

    The stream is as dense as needed to screen `expected` candidates in the time that the study
    leaves between its start and its primary completion, less the longest visit schedule.
    """
    first, last = recruitment(study)
    mean_gap = max((last - first).days, 1) / max(expected, 1)
    gaps = -np.log(draws.one("gap to the candidate before")) * mean_gap
    days = np.floor(np.cumsum(gaps)).astype("timedelta64[D]")
    return np.datetime64(first) + days


def recruitment(study: Study) -> tuple[date, date]:
    """The first and the last day on which participants are screened.

    Without a start date two years before the primary completion are taken.
    """
    end = study.status.primary_completion.on
    longest = max(visit.day for visit in study.visits) - min(visit.day for visit in study.visits)
    start = study.status.start
    first = start.on if start else end - timedelta(days=730)
    return first, max(end - timedelta(days=longest), first + timedelta(days=1))
