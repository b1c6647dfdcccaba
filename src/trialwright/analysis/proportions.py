"""Each arm against the control by the share of responders, within strata."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from trialwright.analysis.dataset import Dataset
from trialwright.analysis.response import responses
from trialwright.analysis.results import AnalysisResult, ArmProportion, Comparison
from trialwright.errors import UnusableInputError
from trialwright.protocol.outcomes import Analysis
from trialwright.stats.proportions.one import proportion
from trialwright.stats.results import Floats
from trialwright.stats.stratified.mantel_haenszel import cmh_test
from trialwright.stats.stratified.risk_difference import stratified_risk_difference
from trialwright.stats.stratified.tables import tabulate


def stratified_comparison(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """Difference with Mantel–Haenszel weights, its score interval, Cochran–Mantel–Haenszel test.

    The interval of Miettinen and Nurminen inverts the score of which the test is the case of no
    difference, so that the two never contradict each other.
    """
    estimand = dataset.study.estimand(analysis.estimand)
    table = responses(dataset, estimand)
    visits = table["visit"].unique().sort().to_list()
    strata = [f"stratum:{factor}" for factor in analysis.strata]
    comparisons = tuple(
        compare(table.filter(pl.col("visit") == visit), visit, arm, estimand.control, strata, level)
        for visit in visits
        for arm in estimand.arms
    )
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        proportions=arm_proportions(table, visits, [estimand.control, *estimand.arms], level),
        comparisons=comparisons,
    )


def arm_proportions(
    table: pl.DataFrame, visits: Sequence[str], arms: Sequence[str], level: float
) -> tuple[ArmProportion, ...]:
    """Responders of each arm at each visit, with Wilson's interval."""
    return tuple(
        _arm(table.filter((pl.col("visit") == visit) & (pl.col("arm") == arm)), visit, arm, level)
        for visit in visits
        for arm in arms
    )


def _arm(rows: pl.DataFrame, visit: str, arm: str, level: float) -> ArmProportion:
    known = rows.filter(pl.col("response").is_not_null())
    responders, participants = int(known["response"].sum()), len(known)
    share = (
        proportion(responders, participants, method="wilson", level=level) if participants else None
    )
    return ArmProportion(
        visit=visit,
        arm=arm,
        responders=responders,
        participants=participants,
        missing=int(rows["missing"].sum()),
        failures=int(rows["failed"].sum()),
        proportion=share.estimate if share else None,
        lower=share.lower if share else None,
        upper=share.upper if share else None,
    )


def stratum_tables(
    rows: pl.DataFrame, arm: str, control: str, strata: Sequence[str], event: str = "response"
) -> Floats:
    """Counts x1, n1, x0, n0 of each stratum, in the order of the strata's names."""
    both = rows.filter(pl.col("arm").is_in([arm, control]) & pl.col(event).is_not_null())
    labels = (
        both.select(pl.concat_str(strata, separator="; ")).to_series().to_numpy()
        if strata
        else None
    )
    if both.is_empty():
        return np.zeros((1, 4))
    return tabulate(
        both[event].cast(pl.Int8).to_numpy(),
        (both["arm"] == arm).cast(pl.Int8).to_numpy(),
        None if labels is None else labels.astype(str),
    )


def compare(
    rows: pl.DataFrame,
    visit: str,
    arm: str,
    control: str,
    strata: Sequence[str],
    level: float,
) -> Comparison:
    """One arm against the control at one visit."""
    tables = stratum_tables(rows, arm, control, strata)
    try:
        difference = stratified_risk_difference(tables, level=level)
        test = cmh_test(tables)
    except UnusableInputError:
        return Comparison(
            visit=visit,
            arm=arm,
            control=control,
            quantity="difference in proportions",
            estimate=None,
            lower=None,
            upper=None,
            level=level,
            p_value=None,
            participants=int(tables[:, [1, 3]].sum()),
            notes=("no stratum has participants in both arms: nothing can be compared",),
        )
    return Comparison(
        visit=visit,
        arm=arm,
        control=control,
        quantity="difference in proportions",
        estimate=difference.estimate,
        lower=difference.lower,
        upper=difference.upper,
        level=level,
        p_value=test.p_value,
        participants=int(tables[:, [1, 3]].sum()),
        notes=tuple(dict.fromkeys((*difference.notes, *test.notes))),
    )
