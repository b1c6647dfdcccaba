"""Times at their edges: every method meets every data set below, with a stated result or a clear
error, without a warning and never with a not-a-number. A new method joins by one line.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from trialwright.errors import UnusableInputError
from trialwright.stats.survival.competing import cumulative_incidence, gray_test
from trialwright.stats.survival.cox import cox_regression, proportionality_test
from trialwright.stats.survival.fine_gray import fine_gray
from trialwright.stats.survival.kaplan_meier import INTERVALS, kaplan_meier
from trialwright.stats.survival.log_rank import log_rank_test
from trialwright.stats.survival.recurrent import (
    andersen_gill,
    conditional_recurrence,
    gamma_frailty,
)


@dataclass
class Trial:
    """Times to an end, what it was (0 to 2), arms, strata, and a covariate."""

    time: list[float]
    code: list[int]
    arm: list[int]
    stratum: list[int] = field(default_factory=list)
    z: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stratum = self.stratum or [0] * len(self.time)
        self.z = self.z or [0.5 * ((3 * k) % 7) for k in range(len(self.time))]

    @property
    def event(self) -> list[int]:
        return [int(code == 1) for code in self.code]

    @property
    def x(self) -> list[list[float]]:
        return [[a] for a in self.arm]

    @property
    def both(self) -> list[list[float]]:
        return [[a, z] for a, z in zip(self.arm, self.z, strict=True)]


ARMS = [0, 1] * 4
TRIALS = {
    "no events": Trial([1, 2, 3, 4, 5, 6, 7, 8], [0] * 8, ARMS),
    "all events": Trial([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, ARMS),
    "all censored at once": Trial([9] * 8, [0] * 8, ARMS),
    "all events at once": Trial([9] * 8, [1] * 8, ARMS),
    "some events at once": Trial([9] * 8, [1, 1, 1, 0, 1, 0, 0, 0], ARMS),
    "one participant per arm": Trial([1, 2], [1, 1], [0, 1]),
    "one participant": Trial([3], [1], [0]),
    "one arm": Trial([1, 2, 3, 4], [1, 0, 1, 1], [1] * 4),
    "an arm without events": Trial([1, 2, 3, 4, 5, 6, 7, 8], [1, 0] * 4, ARMS),
    "arms one after the other": Trial([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]),
    "competing events only": Trial([1, 2, 3, 4, 5, 6, 7, 8], [2] * 8, ARMS),
    "competing events in one arm": Trial([1, 2, 3, 4, 5, 6, 7, 8], [2, 1] * 4, ARMS),
    "one event": Trial([1, 2, 3, 4, 5, 6, 7, 8], [0, 0, 0, 1, 0, 0, 0, 0], ARMS),
    "last at risk has the event": Trial([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 1], [0, 1] * 3),
    "a stratum without events": Trial(
        [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 0, 0], ARMS, [0] * 4 + [1] * 4
    ),
    "strata of one arm": Trial([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1], [0] * 3 + [1] * 3),
    "strata of one participant": Trial([1, 2, 3, 4], [1, 1, 2, 0], [0, 1] * 2, [0, 1, 2, 3]),
    "follow-up of no length": Trial([0, 0, 0, 0, 3, 4], [1, 0, 1, 2, 1, 1], [0, 1] * 3),
    "nobody was followed": Trial([0] * 6, [1, 0, 1, 2, 1, 1], [0, 1] * 3),
    "constant covariate": Trial([1, 2, 3, 4, 5, 6], [1] * 6, [0, 1] * 3, z=[0.1] * 6),
    "covariate that is the arm": Trial(
        [1, 2, 3, 4, 5, 6], [1] * 6, [0, 1] * 3, z=[0.2, 0.7] * 3
    ),
    "covariate that orders events": Trial(
        [1, 2, 3, 4, 5, 6], [1] * 6, [0, 1] * 3, z=[6, 5, 4, 3, 2, 1]
    ),
}  # fmt: skip

CURVES = {
    **{
        f"survival {name}": lambda t, name=name: kaplan_meier(t.time, t.event).at(4, interval=name)
        for name in INTERVALS
    },
    "survival beyond": lambda t: kaplan_meier(t.time, t.event).at(99),
    "median": lambda t: kaplan_meier(t.time, t.event).quantile(),
    "restricted mean": lambda t: kaplan_meier(t.time, t.event).restricted_mean(2.5),
    "incidence": lambda t: cumulative_incidence(t.time, t.code).at(4),
    "incidence robust": lambda t: cumulative_incidence(t.time, t.code, cause=2).at(4, robust=True),
}
TESTS = {
    "log-rank": lambda t: log_rank_test(t.time, t.event, t.arm),
    "log-rank stratified": lambda t: log_rank_test(t.time, t.event, t.arm, strata=t.stratum),
    "peto": lambda t: log_rank_test(t.time, t.event, t.arm, rho=1.0),
    "gray": lambda t: gray_test(t.time, t.code, t.arm),
    "gray second cause": lambda t: gray_test(t.time, t.code, t.arm, cause=2, rho=1.0),
    "proportionality": lambda t: proportionality_test(
        cox_regression(t.time, t.event, t.x, ["arm"])
    ),
}


def recurrent(t: Trial) -> tuple[Any, ...]:
    """Each participant observed from before day 0, and once more in the day after the event."""
    n = len(t.time)
    start = [-1.0] * n + list(t.time)
    stop = [*t.time, *(day + 1 for day in t.time)]
    return start, stop, [*t.event, *[0] * n], t.x * 2, ["arm"], list(range(n)) * 2


MODELS = {
    **{
        f"cox {ties}": lambda t, ties=ties: cox_regression(
            t.time, t.event, t.both, ["arm", "z"], strata=t.stratum, ties=ties
        )
        for ties in ("efron", "breslow", "exact")
    },
    "cox of the arm": lambda t: cox_regression(t.time, t.event, t.x, ["arm"]),
    "cox robust": lambda t: cox_regression(
        t.time, t.event, t.x, ["arm"], cluster=range(len(t.time))
    ),
    "fine-gray": lambda t: fine_gray(t.time, t.code, t.x, ["arm"]),
    "fine-gray with z": lambda t: fine_gray(t.time, t.code, t.both, ["arm", "z"]),
    "andersen-gill": lambda t: andersen_gill(*recurrent(t)),
    "total time": lambda t: conditional_recurrence(*recurrent(t)),
    "gap time": lambda t: conditional_recurrence(*recurrent(t), gap_time=True, most_strata=2),
    "frailty": lambda t: gamma_frailty(*recurrent(t)),
}


NO_EVENT = "at least one is needed"
CONSTANT = "the term arm is the same for all"
ENDLESS = "no finite estimate of arm: its groups have no event in common time"
LEVEL = "the term arm does not vary among those at risk at an event"
REFUSALS = (
    NO_EVENT, "is the same for all", "no finite estimate of", "does not vary among those at risk",
    "is a combination of the others", "nobody had", "there is one arm only", "too few event",
)  # fmt: skip


def outcome(method: Callable[[Trial], Any], trial: Trial) -> Any:
    """What a method states, or the words with which it refuses."""
    try:
        return method(trial)
    except UnusableInputError as refused:
        return str(refused)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", CURVES)
def test_a_curve_at_the_edge_holds_its_estimate(name: str) -> None:
    for label, trial in TRIALS.items():
        found = outcome(CURVES[name], trial)
        if isinstance(found, str):
            assert found.startswith("the curve is not known up to 2.5"), label
        elif None in (found.estimate, found.lower, found.upper):
            assert found.notes or name == "median", label
        else:
            assert found.lower <= found.estimate <= found.upper, label
            assert math.isfinite(found.estimate), label


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", TESTS)
def test_a_test_at_the_edge_has_a_p_value_or_says_why_not(name: str) -> None:
    for label, trial in TRIALS.items():
        found = outcome(TESTS[name], trial)
        if isinstance(found, str):
            assert any(words in found for words in REFUSALS), label
        else:
            assert 0 < found.p_value <= 1, label
            assert found.statistic >= 0, label
            assert found.degrees_of_freedom > 0 or found.notes, label


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", MODELS)
def test_a_model_at_the_edge_is_finite_or_refused(name: str) -> None:
    for label, trial in TRIALS.items():
        found = outcome(MODELS[name], trial)
        if isinstance(found, str):
            assert any(words in found for words in REFUSALS), label
        else:
            assert (np.abs(found.estimates) < 15).all(), label
            assert (found.standard_errors < 100).all(), label


@pytest.mark.parametrize(
    ("trial", "name", "words"),
    [
        ("no events", "cox of the arm", NO_EVENT),
        ("no events", "log-rank", "nobody had the event, so nothing can be compared"),
        ("no events", "gray", "nobody had an event of cause 1"),
        ("no events", "fine-gray", "nobody had an event of cause 1"),
        ("no events", "frailty", NO_EVENT),
        ("all censored at once", "cox of the arm", NO_EVENT),
        ("all events at once", "proportionality", "too few event times to tell"),
        ("one participant", "log-rank", "there is one arm only"),
        ("one participant", "cox of the arm", CONSTANT),
        ("one arm", "log-rank", "there is one arm only"),
        ("one arm", "gray", "there is one arm only"),
        ("one arm", "fine-gray", CONSTANT),
        ("one arm", "gap time", CONSTANT),
        ("one participant per arm", "cox of the arm", ENDLESS),
        ("an arm without events", "cox of the arm", ENDLESS),
        ("an arm without events", "fine-gray", ENDLESS),
        ("an arm without events", "andersen-gill", ENDLESS),
        ("arms one after the other", "cox of the arm", ENDLESS),
        ("competing events only", "cox of the arm", NO_EVENT),
        ("competing events only", "fine-gray", "nobody had an event of cause 1"),
        ("competing events in one arm", "fine-gray", ENDLESS),
        ("last at risk has the event", "cox of the arm", LEVEL),
        ("last at risk has the event", "gray", "too few events to compare all arms"),
        ("strata of one arm", "cox efron", LEVEL),
        ("strata of one participant", "cox exact", LEVEL),
        ("constant covariate", "cox efron", "the term z is the same for all"),
        ("covariate that is the arm", "fine-gray with z", "the term z is a combination"),
        ("covariate that orders events", "cox breslow", "no finite estimate of z"),
    ],
)
def test_the_error_says_what_is_wrong(trial: str, name: str, words: str) -> None:
    with pytest.raises(UnusableInputError, match=words):
        {**TESTS, **MODELS}[name](TRIALS[trial])


@pytest.mark.parametrize(
    ("trial", "name", "expected"),
    [
        # (estimate or statistic, standard error or p-value), with the sum that gives it
        ("no events", "survival log-log", (1.0, 0.0)),
        ("no events", "incidence", (0.0, 0.0)),
        ("no events", "restricted mean", (2.5, 0.0)),
        ("all events", "survival plain", (0.5, math.sqrt(0.5 * 0.5 / 8))),
        ("all events at once", "survival beyond", (0.0, 0.0)),
        ("competing events only", "incidence", (0.0, 0.0)),
        ("competing events only", "incidence robust", (0.5, math.sqrt(0.5 * 0.5 / 8))),
        # 4 of 8 in an urn of 4 and 4; 3 of arm 0 where 2 are expected: 1 / (4 / 7)
        ("some events at once", "log-rank", (7 / 4, 0.185877)),
        ("all events at once", "log-rank", (0.0, 1.0)),
        # 1 - 1/2 over 1/4; then one remains
        ("one participant per arm", "log-rank", (1.0, 0.317311)),
        ("one participant per arm", "peto", (1.0, 0.317311)),
        # day 4: 3 of 5 at risk are of the arm: (1 - 3/5)² / (3/5 · 2/5)
        ("one event", "log-rank", (0.16 / 0.24, 0.414216)),
        ("strata of one arm", "log-rank stratified", (0.0, 1.0)),
        ("nobody was followed", "survival log", (2 / 6, math.sqrt(1 / 3 * 2 / 3 / 6))),
    ],
)
def test_the_stated_result_is_the_one_by_hand(trial: str, name: str, expected) -> None:
    found = {**CURVES, **TESTS}[name](TRIALS[trial])
    states = (
        (found.estimate, found.standard_error)
        if name in CURVES
        else (found.statistic, found.p_value)
    )
    assert states == pytest.approx(expected, abs=2e-6)


def test_one_event_has_the_hazard_of_its_risk_set() -> None:
    """One event on day 4 among 3 with dose 1 and 2 with dose 0 or 3: the mean must be its dose 1."""
    dose = [[0], [0], [0], [1], [1], [1], [0], [3]]
    fit = cox_regression(range(1, 9), [0, 0, 0, 1, 0, 0, 0, 0], dose, ["dose"])
    h = math.exp(fit.estimates[0])
    assert (3 * h + 3 * h**3) / (3 * h + 1 + h**3) == pytest.approx(1)
