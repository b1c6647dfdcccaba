"""The means of the arms at a visit, as observed and by analysis of covariance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from trialwright.analysis.results import ArmMean, Comparison
from trialwright.errors import UnusableInputError
from trialwright.stats.ancova import LinearModel, ancova
from trialwright.stats.distributions import t_upper_quantile
from trialwright.stats.results import Estimate

Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class VisitModel:
    """The adjusted means of the arms at a visit and their differences from the control."""

    means: tuple[ArmMean, ...]
    comparisons: tuple[Comparison, ...]


def adjusted_at_visit(
    rows: pl.DataFrame,
    visit: str,
    arms: Sequence[str],
    control: str,
    strata: Sequence[str],
    level: float,
) -> VisitModel:
    """Compare changes at one visit, adjusted for baseline and strata.

    Args:
        rows: `arm`, `baseline`, `change` and the strata's columns, one row a participant.
        visit: its name, for the results.
        arms: those to be compared with the control.
        control: the control.
        strata: columns of `rows` that enter as factors.
        level: of the intervals.

    Returns:
        None in place of numbers, with a note, for an arm that has nobody at the visit, and for all
        if the model cannot be fitted.
    """
    seen = set(rows["arm"])
    present = [arm for arm in (control, *arms) if arm in seen]
    everyone = [control, *arms]
    if control not in present or len(present) < 2:
        return visit_model(
            rows, visit, everyone, {}, {}, level, reason="nobody to compare at this visit"
        )
    try:
        model, notes = with_distinct_strata(
            rows, strata, lambda factors: _covariance_model(rows, present, factors)
        )
        means = model.ls_means("arm", weights="proportional", level=level)
        differences = model.differences("arm", level=level)
    except UnusableInputError as error:
        return visit_model(rows, visit, everyone, {}, {}, level, reason=f"no model: {error.what}")
    return visit_model(rows, visit, everyone, means, differences, level, notes)


def visit_model(
    rows: pl.DataFrame,
    visit: str,
    arms: Sequence[str],
    means: Mapping[str, Estimate],
    differences: Mapping[str, Estimate],
    level: float,
    notes: tuple[str, ...] = (),
    reason: str = "nobody of this arm at this visit",
) -> VisitModel:
    """A visit's results: `arms` are the control, then the others; `reason` says what is missing."""
    counts = {arm: int((rows["arm"] == arm).sum()) for arm in arms}
    control = arms[0]
    return VisitModel(
        tuple(_mean(visit, arm, counts[arm], means.get(arm)) for arm in arms),
        tuple(
            _comparison(visit, (arm, control), counts, differences.get(arm), level, notes, reason)
            for arm in arms[1:]
        ),
    )


def with_distinct_strata(
    rows: pl.DataFrame, strata: Sequence[str], fit: Callable[[Sequence[str]], Model]
) -> tuple[Model, tuple[str, ...]]:
    """The model with as many strata as the data can tell apart, and a note on those left out."""
    factors = [column for column in strata if rows[column].n_unique() > 1]
    for kept in range(len(factors), -1, -1):
        try:
            model = fit(factors[:kept])
        except UnusableInputError:
            if kept == 0:
                raise
        else:
            lost = ", ".join(column.removeprefix("stratum:") for column in factors[kept:])
            note = f"left out, as these data do not tell it from the other terms: {lost}"
            return model, ((note,) if lost else ())
    raise AssertionError("the loop returns or raises")


def _covariance_model(
    rows: pl.DataFrame, arms: Sequence[str], factors: Sequence[str]
) -> LinearModel:
    covariates = {"baseline": rows["baseline"]} if rows["baseline"].n_unique() > 1 else {}
    chosen = {f"stratum_{number}": rows[column] for number, column in enumerate(factors)}
    return ancova(rows["change"].to_numpy(), rows["arm"], covariates | chosen, arms=arms)


def observed_means(
    rows: pl.DataFrame, visit: str, arms: Sequence[str], column: str, level: float
) -> tuple[ArmMean, ...]:
    """Mean, standard deviation and t interval of each arm, as observed."""
    return tuple(
        _observed(rows.filter(pl.col("arm") == arm)[column].drop_nulls(), visit, arm, column, level)
        for arm in arms
    )


def _observed(values: pl.Series, visit: str, arm: str, column: str, level: float) -> ArmMean:
    count = len(values)
    mean = float(values.mean()) if count else None  # type: ignore[arg-type]  # numbers only
    spread = float(values.std()) if count > 1 else None  # type: ignore[arg-type]  # numbers only
    reach = (
        None
        if spread is None
        else float(t_upper_quantile((1 - level) / 2, count - 1)) * spread / float(count) ** 0.5
    )
    return ArmMean(
        visit=visit,
        arm=arm,
        kind="observed change" if column == "change" else "observed",
        participants=count,
        mean=mean,
        standard_deviation=spread,
        lower=None if mean is None or reach is None else mean - reach,
        upper=None if mean is None or reach is None else mean + reach,
    )


def _mean(visit: str, arm: str, count: int, estimate: Estimate | None) -> ArmMean:
    return ArmMean(
        visit=visit,
        arm=arm,
        kind="adjusted change",
        participants=count,
        mean=estimate.estimate if estimate else None,
        lower=estimate.lower if estimate else None,
        upper=estimate.upper if estimate else None,
    )


def _comparison(
    visit: str,
    pair: tuple[str, str],
    counts: Mapping[str, int],
    estimate: Estimate | None,
    level: float,
    notes: tuple[str, ...],
    reason: str,
) -> Comparison:
    arm, control = pair
    return Comparison(
        visit=visit,
        arm=arm,
        control=control,
        quantity="difference in means",
        estimate=estimate.estimate if estimate else None,
        lower=estimate.lower if estimate else None,
        upper=estimate.upper if estimate else None,
        level=level,
        p_value=estimate.p_value if estimate else None,
        participants=counts[arm] + counts[control],
        standard_error=estimate.standard_error if estimate else None,
        degrees_of_freedom=estimate.degrees_of_freedom if estimate else None,
        notes=(*notes, *estimate.notes) if estimate else (reason,),
    )
