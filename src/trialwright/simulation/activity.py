"""The latent course of each manifestation: what is active, and how strongly.

A manifestation is active while its latent level lies above its threshold. The level is a sum of
what all manifestations of a participant share, what those of one organ domain share, and its own;
each has a lasting part (the participant's trait) and a wandering part. Improvement under standard
care and treatment lowers the level. That alone gives what trials see on placebo: selection at a
SLEDAI of 8 or more makes later scores fall, items come and go, and high starters fall most.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from trialwright.simulation.draws import Draws, Floats, wandering
from trialwright.simulation.manifestations import manifestations
from trialwright.simulation.parameters import number


@dataclass(frozen=True, slots=True)
class Activity:
    """Levels above threshold: positive is active. Shape (participants, times, manifestations).

    The first time lies `activity.look_back_days` before the first visit, so that the first visit
    too has a past to be compared with.
    """

    level: Floats

    @property
    def active(self) -> NDArray[np.bool_]:
        """Whether each manifestation is active."""
        return np.asarray(self.level > 0)


def untreated_level(draws: Draws, days: Floats) -> Floats:
    """The level above threshold without any improvement, at each day.

    Args:
        draws: the participants' streams.
        days: rising, shape (times,).
    """
    all_of_them = manifestations()
    domains = sorted({each.domain for each in all_of_them})
    in_domain = [domains.index(each.domain) for each in all_of_them]
    own = np.sqrt(1 - number("activity.shared") - number("activity.shared_in_domain"))
    level = (
        np.sqrt(number("activity.shared")) * _courses(draws, "all", 1, days)
        + np.sqrt(number("activity.shared_in_domain"))
        * _courses(draws, "domains", len(domains), days)[:, :, in_domain]
        + own * _courses(draws, "manifestations", len(all_of_them), days)
    )
    threshold = ndtri(1 - np.array([each.prevalence for each in all_of_them]))
    return np.asarray(level - threshold)


def treated(untreated: Floats, improvement: Floats) -> Activity:
    """The course after improvement, which lowers each manifestation by its response.

    Args:
        untreated: shape (participants, times, manifestations).
        improvement: shape (participants, times), in standard deviations of the latent level.
    """
    response = np.array([each.response for each in manifestations()])
    return Activity(untreated - improvement[:, :, None] * response)


def _courses(draws: Draws, purpose: str, parts: int, days: Floats) -> Floats:
    """`parts` standard normal courses per participant: a trait and a wandering part each."""
    trait = np.sqrt(number("activity.trait")) * draws.normal(f"trait of {purpose}", parts)
    steps = draws.normal(f"course of {purpose}", parts * len(days))
    steps = steps.reshape(draws.count, len(days), parts)
    course = wandering(steps, days, number("activity.half_life"))
    return np.asarray(trait[:, None, :] + np.sqrt(1 - number("activity.trait")) * course)
