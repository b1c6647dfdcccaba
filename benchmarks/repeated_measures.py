"""Mixed models for repeated measures, beside statsmodels and, if installed, R's mmrm.

Each is a fit with the difference of every arm from placebo at every visit, from a table and a
formula. R's mmrm 0.3.18 took 221 ms for 160 x 7 with Satterthwaite, 1,677 ms with Kenward-Roger and
22 s for 1,000 x 10 with Kenward-Roger, on two shared cores of another machine; where Rscript has
mmrm and emmeans, it is measured here instead.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import statsmodels.formula.api as smf
from measuring import report, seconds

from trialwright.stats.mmrm import mmrm, mmrm_batch

FORMULA: Final = "change ~ baseline + steroids + arm*visit"
R_SECONDS: Final = {
    (160, 7, "satterthwaite"): 0.221,
    (160, 7, "kenward-roger"): 1.677,
    (1000, 10, "kenward-roger"): 22.0,
}
R_SCRIPT: Final = """
suppressMessages({library(mmrm); library(emmeans)})
d <- read.csv(commandArgs(TRUE)[1]); method <- commandArgs(TRUE)[2]
for (v in c("arm", "visit", "who")) d[[v]] <- factor(d[[v]])
run <- function() {
  fit <- mmrm(change ~ baseline + steroids + arm * visit + us(visit | who), d,
              method = method, vcov = if (method == "Kenward-Roger") "Kenward-Roger-Linear",
              optimizer = "nlminb")
  as.data.frame(contrast(emmeans(fit, ~ arm | visit), "trt.vs.ctrl"))
}
invisible(run())
cat(median(replicate(3, system.time(run())[["elapsed"]])))
"""


def trial(participants: int, visits: int, seed: int = 1) -> pl.DataFrame:
    """A trial of four arms with dropout and visits missed in between."""
    rng = np.random.default_rng(seed)
    arm = np.arange(participants) % 4
    baseline, steroids = rng.normal(10, 3, participants), rng.integers(0, 2, participants)
    noise = 0.8 * rng.normal(size=(participants, visits)).cumsum(axis=1)
    noise += 2 * rng.normal(size=(participants, 1)) + rng.normal(size=(participants, visits))
    change = noise - 0.3 * baseline[:, None] - 0.2 * arm[:, None] * np.arange(visits) / visits
    gone = (rng.uniform(size=change.shape) < 0.03).cumsum(axis=1) > 0
    change[gone | (rng.uniform(size=change.shape) < 0.01)] = np.nan
    table = {
        "who": np.repeat(np.arange(participants), visits),
        "visit": np.tile(np.arange(visits), participants),
        "arm": np.repeat(arm, visits),
        "baseline": np.repeat(baseline, visits),
        "steroids": np.repeat(steroids, visits),
        "change": change.ravel(),
    }
    return pl.DataFrame(table).drop_nans("change")


def analyze(table: pl.DataFrame, method: str) -> dict[tuple[str, ...], Any]:
    """Fit and compare."""
    fit = mmrm(
        table, FORMULA, participant="who", visit="visit", method=method,
        levels={"arm": [0, 1, 2, 3]},
    )  # fmt: skip
    if not fit.fit.converged:
        raise AssertionError("the benchmark must converge")
    return fit.differences("arm")


def seconds_of_r(table: pl.DataFrame, method: str) -> float | None:
    """Median of R's mmrm on the same records; None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        script, data = Path(folder, "run.R"), Path(folder, "data.csv")
        script.write_text(R_SCRIPT)
        table.write_csv(data)
        name = {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward-Roger"}[method]
        done = subprocess.run(
            ["Rscript", str(script), str(data), name], capture_output=True, text=True, check=False
        )
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


def one_trial(participants: int, visits: int, method: str) -> None:
    """Our time and R's."""
    table = trial(participants, visits)
    taken = seconds(lambda: analyze(table, method), 25)
    what = f"MMRM {participants} x {visits}, unstructured, {method}"
    report(what, "Trialwright", taken)
    measured = seconds_of_r(table, method)
    theirs = measured or R_SECONDS.get((participants, visits, method))
    if theirs:
        report(what, "R mmrm" if measured else "R mmrm (as stated)", theirs)
        print(f"{'':<58} {theirs / taken:.0f} times as fast")


def nearest_in_python() -> None:
    """statsmodels has no repeated-measures covariance: a random intercept, normal tests."""
    table = pd.DataFrame(trial(160, 7).to_dict(as_series=False))
    formula = "change ~ baseline + steroids + C(arm) * C(visit)"
    taken = seconds(lambda: smf.mixedlm(formula, table, groups="who").fit(), 3)
    report("160 x 7, random intercept, normal tests", "statsmodels", taken)


def many_trials(count: int, method: str) -> None:
    """Simulated trials of 160 x 7, one contrast each."""
    table = trial(160, 7)
    fitted = mmrm(table, FORMULA, participant="who", visit="visit", levels={"arm": [0, 1, 2, 3]})
    design, covariance = fitted.design.matrix(), fitted.fit.visit_covariance[0]
    rng = np.random.default_rng(2)
    root = np.linalg.cholesky(covariance)
    noise = rng.normal(size=(count, 160, 7)) @ root.T
    who, visit = table["who"].to_numpy(), table["visit"].to_numpy()
    responses = design @ fitted.fit.coefficients + noise[:, who, visit]
    last = np.array([name in ("arm[3]", "arm[3]:visit[6]") for name in fitted.design.names])
    rows = last[None].astype(float)
    taken = seconds(
        lambda: mmrm_batch(responses, design, who, visit, rows, method=method, start=covariance), 3
    )
    report(f"MMRM, {count} trials of 160 x 7, {method}", "Trialwright", taken, count, "trials")


def mixed_models() -> None:
    """One trial of two sizes, and many."""
    one_trial(160, 7, "satterthwaite")
    one_trial(160, 7, "kenward-roger")
    nearest_in_python()
    one_trial(1000, 10, "satterthwaite")
    one_trial(1000, 10, "kenward-roger")
    many_trials(100, "satterthwaite")
    many_trials(100, "kenward-roger")
