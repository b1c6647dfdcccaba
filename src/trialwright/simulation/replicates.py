"""Many trials of one study, on one worker or several."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TypeVar

from trialwright.protocol import Study
from trialwright.simulation.simulate import simulate
from trialwright.trialdata import TrialData

Result = TypeVar("Result")


def replicates(
    study: Study,
    scenario_name: str,
    seed: int,
    trials: range,
    summarize: Callable[[TrialData], Result],
    *,
    workers: int = 1,
) -> Iterator[Result]:
    """What `summarize` makes of each simulated trial, in the order of `trials`.

    Trials are independent, and a trial is the same on whatever worker: results don't depend on
    `workers`. With more than one, `summarize` must be a function of a module.
    """
    one = partial(_one, study, scenario_name, seed, summarize)
    if workers == 1:
        yield from map(one, trials)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, trials)


def _one(
    study: Study,
    scenario_name: str,
    seed: int,
    summarize: Callable[[TrialData], Result],
    trial: int,
) -> Result:
    return summarize(simulate(study, scenario_name, seed, trial, reasons=False))
