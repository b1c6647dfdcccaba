"""Simulated trials and their results, made once for all tests that only look at them."""

from functools import cache
from typing import NamedTuple

from analysis.trials import dose_finding, infection
from trialwright.analysis import Results, analyze
from trialwright.protocol import Study
from trialwright.simulation import simulate
from trialwright.trialdata import TrialData

TRIALS = ("dose finding", "parallel", "crossover")


class Rehearsal(NamedTuple):
    study: Study
    data: TrialData
    results: Results


@cache
def rehearsal(name: str) -> Rehearsal:
    """The dose-finding trial, or a reading of the infection trial, on virtual participants."""
    study = dose_finding() if name == "dose finding" else infection(name)
    data = simulate(study, "emax", 3)
    return Rehearsal(study, data, analyze(study, data))
