"""All visits in one mixed model for repeated measures, each arm against the control at each visit.

Fixed effects are baseline and arm, each by visit, and the strata; the covariance among visits is
unstructured; standard errors and degrees of freedom are Kenward and Roger's. Missing visits are
taken as missing at random.

Mallinckrodt CH, et al. Recommendations for the primary analysis of continuous endpoints in
longitudinal clinical trials. Drug Information Journal 2008;42:303-319.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from trialwright.analysis.model_means import (
    VisitModel,
    adjusted_at_visit,
    visit_model,
    with_distinct_strata,
)
from trialwright.errors import UnusableInputError
from trialwright.stats.repeated_measures import RepeatedMeasures, repeated_measures

ALONE = "analyzed alone, by analysis of covariance"


def adjusted_over_visits(
    at: Mapping[str, pl.DataFrame],
    arms: Sequence[str],
    control: str,
    strata: Sequence[str],
    level: float,
) -> tuple[dict[str, VisitModel], tuple[str, ...]]:
    """Compare changes at all visits, adjusted for baseline and strata.

    Args:
        at: by visit, its rows with `participant`, `arm`, `baseline`, `change` and the strata.
        arms: those to be compared with the control.
        control: the control.
        strata: columns that enter as factors.
        level: of the intervals.

    Returns:
        The means and comparisons of each visit, and what a reader must know of the model. A visit
        that some arm has left, and every visit if the model cannot be fitted, is analyzed alone,
        by analysis of covariance; the notes say so, and why.
    """
    seen = {arm for rows in at.values() for arm in rows["arm"]}
    present = [arm for arm in (control, *arms) if arm in seen]
    full = [visit for visit, rows in at.items() if set(present) <= set(rows["arm"])]
    models: dict[str, VisitModel] = {}
    try:
        if control not in present or len(present) < 2:
            raise UnusableInputError("there is nobody to compare")
        models, notes = _modeled({visit: at[visit] for visit in full}, arms, present, strata, level)
    except UnusableInputError as error:
        why = f"the mixed model for repeated measures cannot be fitted: {error.what}"
        notes = (f"{why}; so each visit is {ALONE}",)
    else:
        apart = [visit for visit, rows in at.items() if visit not in full and len(rows)]
        if apart:
            notes += (f"not every arm has participants at {', '.join(apart)}: {ALONE}",)
    for visit, rows in at.items():
        if visit not in models:
            models[visit] = adjusted_at_visit(rows, visit, arms, control, strata, level)
    return models, notes


def _modeled(
    at: Mapping[str, pl.DataFrame],
    arms: Sequence[str],
    present: Sequence[str],
    strata: Sequence[str],
    level: float,
) -> tuple[dict[str, VisitModel], tuple[str, ...]]:
    """One model of visits at which every arm that is present has participants."""
    if len(at) < 2:
        raise UnusableInputError("it needs two visits at which every arm has participants")
    rows = pl.concat(at.values())
    model, left_out = with_distinct_strata(
        rows, strata, lambda factors: _fit(rows, present, list(at), factors)
    )
    means = model.ls_means("arm", weights="proportional", level=level)
    differences = model.differences("arm", level=level)
    if min(each.degrees_of_freedom or 0.0 for each in differences.values()) < 1:
        raise UnusableInputError("too few participants: less than one degree of freedom is left")
    found = {
        visit: visit_model(
            visit_rows,
            visit,
            [present[0], *arms],
            {arm: estimate for (arm, place), estimate in means.items() if place == visit},
            {arm: estimate for (arm, place), estimate in differences.items() if place == visit},
            level,
            left_out,
        )
        for visit, visit_rows in at.items()
    }
    return found, (
        "mixed model for repeated measures: baseline and arm by visit, unstructured covariance,"
        " restricted maximum likelihood, Kenward–Roger degrees of freedom;"
        f" {model.records} values of {model.participants} participants;"
        " a missing value is taken as missing at random",
    )


def _fit(
    rows: pl.DataFrame, present: Sequence[str], visits: Sequence[str], factors: Sequence[str]
) -> RepeatedMeasures:
    named = {column: f"stratum_{number}" for number, column in enumerate(factors)}
    terms = ["arm*visit", *(["baseline*visit"] if rows["baseline"].n_unique() > 1 else [])]
    return repeated_measures(
        rows.rename(named),
        f"change ~ {' + '.join([*terms, *named.values()])}",
        participant="participant",
        visit="visit",
        levels={"arm": present, "visit": visits},
    )
