"""How many of the missing would have to have responded for the verdict to change.

Every pair of numbers is tried: a of the arm's missing and b of the control's missing respond. In an
arm the responders among the missing are spread over the strata in proportion to the missing.

Yan X, Lee S, Li N. Missing data handling methods in medical device clinical trials. Journal of
Biopharmaceutical Statistics 2009;19:1085-1098.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.proportions import arm_proportions, stratum_tables
from trialwright.analysis.response import responses
from trialwright.analysis.results import AnalysisResult, TippingPoint
from trialwright.protocol.outcomes import Analysis
from trialwright.stats.missing.response_grid import response_grid

NOTE = "p-values of the Cochran–Mantel–Haenszel test before adjustment for multiplicity"


def tipping_point(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """The test of each arm against the control for every possible response of the missing."""
    estimand = dataset.study.estimand(analysis.estimand)
    table = responses(dataset, estimand)
    strata = [f"stratum:{factor}" for factor in _strata(dataset, analysis)]
    visits = table["visit"].unique().sort().to_list()
    last = table.filter(pl.col("visit") == visits[-1])
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        proportions=arm_proportions(last, visits[-1:], [estimand.control, *estimand.arms], level),
        tipping_points=tuple(
            point for arm in estimand.arms for point in _grid(last, arm, estimand.control, strata)
        ),
        notes=(NOTE,),
    )


def _strata(dataset: Dataset, analysis: Analysis) -> tuple[str, ...]:
    """The analysis's own strata, else those of the comparison that it tests."""
    if analysis.strata:
        return analysis.strata
    return next(
        (
            each.strata
            for each in dataset.study.analyses
            if each.estimand == analysis.estimand
            and each.method == "stratified comparison of proportions"
        ),
        (),
    )


def _grid(
    rows: pl.DataFrame, arm: str, control: str, strata: Sequence[str]
) -> tuple[TippingPoint, ...]:
    answered = rows.with_columns(answered=pl.col("response").fill_null(False) & ~pl.col("missing"))
    base = stratum_tables(answered, arm, control, strata, event="answered")
    lost = stratum_tables(answered, arm, control, strata, event="missing")
    missing, control_missing = lost[:, 0].astype(int), lost[:, 2].astype(int)
    p_values = response_grid(base, missing, control_missing)
    return tuple(
        TippingPoint(
            arm=arm,
            arm_responders=a,
            arm_missing=int(missing.sum()),
            control_responders=b,
            control_missing=int(control_missing.sum()),
            p_value=float(p),
        )
        for (a, b), p in np.ndenumerate(p_values)
    )
