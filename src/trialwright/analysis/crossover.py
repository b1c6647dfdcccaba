"""Two arms in two periods in either order: treatment, period and carry-over.

The contrasts between sequences are those of `trialwright.stats.crossover.two_periods`.
"""

import polars as pl

from trialwright.analysis.change import LOG_FLOOR_NOTE, baseline_visit, changes, counted_as_one
from trialwright.analysis.dataset import Dataset
from trialwright.analysis.model_means import observed_means
from trialwright.analysis.results import AnalysisResult, Comparison, HypothesisTest
from trialwright.errors import UnusableInputError
from trialwright.protocol import Study
from trialwright.protocol.outcomes import Analysis, Change, Estimand
from trialwright.stats.crossover.two_periods import two_period_comparison
from trialwright.stats.results import Estimate

CARRY_OVER_NOTE = (
    "the test of carry-over compares participants with each other and finds little; a large p-value"
    " does not show that there is none, and the treatment is not analyzed differently because of it"
)


def crossover_comparison(dataset: Dataset, analysis: Analysis, level: float) -> AnalysisResult:
    """Treatment effect within participants, with tests of period and carry-over.

    Raises:
        UnusableInputError: the study has not two sequences of two periods in opposite order.
    """
    study = dataset.study
    estimand = study.estimand(analysis.estimand)
    variable = estimand.variable
    assert isinstance(variable, Change)
    active_first, control_first = _sequences(study, estimand)
    table = changes(dataset, estimand)
    first, second = study.periods
    both = _periods_side_by_side(table, first.id, second.id)
    treatment, tests, notes = _contrasts(both, active_first, control_first, level)
    arms = [estimand.control, *estimand.arms]
    means = [
        mean
        for visit in variable.visits
        for column, at in (
            ("baseline", baseline_visit(dataset, variable, visit)),
            ("value", visit),
            ("change", visit),
        )
        for mean in observed_means(table.filter(pl.col("visit") == visit), at, arms, column, level)
    ]
    floor = (LOG_FLOOR_NOTE,) if counted_as_one(dataset, variable) else ()
    return AnalysisResult(
        id=analysis.id,
        title=analysis.title,
        role=analysis.role,
        method=analysis.method,
        estimand=estimand.id,
        estimand_title=estimand.title,
        population=estimand.population,
        means=tuple(means),
        comparisons=(
            Comparison(
                visit=None,
                arm=estimand.arms[0],
                control=estimand.control,
                quantity="difference in means",
                estimate=treatment.estimate if treatment else None,
                lower=treatment.lower if treatment else None,
                upper=treatment.upper if treatment else None,
                level=level,
                p_value=treatment.p_value if treatment else None,
                participants=len(both),
                standard_error=treatment.standard_error if treatment else None,
                degrees_of_freedom=treatment.degrees_of_freedom if treatment else None,
                notes=notes,
            ),
        ),
        tests=tests,
        notes=(CARRY_OVER_NOTE, *floor),
    )


def _sequences(study: Study, estimand: Estimand) -> tuple[str, str]:
    """The sequence that starts with the active arm, and the one that starts with the control."""
    order = {tuple(sequence.arms): sequence.id for sequence in study.sequences}
    active, control = estimand.arms[0], estimand.control
    wanted = {(active, control), (control, active)}
    if len(study.periods) != 2 or set(order) != wanted or len(estimand.arms) != 1:
        raise UnusableInputError(
            "the crossover comparison needs two periods and two sequences in opposite order",
            where=f"study {study.id}, estimand {estimand.id}",
            remedy="state them in `periods` and `sequences`, or choose another method",
        )
    return order[(active, control)], order[(control, active)]


def _periods_side_by_side(table: pl.DataFrame, first: str, second: str) -> pl.DataFrame:
    """One row per participant with a change in both periods."""

    def of(period: str, name: str) -> pl.DataFrame:
        return table.filter(pl.col("period") == period).select(
            "participant", "allocated_to", pl.col("change").alias(name)
        )

    return of(first, "first").join(
        of(second, "second"), on=["participant", "allocated_to"], maintain_order="left"
    )


def _contrasts(
    both: pl.DataFrame, active_first: str, control_first: str, level: float
) -> tuple[Estimate | None, tuple[HypothesisTest, ...], tuple[str, ...]]:
    rows = both.filter(pl.col("allocated_to").is_in([active_first, control_first]))
    began = (rows["allocated_to"] == active_first).to_numpy()
    try:
        found = two_period_comparison(
            rows["first"].to_numpy(), rows["second"].to_numpy(), began, level=level
        )
    except UnusableInputError as error:
        note = f"no comparison: {error.what}"
        return None, (_test("period", None, note), _test("carry-over", None, note)), (note,)
    tests = (
        _test("period: second minus first", found.period),
        _test("carry-over: of the active arm minus of the control", found.carry_over),
    )
    return found.treatment, tests, found.treatment.notes


def _test(name: str, estimate: Estimate | None, note: str = "") -> HypothesisTest:
    return HypothesisTest(
        name=name,
        estimate=estimate.estimate if estimate else None,
        lower=estimate.lower if estimate else None,
        upper=estimate.upper if estimate else None,
        statistic=estimate.statistic if estimate else None,
        p_value=estimate.p_value if estimate else None,
        notes=(note,) if note else (),
    )
