"""The days at which courses are computed: visits, four weeks before each, and changes of dose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol import Study
from trialwright.simulation.draws import Floats
from trialwright.simulation.parameters import number


@dataclass(frozen=True, slots=True)
class Timeline:
    """All days, rising, and where the visits and their looks back stand among them.

    Attributes:
        days: shape (times,).
        visit_at: index of each visit's day, shape (visits,).
        look_back_at: index of the day four weeks before each visit, shape (visits,).
        baseline: the visit at which treatment starts, index into the visits.
    """

    days: Floats
    visit_at: NDArray[np.intp]
    look_back_at: NDArray[np.intp]
    baseline: int


def timeline(study: Study, dose_changes: tuple[int, ...]) -> Timeline:
    """The timeline of a study whose doses start or stop on the days `dose_changes`."""
    visits = np.array([visit.day for visit in study.visits], dtype=np.float64)
    look_back = visits - number("activity.look_back")
    days = np.unique(np.concatenate([visits, look_back, np.array(dose_changes, dtype=np.float64)]))
    kinds = [visit.kind for visit in study.visits]
    first_dose = [index for index, visit in enumerate(study.visits) if visit.day >= 1]
    baseline = kinds.index("baseline") if "baseline" in kinds else first_dose[0]
    return Timeline(days, np.searchsorted(days, visits), np.searchsorted(days, look_back), baseline)
