"""How long the statistical methods take, each beside a peer in the same run.

    python benchmarks/statistics.py [NAME ...]

One function a figure: it prints its lines through `report`. Medians of wall time, one BLAS thread;
compiled code warmed up: the first run after an installation compiles for about half a minute.
"""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")
if sys.path[0].endswith("benchmarks"):
    # Else this file would stand in for the standard library's `statistics`.
    sys.path.append(sys.path.pop(0))

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from measuring import report, report_r, seconds
from numpy.typing import NDArray
from repeated_measures import mixed_models
from scipy.stats import boschloo_exact, multivariate_t
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from trialwright.stats.dose_response import (
    Candidate,
    candidate_means,
    contrast_test,
    normal_estimates,
    optimal_contrasts,
)
from trialwright.stats.exact_power import exact_power_multi_arm
from trialwright.stats.multiplicity import adjust
from trialwright.stats.planning import efficacy_bounds, simulate_arms
from trialwright.stats.stratified.mantel_haenszel import cmh_batch
from trialwright.stats.stratified.risk_difference import stratified_risk_difference_batch
from trialwright.stats.two_by_two.unconditional import unconditional_test


def simulated_tables(trials: int, strata: int) -> NDArray[np.float64]:
    """Trials of 80 participants in two arms, 45% v 30%: shape (trials, strata, 4)."""
    generator = np.random.default_rng(4711)
    sizes = np.full((trials, strata, 2), 40 // strata)
    events = generator.binomial(sizes, [0.45, 0.3])
    columns = (events[..., 0], sizes[..., 0], events[..., 1], sizes[..., 1])
    return np.stack(columns, axis=-1).astype(np.float64)


def cochran_mantel_haenszel() -> None:
    """10,000 trials of four strata at once; peers one trial at a time."""
    tables = simulated_tables(10_000, 4)
    what = "CMH, 10,000 trials x 4 strata"
    report(what, "Trialwright", seconds(lambda: cmh_batch(tables)), 10_000, "trials")
    few = [
        [np.array([[a, n - a], [c, m - c]]) for a, n, c, m in trial.tolist()]
        for trial in tables[:50]
    ]
    peer = seconds(lambda: [StratifiedTable(trial).test_null_odds() for trial in few], 3)
    report("CMH, 50 trials x 4 strata", "statsmodels", peer, 50, "trials")
    report_r(
        "CMH, 200 trials x 4 strata",
        "R mantelhaen.test",
        "set.seed(1); n<-10; t<-lapply(1:200, function(i) {x<-rbinom(8,n,c(.45,.3));"
        "array(rbind(x[c(1,3,5,7)],x[c(2,4,6,8)],n-x[c(1,3,5,7)],n-x[c(2,4,6,8)]),c(2,2,4))});"
        "cat(1e3*system.time(for (a in t) mantelhaen.test(a,correct=FALSE))[['elapsed']])",
        200,
        "trials",
    )


def miettinen_nurminen() -> None:
    """10,000 intervals at once, without and with strata; the peer one at a time."""
    for strata in (1, 4):
        tables = simulated_tables(10_000, strata)
        taken = seconds(lambda tables=tables: stratified_risk_difference_batch(tables))
        what = f"Miettinen-Nurminen, 10,000 trials x {strata} strata"
        report(what, "Trialwright", taken, 10_000, "trials")
    # One table, because statsmodels finds no limit for some; its limit is another, and wrong.
    peer = seconds(
        lambda: confint_proportions_2indep(14, 40, 10, 40, compare="diff", method="score"), 20
    )
    report("Miettinen-Nurminen, 14/40 v 10/40", "statsmodels", peer, 1, "trials")


def unconditional_exact() -> None:
    """Boschloo's test of 14/40 v 10/40: the global maximum against a sampled search."""
    what = "Boschloo, 14/40 v 10/40"
    report(what, "Trialwright", seconds(lambda: unconditional_test(14, 40, 10, 40)))
    report(what, "SciPy", seconds(lambda: boschloo_exact([[14, 10], [26, 30]]), 3))


def exact_power() -> None:
    """Exact power of three doses against placebo, 40 an arm, where others simulate."""
    rates = [0.25, 0.35, 0.45, 0.5]
    taken = seconds(lambda: exact_power_multi_arm(rates, 40, 2.3489761025831974))
    report("Exact power, 4 arms of 40", "Trialwright", taken, 1, "designs")


def dose_response() -> None:
    """The MCP step of MCP-Mod: four doses of 40, eight candidates, 10,000 trials at once."""
    doses, arm = [0, 0.2, 0.5, 1], np.repeat(np.arange(4), 40)
    curves = [
        Candidate("linear", "linear"),
        Candidate("emax1", "emax", (0.15,)),
        Candidate("emax2", "emax", (0.5,)),
        Candidate("sigEmax", "sigEmax", (0.4, 3)),
        Candidate("quadratic", "quadratic", (-0.7,)),
        Candidate("exponential", "exponential", (0.5,)),
        Candidate("betaMod", "betaMod", (1.2, 0.8)),
        Candidate("logistic", "logistic", (0.4, 0.12)),
    ]
    contrasts = optimal_contrasts(candidate_means(curves, doses), np.full(4, 1 / 40))
    responses = np.random.default_rng(4711).standard_normal((10_000, 160))

    def tests() -> Any:
        found = normal_estimates(responses, arm)
        return contrast_test(
            found.estimates,
            found.unscaled_covariance,
            contrasts,
            degrees_of_freedom=found.degrees_of_freedom,
            scale=found.scale,
        )

    what = "MCP-Mod, 10,000 trials of 160"
    report(what, "Trialwright", seconds(lambda: tests().shows_dose_response(0.025)), 1e4, "trials")
    taken = seconds(lambda: tests().adjusted_p)
    report(f"{what}, 8 adjusted p", "Trialwright", taken, 1e4, "trials")
    law = tests().law
    critical = "Critical value of 8 contrasts, t with 156 df"
    report(critical, "Trialwright (1e-12)", seconds(lambda: law.critical_value(0.025)))
    report_r(
        critical,
        "R DoseFinding (1e-4)",
        "suppressMessages(library(DoseFinding)); d<-c(0,.2,.5,1);"
        "m<-Mods(linear=NULL,emax=c(.15,.5),sigEmax=c(.4,3),quadratic=-.7,exponential=.5,"
        "betaMod=c(1.2,.8),logistic=c(.4,.12),doses=d,addArgs=list(scal=1.2));"
        "C<-optContr(m,w=rep(1,4)); R<-cov2cor(crossprod(C$contMat)); t<-system.time(for(i in 1:5)"
        "DoseFinding:::critVal(R,alpha=.025,df=156,alternative='one.sided'))[['elapsed']];"
        "cat(1e3*t/5)",
    )
    one = "One joint probability of 8 contrasts"
    limits = np.full(8, 2.3)
    report(one, "Trialwright (1e-12)", seconds(lambda: law.exceeds(limits)))
    peer = multivariate_t(shape=law.correlation, df=156, allow_singular=True)
    report(one, "SciPy (1e-4)", seconds(lambda: peer.cdf(limits, random_state=1), 3))


def hochberg() -> None:
    """Hochberg's procedure on 100,000 trials of three hypotheses; the peer one at a time."""
    p_values = np.random.default_rng(4711).random((100_000, 3)) ** 2
    taken = seconds(lambda: adjust(p_values, "hochberg"))
    report("Hochberg, 100,000 trials x 3", "Trialwright", taken, 100_000, "trials")
    few = list(p_values[:500])
    peer = seconds(lambda: [multipletests(p, method="simes-hochberg") for p in few], 3)
    report("Hochberg, 500 trials x 3", "statsmodels", peer, 500, "trials")


def multi_arm() -> None:
    """Four arms of 40, two looks keeping the best arm, closed Dunnett test, simulated."""
    design = efficacy_bounds("obrien-fleming-spending", 2, 0.025)
    rates = [0.25, 0.35, 0.45, 0.5]

    def simulated() -> Any:
        generator = np.random.Generator(np.random.Philox(4711))
        return simulate_arms(design, rates, 20, trials=100_000, generator=generator)

    what = "Four arms, two looks, closed Dunnett, simulated"
    report(what, "Trialwright", seconds(simulated, 3), 100_000, "trials")
    report_r(
        what,
        "R rpact",
        "suppressMessages(library(rpact)); d<-getDesignInverseNormal(kMax=2,alpha=.025,"
        "typeOfDesign='asOF'); cat(1e3*system.time(getSimulationMultiArmRates(d,activeArms=3,"
        "piControl=.25,typeOfShape='userDefined',effectMatrix=matrix(c(.35,.45,.5),1),"
        "plannedSubjects=c(20,40),typeOfSelection='best',maxNumberOfIterations=1000,seed=1)"
        ")[['elapsed']])",
        1000,
        "trials",
    )


FIGURES: Final[Mapping[str, Callable[[], None]]] = {
    "mmrm": mixed_models,
    "cmh": cochran_mantel_haenszel,
    "miettinen-nurminen": miettinen_nurminen,
    "boschloo": unconditional_exact,
    "exact-power": exact_power,
    "mcp-mod": dose_response,
    "hochberg": hochberg,
    "multi-arm": multi_arm,
}


def main(names: list[str]) -> None:
    """Run the figures named, or all."""
    for name, figure in FIGURES.items():
        if not names or name in names:
            figure()


if __name__ == "__main__":
    main(sys.argv[1:])
